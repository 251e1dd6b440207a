/* The direct path's requests that were refused or failed. */
#include <errno.h>

#include "worker.h"

int bs_trouble(struct bs_worker *worker, bs_request *request, enum bs_outcome outcome)
{
    const bs_session *session = bs_session_of(worker, request);
    uint64_t since = bs_now_ns();
    while (outcome == BS_BUSY) {
        worker->counters.busy++;
        int halt = bs_halted(worker->engine);
        if (halt == BS_INTERRUPTED || (halt && !worker->engine->open)) /* what has arrived is still served */
            return 0;
        if (bs_now_ns() - since > worker->engine->load.stall_ns) {
            worker->status = -ETIMEDOUT;
            return 0;
        }
        bs_await((unsigned)worker->counters.busy);
        outcome = session->process(session->state, request, 0);
    }
    if (request->status) {
        worker->failed++;
        if (!worker->counters.first_error)
            worker->counters.first_error = request->status;
    }
    return 1;
}
