/* The pool of callers.c and its line: requests that wait for a caller, and callers that wait for requests. What
 * touches the line is called under the lock. */
#ifndef BS_CALLERS_LINE_H
#define BS_CALLERS_LINE_H

#include <pthread.h>

#include "callers.h"
#include "eventcount.h"

struct caller {
    struct bs_eventcount event;
    _Atomic int called;
    struct callers *pool;
    struct caller *next_idle;
    pthread_t thread;
    unsigned number;
};

struct callers {
    callers_serve *serve;
    void *context;
    struct callers_plan plan;
    unsigned started, spins;
    struct caller *callers;

    _Alignas(64) pthread_mutex_t lock; /* of the line, and of who is awake for it */
    bs_request *first, *last;          /* the line, linked by cookie */
    _Atomic unsigned waiting;          /* requests in it that callers may take; written under the lock */
    _Atomic unsigned held;             /* and those behind them, held back for a group */
    unsigned looking;                  /* callers awake without a request */
    struct caller *idle; /* callers asleep, the last to fall asleep first: its caches are warm */
    _Atomic int leave;

    _Alignas(64) _Atomic unsigned carried; /* submitted and not back from serve */
    _Atomic unsigned inside, most;
    _Alignas(64) _Atomic(bs_request *) finished; /* a stack, newest first */
    struct bs_eventcount polled;
    bs_request *ready; /* oldest first: the poller's */
};

static inline bs_request *linked(const bs_request *request)
{
    return (bs_request *)(uintptr_t)request->cookie;
}

static inline void link_to(bs_request *request, bs_request *next)
{
    request->cookie = (uint64_t)(uintptr_t)next;
}

/* Lets everybody at what is held back. */
static inline void release_held(struct callers *pool)
{
    atomic_fetch_add(&pool->waiting, atomic_exchange(&pool->held, 0));
}

/* Requests come one by one. If each could be taken at once there would be no groups, so with a poller that
 * serves they are held back until there is a whole one, or the poller comes; a caller that has nothing to do begins
 * with it while the poller submits the next. */
static inline void append(struct callers *pool, bs_request *request)
{
    link_to(request, NULL);
    if (pool->first)
        link_to(pool->last, request);
    else
        pool->first = request;
    pool->last = request;
    atomic_fetch_add(&pool->held, 1);
    if (!pool->plan.poller_serves || pool->held >= pool->plan.group)
        release_held(pool);
}

static inline unsigned take(struct callers *pool, bs_request **requests, unsigned most)
{
    unsigned n = 0;
    most = most < pool->plan.group ? most : pool->plan.group;
    while (n < most && n < pool->waiting) {
        requests[n++] = pool->first;
        pool->first = linked(pool->first);
    }
    atomic_fetch_sub(&pool->waiting, n);
    return n;
}

/* Who must be woken so that every waiting request has a caller that looks for it. He counts as looking
 * from now on. */
static inline struct caller *call_one(struct callers *pool)
{
    struct caller *caller = pool->idle;
    if (!caller || pool->waiting <= pool->looking * pool->plan.group)
        return NULL;
    pool->idle = caller->next_idle;
    pool->looking++;
    return caller;
}

#endif
