/* The direct path: batch off, cbimm on, a SYNC driver. The caller's thread hands each request to
 * the driver and has it back at once; there is no queue, lock, thread or allocation. */
#include <errno.h>

#include "engine.h"

static int open_direct(struct bs_worker *worker)
{
    worker->counters.high_water = 1;
    worker->counters.direct = 1;
    return 0;
}

/* What was refused or failed. 1: go on. */
static int trouble(struct bs_worker *worker, bs_request *request, enum bs_outcome outcome)
{
    uint64_t since = bs_now_ns();
    while (outcome == BS_BUSY) {
        worker->counters.busy++;
        if (bs_halted(worker->engine))
            return 0;
        if (bs_now_ns() - since > worker->engine->load.stall_ns) {
            worker->status = -ETIMEDOUT;
            return 0;
        }
        bs_relax();
        outcome = worker->engine->driver->process(worker->session->state, request, 0);
    }
    if (request->status) {
        worker->failed++;
        if (!worker->counters.first_error)
            worker->counters.first_error = request->status;
    }
    return 1;
}

static inline bs_request *next(struct bs_worker *worker)
{
    bs_request *request = &worker->slots[worker->next_slot].request;
    if (++worker->next_slot == worker->q_len)
        worker->next_slot = 0;
    bs_next_request(worker, request);
    return request;
}

static inline int one(struct bs_worker *worker,
                      enum bs_outcome (*process)(void *, bs_request *, unsigned), void *state)
{
    bs_request *request = next(worker);
    enum bs_outcome outcome = process(state, request, 0);
    if (__builtin_expect(outcome == BS_COMPLETED && request->status == 0, 1))
        return 1;
    return trouble(worker, request, outcome);
}

static void run(struct bs_worker *worker)
{
    enum bs_outcome (*process)(void *, bs_request *, unsigned) = worker->engine->driver->process;
    void *state = worker->session->state;
    uint64_t left = worker->target;
    while (left && !bs_halted(worker->engine)) {
        /* Up to mask requests, then one between timestamps. */
        uint64_t plain = worker->sample_mask < left - 1 ? worker->sample_mask : left - 1;
        uint64_t n = plain;
        while (n && one(worker, process, state))
            n--;
        left -= plain - n;
        if (n)
            break;
        uint64_t before = bs_ticks();
        if (!one(worker, process, state))
            break;
        bs_histogram_add(&worker->lat, bs_ticks() - before);
        worker->sampled++;
        left--;
    }
    worker->performed = worker->target - left;
}

static void add_counters(struct bs_worker *worker, bs_counters *into, struct bs_histogram *slat)
{
    (void)worker, (void)into, (void)slat;
}

static void close_direct(struct bs_worker *worker)
{
    (void)worker;
}

const struct bs_executor bs_direct = {open_direct, run, add_counters, close_direct, 2};
