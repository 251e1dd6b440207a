/* Requests outstanding through threads: an op socket for each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "afalg.h"

static void serve(void *context, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct afalg_session *session = context;
    afalg_perform_group(&session->ops[caller], &session->transform, requests, n);
}

int afalg_threads_open(struct afalg_session *session, const struct callers_plan *plan, size_t max_size,
                       char *text, size_t text_size)
{
    unsigned callers = plan->threads + (plan->poller_serves != 0);
    struct afalg_op *ops = calloc(callers, sizeof *ops);
    if (!ops)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    afalg_op_close(&session->ops[0]);
    free(session->ops);
    session->ops = ops;
    session->op_count = 0;
    for (; session->op_count < callers; session->op_count++) {
        int error = afalg_op_open(&ops[session->op_count], &session->transform, max_size, text, text_size);
        if (error)
            return error;
    }
    session->group = plan->group;
    int error = callers_open(&session->callers, plan, serve, session);
    if (error)
        return bs_say(text, text_size, error, "%u threads cannot be started: %s", plan->threads,
                      strerror(-error));
    session->way = AFALG_THREADS;
    return 0;
}

int afalg_threads_close(struct afalg_session *session)
{
    if (session->callers && callers_close(session->callers))
        return -EBUSY;
    session->callers = NULL;
    return 0;
}
