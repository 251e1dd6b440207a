/* The way of a request through the device, and back to its host: one event after the other. */
#include "device.h"

#define NEVER UINT64_MAX

/* ---- completion ---- */

static void interrupt_at(struct sim_device *device, struct sim_ring *ring, uint64_t at)
{
    ring->due = at;
    uint64_t first = NEVER;
    for (uint32_t i = 0; i < device->rings_open; i++)
        first = device->rings[i].due < first ? device->rings[i].due : first;
    device->due[SIM_INTERRUPTS] = first;
    device->soonest = first < device->soonest ? first : device->soonest;
}

/* A completion more: now, soon, or when more have come. */
static void call_host(struct sim_device *device, struct sim_ring *ring)
{
    const struct sim_model *m = &device->model;
    uint64_t at;
    if (m->mode == SIM_POLL)
        at = (device->now + m->period - 1) / m->period * m->period;
    else if (ring->pending >= m->coalesce)
        at = device->now + m->interrupt_latency;
    else
        at = device->now + m->coalesce_time + m->interrupt_latency;
    if (!ring->raised && at < ring->due)
        interrupt_at(device, ring, at);
}

void sim_device_rearm(struct sim_device *device, struct sim_ring *ring)
{
    ring->raised = 0;
    if (ring->pending)
        call_host(device, ring);
}

static void deliver(struct sim_device *device, struct sim_job *job)
{
    struct sim_ring *ring = job->ring;
    ring->alive--;
    ring->pending++;
    sim_push(&ring->finished, job);
    call_host(device, ring);
}

static void complete(struct sim_device *device, struct sim_job *job)
{
    struct sim_ring *ring = job->ring;
    if (job->fate == SIM_LATE && !job->ready) {
        job->ready = 1;
        job->at = device->now + device->model.faults.late_by;
        sim_push(&device->late, job);
        device->due[SIM_LATENESS] = device->late.first->at;
        return;
    }
    if (job->fate == SIM_OVERTAKEN && !ring->overtaken && ring->alive > 1) {
        ring->overtaken = job;
        return;
    }
    deliver(device, job);
    if (ring->overtaken) {
        device->faults[BS_SIM_REORDER]++;
        deliver(device, ring->overtaken);
        ring->overtaken = NULL;
    }
}

static void one_by_one(struct sim_device *device, struct sim_job *job)
{
    if (!device->model.serial) {
        complete(device, job);
        return;
    }
    job->demand = sim_drawn(device, device->model.serial);
    device->due[SIM_SERIAL] = sim_stage_enter(&device->serial, job, device->now);
}

static void back_in_host(struct sim_device *device, struct sim_job *job)
{
    struct sim_ring *ring = job->ring;
    if (job->fate == SIM_LOST)
        return;
    if (!device->model.in_order) {
        one_by_one(device, job);
        return;
    }
    job->done = 1;
    while (ring->oldest && ring->oldest->done) {
        struct sim_job *first = ring->oldest;
        ring->oldest = first->after;
        one_by_one(device, first);
    }
}

/* ---- the way through the device ---- */

static void leave_device(struct sim_device *device, struct sim_job *job)
{
    if (!device->model.bus_latency) {
        back_in_host(device, job);
        return;
    }
    job->at = device->now + device->model.bus_latency;
    sim_push(&device->returning, job);
    device->due[SIM_RETURNING] = device->returning.first->at;
}

static void enter_bus(struct sim_device *device, struct sim_job *job)
{
    int back = job->outbound && device->model.full_duplex;
    struct sim_stage *bus = back ? &device->bus_back : &device->bus;
    job->demand = sim_drawn(device, job->transfer);
    device->due[back ? SIM_BUS_BACK : SIM_BUS] = sim_stage_enter(bus, job, device->now);
}

static void enter_unit(struct sim_device *device, struct sim_job *job)
{
    job->demand = sim_drawn(device, job->service);
    device->due[SIM_UNITS] = sim_stage_enter(&device->units, job, device->now);
}

static void leave_unit(struct sim_device *device, struct sim_job *job)
{
    job->outbound = 1;
    if (job->transfer)
        enter_bus(device, job);
    else
        leave_device(device, job);
}

static void leave_bus(struct sim_device *device, struct sim_job *job)
{
    if (job->outbound)
        leave_device(device, job);
    else
        enter_unit(device, job);
}

static struct sim_job *next_of(struct sim_device *device, struct sim_queue *queue, enum sim_source source)
{
    struct sim_job *job = sim_pop(queue);
    device->due[source] = queue->first ? queue->first->at : NEVER;
    return job;
}

static void arrive(struct sim_device *device)
{
    struct sim_job *job = next_of(device, &device->arriving, SIM_ARRIVING);
    if (job->transfer)
        enter_bus(device, job);
    else
        enter_unit(device, job);
}

static void raise_interrupts(struct sim_device *device)
{
    for (uint32_t i = 0; i < device->rings_open; i++) {
        struct sim_ring *ring = &device->rings[i];
        if (ring->due > device->now)
            continue;
        ring->raised = 1;
        ring->raised_at = device->now;
        ring->next_raised = NULL;
        if (device->raised)
            device->last_raised->next_raised = ring;
        else
            device->raised = ring;
        device->last_raised = ring;
        device->interrupts++;
        interrupt_at(device, ring, NEVER);
    }
}

static void happen(struct sim_device *device, enum sim_source source)
{
    switch (source) {
    case SIM_ARRIVING:
        arrive(device);
        break;
    case SIM_BUS:
        leave_bus(device, sim_stage_leave(&device->bus, &device->due[SIM_BUS]));
        break;
    case SIM_BUS_BACK:
        leave_bus(device, sim_stage_leave(&device->bus_back, &device->due[SIM_BUS_BACK]));
        break;
    case SIM_UNITS:
        leave_unit(device, sim_stage_leave(&device->units, &device->due[SIM_UNITS]));
        break;
    case SIM_RETURNING:
        back_in_host(device, next_of(device, &device->returning, SIM_RETURNING));
        break;
    case SIM_SERIAL:
        complete(device, sim_stage_leave(&device->serial, &device->due[SIM_SERIAL]));
        break;
    case SIM_LATENESS:
        complete(device, next_of(device, &device->late, SIM_LATENESS));
        break;
    case SIM_INTERRUPTS:
    case SIM_SOURCES:
        raise_interrupts(device);
        break;
    }
}

static enum sim_source first_of(const struct sim_device *device)
{
    enum sim_source first = SIM_ARRIVING;
    for (int i = 1; i < SIM_SOURCES; i++)
        if (device->due[i] < device->due[first])
            first = (enum sim_source)i;
    return first;
}

uint64_t sim_device_next(const struct sim_device *device)
{
    return device->due[first_of(device)];
}

void sim_device_advance(struct sim_device *device, uint64_t until)
{
    while (device->soonest <= until && !device->raised) {
        enum sim_source source = first_of(device);
        uint64_t at = device->soonest = device->due[source];
        if (at > until || at == NEVER)
            return;
        device->backwards += at < device->now;
        device->now = at > device->now ? at : device->now;
        device->events++;
        happen(device, source);
    }
}
