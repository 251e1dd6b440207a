/* A trial of the ways a session can be served in. Which one keeps requests outstanding is not a matter of belief: a
 * kernel's driver that is registered as asynchronous may answer at once, and io_submit or the ring of a device may
 * perform one request after the other. So a driver opens a way and tries it, on this algorithm and request size. */
#ifndef BS_TRIAL_H
#define BS_TRIAL_H

#include "driver.h"

enum { TRIAL_AT_ONCE = 64 };

/* Requests with memory of their own, as the engine lays it out: IV; associated data, payload and tag. */
struct trial {
    unsigned count;
    int lost; /* somebody may still write to a request, or to its memory: they stay */
    bs_request *requests;
    uint8_t *memory;
};

/* As many requests as the session is deep, up to TRIAL_AT_ONCE, of `size` bytes: 0 or -ENOMEM. */
int trial_open(struct trial *trial, const bs_params *params, uint32_t size);
void trial_close(struct trial *trial);

/* perform has one request served from beginning to end. 1: callers mostly sleep inside the kernel meanwhile, so
 * somebody else does the work, and more callers than CPUs are of use. 0: they compute. Or what perform returned. */
int trial_sleeps(struct trial *trial, int (*perform)(void *context, bs_request *request), void *context);

/* A way that is open, by driver.h's verbs. */
struct trial_way {
    void *session;
    bs_process *process;
    int (*poll)(void *session, bs_request **done, unsigned max, uint64_t wait_ns);
};

/* All requests there and back, as many at once as the way takes. 0, or -errno: the status of one that failed;
 * -ETIMEDOUT when nothing came back for four seconds. */
int trial_once(struct trial *trial, const struct trial_way *way);

/* The same again and again, for some 20 ms: ns per request, or -errno. */
double trial_pace(struct trial *trial, const struct trial_way *way);

#endif
