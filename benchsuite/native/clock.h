/* Two clocks. bs_now_ns is CLOCK_MONOTONIC and times values. bs_ticks is the cheapest steady counter of
 * the CPU and times sampled requests; ticks become nanoseconds only when a histogram is read, by the
 * two clocks' advance since the first use, so that no time goes into calibrating. */
#ifndef BS_CLOCK_H
#define BS_CLOCK_H

#include <stdint.h>
#include <time.h>

extern int bs_ticks_by_cpu; /* 0: this CPU's counter is not steady, ticks are CLOCK_MONOTONIC */

static inline uint64_t bs_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t bs_ticks(void)
{
#if defined(__x86_64__)
    if (__builtin_expect(bs_ticks_by_cpu, 1))
        return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    if (__builtin_expect(bs_ticks_by_cpu, 1)) {
        uint64_t ticks;
        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
        return ticks;
    }
#endif
    return bs_now_ns();
}

/* Two CPUs' counters may differ by a little, and neither waits for what comes before it. */
static inline uint64_t bs_ticks_between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

void bs_clock_start(void); /* idempotent; every engine and session calls it */
double bs_ns_per_tick(void);

static inline void bs_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Of a loop that waits for another thread, which may need this CPU. What comes at once must find it awake; but a loop
 * that only yielded would, under SCHED_FIFO, let nobody run whose priority is lower: so then it sleeps. */
void bs_await(unsigned looks); /* kernel_wait.c. So many has it had, this one counted */

#endif
