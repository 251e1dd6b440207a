#include "eventcount.h"

#include "clock.h"
#include "kernel_wait.h"

int bs_eventcount_wait(struct bs_eventcount *event, int (*ready)(void *), void *context, unsigned spins,
                       uint64_t wait_ns)
{
    for (unsigned i = 0; i < spins; i++) {
        if (ready(context))
            return 1;
        bs_relax();
    }
    uint64_t now = bs_now_ns(), until = now + wait_ns;
    for (;;) {
        atomic_store(&event->asleep, 1);
        if (ready(context)) { /* work that came before the store was not announced */
            atomic_store(&event->asleep, 0);
            return 1;
        }
        if (now >= until) {
            atomic_store(&event->asleep, 0);
            return 0;
        }
        bs_futex_wait(&event->asleep, 1, until - now);
        now = bs_now_ns();
    }
}

void bs_eventcount_wake(struct bs_eventcount *event)
{
    if (!atomic_exchange(&event->asleep, 0))
        return; /* somebody else did */
    bs_count_note(&event->wakeups, 1);
    bs_futex_wake(&event->asleep);
}
