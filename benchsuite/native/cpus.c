#include "cpus.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "core.h"

enum {
    CPUS = 64 * CPU_SETSIZE
}; /* a kernel that may have more CPUs than a set has bits tells nothing at all */

/* The CPUs the process was given when it first asked, in ascending order, because pinning a thread must not shrink
 * the choice of the threads it starts; or those that were chosen, in that order. */
static int usable[CPUS];
static unsigned count;
static int chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void ask(void)
{
    cpu_set_t set[CPUS / CPU_SETSIZE];
    if (sched_getaffinity(0, sizeof set, set) != 0)
        return;
    for (int cpu = 0; cpu < CPUS; cpu++)
        if (CPU_ISSET_S(cpu, sizeof set, set))
            usable[count++] = cpu;
}

unsigned bs_usable_cpus(void)
{
    pthread_once(&once, ask);
    return count ? count : 1;
}

int bs_cpus_chosen(void)
{
    return chosen;
}

int bs_nth_cpu(unsigned nth)
{
    unsigned n = bs_usable_cpus();
    return count ? usable[nth % n] : -1;
}

int bs_choose_cpus(const uint32_t *cpus, uint32_t number)
{
    bs_usable_cpus(); /* so that nobody asks later */
    if (!number || number > CPUS)
        return -EINVAL;
    for (uint32_t i = 0; i < number; i++)
        if (cpus[i] >= CPUS)
            return -EINVAL;
    for (uint32_t i = 0; i < number; i++)
        usable[i] = (int)cpus[i];
    count = number;
    chosen = 1;
    return 0;
}

void bs_pin_to(int cpu)
{
    cpu_set_t one[CPUS / CPU_SETSIZE];
    if (cpu < 0)
        return;
    CPU_ZERO_S(sizeof one, one);
    CPU_SET_S((size_t)cpu, sizeof one, one);
    pthread_setaffinity_np(pthread_self(), sizeof one, one);
}
