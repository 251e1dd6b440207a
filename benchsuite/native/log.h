/* The log of a run, as workers keep it: see bs_engine_log. They look at the time where they have it anyway, at a
 * sampled request, so that one that is not sampled pays nothing; only the first sample beyond the border of an interval
 * has more to do. */
#ifndef BS_LOG_H
#define BS_LOG_H

#include "worker.h"

/* A worker's side of the log. Whoever files a sample of that worker uses it, and nobody else meanwhile. Times are those
 * of samples: ticks, or virtual picoseconds. */
struct bs_log_side {
    struct bs_log *log;
    struct bs_worker *worker;
    uint64_t border;          /* where the interval under way ends */
    uint64_t last;            /* the last sample, */
    uint64_t last_count;      /* and how many requests were done then, since the log began */
    uint64_t base;            /* done in earlier runs */
    uint64_t sealed;          /* intervals that are over for this worker */
    double counted;           /* requests in those */
    struct bs_histogram seen; /* latency that the log has */
};

/* The sample lies beyond the border. 0: somebody is reading the log, and the next sample tries again. */
int bs_log_cross(struct bs_log_side *side, uint64_t now, uint64_t count);

/* A sample, before its latency is filed. done: requests of the run under way. */
static inline void bs_log_sample(struct bs_worker *worker, uint64_t now, uint64_t done)
{
    struct bs_log_side *side = worker->log;
    if (__builtin_expect(side == NULL, 1))
        return;
    uint64_t count = side->base + done;
    if (count < side->last_count) /* two contexts count at the same time */
        count = side->last_count;
    if (now < side->last)
        return;
    if (__builtin_expect(now >= side->border, 0) && !bs_log_cross(side, now, count))
        return;
    side->last = now;
    side->last_count = count;
}

/* A worker's run begins; or has ended, with this many requests done. */
void bs_log_begin(struct bs_worker *worker, uint64_t now);
void bs_log_end(struct bs_worker *worker, uint64_t now, uint64_t done);
void bs_log_run_over(bs_engine *engine); /* after all of them */

/* Before the latency so far is forgotten. */
void bs_log_forget_latency(bs_engine *engine);
void bs_log_close(bs_engine *engine);

#endif
