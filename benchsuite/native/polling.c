#include "polling.h"

#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "random.h"

enum {
    FIRST_MASK = 15,
    MAX_MASK = 65535,
    UNIT = 1024, /* a sum of ns or ticks would not fit into what a counter takes at once */
};

static const double SHARE = 0.0025; /* of the wall time */

static uint64_t thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Of a sample around nothing: what it takes, and what it says that the nothing took of the CPU. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t sample_ns, empty_cpu_ns;

static void measure(void)
{
    enum { BATCHES = 32 }; /* the least of them: one that was interrupted says nothing */
    sample_ns = empty_cpu_ns = UINT64_MAX;
    for (int i = 0; i < BATCHES; i++) {
        uint64_t begin = bs_now_ns(), before = thread_ns();
        bs_ticks();
        bs_ticks();
        uint64_t cpu = thread_ns() - before, spent = bs_now_ns() - begin;
        sample_ns = spent < sample_ns ? spent : sample_ns;
        empty_cpu_ns = cpu < empty_cpu_ns ? cpu : empty_cpu_ns;
    }
}

void bs_polling_open(struct bs_polling *polling)
{
    pthread_once(&once, measure);
    atomic_store(&polling->mask, FIRST_MASK);
    polling->random = 1;
}

void bs_polling_reset(struct bs_polling *polling)
{
    bs_count_clear(&polling->calls);
    bs_count_clear(&polling->sampled);
    bs_count_clear(&polling->ticks_in_1024);
    bs_count_clear(&polling->cpu_in_1024);
}

void bs_polling_begin(struct bs_polling_sample *sample)
{
    sample->cpu_ns = thread_ns();
    sample->ticks = bs_ticks();
}

/* So much, for each of so many calls, in units. What is left of one is kept for the next time: a counter of 16 ns a tick
 * has few ticks in a short poll. */
static uint32_t in_units(uint64_t *left, uint64_t amount, uint32_t calls)
{
    uint64_t whole = amount * calls + *left;
    *left = whole % UNIT;
    return whole / UNIT < UINT32_MAX ? (uint32_t)(whole / UNIT) : UINT32_MAX;
}

void bs_polling_end(struct bs_polling *polling, const struct bs_polling_sample *sample)
{
    uint64_t ticks = bs_ticks_between(sample->ticks, bs_ticks());
    uint64_t cpu = thread_ns() - sample->cpu_ns;
    uint32_t mask = atomic_load_explicit(&polling->mask, memory_order_relaxed);
    polling->until = mask ? (uint32_t)(bs_random(&polling->random) % (2 * (uint64_t)mask + 1)) : 0;
    bs_count_note(&polling->calls, mask + 1);
    bs_count_note(&polling->sampled, 1);
    bs_count_note(&polling->ticks_in_1024, in_units(&polling->ticks_left, ticks, mask + 1));
    bs_count_note(&polling->cpu_in_1024,
                  in_units(&polling->cpu_left, cpu > empty_cpu_ns ? cpu - empty_cpu_ns : 0, mask + 1));
}

static void adapt(struct bs_polling *polling, uint64_t calls, uint64_t wall_ns)
{
    uint32_t mask = 0;
    while (mask < MAX_MASK && (double)calls * (double)sample_ns > SHARE * (double)wall_ns * (mask + 1))
        mask = mask * 2 + 1;
    atomic_store(&polling->mask, mask);
}

uint64_t bs_polling_collect(struct bs_polling *polling, struct bs_polled_time *into, uint64_t wall_ns)
{
    uint64_t calls = bs_count_read(&polling->calls), sampled = bs_count_read(&polling->sampled);
    double wall = (double)wall_ns;
    double inside = (double)bs_count_read(&polling->ticks_in_1024) * UNIT * bs_ns_per_tick();
    double cpu = (double)bs_count_read(&polling->cpu_in_1024) * UNIT;
    into->wall_ns += wall;
    inside = inside < wall ? inside : wall; /* one thread polls: what is estimated must not be more */
    into->poll_ns += inside;
    into->cpu_ns += cpu < inside ? cpu : inside;
    into->calls += calls;
    into->sampled += sampled;
    if (calls)
        adapt(polling, calls, wall_ns);
    return sampled * sample_ns;
}
