#include "stage.h"

#include <errno.h>
#include <math.h> /* frexp, which is exact */
#include <stdlib.h>

int sim_stage_open(struct sim_stage *stage, uint32_t servers)
{
    stage->servers = servers;
    stage->busy = calloc(servers, sizeof *stage->busy);
    return stage->busy ? 0 : -ENOMEM;
}

void sim_stage_close(struct sim_stage *stage)
{
    free(stage->busy);
}

/* Of two that end together the one that came first leaves first. */
static int sooner(const struct sim_job *a, const struct sim_job *b)
{
    return a->at < b->at || (a->at == b->at && a->number < b->number);
}

static void start(struct sim_stage *stage, struct sim_job *job, uint64_t now)
{
    uint32_t at = stage->working++;
    job->at = now + job->demand;
    while (at && sooner(job, stage->busy[(at - 1) / 2])) {
        stage->busy[at] = stage->busy[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    stage->busy[at] = job;
}

static struct sim_job *take_first(struct sim_stage *stage)
{
    struct sim_job *first = stage->busy[0], *last = stage->busy[--stage->working];
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < stage->working) {
        if (child + 1 < stage->working && sooner(stage->busy[child + 1], stage->busy[child]))
            child++;
        if (!sooner(stage->busy[child], last))
            break;
        stage->busy[at] = stage->busy[child];
        at = child;
    }
    stage->busy[at] = last;
    return first;
}

uint64_t sim_stage_enter(struct sim_stage *stage, struct sim_job *job, uint64_t now)
{
    if (stage->working < stage->servers)
        start(stage, job, now);
    else
        sim_push(&stage->waiting, job);
    return stage->busy[0]->at;
}

struct sim_job *sim_stage_leave(struct sim_stage *stage, uint64_t *next)
{
    struct sim_job *job = take_first(stage), *waiting = sim_pop(&stage->waiting);
    stage->spent += job->demand;
    if (waiting)
        start(stage, waiting, job->at);
    *next = stage->working ? stage->busy[0]->at : UINT64_MAX;
    return job;
}

/* The natural logarithm, by what IEEE 754 fixes to the last bit: a C library's own differs from machine to machine, and
 * a seed would not give the same run. For x = 2^e (1 + s) / (1 - s): 2 (s + s^3 / 3 + s^5 / 5 ...), s below 0.172. */
static double log_of(double x)
{
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int k = 23; k > 1; k -= 2)
        sum = (sum + 1.0 / k) * square;
    return e * 0.69314718055994531 + 2 * (s + s * sum);
}

uint64_t sim_exponential(uint64_t *state, uint64_t mean)
{
    return sim_ps(-log_of(sim_uniform(state)) * (double)mean);
}
