/* An engine: workers with their sessions and slots, run by one executor. */
#include "cpus.h"
#include "log.h"
#include "open_loop.h"
#include "worker.h"
#include "registry.h"
#include "virtual.h"

#include <errno.h>
#include <stdlib.h>

enum {
    MAX_SESSIONS = UINT16_MAX + 1, /* request->session counts no further */
    MAX_SAMPLE_MASK = 65535,
};

static const double SAMPLING_SHARE = 0.005; /* of the wall time, half of what is promised */

/* Engines that lost a request. Their driver may still write to them, so they stay, and are held here
 * so that a leak checker sees why. */
static _Atomic(bs_engine *) abandoned;

/* Slots of a session. */
static uint32_t depth_of(const bs_load *load, uint32_t session)
{
    if (!load->tasks)
        return load->q_len / load->sessions + (session < load->q_len % load->sessions);
    uint32_t depth = 0;
    for (uint32_t i = 0; i < load->q_len; i++)
        depth += load->tasks[i].session == session;
    return depth;
}

static int completes_at_once(const struct bs_driver *driver, const bs_load *load)
{
    int alone = 1;
    for (uint32_t i = 0; i < load->sessions && alone; i++)
        alone = depth_of(load, i) <= 1;
    return driver->flags & BS_FLAG_SYNC || (driver->flags & BS_FLAG_SYNC_ALONE && alone);
}

static const struct bs_executor *choose(const struct bs_driver *driver, int synchronous, const bs_load *load)
{
    if (driver->flags & BS_FLAG_VIRTUAL)
        return &bs_virtual_time;
    if (load->batch || !load->cbimm)
        return &bs_threads;
    return synchronous ? &bs_direct : &bs_polled;
}

static int impossible_session(const bs_params *params, const bs_load *load, char *text, size_t text_size)
{
    if (!load->tasks && load->request_size > params->max_size)
        return bs_say(text, text_size, -EINVAL, "request_size %u is above the session's max_size %u",
                      load->request_size, params->max_size);
    if (params->chained && (load->q_len != 1 || load->batch || !load->cbimm))
        return bs_say(text, text_size, -EINVAL,
                      "a chained IV needs q_len 1, batch off and cbimm on: requests follow one another");
    if (params->iv_len > BS_IV_ROOM)
        return bs_say(text, text_size, -EINVAL, "iv_len %u is above %d", params->iv_len, BS_IV_ROOM);
    if (bs_authenticated_decryption(params) && load->in_place)
        return bs_say(text, text_size, -EINVAL,
                      "authenticated decryption cannot be repeated in place: its input must stay");
    return 0;
}

/* params: of the sessions of one worker. */
static int impossible_task(const bs_params *params, const bs_load *load, uint32_t slot, char *text,
                           size_t text_size)
{
    const bs_task *task = &load->tasks[slot];
    if (task->session >= load->sessions)
        return bs_say(text, text_size, -EINVAL, "slot %u belongs to session %u, and there are %u", slot,
                      task->session, load->sessions);
    params += task->session;
    if (!task->size || task->size > params->max_size || task->aad_len > params->aad_len)
        return bs_say(
            text, text_size, -EINVAL,
            "slot %u asks for %u bytes and %u of AAD; its session takes 1 to %u, and up to %u of AAD", slot,
            task->size, task->aad_len, params->max_size, params->aad_len);
    return 0;
}

/* What slots and executors go by is the same for all workers. */
static int same_shape(const bs_params *a, const bs_params *b)
{
    return a->kind == b->kind && a->op == b->op && a->iv_len == b->iv_len && a->tag_len == b->tag_len &&
           a->aad_len == b->aad_len && a->max_size == b->max_size && a->chained == b->chained;
}

static int impossible(const bs_params *params, const bs_load *load, char *text, size_t text_size)
{
    int error = 0;
    if (load->sessions > MAX_SESSIONS)
        return bs_say(text, text_size, -EINVAL, "a worker has at most %d sessions, not %u", MAX_SESSIONS,
                      load->sessions);
    if ((!load->request_size && !load->tasks) || !load->q_len || !load->workers || !load->crypto_q_max)
        return bs_say(text, text_size, -EINVAL,
                      "request_size, q_len, workers and crypto_q_max must be at least 1");
    for (uint32_t i = 0; i < load->sessions && !error; i++)
        error = impossible_session(&params[i], load, text, text_size);
    for (size_t i = load->sessions; i < (size_t)load->workers * load->sessions && !error; i++)
        if (!same_shape(&params[i], &params[i % load->sessions]))
            error = bs_say(text, text_size, -EINVAL, "session %zu of worker %zu is not like that of worker 0",
                           i % load->sessions, i / load->sessions);
    for (uint32_t i = 0; load->tasks && i < load->q_len && !error; i++)
        error = impossible_task(params, load, i, text, text_size);
    return error;
}

