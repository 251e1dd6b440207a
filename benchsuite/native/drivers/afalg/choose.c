/* Which way keeps several requests outstanding is not a matter of belief: kernels serve AIO inside
 * io_submit, or not at all, and a driver that is registered as asynchronous may answer at once. So it is
 * tried, on this driver, with this request size:
 *
 * - does a caller sleep inside the kernel? Then somebody else does the work, and more callers overlap;
 *   else the work is done on the caller's CPU, and as many callers as CPUs are all that can be had.
 * - are requests still outstanding when io_submit returns? Then AIO overlaps. Of two ways that do, the
 *   quicker one is taken. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "cpus.h"
#include "size.h"
#include "afalg.h"

enum {
    TRIALS = 4, /* requests that show whether a caller sleeps */
    MAX_THREADS = 128,
    EVENTS_AT_ONCE = 64,
    DUEL_NS = 20 * 1000 * 1000, /* each way shows its speed for so long */
    TRIAL_WAIT_NS = 2000000000,
    BS_IV_ROOM = 64,
};

/* Requests of a trial, with memory of their own. */
struct trial {
    unsigned count;
    bs_request *requests;
    uint8_t *memory;
};

static int open_trial(struct trial *trial, const struct afalg_transform *transform, unsigned count,
                      size_t size)
{
    size_t one = bs_plus(bs_plus(transform->aad_len, transform->tag_len), bs_plus(size, BS_IV_ROOM));
    trial->count = count;
    trial->requests = calloc(count, sizeof *trial->requests);
    trial->memory = calloc(count, one);
    if (!trial->requests || !trial->memory)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *iv = trial->memory + i * one, *aad = iv + BS_IV_ROOM, *text = aad + transform->aad_len;
        iv[0] = (uint8_t)i;
        trial->requests[i] = (bs_request){.src = text,
                                          .dst = text,
                                          .iv = iv,
                                          .aad = aad,
                                          .tag = text + size,
                                          .size = (uint32_t)size,
                                          .aad_len = transform->aad_len};
    }
    return 0;
}

static void close_trial(struct trial *trial)
{
    free(trial->requests);
    free(trial->memory);
}

/* Decrypting zeroes gives no valid tag, but the kernel worked all the same. */
static int performed(const bs_request *request)
{
    return !request->status || request->status == -EBADMSG;
}

