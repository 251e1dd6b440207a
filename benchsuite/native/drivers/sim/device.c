#include "device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- opening ---- */

/* Beyond the table: the unit loads a session for a request whose own is not there, or everything is slower. */
static void sessions_changed(struct sim_device *device)
{
    const struct sim_model *m = &device->model;
    uint64_t sessions = device->sessions_open > m->sessions ? device->sessions_open : m->sessions;
    double beyond = (double)sessions - (double)m->session_limit;
    int overflow = m->session_limit && beyond > 0;
    device->slower = overflow && m->beyond == SIM_SLOW ? 1 + m->slowdown * beyond / (double)m->session_limit
                                                       : 1;
    device->missing = overflow && m->beyond == SIM_EVICT ? beyond / (double)sessions : 0;
    device->size = NEVER; /* nothing is known of any size */
}

int sim_device_open(struct sim_device *device, const struct sim_model *model, uint64_t now)
{
    memset(device, 0, sizeof *device);
    device->model = *model;
    device->now = device->last_account = now;
    for (int i = 0; i < SIM_SOURCES; i++)
        device->due[i] = NEVER;
    device->random = model->seed;
    device->times = model->seed ^ 0x5DEECE66Du;
    const struct sim_faults *f = &model->faults;
    device->faulty = f->busy > 0 || f->error > 0 || f->wrong > 0 || f->lost > 0 || f->late > 0 ||
                     f->duplicate > 0 || f->reorder > 0 || f->hang_after;
    device->rings = calloc(model->rings, sizeof *device->rings);
    device->unit_free = calloc(model->units, sizeof *device->unit_free);
    if (!device->rings || !device->unit_free || sim_stage_open(&device->bus, 1) ||
        sim_stage_open(&device->bus_back, 1) || sim_stage_open(&device->serial, 1) ||
        sim_stage_open(&device->units, (uint32_t)model->units)) {
        sim_device_close(device);
        return -ENOMEM;
    }
    sessions_changed(device);
    return 0;
}

void sim_device_close(struct sim_device *device)
{
    for (uint32_t i = 0; i < device->rings_open; i++)
        free(device->rings[i].jobs);
    free(device->rings);
    free(device->unit_free);
    sim_stage_close(&device->bus);
    sim_stage_close(&device->bus_back);
    sim_stage_close(&device->units);
    sim_stage_close(&device->serial);
}

static int open_ring(struct sim_device *device, struct sim_ring *ring, uint32_t number)
{
    uint64_t depth = device->model.mode == SIM_SYNC ? 1 : device->model.depth;
    ring->jobs = calloc(depth, sizeof *ring->jobs);
    if (!ring->jobs)
        return -ENOMEM;
    ring->number = number;
    ring->due = NEVER;
    for (uint64_t i = depth; i-- > 0;) {
        ring->jobs[i].ring = ring;
        ring->jobs[i].next = ring->unused;
        ring->unused = &ring->jobs[i];
    }
    return 0;
}

int sim_device_add_session(struct sim_device *device, uint32_t *ring, char *text, size_t text_size)
{
    const struct sim_model *m = &device->model;
    uint64_t open = device->sessions_open + 1, sessions = open > m->sessions ? open : m->sessions;
    if (m->session_limit && m->beyond == SIM_REFUSE && sessions > m->session_limit)
        return bs_say(text, text_size, -ENOSPC,
                      "the session table of %s is full: it holds %llu, and %llu are asked for", m->device,
                      (unsigned long long)m->session_limit, (unsigned long long)sessions);
    *ring = device->sessions_open % (uint32_t)m->rings;
    if (*ring >= device->rings_open) {
        if (open_ring(device, &device->rings[*ring], *ring))
            return bs_say(text, text_size, -ENOMEM, "out of memory");
        device->rings_open = *ring + 1;
    }
    device->sessions_open++;
    sessions_changed(device);
    return 0;
}

void sim_device_remove_session(struct sim_device *device)
{
    device->sessions_open--;
    sessions_changed(device);
}

/* ---- what a request needs ---- */

static uint64_t unit_time(struct sim_device *device, uint64_t size)
{
    const struct sim_model *m = &device->model;
    if (size != device->size) {
        device->size = size;
        device->service = sim_ps(((double)m->setup + m->per_byte * (double)size) * device->slower);
        device->transfer = sim_ps(m->bus_per_byte * m->crossings / 2 * (double)size);
    }
    if (device->missing > 0 && sim_uniform(&device->random) <= device->missing) {
        device->misses++;
        return device->service + m->reload;
    }
    return device->service;
}

/* Requests inside, over time. The host's CPUs may be a little apart: what one takes back the other adds. */
static void account(struct sim_device *device, uint64_t now)
{
    device->area += (double)device->inside * ((double)now - (double)device->last_account);
    device->last_account = now;
}

/* ---- submission ---- */

