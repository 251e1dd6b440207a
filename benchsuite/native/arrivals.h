/* When requests arrive in an open loop: numbers, and no clock. Every arrival is worked out from its own number, or from
 * all that was drawn before it, so that nothing drifts; and the same offer, worker and run have the same ones on every
 * machine. */
#ifndef BS_ARRIVALS_H
#define BS_ARRIVALS_H

#include "core.h"

#define BS_LOWEST_RATE 1e-6 /* requests per second: one in eleven days */

struct bs_arrivals {
    double gap; /* ns between two requests of all workers together, on average */
    uint32_t arrival, burst;
    uint64_t workers, worker;
    uint64_t number;   /* so many of this worker were taken */
    uint64_t random;   /* BS_POISSON: */
    double rest;       /* what was drawn, in ns: */
    uint64_t drawn_ns; /* whole ones, and a rest */
};

/* run: from 0. The rate is finite. */
void bs_arrivals_begin(struct bs_arrivals *arrivals, const bs_offer *offer, uint32_t worker, uint32_t workers,
                       uint64_t run);

/* Takes the next arrival: its time in ns from the beginning. */
uint64_t bs_arrivals_take(struct bs_arrivals *arrivals);

/* The time in which the next `number` arrivals of this worker are to come, as if those behind them came, too: of those
 * drawn it is told what was drawn so far. */
uint64_t bs_arrivals_span(const struct bs_arrivals *arrivals, uint64_t number);

#endif
