/* An eventcount: one thread sleeps at it until another has made work. Spinning comes first because a
 * futex wake-up costs several microseconds; every real sleep that needed a wake is counted. */
#ifndef BS_EVENTCOUNT_H
#define BS_EVENTCOUNT_H

#include "count.h"

struct bs_eventcount {
    _Alignas(64) _Atomic uint32_t asleep;
    bs_count wakeups; /* written by whoever wakes */
};

/* The sleeper. ready(context) says whether there is work. spins: how often to look before
 * sleeping. Returns ready's last answer: 0 only after wait_ns have passed. */
int bs_eventcount_wait(struct bs_eventcount *event, int (*ready)(void *), void *context, unsigned spins,
                       uint64_t wait_ns);

void bs_eventcount_wake(struct bs_eventcount *event); /* slow half of bs_eventcount_signal */

/* The waker: call after the work has been published with a sequentially consistent store. */
static inline void bs_eventcount_signal(struct bs_eventcount *event)
{
    if (__builtin_expect(atomic_load(&event->asleep), 0))
        bs_eventcount_wake(event);
}

#endif