static void kick(struct sim_device *device, struct sim_ring *ring, uint64_t at)
{
    struct sim_job *job;
    at = later(at, device->now) + device->model.bus_latency;
    if (device->arriving.first)
        at = later(at, device->arriving.last->at); /* two CPUs, one doorbell after the other */
    if (!ring->held.first)
        return;
    device->doorbells++;
    while ((job = sim_pop(&ring->held))) {
        job->at = at;
        if (job->fate != SIM_HUNG)
            sim_push(&device->arriving, job);
    }
    device->due[SIM_ARRIVING] = device->arriving.first ? device->arriving.first->at : NEVER;
    if (device->due[SIM_ARRIVING] < device->soonest)
        device->soonest = device->due[SIM_ARRIVING];
}

static void in_line(struct sim_ring *ring, struct sim_job *job)
{
    job->after = NULL;
    if (ring->oldest)
        ring->newest->after = job;
    else
        ring->oldest = job;
    ring->newest = job;
}

struct sim_job *sim_device_submit(struct sim_device *device, uint32_t number, void *session,
                                  bs_request *request, int more, uint64_t *now)
{
    const struct sim_model *m = &device->model;
    struct sim_ring *ring = &device->rings[number];
    struct sim_job *job = ring->unused;
    *now += m->submit;
    if (!job || (device->faulty && sim_faults_refuse(device))) {
        if (ring->held.first)
            kick(device, ring, *now += m->doorbell);
        return NULL;
    }
    ring->unused = job->next;
    ring->used++;
    account(device, *now);
    device->inside++;
    job->number = ++device->submitted;
    job->request = request;
    job->session = session;
    job->submitted = *now;
    job->service = unit_time(device, request->size);
    job->transfer = device->transfer;
    job->status = 0;
    job->fate = SIM_WELL;
    job->twice = job->wrong = job->outbound = job->done = job->ready = job->computed = job->late = 0;
    if (device->faulty)
        sim_faults_decide(device, job);
    ring->alive += job->fate != SIM_LOST && job->fate != SIM_HUNG;
    if (m->in_order)
        in_line(ring, job);
    sim_push(&ring->held, job);
    if (!more)
        kick(device, ring, *now += m->doorbell);
    return job;
}

int sim_device_serve(struct sim_device *device, uint32_t size, uint64_t *now, int32_t *status)
{
    uint64_t *unit = device->unit_free;
    struct sim_job fate = {0};
    *now += device->model.submit;
    if (device->faulty && sim_faults_refuse(device))
        return 0;
    for (uint64_t i = 1; i < device->model.units; i++)
        if (device->unit_free[i] < *unit)
            unit = &device->unit_free[i];
    uint64_t begin = later(*now, *unit), demand = sim_drawn(device, unit_time(device, size));
    device->submitted++;
    device->collected++;
    device->events++;
    device->units.spent += demand;
    *unit = begin + demand;
    device->area += (double)(*unit - *now);
    device->sojourn += (double)(*unit - *now);
    *now = *unit;
    if (device->faulty)
        sim_faults_decide(device, &fate);
    *status = fate.status;
    return 1;
}

/* ---- the host's side ---- */

struct sim_ring *sim_device_raised(struct sim_device *device)
{
    struct sim_ring *ring = device->raised;
    if (ring)
        device->raised = ring->next_raised;
    return ring;
}

struct sim_job *sim_device_finished(const struct sim_ring *ring)
{
    return ring->raised ? ring->finished.first : NULL;
}

struct sim_job *sim_device_take(struct sim_device *device, struct sim_ring *ring)
{
    (void)device;
    ring->pending--;
    return sim_pop(&ring->finished);
}

void sim_device_release(struct sim_device *device, struct sim_job *job, uint64_t now)
{
    struct sim_ring *ring = job->ring;
    account(device, now);
    device->inside--;
    device->collected++;
    device->sojourn += (double)now - (double)job->submitted;
    ring->used--;
    job->next = ring->unused;
    ring->unused = job;
}

void sim_device_tell(const struct sim_device *device, bs_simulation *simulation)
{
    simulation->units = (uint32_t)device->model.units;
    simulation->buses = device->model.full_duplex ? 2 : 1;
    simulation->unit_ns = (double)device->units.spent / 1e3;
    simulation->bus_ns = (double)(device->bus.spent + device->bus_back.spent) / 1e3;
    simulation->serial_ns = (double)device->serial.spent / 1e3;
    simulation->area_ns = device->area / 1e3;
    simulation->sojourn_ns = device->sojourn / 1e3;
    simulation->submitted = device->submitted;
    simulation->collected = device->collected;
    simulation->doorbells = device->doorbells;
    simulation->interrupts = device->interrupts;
    simulation->misses = device->misses;
    simulation->backwards += device->backwards;
    simulation->events = device->events;
    memcpy(simulation->faults, device->faults, sizeof simulation->faults);
}
