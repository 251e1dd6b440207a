#include "trial.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "clock.h"
#include "size.h"

enum {
    TRIALS = 8,     /* requests that show whether a caller sleeps */
    ALIGNED = 4096, /* as the engine's buffers mostly are: else a device may have to copy */
    IV_ROOM = 64,
    TAG_ROOM = 64, /* of any length that a driver may write */
    PACE_NS = 20 * 1000 * 1000,
};

static const uint64_t LOST_NS = 4000000000; /* a driver may wait two seconds for a device that is busy */

int trial_open(struct trial *trial, const bs_params *p, uint32_t size)
{
    size_t before = bs_up(bs_plus(IV_ROOM, p->aad_len), ALIGNED);
    size_t one = bs_plus(before, bs_up(bs_plus(size, TAG_ROOM), ALIGNED));
    unsigned count = p->depth < TRIAL_AT_ONCE ? p->depth : TRIAL_AT_ONCE;
    count = count ? count : 1;
    /* Zeroes that nobody has to write: most of the requests may never be used. */
    *trial = (struct trial){.requests = calloc(count, sizeof *trial->requests),
                            .memory = calloc(1, bs_plus(bs_times(count, one), ALIGNED))};
    if (!trial->requests || !trial->memory) {
        trial_close(trial);
        return -ENOMEM;
    }
    uint8_t *aligned = trial->memory + (ALIGNED - (uintptr_t)trial->memory % ALIGNED);
    for (trial->count = 0; trial->count < count; trial->count++) {
        uint8_t *start = aligned + trial->count * one, *payload = start + before;
        start[0] = (uint8_t)trial->count;
        trial->requests[trial->count] = (bs_request){.iv = start,
                                                     .aad = payload - p->aad_len,
                                                     .src = payload,
                                                     .dst = payload,
                                                     .tag = payload + size,
                                                     .size = size,
                                                     .aad_len = p->aad_len};
    }
    return 0;
}

void trial_close(struct trial *trial)
{
    if (trial->lost)
        return;
    free(trial->requests);
    free(trial->memory);
}

static long times_slept(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

int trial_sleeps(struct trial *trial, int (*perform)(void *, bs_request *), void *context)
{
    int status = perform(context, trial->requests); /* what only happens once */
    long before = times_slept();
    for (int i = 0; i < TRIALS && !status; i++)
        status = perform(context, trial->requests);
    return status ? status : times_slept() - before >= TRIALS / 2;
}

/* Decrypting zeroes gives no valid tag, but the work was done all the same. */
static int status_of(const bs_request *request)
{
    return request->status == -EBADMSG ? 0 : request->status;
}

int trial_once(struct trial *trial, const struct trial_way *way)
{
    bs_request *done[TRIAL_AT_ONCE];
    uint64_t until = bs_now_ns() + LOST_NS;
    unsigned sent = 0, back = 0;
    int error = 0;
    while (back < trial->count) {
        enum bs_outcome outcome = BS_BUSY;
        int n = 0;
        if (sent < trial->count) {
            unsigned hints = sent + 1 < trial->count ? BS_HINT_MORE : 0;
            outcome = way->process(way->session, &trial->requests[sent], hints);
        }
        if (outcome == BS_BUSY)
            n = way->poll(way->session, done, TRIAL_AT_ONCE, PACE_NS);
        else if (outcome == BS_COMPLETED)
            done[n++] = &trial->requests[sent];
        sent += outcome != BS_BUSY;
        for (int i = 0; i < n; i++)
            error = error ? error : status_of(done[i]);
        back += (unsigned)n;
        uint64_t now = bs_now_ns();
        if (n)
            until = now + LOST_NS;
        if (now > until) {
            trial->lost = 1;
            return -ETIMEDOUT;
        }
    }
    return error;
}

double trial_pace(struct trial *trial, const struct trial_way *way)
{
    uint64_t requests = 0, begin, now;
    int error = trial_once(trial, way); /* what only happens once */
    for (begin = now = bs_now_ns(); !error && now - begin < PACE_NS; now = bs_now_ns()) {
        error = trial_once(trial, way);
        requests += trial->count;
    }
    return error ? error : (double)(now - begin) / (double)requests;
}
