/* The open loop through queues: the worker's own thread waits for arrivals and dispatches each into the slot that has
 * been free longest. Slots come back from whichever thread runs callbacks, with the time in them. Where all that this
 * thread could do is to wait until one comes, it leaves the line to those threads: whoever brings a slot back puts the
 * next request into it, as in a closed loop, and calls it when none is waiting any more. */
#include <errno.h>

#include "loop.h"
#include "open_loop.h"

enum { WAIT_NS = 10 * 1000 * 1000 };

struct bs_open_line {
    struct bs_worker *worker;
    struct bs_loop *loop;
    struct bs_open_loop *open;
    bs_request *free, **free_end; /* slots, the one that has been free longest first */
    bs_request *refused;          /* crypto_q_max: goes when another has come back */
    uint64_t held;                /* slots that are not free, without that one */
    uint64_t returned, dispatched, stamped;
    bs_open_serve *serve; /* NULL: other threads bring slots back */
    unsigned spins;
};

/* ---- the line, which one thread has at a time ---- */

static void set_free(struct bs_open_line *q, bs_request *request)
{
    request->next = NULL;
    *q->free_end = request;
    q->free_end = &request->next;
}

static int collect(struct bs_open_line *q)
{
    int any = 0;
    for (bs_request *request; (request = ocf_pop(&q->open->returned)); any = 1) {
        bs_loop_note_status(q->loop, request);
        bs_open_completed(q->worker, request->dispatched, request->done);
        set_free(q, request);
        q->held--;
        q->returned++;
    }
    return any;
}

/* The thread may be kept in there: a synchronous driver serves the request in it. */
static void hand_over(struct bs_open_line *q, bs_request *request)
{
    q->refused = ocf_dispatch(&q->loop->ocf, request) ? request : NULL;
    if (!q->refused) {
        q->held++;
        q->dispatched++;
    }
    q->open->free_since = bs_ticks();
}

static void dispatch(struct bs_open_line *q, uint64_t intended)
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
static int offer(struct bs_open_line *q, uint64_t now, int returned)
{
    uint64_t intended;
    int any = 0;
    if (q->refused && returned) {
        hand_over(q, q->refused);
        now = q->open->free_since;
    }
    while (q->free && !q->refused && bs_open_take(q->worker, now, &intended)) {
        dispatch(q, intended);
        any = 1;
        if (q->open->limited)
            break; /* what has come back meanwhile made room for those that came since */
        now = q->open->free_since;
    }
    return any;
}

/* 0: nothing has come back, and nothing has gone. */
static int step(struct bs_open_line *q, uint64_t now)
{
    if (!q->free || q->refused)
        q->open->free_since = now; /* until now it was the driver that one waited for */
    int returned = collect(q);
    if (!bs_open_goes_on(q->worker, now) && q->refused) {
        set_free(q, q->refused);
        q->refused = NULL;
    }
    return offer(q, now, returned) || returned;
}

static int over(const struct bs_open_line *q)
{
    return bs_open_over(q->open) && !q->held && !q->refused;
}

/* All that there is to do needs a slot that the driver has. */
static int needs_slot(const struct bs_open_line *q, uint64_t now)
{
    if (over(q))
        return 0;
    return bs_open_over(q->open) || q->refused || (!q->free && bs_open_waiting(q->open, now));
}

/* ---- whoever brings a slot back ---- */

static void go_on(struct bs_loop *loop)
{
    struct bs_open_loop *open = loop->worker->open;
    while (atomic_load(&open->returned.pushed)) {
        int nobody = 0;
        if (atomic_load(&open->taken_up) || !atomic_compare_exchange_strong(&open->taken_up, &nobody, 1))
            return; /* who has the line will see it */
        uint64_t now = bs_ticks();
        while (step(open->line, now))
            now = bs_ticks();
        int call = !needs_slot(open->line, now);
        atomic_store(&open->called, call);
        atomic_store(&open->taken_up, 0);
        if (call) {
            bs_eventcount_signal(&loop->finished);
            return;
        }
    }
}

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
    go_on(loop);
}

/* ---- the worker's own thread ---- */

static int is_called(void *context)
{
    struct bs_open_loop *open = context;
    return atomic_load(&open->called) || atomic_load(&open->returned.pushed);
}

/* The others have the line, if they want it, for at most so long. */
static void leave_line(struct bs_open_line *q, uint64_t wait_ns)
{
    unsigned looks = 0;
    int nobody = 0;
    atomic_store(&q->open->called, 0);
    atomic_store(&q->open->taken_up, 0);
    bs_eventcount_wait(&q->loop->finished, is_called, q->open, q->spins, wait_ns);
    while (!atomic_compare_exchange_weak(&q->open->taken_up, &nobody, 1)) {
        nobody = 0;
        bs_await(++looks);
    }
    q->open->paused_at = 0;
}

static int stalled(struct bs_open_line *q)
{
    if (!q->held || !bs_loop_stuck(q->loop, q->returned + q->dispatched))
        return 0;
    q->worker->status = -ETIMEDOUT;
    q->worker->engine->lost = 1;
    return 1;
}

/* Polls, which may bring slots back. */
static void poll_driver(struct bs_open_line *q, uint64_t wait_ns)
{
    if (q->serve(q->worker, wait_ns < WAIT_NS ? wait_ns : WAIT_NS))
        q->open->free_since = bs_ticks(); /* it was busy with them */
    q->open->paused_at = 0;
}

static void idle(struct bs_open_line *q, uint64_t now)
{
    struct bs_open_loop *open = q->open;
    if (needs_slot(q, now)) {
        if (q->serve)
            poll_driver(q, WAIT_NS);
        else
            leave_line(q, WAIT_NS);
        return;
    }
    uint64_t left = bs_ticks_between(now, open->next);
    if (!q->serve || !q->held) {
        bs_open_pause(q->worker, now);
    } else if (left > open->sleepless) {
        poll_driver(q, (uint64_t)((double)(left - open->awake_before) / open->ticks_per_ns));
    } else {
        poll_driver(q, 0);
        bs_relax();
    }
}

void bs_open_queued(struct bs_worker *worker, bs_open_serve *serve, unsigned threads, unsigned spins)
{
    const bs_load *load = &worker->engine->load;
    struct bs_open_line q = {.worker = worker,
                             .loop = worker->loop,
                             .open = worker->open,
                             .serve = serve,
                             .spins = spins,
                             .free_end = &q.free};
    void (*closed)(void *, bs_request *) = q.loop->ocf.callback;
    bs_loop_reset(q.loop);
    for (uint32_t i = 0; i < load->q_len; i++)
        set_free(&q, &worker->slots[i].request);
    q.open->line = &q;
    atomic_store(&q.open->taken_up, 1);
    q.loop->ocf.callback = callback;
    bs_open_begin(worker, load->crypto_q_max < load->q_len ? load->crypto_q_max : load->q_len, threads);
    for (;;) {
        uint64_t now = bs_ticks(); /* before what has returned is looked at: all that did so by then */
        int moved = step(&q, now);
        if (over(&q) || (!moved && stalled(&q)))
            break;
        if (moved)
            q.open->paused_at = 0;
        else
            idle(&q, now);
    }
    if (worker->status == -ETIMEDOUT)
        worker->lost = atomic_load(&q.loop->ocf.in_driver);
    worker->stamps = 4 * q.stamped;
    bs_loop_verdict(q.loop);
    bs_open_end(worker);
    if (!worker->engine->lost) /* else what was given up may still come back, and must find nobody */
        q.loop->ocf.callback = closed;
}
