/* The open loop, as far as all executors share it: what has arrived, what waits and what is dropped, how late the
 * thread that waits for arrivals was, and the accounts. One thread at a time calls what is here. Times are ticks; only
 * bs_open_begin and bs_open_pause look at a clock. */
#ifndef BS_OPEN_LOOP_H
#define BS_OPEN_LOOP_H

#include "arrivals.h"
#include "ocf_queue.h"
#include "worker.h"

#define BS_NO_ARRIVAL UINT64_MAX

struct bs_open_loop {
    bs_offer offer;
    int saturated; /* one is always waiting */
    int limited;   /* by offer.backlog */
    int crowded;   /* others need this thread's CPU: while it only looks at the clock it lets them run */
    uint64_t runs; /* since bs_engine_offer */

    /* of the run under way */
    struct bs_arrivals arrivals;
    double ticks_per_ns;
    uint64_t epoch, target;
    uint64_t next;       /* when the first is to come that nothing was decided about; or BS_NO_ARRIVAL */
    uint64_t taken;      /* with those that were dropped */
    uint64_t last_call;  /* none comes after that */
    uint64_t free_since; /* until then the thread was busy: with a request, or waiting for the driver */
    uint64_t paused_at;  /* it looked at the clock in vain; 0: no */
    uint64_t spun, longest_look, restless, sleepless, awake_before;
    uint64_t latency;
    uint64_t first_done; /* the first completion: */
    uint64_t latest, steady,
        steady_until; /* the latest arrival that was done, how many were before, and when it was */
    long slack;       /* the thread's, before the run; -1: it was left as it is */

    /* limited: at most so many wait or are held by the driver; those that found a place so far, and a ring of when the
     * last ones were done */
    uint64_t most, accepted, *departed;
    uint64_t in, out; /* where in it the next one is filed that finds a place, and the next that is done */

    /* open_queued.c */
    struct bs_open_line *line;
    struct ocf_queue returned; /* slots whose callback has run */
    _Atomic int taken_up;      /* a thread has the line, and only it touches what is above; 1 between runs */
    _Atomic int called;        /* the worker's own thread is to have it */
};

/* Around a run. held: so many the driver holds at most. threads: that each worker keeps busy, its own counted. */
void bs_open_begin(struct bs_worker *worker, uint32_t held, unsigned threads);
void bs_open_end(struct bs_worker *worker);

/* 0: the run was interrupted. */
int bs_open_goes_on(struct bs_worker *worker, uint64_t now);

/* 1: one has come by `now` that found a place, and is the driver's from now on; *intended: when it was to come. What was
 * done by now was told. */
int bs_open_take(struct bs_worker *worker, uint64_t now, uint64_t *intended);

/* A request is done, and the callback has run. They are told in the order in which they were done. */
void bs_open_completed(struct bs_worker *worker, uint64_t intended, uint64_t completed);

/* A while before the next arrival: asleep where that is far away. */
void bs_open_pause(struct bs_worker *worker, uint64_t now);

/* None comes any more. */
static inline int bs_open_over(const struct bs_open_loop *open)
{
    return open->next == BS_NO_ARRIVAL;
}

/* One waits, or is always there. */
static inline int bs_open_waiting(const struct bs_open_loop *open, uint64_t now)
{
    return open->next <= now;
}

/* engine.c: the engine is closed. */
void bs_open_close(struct bs_worker *worker);

/* The executors'. bs_open_serve: gets on with what the driver holds, waiting at most wait_ns for something to return. 0:
 * nothing did. NULL: other threads do that. threads: that each worker keeps busy; spins: see eventcount.h. */
typedef int bs_open_serve(struct bs_worker *worker, uint64_t wait_ns);
void bs_open_direct(struct bs_worker *worker);
void bs_open_queued(struct bs_worker *worker, bs_open_serve *serve, unsigned threads, unsigned spins);

#endif
