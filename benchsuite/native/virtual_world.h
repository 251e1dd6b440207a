/* What the parts of the virtual executor share: virtual_steps.c is what the contexts of the host do, virtual.c
 * lets time pass, virtual_host.c has the CPUs. */
#ifndef BS_VIRTUAL_WORLD_H
#define BS_VIRTUAL_WORLD_H

#include "loop.h"
#include "virtual_host.h"

struct bs_world {
    bs_engine *engine;
    struct bs_machine *machine;
    struct host host;
    struct host_context *contexts;    /* three per worker, then one per ring */
    uint64_t now, progress, patience; /* nothing for so long after progress: lost */
    uint64_t *retry, next_retry;      /* by worker: when a driver that refused is asked again */
    uint32_t busy_workers;
    int draining;
    void (*callback)(void *context, bs_request *request); /* loop.c's */

    uint64_t elapsed, spent[HOST_ROLES], consumed; /* consumed: by callbacks, part of spent */
    uint64_t collecting; /* part of spent: being interrupted, looking, and taking what is finished */
    uint64_t wakeups, backwards;
    uint64_t interrupts, consumed_before, spent_before,
        worked_before; /* of the run under way, and when it began */
};

static inline struct host_context *world_context(struct bs_world *world, const struct bs_worker *worker,
                                                 enum host_role role)
{
    return &world->contexts[worker->index * HOST_INTERRUPT + role];
}

/* virtual_steps.c. */
void world_start(struct bs_world *world, struct bs_worker *worker);  /* its slots are to be dispatched */
void world_go_on(struct bs_world *world, struct host_context **cpu); /* a step has ended */
void world_ask_again(struct bs_world *world);                        /* drivers that refused, at next_retry */
void world_wake(void *context, enum ocf_context whom);               /* for ocf.c: context is the loop */
void world_callback(void *context, bs_request *request);

#endif
