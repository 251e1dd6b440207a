/* The direct path: batch off, cbimm on, a SYNC driver. The caller's thread hands each request to
 * the driver and has it back at once; there is no queue, lock, thread or allocation. */
#include "log.h"
#include "open_loop.h"

/* First in this file and on a cache line, so that the loops below lie as they do whatever stands in other files:
 * where they cross a boundary of 32 bytes a request takes a cycle more. */
static __attribute__((aligned(64))) int open_direct(struct bs_worker *worker)
{
    worker->counters.high_water = 1;
    worker->counters.direct = 1;
    return 0;
}

/* What a burst can do without, known to the compiler. */
enum { RING = 1, NEW_IV = 2, MIXED = 4 };

/* Up to n requests; returns how many. One slot, requests that need no IV of their own, one session do not pay for
 * what they do not use. MIXED: several sessions, or the last round. */
static inline __attribute__((always_inline)) uint64_t burst(struct bs_worker *worker, uint64_t n, int what)
{
    bs_process *process = worker->sessions[0]->process;
    void *state = worker->sessions[0]->state;
    struct bs_slot *slots = worker->slots;
    uint32_t at = worker->next_slot, q_len = worker->q_len;
    uint64_t left = n;
    while (left) {
        bs_request *request = &slots[what & RING ? at : 0].request;
        if (what & RING && ++at == q_len)
            at = 0;
        if (what & NEW_IV)
            bs_next_iv(request);
        if (what & MIXED) {
            bs_next_request(worker, request);
            process = bs_session_of(worker, request)->process;
            state = bs_session_of(worker, request)->state;
        }
        enum bs_outcome outcome = process(state, request, 0);
        if (__builtin_expect(outcome != BS_COMPLETED || request->status, 0) &&
            !bs_trouble(worker, request, outcome))
            break;
        left--;
    }
    worker->next_slot = at;
    return n - left;
}

static uint64_t some(struct bs_worker *worker, uint64_t n)
{
    const bs_params *params = &worker->sessions[0]->params;
    int new_iv = params->iv_len && !params->chained && !bs_authenticated_decryption(params);
    if (worker->keep_input || worker->engine->load.sessions > 1)
        return burst(worker, n, RING | MIXED);
    if (worker->q_len == 1)
        return new_iv ? burst(worker, n, NEW_IV) : burst(worker, n, 0);
    return new_iv ? burst(worker, n, RING | NEW_IV) : burst(worker, n, RING);
}

static void run(struct bs_worker *worker)
{
    uint64_t left = worker->target;
    while (left && !bs_halted(worker->engine)) {
        /* Up to mask requests, then one between timestamps. */
        uint64_t plain = worker->sample_mask < left - 1 ? worker->sample_mask : left - 1;
        uint64_t done = some(worker, plain);
        left -= done;
        if (done < plain)
            break;
        uint64_t before = bs_ticks();
        if (!some(worker, 1))
            break;
        uint64_t after = bs_ticks();
        bs_log_sample(worker, after, worker->target - left + 1);
        bs_histogram_add(&worker->latency[BS_LAT], bs_ticks_between(before, after));
        worker->sampled++;
        left--;
    }
    worker->performed = worker->target - left;
}

static void add_counters(struct bs_worker *worker, bs_counters *into)
{
    (void)worker, (void)into;
}

static void close_direct(struct bs_worker *worker)
{
    (void)worker;
}

const struct bs_executor bs_direct = {
    .open = open_direct,
    .run = run,
    .run_open = bs_open_direct,
    .add_counters = add_counters,
    .close = close_direct,
    .stamps = 2,
};
