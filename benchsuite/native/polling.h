/* What collecting completions costs: sampled calls of the driver's poll, by two clocks. One thread polls. */
#ifndef BS_POLLING_H
#define BS_POLLING_H

#include "count.h"

struct bs_polling {
    _Atomic uint32_t mask; /* one of so many + 1 calls is sampled, on average; mask + 1 is a power of two */
    uint32_t until;        /* the poller's: so many more calls are not sampled */
    uint64_t random;       /* likewise: the distance varies, because polls come in patterns */
    uint64_t ticks_left, cpu_left; /* likewise: less than a unit of what is counted below */
    /* of the run under way: what is sampled stands for what is not */
    bs_count calls, sampled, ticks_in_1024, cpu_in_1024;
};

/* Of a worker, since the latency was forgotten. */
struct bs_polled_time {
    double wall_ns, poll_ns, cpu_ns;
    uint64_t calls, sampled;
};

struct bs_polling_sample {
    uint64_t ticks, cpu_ns;
};

void bs_polling_open(struct bs_polling *polling);
void bs_polling_reset(struct bs_polling *polling); /* before a run */

/* Around a call of poll, by whoever polls. 0: this one is not sampled. */
static inline int bs_polling_due(struct bs_polling *polling)
{
    if (__builtin_expect(polling->until > 0, 1)) {
        polling->until--;
        return 0;
    }
    return 1;
}
void bs_polling_begin(struct bs_polling_sample *sample);
void bs_polling_end(struct bs_polling *polling, const struct bs_polling_sample *sample);

/* After a run of so many ns: adds it to what there is, and sets how often is sampled. Returns the ns that
 * sampling took. */
uint64_t bs_polling_collect(struct bs_polling *polling, struct bs_polled_time *into, uint64_t wall_ns);

#endif
