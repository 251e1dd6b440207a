/* Drivers with known behaviour, to test the engine against: a queue of `depth` requests that inverts every
 * byte, with faults on demand. process and poll may run at the same time, as driver.h allows. */
#ifndef FAKE_H
#define FAKE_H

#include <stdatomic.h>
#include <stdint.h>

struct fake_faults {
    uint64_t fail_at, lose_at; /* number of the request (from 1) that fails, or never completes */
    uint64_t late_at;          /* completes when fake_release is set */
    uint64_t busy_every;       /* every so many offers are refused; 0: only a full queue refuses */
    uint64_t slow_ns;          /* process of the synchronous driver takes so long */
};

/* Of all sessions since fake_reset. */
struct fake_counts {
    _Atomic uint32_t processed, polled, kicks, held_back, longest_batch, most_outstanding, overlaps;
    _Atomic uint32_t out_of_turn; /* slots not offered one after the other, if fake_q_len is set */
};

extern uint32_t fake_depth;
extern struct fake_faults fake_faults;
extern struct fake_counts fake_counts;
extern uint32_t fake_q_len;
extern _Atomic int fake_release;
extern void *fake_lost_session; /* the driver's memory of one opened with the setting "lose" */

void fake_reset(uint32_t depth);

#endif
