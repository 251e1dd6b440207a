/* One timed value: all workers start together, wall time, CPU time and cycles around them. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "cpus.h"
#include "log.h"
#include "worker.h"

static uint64_t ns_of(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* All workers leave together; who waits looks more than it sleeps, because waking up takes longer than a request. */
static void barrier(bs_engine *engine)
{
    unsigned looks = 0;
    atomic_fetch_add(&engine->arrived, 1);
    while (atomic_load(&engine->arrived) < engine->load.workers)
        bs_await(++looks);
}

static void work(struct bs_worker *worker)
{
    bs_engine *engine = worker->engine;
    barrier(engine);
    bs_log_begin(worker, bs_ticks());
    worker->begin_ns = bs_now_ns();
    if (engine->open)
        engine->executor->run_open(worker);
    else
        engine->executor->run(worker);
    worker->end_ns = bs_now_ns();
    /* A worker that went on alone would be measured without the others' company. */
    if (engine->load.workers > 1 && !worker->keep_input) {
        int running = BS_RUN;
        atomic_compare_exchange_strong(&engine->halt, &running, BS_SHARE_DONE);
    }
    if (worker->status != -ETIMEDOUT) /* then somebody may still be filing samples */
        bs_log_end(worker, bs_ticks(), worker->performed);
}

static void *thread_body(void *arg)
{
    struct bs_worker *worker = arg;
    bs_pin_to(bs_nth_cpu(worker->index));
    work(worker);
    return NULL;
}

/* One worker runs in the caller's thread, several on a pinned thread each. */
static int run_workers(bs_engine *engine)
{
    uint32_t n = engine->load.workers, started = 0;
    if (engine->executor->run_all) {
        engine->executor->run_all(engine);
        return 0;
    }
    if (n == 1) {
        if (bs_cpus_chosen())
            bs_pin_to(bs_nth_cpu(0));
        work(&engine->workers[0]);
        return 0;
    }
    pthread_t *threads = calloc(n, sizeof *threads);
    if (!threads)
        return -ENOMEM;
    int error = 0;
    while (started < n && !error) {
        error = pthread_create(&threads[started], NULL, thread_body, &engine->workers[started]);
        started += !error;
    }
    if (error) { /* let those that wait at the barrier go, to do nothing */
        atomic_store(&engine->halt, BS_INTERRUPTED);
        atomic_fetch_add(&engine->arrived, n - started);
    }
    for (uint32_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return -error;
}

static void prepare(bs_engine *engine, uint64_t requests, int open)
{
    atomic_store(&engine->arrived, 0);
    engine->open = open;
    engine->epoch = 0;
    engine->last_call = UINT64_MAX;
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        struct bs_worker *worker = &engine->workers[i];
        worker->target = requests;
        worker->performed = worker->failed = worker->sampled = worker->lost = 0;
        worker->begin_ns = worker->end_ns = 0;
        worker->status = 0;
        worker->dropped = worker->stamps = 0;
        worker->offered_ns = worker->latency_ns = worker->spun_ns = 0;
        worker->steady = worker->steady_ns = 0;
    }
}

/* Adds up what a worker's open loop has to tell. */
static void collect_open(const struct bs_worker *worker, bs_value *value)
{
    value->offered += worker->performed + worker->lost + worker->dropped;
    value->dropped += worker->dropped;
    value->latency_ns += worker->latency_ns;
    value->spun_ns += worker->spun_ns;
    if (worker->offered_ns > value->offered_ns)
        value->offered_ns = worker->offered_ns;
}

/* How fast this worker did its requests, per ns. */
static double rate_of(const struct bs_worker *worker)
{
    if (worker->steady && worker->steady_ns)
        return (double)worker->steady / (double)worker->steady_ns;
    uint64_t wall = worker->end_ns - worker->begin_ns;
    return wall ? (double)worker->performed / (double)wall : 0;
}

