/* What a device is made of: requests in it, queues, and stages where they are served. */
#ifndef BS_SIM_STAGE_H
#define BS_SIM_STAGE_H

#include "random.h"
#include "sim.h"

enum sim_fate { SIM_WELL, SIM_LOST, SIM_HUNG, SIM_LATE, SIM_OVERTAKEN };

/* One entry of a ring. */
struct sim_job {
    struct sim_job *next;  /* in the queue it is in */
    struct sim_job *after; /* in order of submission (in_order) */
    struct sim_job *to_do; /* realtime.c: whose bytes are computed next */
    bs_request *request;
    void *session;
    struct sim_ring *ring;
    uint64_t number; /* of the device's requests */
    uint64_t submitted;
    uint64_t at;       /* when it leaves where it is */
    uint64_t demand;   /* of the server it is with, or will be */
    uint64_t transfer; /* on the bus, each way */
    uint64_t service;  /* in the unit */
    int32_t status;
    uint8_t fate; /* enum sim_fate */
    uint8_t twice, wrong;
    uint8_t outbound, done, ready, computed, late;
};

struct sim_queue {
    struct sim_job *first, *last;
};

static inline void sim_push(struct sim_queue *queue, struct sim_job *job)
{
    job->next = NULL;
    if (queue->first)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
}

static inline struct sim_job *sim_pop(struct sim_queue *queue)
{
    struct sim_job *job = queue->first;
    if (job)
        queue->first = job->next;
    return job;
}

/* Servers behind one queue, first come first served. `busy`: those at work, a heap by the time each ends. */
struct sim_stage {
    uint32_t servers, working;
    struct sim_job **busy;
    struct sim_queue waiting;
    uint64_t spent; /* by all servers, on what has left */
};

int sim_stage_open(struct sim_stage *stage, uint32_t servers); /* 0 or -ENOMEM */
void sim_stage_close(struct sim_stage *stage);
/* job->demand is what it needs. Returns when the next one leaves. */
uint64_t sim_stage_enter(struct sim_stage *stage, struct sim_job *job, uint64_t now);
struct sim_job *sim_stage_leave(struct sim_stage *stage, uint64_t *next); /* the first to be done */

/* In (0, 1]. */
static inline double sim_uniform(uint64_t *state)
{
    return ((double)(bs_random(state) >> 11) + 1) * 0x1p-53;
}

/* To the nearest; what is beyond eleven days is eleven days. */
static inline uint64_t sim_ps(double time)
{
    return time < 1e18 ? (uint64_t)(time + 0.5) : (uint64_t)1e18;
}

uint64_t sim_exponential(uint64_t *state, uint64_t mean);

#endif
