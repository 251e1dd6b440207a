/* The open loop through queues: the worker's own thread waits for arrivals and dispatches each into the slot that has
 * been free longest. Slots come back from whichever thread runs callbacks, with the time in them. */
#include <errno.h>

#include "loop.h"
#include "open_loop.h"

enum { WAIT_NS = 10 * 1000 * 1000 };

struct queued {
    struct bs_worker *worker;
    struct bs_loop *loop;
    struct bs_open_loop *open;
    bs_request *free, **free_end; /* slots, the one that has been free longest first */
    bs_request *refused;          /* crypto_q_max: goes when another has come back */
    uint64_t held;                /* slots that are not free, without that one */
    uint64_t returned, dispatched, stamped;
};

static void callback(void *context, bs_request *request)
{
    struct bs_loop *loop = context;
    if (request->sampled) { /* two contexts may be here */
        pthread_mutex_lock(&loop->sample_lock);
        bs_histogram_add(&loop->worker->latency[BS_CLAT], bs_ticks_between(request->invoked, request->done));
        pthread_mutex_unlock(&loop->sample_lock);
    }
    request->done = bs_ticks();
    ocf_push(&loop->worker->open->returned, request);
    bs_eventcount_signal(&loop->finished);
}

static void set_free(struct queued *q, bs_request *request)
{
    request->next = NULL;
    *q->free_end = request;
    q->free_end = &request->next;
}

static int collect(struct queued *q, uint64_t now)
{
    int any = 0;
    for (bs_request *request; (request = ocf_pop(&q->open->returned)); any = 1) {
        bs_loop_note_status(q->loop, request);
        bs_open_completed(q->worker, request->dispatched, request->done, now);
        set_free(q, request);
        q->held--;
        q->returned++;
    }
    return any;
}

/* The thread may be kept in there: a synchronous driver serves the request in it. */
static void hand_over(struct queued *q, bs_request *request)
{
    q->refused = ocf_dispatch(&q->loop->ocf, request) ? request : NULL;
    if (!q->refused) {
        q->held++;
        q->dispatched++;
    }
    q->open->free_since = bs_ticks();
}

static void dispatch(struct queued *q, uint64_t intended)
{
    bs_request *request = q->free;
    q->free = request->next;
    if (!q->free)
        q->free_end = &q->free;
    bs_next_request(q->worker, request);
    request->sampled = (q->dispatched & q->worker->sample_mask) == 0;
    q->stamped += request->sampled;
    request->dispatched = intended;
    hand_over(q, request);
}

/* What has come goes to the driver, as far as it takes it. */
static int offer(struct queued *q, uint64_t now, int returned)
{
    uint64_t intended;
    int any = 0;
    if (q->refused && returned) {
        hand_over(q, q->refused);
        now = q->open->free_since;
    }
    while (q->free && !q->refused && bs_open_take(q->worker, now, &intended)) {
        dispatch(q, intended);
        now = q->open->free_since;
        any = 1;
    }
    return any;
}

static int stalled(struct queued *q)
{
    if (!q->held || !bs_loop_stuck(q->loop, q->returned + q->dispatched))
        return 0;
    q->worker->status = -ETIMEDOUT;
    q->worker->engine->lost = 1;
    return 1;
}

/* Nothing can be done at the moment but get on with what the driver holds, or wait. */
static void idle(struct queued *q, uint64_t now, bs_open_serve *serve)
{
    struct bs_open_loop *open = q->open;
    if (!q->free || q->refused || open->next == BS_NO_ARRIVAL) {
        serve(q->worker, WAIT_NS);
        open->free_since = bs_ticks(); /* it was the driver that one waited for */
        open->paused_at = 0;
        return;
    }
    uint64_t left = open->next - now, wait_ns = 0;
    int polls = q->held && !q->loop->crew;
    if (polls && left > open->sleepless)
        wait_ns = (uint64_t)((double)(left - open->awake_before) / open->ticks_per_ns);
    if (polls && serve(q->worker, wait_ns < WAIT_NS ? wait_ns : WAIT_NS)) {
        open->free_since = bs_ticks();
        open->paused_at = 0;
    }
    if (polls)
        bs_relax();
    else
        bs_open_pause(q->worker, now);
}

static void begin(struct queued *q, unsigned threads)
{
    const bs_load *load = &q->worker->engine->load;
    bs_loop_reset(q->loop);
    q->loop->ocf.callback = callback;
    q->free_end = &q->free;
    for (uint32_t i = 0; i < load->q_len; i++)
        set_free(q, &q->worker->slots[i].request);
    bs_open_begin(q->worker, load->crypto_q_max < load->q_len ? load->crypto_q_max : load->q_len, threads);
}

static void end(struct queued *q, void (*closed)(void *, bs_request *))
{
    q->worker->stamps = 2 * q->worker->performed + 4 * q->stamped;
    bs_loop_verdict(q->loop);
    bs_open_end(q->worker);
    if (!q->worker->engine->lost) /* else it may still come back */
        q->loop->ocf.callback = closed;
}

void bs_open_queued(struct bs_worker *worker, bs_open_serve *serve, unsigned threads)
{
    struct queued q = {.worker = worker, .loop = worker->loop, .open = worker->open};
    void (*closed)(void *, bs_request *) = q.loop->ocf.callback;
    begin(&q, threads);
    for (;;) {
        uint64_t now = bs_ticks(); /* before what has returned is looked at: all that did so by then */
        int returned = collect(&q, now);
        if (!bs_open_goes_on(worker, now) && q.refused) {
            set_free(&q, q.refused);
            q.refused = NULL;
        }
        if (bs_open_over(q.open) && !q.held && !q.refused)
            break;
        if (offer(&q, now, returned) || returned)
            q.open->paused_at = 0;
        else if (stalled(&q))
            break;
        else
            idle(&q, now, serve);
    }
    if (worker->status == -ETIMEDOUT)
        worker->lost = atomic_load(&q.loop->ocf.in_driver);
    end(&q, closed);
}
