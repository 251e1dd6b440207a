/* The floor of two threads that work on one thing in turn: a cache line handed back and forth between the first two CPUs
 * that this process may use. Prints nanoseconds per round trip, of every slice of some ten microseconds: a slice in
 * which another program had one of the CPUs is long, and whoever reads takes the shortest or the median. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "cpus.h"

enum { ROUND_TRIPS = 100 };

static _Alignas(64) _Atomic unsigned long turn;

static void *answer(void *slices)
{
    unsigned long last = *(unsigned long *)slices * 2 * ROUND_TRIPS;
    bs_pin_to(bs_nth_cpu(1));
    for (unsigned long i = 1; i < last; i += 2) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != i)
            ;
        atomic_store_explicit(&turn, i + 1, memory_order_release);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    unsigned long slices = count > 1 ? strtoul(arguments[1], NULL, 10) : 2000, at = 0;
    pthread_t other;
    bs_usable_cpus(); /* before anything is pinned */
    if (pthread_create(&other, NULL, answer, &slices))
        return 1;
    bs_pin_to(bs_nth_cpu(0));
    for (unsigned long slice = 0; slice < slices; slice++) {
        uint64_t begin = bs_now_ns();
        for (int i = 0; i < ROUND_TRIPS; i++, at += 2) {
            atomic_store_explicit(&turn, at + 1, memory_order_release);
            while (atomic_load_explicit(&turn, memory_order_acquire) != at + 2)
                ;
        }
        printf("%.1f\n", (double)(bs_now_ns() - begin) / ROUND_TRIPS);
    }
    return pthread_join(other, NULL);
}
