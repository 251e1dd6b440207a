/* The closed loop: q_len slots, each dispatched again when its callback has run, until the target is
 * reached. Executors with queues own one per worker. */
#ifndef BS_LOOP_H
#define BS_LOOP_H

#include "worker.h"
#include "eventcount.h"
#include "ocf.h"

struct bs_loop {
    struct ocf ocf;
    struct bs_worker *worker;
    struct bs_crew *crew; /* threads.c: whom to wake */
    int defer;            /* callbacks run inside dispatch: re-dispatch from `deferred` later */
    bs_request *deferred;
    unsigned looks; /* polled.c: at a driver that refuses with nothing outstanding */

    _Alignas(64) bs_count dispatched; /* in this run, and attempts beyond the target */
    _Atomic uint32_t idle;            /* slots that have nothing outstanding */
    bs_count failed, sampled;
    _Atomic int32_t first_error;
    struct bs_eventcount finished;

    pthread_mutex_t sample_lock;  /* callbacks may run in two contexts */
    pthread_mutex_t waiting_lock; /* slots that crypto_q_max refused, oldest first */
    bs_request *waiting, **waiting_end;
    uint64_t progress; /* of the watcher: dispatches seen */
    uint64_t progress_ns;
};

int bs_loop_open(struct bs_worker *worker, void (*wake)(void *, enum ocf_context));
void bs_loop_reset(struct bs_loop *loop);                     /* before a run */
void bs_loop_start(struct bs_loop *loop);                     /* the same, and every slot is dispatched */
int bs_loop_gives(const struct bs_loop *loop);                /* the run has requests left */
void bs_loop_next(struct bs_loop *loop, bs_request *request); /* dispatches the slot, or retires it */
void bs_loop_completed(struct bs_loop *loop,
                       bs_request *request);             /* its callback has run: go on with its slot */
int bs_loop_idle(void *loop);                            /* every slot has come back */
int bs_loop_stalled(struct bs_loop *loop);               /* nothing has moved for load.stall_ns */
int bs_loop_stuck(struct bs_loop *loop, uint64_t moved); /* the same: `moved` has not changed */
void bs_loop_finish(struct bs_loop *loop);               /* the run's counts go to the worker */
void bs_loop_verdict(struct bs_loop *loop);              /* failures and disorder do */
void bs_loop_note_status(struct bs_loop *loop, const bs_request *request);
void bs_loop_add_counters(struct bs_worker *worker, bs_counters *into);
void bs_loop_close(struct bs_worker *worker);

#endif
