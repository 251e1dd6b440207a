/* What the contexts of a simulated host do: the steps of OCF's threads and of the interrupt. */
#include "virtual_world.h"

enum { REFUSED_PS = 50 * 1000 * 1000 }; /* a busy driver with nothing outstanding is asked again after this */

static struct bs_world *world_of(const struct bs_loop *loop)
{
    return loop->worker->engine->world;
}

static void add_todo(struct host_context *c, bs_request *request)
{
    request->next = NULL;
    if (c->todo)
        c->todo_last->next = request;
    else
        c->todo = request;
    c->todo_last = request;
}

/* What callbacks have left behind becomes work of the context they ran in; the oldest lies deepest. */
static void take_deferred(struct host_context *c)
{
    struct bs_loop *loop = c->worker->loop;
    bs_request *oldest = NULL;
    for (bs_request *next; loop->deferred; loop->deferred = next) {
        next = loop->deferred->next;
        loop->deferred->next = oldest;
        oldest = loop->deferred;
    }
    for (bs_request *next; oldest; oldest = next) {
        next = oldest->next;
        add_todo(c, oldest);
    }
}

static uint64_t dispatch_cost(const struct bs_world *world, const struct host_context *c)
{
    const struct bs_host_costs *host = &world->machine->host;
    return (c->fresh ? 0 : host->callback) + (bs_loop_gives(c->worker->loop) ? host->dispatch : 0);
}

/* The next step and what it costs first. 0: nothing to do. */
static int choose(struct bs_world *world, struct host_context *c, uint64_t *cost)
{
    struct bs_machine *machine = world->machine;
    *cost = 0;
    if (!c->todo && c->role == HOST_CALLBACK && ocf_ret_step(&c->worker->loop->ocf)) {
        take_deferred(c);
        *cost = machine->now - world->now; /* until it was done, on another CPU */
    }
    if (c->todo) {
        c->effect = HOST_DISPATCH;
        *cost += dispatch_cost(world, c);
        return 1;
    }
    if (c->role == HOST_DISPATCHER && ocf_proc_ready(&c->worker->loop->ocf)) {
        c->effect = HOST_SUBMIT;
        return 1;
    }
    if (c->role == HOST_INTERRUPT) {
        const bs_session *session = machine->finished(machine, c->ring);
        if (!session) {
            machine->rearm(machine, c->ring);
            return 0;
        }
        c->worker = session->worker;
        c->session = session->number;
        c->effect = HOST_COLLECT;
        *cost = machine->host.completion;
        return 1;
    }
    return 0;
}

static void ask_again_later(struct bs_world *world, const struct bs_worker *worker)
{
    uint64_t *retry = &world->retry[worker->index];
    if (*retry != BS_NEVER || !ocf_refused_idle(&worker->loop->ocf))
        return;
    *retry = world->machine->now + REFUSED_PS;
    world->next_retry = *retry < world->next_retry ? *retry : world->next_retry;
}

static void note_idle(struct bs_world *world, struct bs_worker *worker)
{
    if (worker->end_ns || !bs_loop_idle(worker->loop))
        return;
    worker->end_ns = world->now / 1000;
    world->busy_workers--;
    int running = BS_RUN; /* the others would be alone */
    if (world->engine->load.workers > 1 && !worker->keep_input)
        atomic_compare_exchange_strong(&world->engine->halt, &running, BS_SHARE_DONE);
}

static void dispatch(struct bs_world *world, struct host_context *c)
{
    struct bs_loop *loop = c->worker->loop;
    bs_request *request = c->todo;
    c->todo = request->next;
    world->progress = world->now;
    if (c->fresh) {
        c->fresh--;
        bs_loop_next(loop, request);
    } else {
        world->consumed += world->machine->host.callback;
        bs_loop_completed(loop, request);
    }
    take_deferred(c);
    ask_again_later(world, c->worker);
    note_idle(world, c->worker);
}

static void perform(struct bs_world *world, struct host_context *c)
{
    struct ocf *ocf;
    switch (c->effect) {
    case HOST_DISPATCH:
        dispatch(world, c);
        break;
    case HOST_SUBMIT:
        ocf_proc_step(&c->worker->loop->ocf);
        take_deferred(c);
        ask_again_later(world, c->worker);
        break;
    case HOST_COLLECT:
        world->progress = world->now;
        ocf = &c->worker->loop->ocf;
        ocf_poll_session(ocf, &ocf->sessions[c->session], 0);
        take_deferred(c);
        break;
    case HOST_NOTHING:
        break;
    }
}

/* From ocf.c, in the middle of an effect: machine->now is then. */
void world_wake(void *context, enum ocf_context whom)
{
    struct bs_loop *loop = context;
    struct bs_world *world = world_of(loop);
    if (whom == OCF_COMPLETION)
        return; /* the device interrupts */
    enum host_role role = whom == OCF_DISPATCHER ? HOST_DISPATCHER : HOST_CALLBACK;
    struct host_context *c = world_context(world, loop->worker, role);
    if (c->state != HOST_ASLEEP)
        return;
    world->wakeups++;
    host_wake(&world->host, c, world->machine->now, world->now);
}

/* A request that was done on another CPU, which is a little ahead, has its callback not before that. */
void world_callback(void *context, bs_request *request)
{
    struct bs_world *world = world_of(context);
    if (request->done > world->machine->now)
        world->machine->now = request->done;
    world->callback(context, request);
}

void world_ask_again(struct bs_world *world)
{
    bs_engine *engine = world->engine;
    world->machine->now = world->now = world->next_retry;
    world->next_retry = BS_NEVER;
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        if (world->retry[i] <= world->now) {
            world->retry[i] = BS_NEVER;
            if (ocf_refused_idle(&engine->workers[i].loop->ocf))
                ocf_unblock(&engine->workers[i].loop->ocf);
        }
        world->next_retry = world->retry[i] < world->next_retry ? world->retry[i] : world->next_retry;
    }
}

/* The step on a CPU has ended: its effect, and the next one. */
void world_go_on(struct bs_world *world, struct host_context **cpu)
{
    struct host_context *c = *cpu;
    struct bs_machine *machine = world->machine;
    uint64_t cost = 0;
    world->backwards += c->end < world->now;
    machine->now = world->now = c->end;
    if (!world->draining)
        world->spent[c->role] += c->end - c->begin;
    if (!world->draining && c->role == HOST_INTERRUPT)
        world->collecting += c->effect == HOST_COLLECT ? c->end - c->begin : c->woken;
    c->woken = 0;
    do {
        perform(world, c);
        c->effect = HOST_NOTHING;
        cost = machine->now - world->now;
        if (!cost && host_yield(&world->host, cpu, world->now))
            return;
        if (!cost && !choose(world, c, &cost)) {
            host_sleep(&world->host, cpu, world->now);
            return;
        }
    } while (!cost);
    c->begin = world->now;
    c->end = c->begin + cost;
}

void world_start(struct bs_world *world, struct bs_worker *worker)
{
    struct host_context *caller = world_context(world, worker, HOST_CALLER);
    bs_loop_reset(worker->loop);
    worker->begin_ns = world->now / 1000;
    for (uint32_t i = 0; i < worker->q_len; i++)
        add_todo(caller, &worker->slots[i].request);
    caller->fresh = worker->q_len;
    host_wake(&world->host, caller, world->now, world->now);
}
