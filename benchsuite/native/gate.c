#include "gate.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, (uint32_t *)word, op | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

int bs_gate_wait(struct bs_gate *gate, int (*ready)(void *), void *context, unsigned spins,
                 uint64_t wait_ns)
{
    for (unsigned i = 0; i < spins; i++) {
        if (ready(context))
            return 1;
        bs_relax();
    }
    uint64_t now = bs_now_ns(), until = now + wait_ns;
    for (;;) {
        atomic_store(&gate->asleep, 1);
        if (ready(context)) { /* work that came before the store was not announced */
            atomic_store(&gate->asleep, 0);
            return 1;
        }
        if (now >= until) {
            atomic_store(&gate->asleep, 0);
            return 0;
        }
        uint64_t left = until - now;
        struct timespec timeout = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        futex(&gate->asleep, FUTEX_WAIT, 1, &timeout);
        now = bs_now_ns();
    }
}

void bs_gate_wake(struct bs_gate *gate)
{
    if (!atomic_exchange(&gate->asleep, 0))
        return; /* somebody else did */
    atomic_fetch_add_explicit(&gate->wakeups, 1, memory_order_relaxed);
    futex(&gate->asleep, FUTEX_WAKE, 1, NULL);
}
