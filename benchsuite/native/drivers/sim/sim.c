/* sim: a simulated device on the virtual clock. No byte is touched: only times are made here, and
 * realtime.c does the work of the same devices for real. */
#include "device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtual.h"

enum { BEGIN = 1000000000 }; /* ps; 0 would mean "never" to some */

/* Shared by the sessions of an engine. */
struct machine {
    struct bs_machine shown; /* first: what the executor has is this */
    struct sim_device device;
    uint32_t sessions;
};

struct session {
    struct machine *machine;
    uint32_t ring;
    void *owner;
};

/* ---- the machine ---- */

static int machine_advance(struct bs_machine *shown, uint64_t until)
{
    struct sim_device *device = &((struct machine *)shown)->device;
    sim_device_advance(device, until);
    return device->raised != NULL;
}

static int machine_interrupt(struct bs_machine *shown, uint32_t *ring, uint64_t *at)
{
    struct sim_ring *raised = sim_device_raised(&((struct machine *)shown)->device);
    if (!raised)
        return 0;
    *ring = raised->number;
    *at = raised->raised_at;
    return 1;
}

static void *machine_finished(const struct bs_machine *shown, uint32_t ring)
{
    const struct sim_job *job = sim_device_finished(&((const struct machine *)shown)->device.rings[ring]);
    return job ? ((struct session *)job->session)->owner : NULL;
}

static void machine_rearm(struct bs_machine *shown, uint32_t ring)
{
    struct sim_device *device = &((struct machine *)shown)->device;
    sim_device_rearm(device, &device->rings[ring]);
}

static void machine_tell(const struct bs_machine *shown, bs_simulation *simulation)
{
    sim_device_tell(&((const struct machine *)shown)->device, simulation);
}

static uint64_t machine_worked(const struct bs_machine *shown)
{
    const struct sim_device *device = &((const struct machine *)shown)->device;
    return device->model.unit_cpus ? device->units.spent : 0;
}

static struct machine *new_machine(const struct sim_model *m)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return NULL;
    if (sim_device_open(&machine->device, m, BEGIN)) {
        free(machine);
        return NULL;
    }
    machine->shown = (struct bs_machine){
        .now = BEGIN,
        .host = {.cpus = (uint32_t)m->cpus,
                 .dispatch = m->dispatch,
                 .callback = m->callback,
                 .interrupt = m->interrupt,
                 .completion = m->completion,
                 .wake_dispatcher = m->wake_dispatcher,
                 .wake_callback = m->wake_callback},
        .rings = (uint32_t)m->rings,
        .period = m->mode == SIM_POLL ? m->period : 0,
        .advance = machine_advance,
        .interrupt = machine_interrupt,
        .finished = machine_finished,
        .rearm = machine_rearm,
        .tell = machine_tell,
        .worked = machine_worked,
    };
    return machine;
}

static void leave_machine(struct machine *machine)
{
    sim_device_remove_session(&machine->device);
    if (--machine->sessions)
        return;
    sim_device_close(&machine->device);
    free(machine);
}

/* ---- sessions ---- */

static int sim_version(const char *setting, char *text, size_t text_size)
{
    struct sim_model model;
    int error = sim_model_read(&model, setting, text, text_size);
    return error ? error : bs_say(text, text_size, 0, "simulated %s, on a virtual clock", model.title);
}

static int sim_probe(const bs_params *params, char *text, size_t text_size)
{
    struct sim_model model;
    int error = sim_model_read(&model, params->setting, text, text_size);
    return error ? error
                 : BS_PREFER_SOFTWARE; /* nobody should be given a simulation who has not asked for it */
}

static int enter(struct session *session, struct machine *machine, char *text, size_t text_size)
{
    int error = sim_device_add_session(&machine->device, &session->ring, text, text_size);
    if (error)
        return error;
    machine->sessions++;
    session->machine = machine;
    return 0;
}

