#include "arrivals.h"

#include <math.h>

#include "random.h"

static const double LONGEST = 0x1p56; /* ticks: no run waits that long, and no sum of a few overflows */

static uint64_t stream(uint64_t seed, uint64_t run, uint64_t worker)
{
    uint64_t state = seed;
    state = bs_random(&state) + run;
    state = bs_random(&state) + worker;
    return bs_random(&state);
}

/* Workers take turns: the first of all has the requests 0, workers, 2 * workers and so on of the whole, or bursts. */
void bs_arrivals_begin(struct bs_arrivals *arrivals, const bs_offer *offer, uint32_t worker, uint32_t workers,
                       uint64_t run, double ticks_per_ns)
{
    uint32_t burst = offer->arrival == BS_BURST ? offer->burst : 1;
    double gap = 1e9 * ticks_per_ns / offer->rate;
    double first = fmin(gap * burst * worker, LONGEST), step = fmin(gap * burst * workers, LONGEST);
    *arrivals = (struct bs_arrivals){
        .gap = gap,
        .arrival = offer->arrival,
        .burst = burst,
        .left = burst,
        .workers = workers,
        .step = (uint64_t)step,
        .step_rest = (uint64_t)((step - floor(step)) * 0x1p64),
        .random = stream(offer->seed, run, worker),
        .mean = fmin(gap * workers, LONGEST),
    };
    if (offer->arrival == BS_POISSON)
        return;
    arrivals->at = (uint64_t)(first + 0.5); /* to the nearest: the rest begins with a half */
    arrivals->at_rest = (uint64_t)((first + 0.5 - floor(first + 0.5)) * 0x1p64);
}

/* Exponentially distributed, of this worker's rate: from more than 0 to 37 times the mean. */
uint64_t bs_arrivals_draw(struct bs_arrivals *arrivals)
{
    double one_to_zero = (double)(int64_t)((bs_random(&arrivals->random) >> 11) + 1) * 0x1p-53;
    double gap = arrivals->rest - log(one_to_zero) * arrivals->mean;
    int64_t whole = (int64_t)gap;
    arrivals->rest = gap - (double)whole;
    return arrivals->at += (uint64_t)whole;
}

double bs_arrivals_span(const struct bs_arrivals *arrivals, uint64_t number)
{
    if (arrivals->arrival == BS_POISSON)
        return (double)arrivals->at;
    return (double)number * (double)arrivals->workers * arrivals->gap;
}
