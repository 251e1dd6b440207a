#include <pthread.h>
#include <sched.h>

#include "engine.h"

/* The CPUs the process was given when it first asked: pinning a thread must not shrink the choice
 * of the threads it starts. */
static cpu_set_t usable;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void ask(void)
{
    CPU_ZERO(&usable);
    if (sched_getaffinity(0, sizeof usable, &usable) != 0)
        CPU_SET(0, &usable);
}

unsigned bs_usable_cpus(void)
{
    pthread_once(&once, ask);
    return (unsigned)CPU_COUNT(&usable);
}

void bs_pin_to(unsigned nth)
{
    nth %= bs_usable_cpus();
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &usable) || nth-- > 0)
            continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}
