#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Intervals whose latency is still being gathered: workers reach a border one after the other. */
enum { OPEN = 4 };

/* CPU time of this process, or of a modelled host. */
struct cpu {
    int64_t user, system;
};

struct bs_log {
    bs_engine *engine;
    pthread_mutex_t lock; /* of all below; a worker that finds it taken does not wait */
    double ns_per_tick;
    uint64_t begin, ticks; /* where the log begins, and how long an interval is, on the clock of samples */
    uint64_t taken;        /* intervals that were read, */
    uint64_t summed;       /* those whose latency is summed up, */
    uint64_t over;         /* and those that are over for all workers */
    int ended;

    uint64_t cpu_at;     /* up to there CPU time is in the intervals, */
    uint64_t cpu_sealed; /* which is the beginning of this one */
    struct cpu cpu;      /* what there was then, */
    struct cpu cpu_last; /* and when a run of a worker last began or ended */
    struct cpu cpu_base; /* on a virtual clock: of earlier runs */
    int running;         /* likewise */
    int tells_cpu;

    struct bs_histogram latency[OPEN];
    bs_interval ring[BS_LOG_ROOM];
    bs_interval lost; /* what there was no room for */
    struct bs_log_side sides[];
};

static bs_interval *interval(struct bs_log *log, uint64_t number)
{
    return number - log->taken < BS_LOG_ROOM ? &log->ring[number % BS_LOG_ROOM] : &log->lost;
}

static uint64_t ns_of(const struct bs_log *log, double ticks)
{
    return (uint64_t)(ticks * log->ns_per_tick + 0.5);
}

/* ---- CPU time ---- */