/* Adds what the workers did to their counters and *value; returns the worst that happened. */
static int collect(bs_engine *engine, bs_value *value)
{
    uint64_t begin = UINT64_MAX, end = 0;
    double stamp = bs_timestamp_cost(), rate = 0;
    int status = 0;
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        struct bs_worker *worker = &engine->workers[i];
        worker->counters.submitted += worker->performed + worker->lost;
        worker->counters.completed += worker->performed - worker->failed;
        worker->counters.lost += worker->lost;
        worker->counters.failed += worker->failed;
        worker->counters.sampled += worker->sampled;
        value->requests += worker->performed - worker->failed;
        /* Workers stamp at the same time: the wall time pays for one worker's share. */
        double stamps = (double)(engine->open ? worker->stamps : worker->sampled * engine->executor->stamps);
        double stamping = stamp * stamps + (double)bs_loop_polled(worker);
        value->timestamp_ns += (uint64_t)(stamping / engine->load.workers);
        if (engine->open)
            collect_open(worker, value);
        rate += rate_of(worker);
        if (worker->begin_ns) /* 0: its thread could not be made */
            begin = worker->begin_ns < begin ? worker->begin_ns : begin;
        end = worker->end_ns > end ? worker->end_ns : end;
        if (worker->status)
            status = worker->status;
        else if (worker->failed && !status)
            status = -EIO;
    }
    value->wall_ns = end > begin ? end - begin : 0;
    if (engine->open && !value->offered_ns) /* one was always waiting */
        value->offered_ns = value->wall_ns;
    if (engine->open)
        value->carried_ns = rate > 0 ? (uint64_t)((double)value->requests / rate) : value->wall_ns;
    return status;
}

static int run(bs_engine *engine, uint64_t requests, int open, bs_value *value)
{
    struct rusage before, after;
    *value = (bs_value){0};
    if (engine->lost)
        return -ETIMEDOUT;
    prepare(engine, requests, open);
    bs_interrupt_catch(engine);
    getrusage(RUSAGE_SELF, &before);
    uint64_t cycles = bs_cycles_read(engine->cycles_fd, engine->cycles_source);
    int error = run_workers(engine);
    uint64_t cycles_after = bs_cycles_read(engine->cycles_fd, engine->cycles_source);
    value->cycles = cycles_after > cycles ? cycles_after - cycles : 0; /* a scaled count may fall */
    getrusage(RUSAGE_SELF, &after);
    bs_interrupt_release(engine);
    value->user_ns = ns_of(after.ru_utime) - ns_of(before.ru_utime);
    value->system_ns = ns_of(after.ru_stime) - ns_of(before.ru_stime);
    if (engine->executor->cpu_time)
        engine->executor->cpu_time(engine, value);
    int status = collect(engine, value);
    /* A given-up engine must never go on by itself. */
    int halt = atomic_exchange(&engine->halt, engine->lost ? BS_INTERRUPTED : BS_RUN);
    if (error)
        return error;
    return halt == BS_INTERRUPTED && (!status || status == -ETIMEDOUT) ? -EINTR : status;
}

int bs_engine_run(bs_engine *engine, uint64_t requests, bs_value *value)
{
    int status = run(engine, requests, engine->offered, value);
    for (uint32_t i = 0; i < engine->load.workers && !engine->lost; i++)
        bs_worker_adapt_sampling(&engine->workers[i]);
    return status;
}

int bs_engine_last_round(bs_engine *engine)
{
    bs_value unused;
    int error = 0;
    for (uint32_t i = 0; i < engine->load.workers && !error; i++) {
        error = bs_slots_keep_input(&engine->workers[i]);
        engine->workers[i].keep_input = 1;
    }
    if (!error)
        error = run(engine, engine->load.q_len, 0, &unused);
    for (uint32_t i = 0; i < engine->load.workers; i++)
        engine->workers[i].keep_input = 0;
    return error;
}