/* ---- opening ---- */

static int open_session(struct bs_worker *worker, uint32_t number, const bs_params *params, char *text,
                        size_t text_size)
{
    bs_engine *engine = worker->engine;
    bs_params own = *params;
    own.depth = depth_of(&engine->load, number);
    bs_session *session = bs_session_open(engine->driver->name, &own, text, text_size);
    worker->sessions[number] = session;
    if (!session)
        return -EINVAL;
    session->worker = worker;
    session->number = number;
    const bs_session *first = engine->workers[0].sessions[0];
    const struct bs_virtual *virtual_clock = engine->driver->virtual_clock;
    if (virtual_clock && session != first &&
        virtual_clock->join(session->state, first->state, text, text_size))
        return -EINVAL;
    return 0;
}

static int open_worker(struct bs_worker *worker, const bs_params *params, char *text, size_t text_size)
{
    const bs_engine *engine = worker->engine;
    worker->q_len = engine->load.q_len;
    worker->sample_mask = BS_FIRST_SAMPLE_MASK;
    worker->sessions = calloc(engine->load.sessions, sizeof(bs_session *));
    if (!worker->sessions)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    for (uint32_t i = 0; i < engine->load.sessions; i++)
        if (open_session(worker, i, &params[i], text, text_size))
            return -EINVAL;
    int error = bs_slots_open(worker);
    if (error)
        return bs_say(text, text_size, error,
                      "there is no memory for %u requests of %u bytes: a smaller q_len or "
                      "request_size",
                      worker->q_len, engine->load.request_size);
    error = engine->executor->open(worker);
    if (error)
        bs_say(text, text_size, error, "a worker could not be set up: %s", strerror(-error));
    return error;
}

bs_engine *bs_engine_open(const char *driver, const bs_params *params, const bs_load *load, char *text,
                          size_t text_size)
{
    bs_load whole = *load;
    whole.sessions = load->sessions ? load->sessions : 1;
    load = &whole;
    bs_clock_start();
    const struct bs_driver *found = bs_driver_find(driver, text, text_size);
    if (!found || impossible(params, load, text, text_size))
        return NULL;
    bs_engine *engine = calloc(1, sizeof *engine);
    struct bs_worker *workers = calloc(load->workers, sizeof *workers);
    if (!engine || !workers) {
        bs_say(text, text_size, 0, "out of memory");
        free(engine);
        free(workers);
        return NULL;
    }
    engine->driver = found;
    engine->synchronous = completes_at_once(found, load);
    engine->executor = choose(found, engine->synchronous, load);
    engine->load = *load;
    engine->workers = workers;
    for (uint32_t i = 0; i < load->workers; i++) { /* close looks at all, opened or not */
        workers[i].engine = engine;
        workers[i].index = i;
    }
    bs_usable_cpus(); /* before anything is pinned */
    /* Before any thread is made: the counter is inherited. */
    engine->cycles_fd = -1;
    engine->cycles_source = "none";
    if (!engine->executor->run_all)
        engine->cycles_fd = bs_cycles_open_cpu(&engine->cycles_source);
    for (uint32_t i = 0; i < load->workers; i++) {
        if (open_worker(&workers[i], params + (size_t)i * load->sessions, text, text_size)) {
            bs_engine_close(engine);
            return NULL;
        }
    }
    engine->load.tasks = NULL; /* the caller's */
    return engine;
}

void bs_engine_close(bs_engine *engine)
{
    if (!engine)
        return;
    int abandon = engine->lost && !engine->executor->run_all; /* there is nobody else on a virtual clock */
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        struct bs_worker *worker = &engine->workers[i];
        engine->executor->close(worker);
        bs_open_close(worker);
        if (abandon)
            continue;
        for (uint32_t s = 0; worker->sessions && s < engine->load.sessions; s++)
            bs_session_close(worker->sessions[s]);
        free(worker->sessions);
        bs_slots_close(worker);
    }
    bs_cycles_close(engine->cycles_fd);
    if (abandon) {
        engine->next_abandoned = atomic_exchange(&abandoned, engine);
        return;
    }
    bs_log_close(engine);
    free(engine->workers);
    free(engine);
}

/* Before what the engine's threads use is used from outside. */
static void settle(bs_engine *engine)
{
    for (uint32_t i = 0; engine->executor->settle && !engine->lost && i < engine->load.workers; i++)
        engine->executor->settle(&engine->workers[i]);
}

bs_session *bs_engine_session(bs_engine *engine, uint32_t worker, uint32_t session)
{
    if (worker >= engine->load.workers || session >= engine->load.sessions)
        return NULL;
    settle(engine);
    return engine->workers[worker].sessions[session];
}

