/* The open loop on the direct path: the caller's thread waits for arrivals and serves each itself, with no queue, lock,
 * other thread or allocation. */
#include "open_loop.h"

/* The next slot's request. 0: the driver refused it, and the run is over. */
static int serve(struct bs_worker *worker)
{
    bs_request *request = &worker->slots[worker->next_slot].request;
    if (++worker->next_slot == worker->q_len)
        worker->next_slot = 0;
    bs_next_request(worker, request);
    const bs_session *session = bs_session_of(worker, request);
    enum bs_outcome outcome = session->process(session->state, request, 0);
    return __builtin_expect(outcome == BS_COMPLETED && !request->status, 1) ||
           bs_trouble(worker, request, outcome);
}

void bs_open_direct(struct bs_worker *worker)
{
    bs_open_begin(worker, 1, 1);
    struct bs_open_loop *open = worker->open;
    uint64_t intended, now = bs_ticks();
    while (bs_open_goes_on(worker, now)) {
        if (bs_open_take(worker, now, &intended)) {
            open->paused_at = 0;
            if (!serve(worker))
                break;
            now = open->free_since = bs_ticks();
            bs_open_completed(worker, intended, now);
        } else if (bs_open_over(open)) {
            break;
        } else {
            bs_open_pause(worker, now);
            now = bs_ticks();
        }
    }
    bs_open_end(worker);
}
