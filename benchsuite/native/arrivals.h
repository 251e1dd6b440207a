/* When requests arrive in an open loop: numbers, and no clock. What adds up is exact to far less than a tick, so that
 * nothing drifts; and the same offer, worker and run have the same ones on every machine. */
#ifndef BS_ARRIVALS_H
#define BS_ARRIVALS_H

#include "core.h"

#define BS_LOWEST_RATE 1e-6 /* requests per second: one in eleven days */

struct bs_arrivals {
    double gap;                    /* ticks between two requests of all workers together, on average */
    uint32_t arrival, burst, left; /* left: so many more of this burst come at once */
    uint64_t workers;
    uint64_t at,
        at_rest; /* when the next one comes; of BS_POISSON, when the last one did. A rest is in 2^-64 ticks */
    uint64_t step, step_rest; /* from one burst of this worker to its next */
    uint64_t random;          /* BS_POISSON: */
    double mean, rest;        /* of this worker's gaps; and what is less than a tick */
};

/* run: from 0. At an infinite rate all come at once. ticks_per_ns: of the times that are told. */
void bs_arrivals_begin(struct bs_arrivals *arrivals, const bs_offer *offer, uint32_t worker, uint32_t workers,
                       uint64_t run, double ticks_per_ns);

uint64_t bs_arrivals_draw(struct bs_arrivals *arrivals);

/* Takes the next arrival: its time in ticks from the beginning. */
static inline uint64_t bs_arrivals_take(struct bs_arrivals *arrivals)
{
    if (arrivals->arrival == BS_POISSON)
        return bs_arrivals_draw(arrivals);
    uint64_t at = arrivals->at;
    if (!--arrivals->left) {
        arrivals->left = arrivals->burst;
        arrivals->at_rest += arrivals->step_rest;
        arrivals->at += arrivals->step + (arrivals->at_rest < arrivals->step_rest);
    }
    return at;
}

/* Ticks in which the first `number` arrivals of this worker were to come, as if those behind them came, too: of those
 * drawn it is told what was drawn so far. */
double bs_arrivals_span(const struct bs_arrivals *arrivals, uint64_t number);

#endif
