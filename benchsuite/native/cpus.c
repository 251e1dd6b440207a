#include "cpus.h"

#include <pthread.h>
#include <sched.h>

enum {
    CPUS = 64 * CPU_SETSIZE
}; /* a kernel that may have more CPUs than a set has bits tells nothing at all */

/* The CPUs the process was given when it first asked: pinning a thread must not shrink the choice
 * of the threads it starts. */
static cpu_set_t usable[CPUS / CPU_SETSIZE];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void ask(void)
{
    CPU_ZERO_S(sizeof usable, usable);
    if (sched_getaffinity(0, sizeof usable, usable) != 0)
        CPU_SET_S(0, sizeof usable, usable);
}

unsigned bs_usable_cpus(void)
{
    pthread_once(&once, ask);
    return (unsigned)CPU_COUNT_S(sizeof usable, usable);
}

void bs_pin_to(unsigned nth)
{
    nth %= bs_usable_cpus();
    for (int cpu = 0; cpu < CPUS; cpu++) {
        if (!CPU_ISSET_S(cpu, sizeof usable, usable) || nth-- > 0)
            continue;
        cpu_set_t one[CPUS / CPU_SETSIZE];
        CPU_ZERO_S(sizeof one, one);
        CPU_SET_S(cpu, sizeof one, one);
        pthread_setaffinity_np(pthread_self(), sizeof one, one);
        return;
    }
}
