/* An asynchronous driver with batch off and cbimm on: the caller's thread dispatches, polls and runs
 * the callbacks itself. No other thread. */
#include <errno.h>

#include "loop.h"
#include "open_loop.h"

enum { POLL_NS = 10 * 1000 * 1000 };

static void wake(void *context, enum ocf_context whom)
{
    (void)context, (void)whom; /* everybody is this thread */
}

static int open_polled(struct bs_worker *worker)
{
    int error = bs_loop_open(worker, wake);
    if (!error)
        worker->loop->defer = 1;
    return error;
}

static int dispatch_deferred(struct bs_loop *loop)
{
    bs_request
        *turn = NULL; /* those there are now, oldest first: what completes at once waits for its turn */
    for (bs_request *next; loop->deferred; loop->deferred = next) {
        next = loop->deferred->next;
        loop->deferred->next = turn;
        turn = loop->deferred;
    }
    int any = turn != NULL;
    for (bs_request *next; turn; turn = next) {
        next = turn->next;
        bs_loop_completed(loop, turn);
    }
    return any;
}

static void run(struct bs_worker *worker)
{
    struct bs_loop *loop = worker->loop;
    bs_loop_start(loop);
    while (!bs_loop_idle(loop)) {
        int any = dispatch_deferred(loop);
        while (ocf_proc_step(&loop->ocf))
            any = 1;
        if (any && (!loop->deferred || !atomic_load(&loop->ocf.in_driver)))
            continue;
        int refused = ocf_refused_idle(&loop->ocf);
        ocf_poll(&loop->ocf, loop->deferred || refused ? 0 : POLL_NS);
        if (refused)
            bs_await(++loop->looks);
        if (!loop->deferred && bs_loop_stalled(loop)) {
            worker->status = -ETIMEDOUT;
            worker->engine->lost = 1;
            break;
        }
    }
    bs_loop_finish(loop);
}

/* For the open loop, whose callbacks dispatch nothing. */
static int serve(struct bs_worker *worker, uint64_t wait_ns)
{
    struct bs_loop *loop = worker->loop;
    int any = 0;
    while (ocf_proc_step(&loop->ocf))
        any = 1;
    int refused = ocf_refused_idle(&loop->ocf);
    if (ocf_poll(&loop->ocf, any || refused ? 0 : wait_ns))
        any = 1;
    if (refused)
        bs_await(++loop->looks);
    return any;
}

static void run_open(struct bs_worker *worker)
{
    bs_open_queued(worker, serve, 1, 0);
}

const struct bs_executor bs_polled = {
    .open = open_polled,
    .run = run,
    .run_open = run_open,
    .add_counters = bs_loop_add_counters,
    .close = bs_loop_close,
    .stamps = 5,
};
