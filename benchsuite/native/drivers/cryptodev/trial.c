/* What a session shows of itself in a few requests. Whether one sleeps inside the kernel: the kernel registers
 * drivers as asynchronous that answer at once, so the times this thread slept are counted. Of a program in user
 * space it needs no trial, and luck could have it answer before there was time to sleep. And how quick the
 * way is that has been opened. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "clock.h"
#include "size.h"
#include "cryptodev.h"

enum {
    TRIALS = 8,
    TRIAL_SIZE = 65536, /* where requests may be larger still; a multiple of every block */
    ALIGNED = 4096,     /* as the engine's buffers are: else the device must copy */
    PACE_NS = 20 * 1000 * 1000,
    AT_ONCE = 64,
};

static const uint64_t LOST_NS = 2000000000; /* until a job of the ring is given up */

/* Requests with memory of their own: a nonce, the associated data, the payload, room for a tag. */
struct trial {
    unsigned count;
    bs_request requests[AT_ONCE];
    uint8_t *memory;
};

static int open_trial(struct trial *trial, const bs_params *p, unsigned count)
{
    uint32_t size = p->max_size < TRIAL_SIZE ? p->max_size : TRIAL_SIZE;
    size_t before = bs_up(bs_plus(CRYPTODEV_NONCE, p->aad_len), ALIGNED);
    size_t one = bs_plus(before, bs_up((size_t)size + CRYPTODEV_MAC, ALIGNED));
    trial->memory = aligned_alloc(ALIGNED, bs_times(count, one));
    if (!trial->memory)
        return -ENOMEM;
    memset(trial->memory, 0, count * one);
    for (trial->count = 0; trial->count < count; trial->count++) {
        uint8_t *start = trial->memory + trial->count * one, *payload = start + before;
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

static long times_slept(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

int cryptodev_sleeps(struct cryptodev_session *s, const bs_params *p)
{
    struct trial trial;
    if (s->in_user_space)
        return 1;
    if (open_trial(&trial, p, 1))
        return -ENOMEM;
    s->perform(s, &s->line, trial.requests); /* what only happens once */
    long before = times_slept();
    for (int i = 0; i < TRIALS; i++)
        s->perform(s, &s->line, trial.requests); /* a forged tag is refused after the work */
    long slept = times_slept() - before;
    free(trial.memory);
    return slept >= TRIALS / 2;
}

/* All requests there and back: 0, the status of one that failed, or -ETIMEDOUT when the ring did not give one
 * back. A thread computes, and comes back. */
static int there_and_back(struct cryptodev_session *s, struct trial *trial)
{
    bs_request *done[AT_ONCE];
    uint64_t until = bs_now_ns() + LOST_NS;
    unsigned sent = 0, back = 0;
    int error = 0;
    while (back < trial->count) {
        enum bs_outcome outcome = BS_BUSY;
        int n = 0;
        if (sent < trial->count)
            outcome = s->process(s, &trial->requests[sent], 0);
        if (outcome == BS_BUSY)
            n = cryptodev_poll(s, done, AT_ONCE, PACE_NS);
        else if (outcome == BS_COMPLETED)
            done[n++] = &trial->requests[sent];
        sent += outcome != BS_BUSY;
        for (int i = 0; i < n; i++)
            if (done[i]->status && done[i]->status != -EBADMSG)
                error = done[i]->status;
        back += (unsigned)n;
        if (n)
            until = bs_now_ns() + LOST_NS;
        else if (s->ring && bs_now_ns() > until)
            return -ETIMEDOUT;
    }
    return error;
}

double cryptodev_pace(struct cryptodev_session *s, const bs_params *p)
{
    struct trial trial;
    uint64_t requests = 0, begin, now;
    int error = open_trial(&trial, p, p->depth < AT_ONCE ? p->depth : AT_ONCE);
    if (!error)
        error = there_and_back(s, &trial); /* what only happens once */
    for (begin = now = bs_now_ns(); !error && now - begin < PACE_NS; now = bs_now_ns()) {
        error = there_and_back(s, &trial);
        requests += trial.count;
    }
    if (error != -ETIMEDOUT) /* else the device may still write there */
        free(trial.memory);
    return error ? error : (double)(now - begin) / (double)requests;
}
