#include "arrivals.h"

#include <math.h>

#include "random.h"

static uint64_t stream(uint64_t seed, uint64_t run, uint64_t worker)
{
    uint64_t state = seed;
    state = bs_random(&state) + run;
    state = bs_random(&state) + worker;
    return bs_random(&state);
}

void bs_arrivals_begin(struct bs_arrivals *arrivals, const bs_offer *offer, uint32_t worker, uint32_t workers,
                       uint64_t run)
{
    *arrivals = (struct bs_arrivals){.gap = 1e9 / offer->rate,
                                     .arrival = offer->arrival,
                                     .burst = offer->arrival == BS_BURST ? offer->burst : 1,
                                     .workers = workers,
                                     .worker = worker,
                                     .random = stream(offer->seed, run, worker)};
}

/* Exponentially distributed, of this worker's rate: from more than 0 to 37 times the mean. */
static uint64_t draw(struct bs_arrivals *arrivals)
{
    double one_to_zero = (double)((bs_random(&arrivals->random) >> 11) + 1) * 0x1p-53;
    double gap = -log(one_to_zero) * arrivals->gap * (double)arrivals->workers + arrivals->rest;
    uint64_t whole = (uint64_t)gap;
    arrivals->rest = gap - (double)whole;
    return arrivals->drawn_ns += whole;
}

/* Workers take turns: the first of all has the requests 0, workers, 2 * workers and so on of the whole, or bursts. */
uint64_t bs_arrivals_take(struct bs_arrivals *arrivals)
{
    uint64_t number = arrivals->number++;
    if (arrivals->arrival == BS_POISSON)
        return draw(arrivals);
    if (arrivals->burst > 1)
        number /= arrivals->burst;
    number = (number * arrivals->workers + arrivals->worker) * arrivals->burst;
    return (uint64_t)((double)number * arrivals->gap + 0.5);
}

uint64_t bs_arrivals_span(const struct bs_arrivals *arrivals, uint64_t number)
{
    if (arrivals->arrival == BS_POISSON)
        return arrivals->drawn_ns;
    return (uint64_t)((double)(number * arrivals->workers) * arrivals->gap + 0.5);
}
