#include "clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "histogram.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

int bs_ticks_by_cpu;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t first_ticks, first_ns;
static double timestamp_cost;

static int cpu_counter_is_steady(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & (1u << 8)); /* invariant TSC */
#elif defined(__aarch64__)
    return 1; /* the generic timer is architected to be */
#else
    return 0;
#endif
}

/* The kernel watches whether the CPUs' counters agree, and leaves them for a slower clock if not. */
static int kernel_distrusts_it(void)
{
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    char name[32] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (!fgets(name, sizeof name, file))
        name[0] = '\0';
    fclose(file);
    return !strncmp(name, "hpet", 4) || !strncmp(name, "acpi_pm", 7) || !strncmp(name, "jiffies", 7);
}

/* What taking one timestamp and filing it costs: the least of several batches, because a batch
 * that was interrupted says nothing about the cost. */
static double measure_timestamp_cost(void)
{
    enum { BATCHES = 9, BATCH = 200 };
    static struct bs_histogram scratch;
    uint64_t best = UINT64_MAX;
    for (int batch = 0; batch < BATCHES; batch++) {
        uint64_t before = bs_now_ns(), last = bs_ticks();
        for (int i = 0; i < BATCH; i++) {
            uint64_t now = bs_ticks();
            bs_histogram_add(&scratch, now - last);
            last = now;
        }
        uint64_t spent = bs_now_ns() - before;
        best = spent < best ? spent : best;
    }
    return (double)best / BATCH;
}

static void start(void)
{
    bs_ticks_by_cpu = cpu_counter_is_steady() && !kernel_distrusts_it();
    first_ticks = bs_ticks();
    first_ns = bs_now_ns();
    timestamp_cost = measure_timestamp_cost();
}

void bs_clock_start(void)
{
    pthread_once(&once, start);
}

double bs_ns_per_tick(void)
{
    bs_clock_start();
    if (!bs_ticks_by_cpu)
        return 1.0;
    uint64_t ticks = bs_ticks(), ns = bs_now_ns();
    while (ns - first_ns < 2000000) { /* too short a base would be imprecise */
        ticks = bs_ticks();
        ns = bs_now_ns();
    }
    return (double)(ns - first_ns) / (double)(ticks - first_ticks);
}

const char *bs_clock_name(void)
{
    bs_clock_start();
    if (!bs_ticks_by_cpu)
        return "CLOCK_MONOTONIC";
#if defined(__x86_64__)
    return "TSC";
#else
    return "CNTVCT";
#endif
}

double bs_timestamp_cost(void)
{
    bs_clock_start();
    return timestamp_cost;
}

#if defined(__x86_64__)
static double raw_seconds(void)
{
    struct timespec t; /* CLOCK_MONOTONIC's rate is corrected meanwhile */
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure_counter(double seconds)
{
    double begin = raw_seconds(), now;
    uint64_t from = __builtin_ia32_rdtsc(), to;
    do {
        now = raw_seconds();
        to = __builtin_ia32_rdtsc();
    } while (now - begin < seconds);
    return (double)(int64_t)(to - from) / (now - begin);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
#endif

double bs_cycle_counter_hz(uint32_t ms)
{
#if defined(__x86_64__)
    enum { TIMES = 5 }; /* one in which this thread changed CPUs, whose counters may differ, is no median */
    double found[TIMES];
    for (int i = 0; i < TIMES; i++)
        found[i] = measure_counter(ms / 1e3 / TIMES);
    qsort(found, TIMES, sizeof found[0], ascending);
    return found[TIMES / 2];
#elif defined(__aarch64__)
    uint64_t hz;
    (void)ms;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    return (double)hz;
#else
    (void)ms;
    return 0;
#endif
}