static long sleeps_so_far(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

/* 1: callers sleep, 0: they compute, or -errno and a sentence. */
static int callers_sleep(struct afalg_session *session, struct trial *trial, char *text, size_t text_size)
{
    bs_request *request = &trial->requests[0];
    long before = 0;
    for (int i = 0; i <= TRIALS; i++) {
        if (i == 1) /* the first one warms up */
            before = sleeps_so_far();
        afalg_perform(&session->ops[0], &session->transform, request);
        if (!performed(request))
            return bs_say(text, text_size, request->status, "the kernel refused a request of %u bytes: %s",
                          request->size, strerror(-request->status));
    }
    return sleeps_so_far() - before > TRIALS / 2;
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

static void serve(void *context, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct afalg_session *session = context;
    afalg_perform_group(&session->ops[caller], &session->transform, requests, n);
}

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
    session->group = plan.group;
    int error = callers_open(&session->callers, &plan, serve, session);
    if (error)
        return bs_say(text, text_size, error, "%u threads cannot be started: %s", plan.threads,
                      strerror(-error));
    session->way = AFALG_THREADS;
    return 0;
}

/* ---- AIO ---- */

/* Submits the whole trial at once. How many were outstanding when io_submit returned, or -errno. */
static int try_aio(struct afalg_aio *aio, struct trial *trial)
{
    uint64_t until = bs_now_ns() + TRIAL_WAIT_NS;
    bs_request *done[EVENTS_AT_ONCE];
    unsigned taken = 0, back = 0;
    int error = 0;
    afalg_aio_forget(aio);
    for (unsigned i = 0; i < trial->count; i++) {
        unsigned hint = i + 1 < trial->count ? BS_HINT_MORE : 0;
        if (afalg_aio_process(aio, &trial->requests[i], hint) == BS_QUEUED)
            taken++;
        else if (!error)
            error = trial->requests[i].status;
    }
    while (back < taken && bs_now_ns() < until) {
        int n = afalg_aio_poll(aio, done, EVENTS_AT_ONCE, TRIAL_WAIT_NS / 10);
        for (int i = 0; i < n; i++)
            if (!performed(done[i]) && !error)
                error = done[i]->status;
        back += (unsigned)n;
    }
    if (back < taken)
        return -ETIMEDOUT;
    return error ? error : (int)afalg_aio_most(aio);
}

/* ---- the choice ---- */

static double seconds_per_request_aio(struct afalg_aio *aio, struct trial *trial)
{
    uint64_t begin = bs_now_ns(), now = begin;
    uint64_t requests = 0;
    for (; now - begin < DUEL_NS; now = bs_now_ns(), requests += trial->count)
        if (try_aio(aio, trial) < 0)
            return -1;
    return (double)(now - begin) / 1e9 / (double)requests;
}

static double seconds_per_request_threads(struct callers *callers, struct trial *trial)
{
    uint64_t begin = bs_now_ns(), now = begin;
    uint64_t requests = 0;
    bs_request *done[EVENTS_AT_ONCE];
    for (; now - begin < DUEL_NS; now = bs_now_ns(), requests += trial->count) {
        for (unsigned i = 0; i < trial->count; i++)
            callers_submit(callers, &trial->requests[i]);
        for (unsigned back = 0; back < trial->count;)
            back += (unsigned)callers_poll(callers, done, EVENTS_AT_ONCE, DUEL_NS);
    }
    return (double)(now - begin) / 1e9 / (double)requests;
}

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
    int outstanding;
    if (open_aio(session, max_size, why, sizeof why)) {
        snprintf(session->aio_found, sizeof session->aio_found, "%s", why);
        return 0;
    }
    outstanding = try_aio(session->aio, trial);
    if (outstanding < 0)
        snprintf(session->aio_found, sizeof session->aio_found, "refused: %s", strerror(-outstanding));
    else
        snprintf(session->aio_found, sizeof session->aio_found,
                 "%d of %u outstanding when io_submit returned", outstanding, trial->count);
    return outstanding > 1;
}

static void keep_aio(struct afalg_session *session)
{
    callers_close(session->callers);
    session->callers = NULL;
    session->way = AFALG_AIO;
    afalg_aio_forget(session->aio);
}

static void drop_aio(struct afalg_session *session)
{
    if (session->aio)
        afalg_aio_close(session->aio);
    session->aio = NULL;
}

static int choose_by_trial(struct afalg_session *session, int asleep, struct trial *trial, size_t max_size,
                           char *text, size_t text_size)
{
    int overlaps = aio_overlaps(session, trial, max_size);
    int error = open_threads(session, asleep, trial, max_size, text, text_size);
    if (error)
        return error;
    if (overlaps && asleep) {
        double aio = seconds_per_request_aio(session->aio, trial);
        if (aio > 0 && aio < seconds_per_request_threads(session->callers, trial)) {
            keep_aio(session);
            return 0;
        }
    }
    drop_aio(session);
    callers_forget(session->callers);
    return 0;
}

int afalg_choose(struct afalg_session *session, enum afalg_way wanted, size_t max_size, char *text,
                 size_t text_size)
{
    struct trial trial = {0};
    unsigned count = session->depth < EVENTS_AT_ONCE ? session->depth : EVENTS_AT_ONCE;
    int error = open_trial(&trial, &session->transform, count, max_size);
    if (error)
        bs_say(text, text_size, error, "out of memory");
    else
        error = callers_sleep(session, &trial, text, text_size);
    int asleep = error > 0;
    session->ops[0].begun = 0; /* a chained message has not begun yet */
    if (error < 0) {
        ;
    } else if (session->depth == 1 || wanted == AFALG_SYNC) {
        session->way = AFALG_SYNC;
        error = 0;
    } else if (wanted == AFALG_AIO) {
        error = open_aio(session, max_size, text, text_size);
        session->way = AFALG_AIO;
    } else if (wanted == AFALG_THREADS) {
        error = open_threads(session, asleep, &trial, max_size, text, text_size);
    } else {
        error = choose_by_trial(session, asleep, &trial, max_size, text, text_size);
    }
    close_trial(&trial);
    return error;
}
