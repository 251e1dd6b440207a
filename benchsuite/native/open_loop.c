#include "open_loop.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "cpus.h"
#include "log.h"
#include "size.h"

/* Awake from so long before an arrival on, where there is time to sleep at all: what waking up takes, as a machine that
 * is otherwise idle does it in all but one of some hundred times. */
static const double AWAKE_BEFORE_NS = 120e3, SLEEPLESS_NS = 250e3;

/* So long before an arrival the thread no longer rests between two looks at the clock, which takes CPUs up to 60 ns. */
static const double RESTLESS_NS = 100;

static const uint64_t LONGEST_NAP_NS = 10 * 1000 * 1000; /* then it looks whether the run was stopped */

/* Between two looks at the clock that are further apart this thread did not have the CPU. */
static const double LONGEST_LOOK_NS = 20e3;

/* The workers' common epoch and end are looked at under this. */
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;

/* ---- arrivals ---- */

/* No worker has any that was to come later. */
static void call_last(bs_engine *engine, uint64_t at)
{
    pthread_mutex_lock(&shared);
    if (at < engine->last_call)
        engine->last_call = at;
    pthread_mutex_unlock(&shared);
}

/* All of a worker's share have come: for the others, too, none comes that was to come later than its last. */
static void all_have_come(struct bs_worker *worker)
{
    bs_engine *engine = worker->engine;
    int running = BS_RUN;
    call_last(engine, worker->open->next);
    worker->open->next = BS_NO_ARRIVAL;
    if (engine->load.workers > 1)
        atomic_compare_exchange_strong(&engine->halt, &running, BS_SHARE_DONE);
}

static void end_with_the_others(struct bs_worker *worker)
{
    struct bs_open_loop *open = worker->open;
    pthread_mutex_lock(&shared);
    open->last_call = worker->engine->last_call;
    pthread_mutex_unlock(&shared);
    if (open->saturated || open->next > open->last_call)
        open->next = BS_NO_ARRIVAL;
}

/* Looks up when the next one is to come. */
static void look_ahead(struct bs_worker *worker)
{
    struct bs_open_loop *open = worker->open;
    if (__builtin_expect(open->taken == open->target, 0)) {
        all_have_come(worker);
        return;
    }
    open->next = open->epoch + bs_arrivals_take(&open->arrivals);
    if (__builtin_expect(open->next > open->last_call, 0))
        open->next = BS_NO_ARRIVAL;
}

/* The next one, which is noticed now. One that is always waiting costs what any other does, and comes just then. */
static uint64_t arrive(struct bs_worker *worker, uint64_t noticed)
{
    struct bs_open_loop *open = worker->open;
    uint64_t intended = open->saturated ? noticed : open->next;
    uint64_t due = intended > open->free_since ? intended : open->free_since;
    bs_histogram_add(&worker->latency[BS_LATE], bs_ticks_between(due, noticed));
    open->taken++;
    look_ahead(worker);
    return intended;
}

/* Whether one that came then found fewer than `most` waiting or with the driver: all departures until then are known. */
static int found_place(const struct bs_worker *worker, uint64_t intended)
{
    const struct bs_open_loop *open = worker->open;
    if (open->accepted < open->most || open->saturated)
        return 1;
    return open->accepted < open->most + worker->performed && open->departed[open->in] <= intended;
}

int bs_open_take(struct bs_worker *worker, uint64_t now, uint64_t *intended)
{
    struct bs_open_loop *open = worker->open;
    while (open->next <= now) { /* or there is none */
        *intended = arrive(worker, now);
        if (!open->limited)
            return 1;
        if (__builtin_expect(found_place(worker, *intended), 1)) {
            open->accepted++;
            open->in = open->in + 1 < open->most ? open->in + 1 : 0;
            return 1;
        }
        worker->dropped++;
        /* More may come meanwhile than can be dropped: who stops the run does not wait for that to end. */
        if (bs_halted(worker->engine) == BS_INTERRUPTED)
            return 0;
    }
    return 0;
}

