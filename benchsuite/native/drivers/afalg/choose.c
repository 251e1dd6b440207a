/* Which way keeps several requests outstanding is tried, on this driver, with this request size (shared/trial.h):
 *
 * - does a caller sleep inside the kernel? Then more callers overlap; else as many callers as CPUs are all that can
 *   be had. A caller that never comes back from there holds this up for ever: only the kernel could end it.
 * - are requests still outstanding when io_submit returns? Then AIO overlaps. Of two ways that do, the
 *   quicker one is taken. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpus.h"
#include "drivers/shared/trial.h"
#include "afalg.h"

enum { MAX_THREADS = 128 };

static int perform(void *context, bs_request *request)
{
    struct afalg_session *session = context;
    afalg_perform(&session->ops[0], &session->transform, request);
    return request->status == -EBADMSG ? 0 : request->status;
}

/* 1: callers sleep, 0: they compute, or -errno and a sentence. */
static int callers_sleep(struct afalg_session *session, struct trial *trial, char *text, size_t text_size)
{
    int asleep = trial_sleeps(trial, perform, session);
    if (asleep < 0)
        bs_say(text, text_size, asleep, "the kernel refused a request of %u bytes: %s",
               trial->requests[0].size, strerror(-asleep));
    return asleep;
}

/* ---- several requests in one message ---- */

/* Does this kernel take them so, and compute the same bytes? */
static int groups_work(struct afalg_session *session, struct trial *trial)
{
    bs_request *pair[2] = {&trial->requests[0], &trial->requests[1]};
    size_t size = pair[0]->size;
    uint8_t *once = malloc(2 * size);
    int same = once != NULL;
    for (int i = 0; i < 2 && same; i++) {
        uint8_t *dst = pair[i]->dst;
        pair[i]->dst = once + (size_t)i * size;
        afalg_perform(&session->ops[0], &session->transform, pair[i]);
        same = !pair[i]->status;
        pair[i]->dst = dst;
    }
    if (same) {
        afalg_perform_group(&session->ops[0], &session->transform, pair, 2);
        for (int i = 0; i < 2; i++)
            same &= !pair[i]->status && memcmp(pair[i]->dst, once + (size_t)i * size, size) == 0;
    }
    free(once);
    return same;
}

static unsigned group_of(struct afalg_session *session, struct trial *trial, unsigned share)
{
    size_t size = trial->requests[0].size, most = AFALG_GROUP_BYTES / size;
    if (most > AFALG_GROUP)
        most = AFALG_GROUP;
    if (most > share)
        most = share;
    if (!session->transform.chunk || size % session->transform.chunk || most < 2 || trial->count < 2 ||
        !groups_work(session, trial))
        return 1;
    return (unsigned)most;
}

/* ---- threads ---- */

static int open_threads(struct afalg_session *session, int asleep, struct trial *trial, size_t max_size,
                        char *text, size_t text_size)
{
    unsigned most = asleep ? MAX_THREADS : bs_usable_cpus();
    unsigned callers = session->depth < most ? session->depth : most;
    struct callers_plan plan = {.threads = callers, .group = 1};
    if (!asleep) {
        plan.poller_serves = 1;
        plan.threads--;
        plan.group = group_of(session, trial, (session->depth + callers - 1) / callers);
    }
    return afalg_threads_open(session, &plan, max_size, text, text_size);
}

/* ---- AIO ---- */

static int open_aio(struct afalg_session *session, size_t max_size, char *text, size_t text_size)
{
    if (strcmp(session->type, "hash") == 0)
        return bs_say(text, text_size, -EOPNOTSUPP, "AF_ALG computes a hash while it is sent: no AIO");
    return afalg_aio_open(&session->aio, &session->transform, session->depth, max_size, text, text_size);
}

/* 1: AIO keeps requests outstanding here. session->aio is open if it was to be had. */
static int aio_overlaps(struct afalg_session *session, struct trial *trial, size_t max_size)
{
    char why[sizeof session->aio_found];
    if (open_aio(session, max_size, why, sizeof why)) {
        snprintf(session->aio_found, sizeof session->aio_found, "%s", why);
        return 0;
    }
    int error = trial_once(trial, &(struct trial_way){session->aio, afalg_aio_process, afalg_aio_poll});
    unsigned outstanding = afalg_aio_most(session->aio);
    if (error)
        snprintf(session->aio_found, sizeof session->aio_found, "refused: %s", strerror(-error));
    else
        snprintf(session->aio_found, sizeof session->aio_found,
                 "%u of %u outstanding when io_submit returned", outstanding, trial->count);
    return !error && outstanding > 1;
}

static void keep_aio(struct afalg_session *session)
{
    afalg_threads_close(session);
    session->way = AFALG_AIO;
    afalg_aio_forget(session->aio);
}

/* A context that has lost a request cannot be destroyed: the kernel would wait for it. */
static void drop_aio(struct afalg_session *session, int lost)
{
    if (session->aio && !lost)
        afalg_aio_close(session->aio);
    session->aio = NULL;
}

/* ---- the choice ---- */

/* 1: AIO is the quicker way, 0: threads are, or -ETIMEDOUT: one of the threads has not come back. */
static int aio_wins(struct afalg_session *session, struct trial *trial)
{
    double aio = trial_pace(trial, &(struct trial_way){session->aio, afalg_aio_process, afalg_aio_poll});
    if (aio < 0)
        return 0;
    double threads = trial_pace(trial, &(struct trial_way){session->callers, callers_process, callers_poll});
    return threads == -ETIMEDOUT ? -ETIMEDOUT : aio < threads;
}

static int choose_by_trial(struct afalg_session *session, int asleep, struct trial *trial, size_t max_size,
                           char *text, size_t text_size)
{
    int overlaps = aio_overlaps(session, trial, max_size);
    int error = open_threads(session, asleep, trial, max_size, text, text_size);
    int wins = !error && overlaps && asleep ? aio_wins(session, trial) : 0;
    if (wins < 0)
        return bs_say(text, text_size, wins,
                      "the kernel took a request and has not answered for four seconds");
    if (wins) {
        keep_aio(session);
        return 0;
    }
    drop_aio(session, trial->lost);
    if (!error)
        callers_forget(session->callers);
    return error;
}

int afalg_choose(struct afalg_session *session, enum afalg_way wanted, const bs_params *params, char *text,
                 size_t text_size)
{
    struct trial trial;
    size_t max_size = params->max_size;
    int error = trial_open(&trial, params, params->max_size);
    if (error)
        return bs_say(text, text_size, error, "out of memory");
    int asleep = callers_sleep(session, &trial, text, text_size);
    session->ops[0].begun = 0; /* a chained message has not begun yet */
    if (asleep < 0) {
        error = asleep;
    } else if (session->depth == 1 || wanted == AFALG_SYNC) {
        session->way = AFALG_SYNC;
    } else if (wanted == AFALG_AIO) {
        error = open_aio(session, max_size, text, text_size);
        session->way = AFALG_AIO;
    } else if (wanted == AFALG_THREADS) {
        error = open_threads(session, asleep, &trial, max_size, text, text_size);
    } else {
        error = choose_by_trial(session, asleep, &trial, max_size, text, text_size);
    }
    trial_close(&trial);
    return error;
}
