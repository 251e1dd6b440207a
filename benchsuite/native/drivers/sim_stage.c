#include "sim_stage.h"

#include <errno.h>
#include <math.h>
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

uint64_t sim_exponential(uint64_t *state, uint64_t mean)
{
    return (uint64_t)(-log(sim_uniform(state)) * (double)mean + 0.5);
}