int bs_open_goes_on(struct bs_worker *worker, uint64_t now)
{
    struct bs_open_loop *open = worker->open;
    int halt = bs_halted(worker->engine);
    if (__builtin_expect(halt == BS_RUN, 1))
        return 1;
    if (halt == BS_INTERRUPTED) {
        open->last_call = now < open->last_call ? now : open->last_call;
        open->next = BS_NO_ARRIVAL;
        return 0;
    }
    if (open->last_call == BS_NO_ARRIVAL && open->next != BS_NO_ARRIVAL)
        end_with_the_others(worker);
    return 1;
}

void bs_open_completed(struct bs_worker *worker, uint64_t intended, uint64_t completed)
{
    struct bs_open_loop *open = worker->open;
    uint64_t latency = bs_ticks_between(intended, completed);
    if (!worker->performed)
        open->first_done = completed;
    if (intended > open->latest) { /* else it is of the same burst, or was overtaken */
        open->latest = intended;
        open->steady = worker->performed;
        open->steady_until = completed;
    }
    worker->performed++;
    bs_log_sample(worker, completed, worker->performed);
    bs_histogram_add(&worker->latency[BS_LAT], latency);
    open->latency += latency;
    if (open->limited) {
        open->departed[open->out] = completed;
        open->out = open->out + 1 < open->most ? open->out + 1 : 0;
    }
}

/* ---- waiting ---- */

static void nap(struct bs_open_loop *open, uint64_t ticks)
{
    uint64_t ns = (uint64_t)((double)ticks / open->ticks_per_ns);
    ns = ns < LONGEST_NAP_NS ? ns : LONGEST_NAP_NS;
    nanosleep(&(struct timespec){0, (long)ns}, NULL);
    open->paused_at = 0;
}

void bs_open_pause(struct bs_worker *worker, uint64_t now)
{
    struct bs_open_loop *open = worker->open;
    uint64_t left = bs_ticks_between(now, open->next);
    if (left > open->sleepless) {
        nap(open, left - open->awake_before);
        return;
    }
    if (open->paused_at && now - open->paused_at < open->longest_look)
        open->spun += now - open->paused_at;
    open->paused_at = now;
    if (open->crowded)
        sched_yield();
    else if (left > open->restless)
        bs_relax();
}

/* ---- a run ---- */

/* All workers have one, and whoever is there first sets it. */
static uint64_t epoch_of(bs_engine *engine)
{
    pthread_mutex_lock(&shared);
    if (!engine->epoch)
        engine->epoch = bs_ticks();
    uint64_t epoch = engine->epoch;
    pthread_mutex_unlock(&shared);
    return epoch;
}

/* All threads of one of several workers do, and a single one's first with it where CPUs were chosen (threads.c). */
static int shares_cpu(const bs_engine *engine, unsigned threads)
{
    return threads > 1 && (engine->load.workers > 1 || bs_cpus_chosen());
}

void bs_open_begin(struct bs_worker *worker, uint32_t held, unsigned threads)
{
    struct bs_open_loop *open = worker->open;
    const bs_engine *engine = worker->engine;
    double ticks_per_ns = open->ticks_per_ns = 1 / bs_ns_per_tick();
    open->sleepless = (uint64_t)(SLEEPLESS_NS * ticks_per_ns);
    open->awake_before = (uint64_t)(AWAKE_BEFORE_NS * ticks_per_ns);
    open->restless = (uint64_t)(RESTLESS_NS * ticks_per_ns);
    open->longest_look = (uint64_t)(LONGEST_LOOK_NS * ticks_per_ns);
    open->crowded = shares_cpu(engine, threads) || engine->load.workers * threads > bs_usable_cpus();
    open->slack = -1;
    bs_arrivals_begin(&open->arrivals, &open->offer, worker->index, engine->load.workers, open->runs,
                      ticks_per_ns);
    if (!open->saturated) {
        open->slack = prctl(PR_GET_TIMERSLACK);
        prctl(PR_SET_TIMERSLACK, 1ul); /* or sleep would last as much longer */
    }
    open->runs++;
    open->most = (uint64_t)held + open->offer.backlog;
    open->accepted = open->in = open->out = 0;
    open->taken = open->spun = open->latency = open->paused_at = 0;
    open->latest = open->steady = open->steady_until = open->first_done = 0;
    open->target = worker->target;
    open->last_call = BS_NO_ARRIVAL;
    open->next = 0;
    open->free_since = open->epoch = epoch_of(worker->engine);
    look_ahead(worker);
}

