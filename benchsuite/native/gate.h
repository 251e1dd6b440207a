/* A gate: one thread sleeps at it until another has made work. Spinning comes first because a
 * futex wake-up costs several microseconds; every real sleep that needed a wake is counted. */
#ifndef BS_GATE_H
#define BS_GATE_H

#include "count.h"

struct bs_gate {
    _Alignas(64) _Atomic uint32_t asleep;
    bs_count wakeups; /* written by whoever wakes */
};

/* The sleeper. ready(context) says whether there is work. spins: how often to look before
 * sleeping. Returns ready's last answer: 0 only after wait_ns have passed. */
int bs_gate_wait(struct bs_gate *gate, int (*ready)(void *), void *context, unsigned spins,
                 uint64_t wait_ns);

void bs_gate_wake(struct bs_gate *gate); /* slow half of bs_gate_open */

/* The waker: call after the work has been published with a sequentially consistent store. */
static inline void bs_gate_open(struct bs_gate *gate)
{
    if (__builtin_expect(atomic_load(&gate->asleep), 0))
        bs_gate_wake(gate);
}

#endif