static int64_t us_of(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

static struct cpu cpu_so_far(const struct bs_log *log)
{
    bs_engine *engine = log->engine;
    if (engine->executor->run_all) {
        bs_value value = {0};
        if (log->running)
            engine->executor->cpu_time(engine, &value);
        return (struct cpu){log->cpu_base.user + (int64_t)value.user_ns,
                            log->cpu_base.system + (int64_t)value.system_ns};
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct cpu){us_of(usage.ru_utime) * 1000, us_of(usage.ru_stime) * 1000};
}

/* CPU time up to `until` goes into the interval that ends there; what was spent by `now` is taken to have been spent
 * evenly. */
static void spend(struct bs_log *log, uint64_t until, uint64_t now, struct cpu spent)
{
    double share = now > log->cpu_at ? (double)(until - log->cpu_at) / (double)(now - log->cpu_at) : 1.0;
    struct cpu part = {(int64_t)((double)(spent.user - log->cpu.user) * share),
                       (int64_t)((double)(spent.system - log->cpu.system) * share)};
    bs_interval *into = interval(log, log->cpu_sealed);
    into->lasts_ns = ns_of(log, (double)(until - log->begin - log->cpu_sealed * log->ticks));
    into->user_ns += part.user;
    into->system_ns += part.system;
    log->cpu.user += part.user;
    log->cpu.system += part.system;
    log->cpu_at = until;
    log->cpu_sealed++;
}

/* ---- latency ---- */

/* Buckets up to the last that has any: the rest is a page or more, and would take most of the time. */
static unsigned used(const struct bs_histogram *histogram)
{
    return bs_histogram_bucket(histogram->max) + 1;
}

static uint64_t quantile(const struct bs_histogram *histogram, uint64_t rank)
{
    uint64_t below = 0;
    for (unsigned i = 0; i < used(histogram); i++) {
        below += histogram->count[i];
        if (below && below >= rank)
            return bs_histogram_upper(i) < histogram->max ? bs_histogram_upper(i) : histogram->max;
    }
    return 0;
}

static void sum_up(struct bs_log *log)
{
    struct bs_histogram *histogram = &log->latency[log->summed % OPEN];
    bs_interval *into = interval(log, log->summed++);
    uint64_t all = 0;
    for (unsigned i = 0; i < used(histogram); i++)
        all += histogram->count[i];
    into->sampled = all;
    into->p50_ns = ns_of(log, (double)quantile(histogram, (all + 1) / 2));
    into->p99_ns = ns_of(log, (double)quantile(histogram, all - all / 100));
    into->max_ns = ns_of(log, (double)quantile(histogram, all));
    memset(histogram->count, 0, used(histogram) * sizeof histogram->count[0]);
    histogram->max = 0;
}

/* What this worker has filed since it did this last, goes to the interval under way: where others are far ahead, to the
 * oldest one that is open. */
static void gather(struct bs_log_side *side)
{
    struct bs_log *log = side->log;
    const struct bs_histogram *from = &side->worker->latency[BS_LAT];
    while (side->sealed >= log->summed + OPEN)
        sum_up(log);
    uint64_t number = side->sealed < log->summed ? log->summed : side->sealed;
    struct bs_histogram *into = &log->latency[number % OPEN];
    for (unsigned i = 0; i < used(from); i++) {
        uint64_t fresh = from->count[i] - side->seen.count[i];
        if (!fresh)
            continue;
        into->count[i] += fresh;
        side->seen.count[i] = from->count[i];
        uint64_t upper = bs_histogram_upper(i) < from->max ? bs_histogram_upper(i) : from->max;
        into->max = upper > into->max ? upper : into->max;
    }
}

/* ---- borders ---- */

static void count_until(struct bs_log_side *side, double count)
{
    interval(side->log, side->sealed)->requests += count - side->counted;
    side->counted = count;
}

static double count_at(const struct bs_log_side *side, uint64_t at, uint64_t now, uint64_t count)
{
    if (now <= side->last)
        return (double)count;
    double share = (double)(at - side->last) / (double)(now - side->last);
    return (double)side->last_count + (double)(count - side->last_count) * share;
}

/* Intervals that have ended by `now`, when so many requests are done. */
static void seal(struct bs_log_side *side, uint64_t now, uint64_t count)
{
    struct bs_log *log = side->log;
    if (now < side->border)
        return;
    struct cpu spent = cpu_so_far(log);
    gather(side);
    for (; now >= side->border; side->border += log->ticks) {
        count_until(side, count_at(side, side->border, now, count));
        if (side->sealed == log->cpu_sealed)
            spend(log, side->border, now, spent);
        side->sealed++;
    }
    uint64_t over = side->sealed;
    for (uint32_t i = 0; i < log->engine->load.workers; i++)
        over = log->sides[i].sealed < over ? log->sides[i].sealed : over;
    log->over = over;
    while (log->summed < over)
        sum_up(log);
}

int bs_log_cross(struct bs_log_side *side, uint64_t now, uint64_t count)
{
    if (pthread_mutex_trylock(&side->log->lock))
        return 0;
    seal(side, now, count);
    pthread_mutex_unlock(&side->log->lock);
    return 1;
}

/* Nothing is filed meanwhile. */
static void note(struct bs_log_side *side, uint64_t now, uint64_t count)
{
    pthread_mutex_lock(&side->log->lock);
    if (now < side->last)
        now = side->last;
    if (count < side->last_count)
        count = side->last_count;
    seal(side, now, count);
    side->last = now;
    side->last_count = count;
    side->log->cpu_last = cpu_so_far(side->log);
    pthread_mutex_unlock(&side->log->lock);
}

void bs_log_begin(struct bs_worker *worker, uint64_t now)
{
    if (!worker->log)
        return;
    if (worker->engine->executor->run_all)
        worker->log->log->running = 1;
    note(worker->log, now, worker->log->base);
}

void bs_log_end(struct bs_worker *worker, uint64_t now, uint64_t done)
{
    if (!worker->log)
        return;
    worker->log->base += done;
    note(worker->log, now, worker->log->base);
}

void bs_log_run_over(bs_engine *engine)
{
    if (!engine->log)
        return;
    engine->log->cpu_base = cpu_so_far(engine->log);
    engine->log->running = 0;
}

void bs_log_forget_latency(bs_engine *engine)
{
    for (uint32_t i = 0; engine->log && !engine->log->ended && i < engine->load.workers; i++) {
        struct bs_log_side *side = &engine->log->sides[i];
        pthread_mutex_lock(&engine->log->lock);
        gather(side);
        memset(&side->seen, 0, sizeof side->seen);
        pthread_mutex_unlock(&engine->log->lock);
    }
}

/* ---- from outside ---- */

/* A request never came back: should it come after all, it is still filed. */
static int still_filed(const bs_engine *engine)
{
    return engine->lost && !engine->executor->run_all;
}

void bs_log_close(bs_engine *engine)
{
    for (uint32_t i = 0; i < engine->load.workers; i++)
        engine->workers[i].log = NULL;
    if (!engine->log)
        return;
    pthread_mutex_destroy(&engine->log->lock);
    free(engine->log);
    engine->log = NULL;
}

int bs_engine_log(bs_engine *engine, uint64_t interval_ns)
{
    int virtual_clock = engine->executor->run_all != NULL;
    if (still_filed(engine))
        return -ETIMEDOUT;
    bs_log_close(engine);
    if (!interval_ns)
        return 0;
    if (!virtual_clock && interval_ns < BS_SHORTEST_INTERVAL)
        return -EINVAL;
    struct bs_log *log = calloc(1, sizeof *log + engine->load.workers * sizeof log->sides[0]);
    if (!log)
        return -ENOMEM;
    log->engine = engine;
    pthread_mutex_init(&log->lock, NULL);
    log->tells_cpu = 1;
    log->ns_per_tick = virtual_clock ? 1e-3 : bs_ns_per_tick();
    log->ticks = (uint64_t)((double)interval_ns / log->ns_per_tick + 0.5);
    log->begin = virtual_clock ? engine->executor->log_begins(engine, &log->tells_cpu) : bs_ticks();
    log->cpu_at = log->begin;
    log->cpu = cpu_so_far(log);
    for (uint32_t i = 0; i < engine->load.workers; i++) {
        struct bs_worker *worker = &engine->workers[i];
        struct bs_log_side *side = worker->log = &log->sides[i];
        side->log = log;
        side->worker = worker;
        side->border = log->begin + log->ticks;
        side->last = log->begin;
        side->seen = worker->latency[BS_LAT];
    }
    engine->log = log;
    return 0;
}

/* What has begun of the interval under way is one, which ends with the last run. */
static void finish(struct bs_log *log)
{
    uint32_t workers = log->engine->load.workers;
    uint64_t end = log->begin;
    log->ended = 1;
    if (still_filed(log->engine))
        return;
    for (uint32_t i = 0; i < workers; i++)
        end = log->sides[i].last > end ? log->sides[i].last : end;
    for (uint32_t i = 0; i < workers; i++)
        seal(&log->sides[i], end, log->sides[i].last_count);
    uint64_t begin = log->begin + log->over * log->ticks;
    for (uint32_t i = 0; i < workers; i++)
        log->engine->workers[i].log = NULL;
    if (end <= begin)
        return;
    for (uint32_t i = 0; i < workers; i++) {
        gather(&log->sides[i]);
        count_until(&log->sides[i], (double)log->sides[i].last_count);
    }
    spend(log, end, end, log->cpu_last);
    sum_up(log);
    log->over++;
}

size_t bs_engine_log_take(bs_engine *engine, bs_interval *into, size_t max, int last)
{
    struct bs_log *log = engine->log;
    size_t n = 0;
    if (!log)
        return 0;
    pthread_mutex_lock(&log->lock);
    if (last && !log->ended)
        finish(log);
    for (; n < max && log->taken < log->over; log->taken++) {
        bs_interval *found = interval(log, log->taken);
        into[n] = *found;
        into[n].begin_ns = ns_of(log, (double)log->taken * (double)log->ticks);
        if (!log->tells_cpu)
            into[n].user_ns = into[n].system_ns = -1;
        n += found->lasts_ns > 0; /* else there was no room for it, or it is the last, and nothing of it */
        *found = (bs_interval){0};
    }
    pthread_mutex_unlock(&log->lock);
    return n;
}
