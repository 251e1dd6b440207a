/* The queues on a virtual clock: the same ocf.c and loop.c as on threads, with a modelled host (virtual_host.c)
 * and a device (the driver's) that both live from event to event. Nothing is measured, nothing sleeps, and the
 * same seed gives the same run.
 *
 * A context works in steps. What a step costs passes first, then its effect takes place, so that everybody
 * sees the effects in the order of time. Only what the driver's process costs is known afterwards: it moves
 * machine->now on, and the context goes on from there. */
#include <errno.h>
#include <stdlib.h>

#include "log.h"
#include "virtual_world.h"

static const uint64_t LONGEST_NS = 1000000000000; /* of patience */

static uint64_t sum(const uint64_t *numbers)
{
    uint64_t all = 0;
    for (int i = 0; i < HOST_ROLES; i++)
        all += numbers[i];
    return all;
}

static void take_interrupts(struct bs_world *world)
{
    struct bs_machine *machine = world->machine;
    uint64_t at;
    uint32_t ring;
    while (machine->interrupt(machine, &ring, &at)) {
        if (at > world->now)
            world->now = at;
        world->interrupts++;
        struct host_context *interrupts = &world->contexts[world->engine->load.workers * HOST_INTERRUPT];
        host_wake(&world->host, &interrupts[ring], at, world->now);
    }
}

/* What comes next, happens. 0: nothing does, or not before the engine's patience ends. */
static int step(struct bs_world *world)
{
    struct host_context **cpu = host_soonest(&world->host);
    uint64_t end = cpu ? (*cpu)->end : BS_NEVER;
    uint64_t limit = world->progress + world->patience;
    if (end < limit)
        limit = end;
    if (world->next_retry < limit)
        limit = world->next_retry;
    if (world->machine->advance(world->machine, limit)) {
        take_interrupts(world);
        return 1;
    }
    if (end == limit) {
        world_go_on(world, cpu);
        return 1;
    }
    if (world->next_retry == limit) {
        world_ask_again(world);
        return 1;
    }
    return 0;
}

/* What is left: threads that go to sleep, and completions that should not be. */
static void drain(struct bs_world *world)
{
    world->draining = 1;
    while (step(world))
        world->progress = world->now;
    world->draining = 0;
}

/* A host that looks for completions does so whether there are some or not, when it has nothing better to do. */
static void look_in_vain(struct bs_world *world, uint64_t begin, uint64_t end)
{
    const struct bs_machine *machine = world->machine;
    if (!machine->period)
        return;
    uint64_t looks = end / machine->period - begin / machine->period;
    uint64_t cost = (looks > world->interrupts ? looks - world->interrupts : 0) * machine->host.interrupt;
    uint64_t idle = (end - begin) * machine->host.cpus - (sum(world->spent) - world->spent_before);
    world->spent[HOST_INTERRUPT] += cost < idle ? cost : idle;
    world->collecting += cost < idle ? cost : idle;
}

/* Of the run that has ended. Whose completion an interrupt was for is not told apart. */
static void note_collecting(bs_engine *engine, uint64_t before)
{
    struct bs_polled_time *first = &engine->workers[0].polled;
    first->poll_ns += (double)(engine->world->collecting - before) / 1e3;
    first->cpu_ns = first->poll_ns;
    for (uint32_t i = 0; i < engine->load.workers; i++)
        engine->workers[i].polled.wall_ns += (double)(engine->workers[i].end_ns -
                                                      engine->workers[i].begin_ns);
}

static void give_up(struct bs_engine *engine)
{
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        struct bs_worker *worker = &engine->workers[i];
        if (worker->end_ns)
            continue;
        worker->status = -ETIMEDOUT;
        worker->end_ns = engine->world->now / 1000;
        engine->lost = 1;
    }
}

static void run_all(bs_engine *engine)
{
    struct bs_world *world = engine->world;
    uint64_t begin = world->now = world->machine->now, collecting = world->collecting;
    world->progress = begin;
    world->interrupts = 0;
    world->busy_workers = engine->load.workers;
    world->spent_before = sum(world->spent);
    world->consumed_before = world->consumed;
    world->worked_before = world->machine->worked(world->machine);
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        bs_log_begin(&engine->workers[i], begin);
        world_start(world, &engine->workers[i]);
    }
    while (world->busy_workers && step(world))
        ;
    uint64_t end = world->now;
    world->elapsed += end - begin;
    look_in_vain(world, begin, end);
    if (world->busy_workers)
        give_up(engine);
    else
        drain(world);
    for (uint32_t i = 0; i < engine->load.workers; i++)
        bs_loop_finish(engine->workers[i].loop);
    for (uint32_t i = 0; i < engine->load.workers; i++)
        bs_log_end(&engine->workers[i], end, engine->workers[i].performed);
    bs_log_run_over(engine);
    note_collecting(engine, collecting);
    if (world->machine->now < world->now)
        world->machine->now = world->now;
}