void bs_open_end(struct bs_worker *worker)
{
    struct bs_open_loop *open = worker->open;
    uint64_t offered = worker->performed + worker->lost + worker->dropped;
    if (worker->status) /* it has given up, and the others need not go on */
        call_last(worker->engine, bs_ticks());
    worker->sampled = worker->performed;
    worker->spun_ns = (uint64_t)((double)open->spun / open->ticks_per_ns);
    worker->steady = open->steady;
    worker->steady_ns = (uint64_t)((double)bs_ticks_between(open->first_done, open->steady_until) /
                                   open->ticks_per_ns);
    if (!open->saturated) {
        worker->latency_ns = (uint64_t)((double)open->latency / open->ticks_per_ns);
        double ticks = open->last_call == BS_NO_ARRIVAL
                           ? bs_arrivals_span(&open->arrivals, offered)
                           : (double)bs_ticks_between(open->epoch, open->last_call);
        worker->offered_ns = (uint64_t)(ticks / open->ticks_per_ns + 0.5);
    }
    if (open->slack >= 0)
        prctl(PR_SET_TIMERSLACK, (unsigned long)open->slack);
}

/* ---- what is offered ---- */

static int impossible(const bs_offer *offer)
{
    if (!(offer->rate >= BS_LOWEST_RATE) || offer->arrival > BS_BURST)
        return 1;
    return offer->arrival == BS_BURST && !offer->burst;
}

static int open_worker(struct bs_worker *worker, const bs_offer *offer)
{
    struct bs_open_loop *open = worker->open;
    if (!open) {
        size_t size = bs_up(sizeof *open, _Alignof(struct bs_open_loop));
        open = aligned_alloc(_Alignof(struct bs_open_loop), size);
        if (!open)
            return -ENOMEM;
        memset(open, 0, size);
        worker->open = open;
    }
    free(open->departed);
    open->departed = NULL;
    open->offer = *offer;
    open->runs = 0;
    open->saturated = isinf(offer->rate);
    open->limited = offer->backlog != UINT32_MAX;
    if (!open->limited)
        return 0;
    uint64_t room = (uint64_t)worker->q_len + offer->backlog;
    if (room > SIZE_MAX / sizeof *open->departed)
        return -ENOMEM;
    open->departed = malloc((size_t)room * sizeof *open->departed);
    return open->departed ? 0 : -ENOMEM;
}

int bs_engine_offer(bs_engine *engine, const bs_offer *offer)
{
    engine->offered = 0;
    int error = 0;
    if (offer && !engine->executor->run_open)
        return -ENOTSUP;
    if (offer && impossible(offer))
        return -EINVAL;
    for (uint32_t i = 0; i < engine->load.workers && !error; i++) {
        struct bs_worker *worker = &engine->workers[i];
        worker->fastest = 0; /* a request takes another time now */
        worker->sample_mask = BS_FIRST_SAMPLE_MASK;
        if (offer)
            error = open_worker(worker, offer);
    }
    engine->offered = offer && !error;
    return error;
}

void bs_open_close(struct bs_worker *worker)
{
    if (worker->open)
        free(worker->open->departed);
    free(worker->open);
    worker->open = NULL;
}