static int sim_newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct sim_model model;
    int error = sim_model_read(&model, params->setting, text, text_size);
    if (error)
        return error;
    struct machine *machine = new_machine(&model);
    if (!machine)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    error = enter(state, machine, text, text_size);
    if (error) {
        sim_device_close(&machine->device);
        free(machine);
    }
    return error;
}

static int sim_join(void *state, void *other, char *text, size_t text_size)
{
    struct session *session = state;
    struct machine *own = session->machine;
    int error = enter(session, ((struct session *)other)->machine, text, text_size);
    if (!error)
        leave_machine(own);
    return error;
}

static struct bs_machine *sim_machine(void *state)
{
    return &((struct session *)state)->machine->shown;
}

static void sim_own(void *state, void *owner)
{
    ((struct session *)state)->owner = owner;
}

static void sim_freesession(void *state)
{
    leave_machine(((struct session *)state)->machine);
}

static void sim_facts(const void *state, char *text, size_t text_size)
{
    const struct session *session = state;
    sim_model_facts(&session->machine->device.model, "virtual", text, text_size);
    sim_faults_facts(&session->machine->device, text, text_size);
}

/* ---- requests ---- */

static enum bs_outcome sim_process(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    struct sim_device *device = &session->machine->device;
    uint64_t *now = &session->machine->shown.now;
    if (device->model.mode == SIM_SYNC)
        return sim_device_serve(device, request->size, now, &request->status) ? BS_COMPLETED : BS_BUSY;
    return sim_device_submit(device, session->ring, session, request, hints & BS_HINT_MORE, now) ? BS_QUEUED
                                                                                                 : BS_BUSY;
}

/* By hand, without an executor: time passes here, up to wait_ns. */
static void pass_time(struct machine *machine, struct sim_ring *ring, uint64_t wait_ns)
{
    struct sim_device *device = &machine->device;
    uint64_t until = machine->shown.now +
                     (wait_ns < UINT32_MAX * 1000ull ? wait_ns : UINT32_MAX * 1000ull) * 1000;
    if (ring->raised && !ring->finished.first)
        sim_device_rearm(device, ring);
    while (!sim_device_finished(ring) && sim_device_next(device) <= until) {
        sim_device_advance(device, until);
        while (sim_device_raised(device))
            ;
    }
    if (device->now > machine->shown.now)
        machine->shown.now = device->now;
    if (!sim_device_finished(ring))
        machine->shown.now = until;
}

static int sim_poll(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *session = state;
    struct machine *machine = session->machine;
    struct sim_ring *ring = &machine->device.rings[session->ring];
    if (wait_ns)
        pass_time(machine, ring, wait_ns);
    struct sim_job *job = sim_device_finished(ring);
    if (!job || job->session != session)
        return 0;
    int n = 0;
    done[n++] = job->request;
    job->request->status = job->status;
    if (job->twice && max > 1) {
        done[n++] = job->request;
        job->twice = 0;
    }
    if (job->twice) {
        job->twice = 0; /* once more, next time */
        return n;
    }
    sim_device_release(&machine->device, sim_device_take(&machine->device, ring), machine->shown.now);
    return n;
}

static const struct bs_virtual on_virtual_clock = {sim_machine, sim_join, sim_own};

const struct bs_driver bs_sim_driver = {
    .name = "sim",
    .names = "",
    .backend = "sim",
    .about =
        "a simulated device: sim:DEVICE[,clock=real][,KEY=VALUE...], DEVICE of `benchsuite list devices` "
        "or a TOML file",
    .flags = BS_FLAG_NOP | BS_FLAG_VIRTUAL,
    .session_size = sizeof(struct session),
    .version = sim_version,
    .probe = sim_probe,
    .newsession = sim_newsession,
    .process = sim_process,
    .poll = sim_poll,
    .facts = sim_facts,
    .freesession = sim_freesession,
    .virtual_clock = &on_virtual_clock,
};