/* The consumer's callbacks are the user's part, the rest of the host's work the system's. */
static void cpu_time(bs_engine *engine, bs_value *value)
{
    struct bs_world *world = engine->world;
    uint64_t user = world->consumed - world->consumed_before;
    value->user_ns = user / 1000;
    uint64_t worked = world->machine->worked(world->machine) - world->worked_before;
    value->system_ns = (sum(world->spent) - world->spent_before - user + worked) / 1000;
}

/* A host that looks for completions has its looks in vain counted at the end of a run. */
static uint64_t log_begins(bs_engine *engine, int *tells_cpu)
{
    *tells_cpu = !engine->world->machine->period;
    return engine->world->machine->now;
}

/* ---- opening and closing ---- */

static int open_world(bs_engine *engine, struct bs_machine *machine)
{
    struct bs_world *world = calloc(1, sizeof *world);
    uint32_t workers = engine->load.workers, contexts = workers * HOST_INTERRUPT + machine->rings;
    engine->world = world;
    if (!world)
        return -ENOMEM;
    world->engine = engine;
    world->machine = machine;
    world->patience = engine->load.stall_ns < LONGEST_NS ? engine->load.stall_ns * 1000 : LONGEST_NS * 1000;
    world->contexts = calloc(contexts, sizeof *world->contexts);
    world->retry = malloc(workers * sizeof *world->retry);
    if (host_open(&world->host, &machine->host, contexts) || !world->contexts || !world->retry)
        return -ENOMEM;
    for (uint32_t i = 0; i < contexts; i++) {
        struct host_context *c = &world->contexts[i];
        int thread = i < workers * HOST_INTERRUPT;
        c->role = thread ? (enum host_role)(i % HOST_INTERRUPT) : HOST_INTERRUPT;
        c->worker = thread ? &engine->workers[i / HOST_INTERRUPT] : NULL;
        c->ring = thread ? 0 : i - workers * HOST_INTERRUPT;
    }
    memset(world->retry, 0xff, workers * sizeof *world->retry);
    world->next_retry = BS_NEVER;
    return 0;
}

static int open_virtual(struct bs_worker *worker)
{
    bs_engine *engine = worker->engine;
    const struct bs_virtual *driver = engine->driver->virtual_clock;
    struct bs_machine *machine = driver->machine(worker->sessions[0]->state);
    int error = worker->index ? 0 : open_world(engine, machine);
    if (!error)
        error = bs_loop_open(worker, world_wake);
    if (error)
        return error;
    for (uint32_t i = 0; i < engine->load.sessions; i++)
        driver->own(worker->sessions[i]->state, worker->sessions[i]);
    worker->sample_mask = 0; /* time-stamps cost nothing */
    worker->loop->defer = 1;
    worker->loop->ocf.clock = &engine->world->machine->now;
    engine->world->callback = worker->loop->ocf.callback;
    worker->loop->ocf.callback = world_callback;
    return 0;
}

static void add_counters(struct bs_worker *worker, bs_counters *into)
{
    bs_loop_add_counters(worker, into);
    if (worker->index == 0)
        into->wakeups += worker->engine->world->wakeups;
}

static void close_virtual(struct bs_worker *worker)
{
    struct bs_world *world = worker->engine->world;
    bs_loop_close(worker);
    if (!world || worker->index + 1 < worker->engine->load.workers)
        return;
    free(world->contexts);
    host_close(&world->host);
    free(world->retry);
    free(world);
    worker->engine->world = NULL;
}

const struct bs_executor bs_virtual_time = {
    .open = open_virtual,
    .add_counters = add_counters,
    .close = close_virtual,
    .run_all = run_all,
    .cpu_time = cpu_time,
    .log_begins = log_begins,
};

int bs_engine_simulation(bs_engine *engine, bs_simulation *simulation)
{
    const struct bs_world *world = engine->world;
    *simulation = (bs_simulation){0};
    if (!world)
        return -ENOTSUP;
    simulation->elapsed_ns = (double)world->elapsed / 1e3;
    simulation->cpus = world->machine->host.cpus;
    simulation->caller_ns = (double)world->spent[HOST_CALLER] / 1e3;
    simulation->dispatcher_ns = (double)world->spent[HOST_DISPATCHER] / 1e3;
    simulation->callback_ns = (double)world->spent[HOST_CALLBACK] / 1e3;
    simulation->interrupt_ns = (double)world->spent[HOST_INTERRUPT] / 1e3;
    simulation->backwards = world->backwards;
    world->machine->tell(world->machine, simulation);
    return 0;
}
