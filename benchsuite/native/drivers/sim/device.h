/* The simulated device: rings, bus, units, completion and interrupts, as events in virtual time. It knows
 * nothing of threads, clocks or bytes: its owner says what time it is. */
#ifndef BS_SIM_DEVICE_H
#define BS_SIM_DEVICE_H

#include "stage.h"

/* What can be the next to happen. */
enum sim_source {
    SIM_ARRIVING, /* the doorbell has been heard, and the way to the device is over */
    SIM_BUS,      /* a transfer ends; full duplex: one towards the device */
    SIM_BUS_BACK, /* full duplex: one towards the host */
    SIM_UNITS,
    SIM_RETURNING,
    SIM_SERIAL,
    SIM_LATENESS,
    SIM_INTERRUPTS,
    SIM_SOURCES,
};

struct sim_ring {
    uint32_t number, used, pending; /* pending: finished, not collected */
    uint32_t alive;                 /* will be finished */
    int raised;                     /* has interrupted, and is not armed again */
    struct sim_job *jobs, *unused;
    struct sim_queue held, finished;
    struct sim_job *oldest, *newest; /* in order of submission */
    struct sim_job *overtaken;
    uint64_t due, raised_at; /* when it interrupts, and has */
    struct sim_ring *next_raised;
};

struct sim_device {
    struct sim_model model;
    uint64_t now;
    uint64_t due[SIM_SOURCES];
    uint64_t soonest; /* none of them is earlier */
    struct sim_queue arriving, returning, late;
    struct sim_stage bus, bus_back, units, serial;
    struct sim_ring *rings, *raised, *last_raised;
    uint32_t rings_open, sessions_open;
    uint64_t *unit_free;    /* SIM_SYNC: when each unit is */
    uint64_t random, times; /* of faults and sessions, and of exponential times */
    uint32_t storm;         /* offers still to be refused */
    int faulty;

    /* of the size that was asked for last */
    uint64_t size, service, transfer;
    double slower, missing; /* by the sessions: a factor, and the chance to reload one */

    uint64_t submitted, collected, doorbells, interrupts, misses, backwards, events;
    uint64_t faults[BS_SIM_FAULT_KINDS];
    uint64_t inside, last_account;
    double area, sojourn; /* ps x requests, and ps */
};

/* A time as it is this once. */
static inline uint64_t sim_drawn(struct sim_device *device, uint64_t mean)
{
    return device->model.exponential ? sim_exponential(&device->times, mean) : mean;
}

/* 0 or -ENOMEM. now: any beginning but 0. */
int sim_device_open(struct sim_device *device, const struct sim_model *model, uint64_t now);
void sim_device_close(struct sim_device *device);

/* One more session of the device's, on the next ring. 0, or -errno and a sentence. */
int sim_device_add_session(struct sim_device *device, uint32_t *ring, char *text, size_t text_size);
void sim_device_remove_session(struct sim_device *device);

/* A request at *now, which moves on by what it costs the CPU. NULL: BUSY. */
struct sim_job *sim_device_submit(struct sim_device *device, uint32_t ring, void *session,
                                  bs_request *request, int more, uint64_t *now);
/* SIM_SYNC: the same, waited for. 0: BUSY. *status: the request's. */
int sim_device_serve(struct sim_device *device, uint32_t size, uint64_t *now, int32_t *status);

struct sim_ring *sim_device_raised(
    struct sim_device *device); /* the next one that has interrupted, or NULL */

/* Of a ring that has interrupted: its first finished request, or NULL. Taking it leaves its entry in use until
 * sim_device_release. */
struct sim_job *sim_device_finished(const struct sim_ring *ring);
struct sim_job *sim_device_take(struct sim_device *device, struct sim_ring *ring);
void sim_device_release(struct sim_device *device, struct sim_job *job, uint64_t now);

void sim_device_tell(const struct sim_device *device, bs_simulation *simulation);

/* flow.c. When something happens next; what happens until then; and a ring of which nothing is finished any more may
 * interrupt again. */
uint64_t sim_device_next(const struct sim_device *device);
void sim_device_advance(struct sim_device *device, uint64_t until); /* but stops after an interrupt */
void sim_device_rearm(struct sim_device *device, struct sim_ring *ring);

/* faults.c. Of a request that is offered: 1 when it is refused. Of one that is taken: what becomes of it.
 * facts: what has become of all, as further lines of `text`. */
int sim_faults_refuse(struct sim_device *device);
void sim_faults_decide(struct sim_device *device, struct sim_job *job);
void sim_faults_facts(const struct sim_device *device, char *text, size_t text_size);

#endif