int bs_engine_cpu(bs_engine *engine, uint32_t worker, int which)
{
    if (worker >= engine->load.workers || engine->executor->run_all)
        return -ENOENT;
    if (which != BS_CALLER)
        return engine->executor->cpu_of ? engine->executor->cpu_of(&engine->workers[worker], which - 1)
                                        : -ENOENT;
    return engine->load.workers > 1 || bs_cpus_chosen() ? bs_nth_cpu(worker) : -1;
}

void bs_engine_stop(bs_engine *engine)
{
    atomic_store(&engine->halt, BS_INTERRUPTED);
}

uint32_t bs_engine_guards(bs_engine *engine, bs_finding *first)
{
    uint32_t damaged = 0;
    *first = (bs_finding){.extent = 0};
    for (uint32_t i = 0; i < engine->load.workers; i++)
        damaged += bs_slots_damaged(&engine->workers[i], first);
    return damaged;
}

const bs_request *bs_engine_slot(bs_engine *engine, uint32_t worker, uint32_t slot, bs_request *before,
                                 uint64_t *done)
{
    if (worker >= engine->load.workers || slot >= engine->load.q_len)
        return NULL;
    const struct bs_worker *own = &engine->workers[worker];
    const bs_request *request = &own->slots[slot].request;
    *before = bs_slot_before(own, slot);
    *done = own->counters.submitted + bs_session_of(own, request)->by_hand - 1;
    return request;
}

void bs_engine_counters(bs_engine *engine, bs_counters *counters)
{
    *counters = (bs_counters){.direct = engine->executor == &bs_direct};
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        const bs_counters *own = &engine->workers[i].counters;
        counters->submitted += own->submitted;
        counters->completed += own->completed;
        counters->failed += own->failed;
        counters->lost += own->lost;
        counters->busy += own->busy;
        counters->sampled += own->sampled;
        if (own->high_water > counters->high_water)
            counters->high_water = own->high_water;
        if (!counters->first_error)
            counters->first_error = own->first_error;
        engine->executor->add_counters(&engine->workers[i], counters);
    }
}

void bs_engine_forget_latency(bs_engine *engine)
{
    settle(engine);
    bs_log_forget_latency(engine);
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        memset(engine->workers[i].latency, 0, sizeof engine->workers[i].latency);
        engine->workers[i].polled = (struct bs_polled_time){.calls = 0};
    }
}

int bs_engine_collecting(bs_engine *engine, bs_collecting *collecting)
{
    *collecting = (bs_collecting){.polls = 0};
    if (engine->synchronous)
        return -ENOTSUP;
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        const struct bs_polled_time *own = &engine->workers[i].polled;
        collecting->worker_ns += (uint64_t)own->wall_ns;
        collecting->poll_ns += (uint64_t)own->poll_ns;
        collecting->poll_cpu_ns += (uint64_t)own->cpu_ns;
        collecting->polls += own->calls;
        collecting->sampled += own->sampled;
    }
    return 0;
}

size_t bs_engine_latency(bs_engine *engine, int which, uint64_t *upper_ns, uint64_t *count, size_t max,
                         uint64_t *max_ns)
{
    struct bs_histogram *all = calloc(1, sizeof *all);
    double scale = engine->executor->run_all ? 1e-3 : bs_ns_per_tick(); /* virtual ticks are picoseconds */
    size_t n = 0;
    if (!all)
        return 0;
    settle(engine);
    if (engine->executor == &bs_direct && which != BS_LATE)
        which = BS_LAT;
    for (uint32_t i = 0; i < engine->load.workers; i++)
        bs_histogram_merge(all, &engine->workers[i].latency[which]);
    for (unsigned i = 0; i < BS_HISTOGRAM_BUCKETS && n < max; i++) {
        if (!all->count[i])
            continue;
        uint64_t upper = bs_histogram_upper(i);
        upper_ns[n] = (uint64_t)((double)(upper < all->max ? upper : all->max) * scale + 0.5);
        count[n++] = all->count[i];
    }
    *max_ns = (uint64_t)((double)all->max * scale + 0.5);
    free(all);
    return n;
}

const char *bs_cycles_source(bs_engine *engine)
{
    return engine->cycles_source;
}

/* ---- sampling ---- */

/* As many samples as cost SAMPLING_SHARE of the time, by the fastest run: after one that was interrupted, which
 * says nothing of what a request takes, the next would stamp far too many. */
void bs_worker_adapt_sampling(struct bs_worker *worker)
{
    uint64_t wall = worker->end_ns - worker->begin_ns;
    if (!worker->performed || !wall)
        return;
    double per_request = (double)wall / (double)worker->performed;
    if (!worker->fastest || per_request < worker->fastest)
        worker->fastest = per_request;
    double sample_cost = bs_timestamp_cost() * worker->engine->executor->stamps;
    uint32_t mask = 0;
    while (mask < MAX_SAMPLE_MASK && (mask + 1) * SAMPLING_SHARE * worker->fastest < sample_cost)
        mask = mask * 2 + 1;
    worker->sample_mask = mask;
}
