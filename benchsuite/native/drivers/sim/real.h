/* What the parts of a simulated device in real time share: realtime.c is the driver, thread.c what goes on behind
 * it. */
#ifndef BS_SIM_REAL_H
#define BS_SIM_REAL_H

#include <pthread.h>

#include "clock.h"
#include "device.h"

/* A device. The lock guards all of it, and what its sessions have finished. */
struct real {
    pthread_mutex_t lock;
    pthread_cond_t work; /* for the device's thread */
    pthread_t thread;
    int leave;
    uint32_t sessions;
    struct sim_device device;
    struct sim_job *to_do, *to_do_last; /* whose bytes are to be computed, in the order of submission */
    uint64_t late;
    uint64_t origin_ns; /* picoseconds since the machine was started would overflow after 213 days */
    struct real *next;
    char setting[];
};

struct session {
    struct real *real;
    uint32_t ring;
    int32_t kind;
    pthread_cond_t done;
    struct sim_queue finished;
    void *crypto; /* of the libcrypto driver */
    bs_process *compute;
};

static inline uint64_t sim_real_now(const struct real *real)
{
    return (bs_now_ns() - real->origin_ns) * 1000;
}

/* thread.c. The lock is held. */
void sim_real_wait(struct real *real, pthread_cond_t *condition, uint64_t until);
/* wrong: with a bit flipped. status: what the request has instead of its own, if not 0. */
void sim_real_compute(const struct session *session, bs_request *request, int32_t status, int wrong);
void *sim_real_thread(void *real);

#endif
