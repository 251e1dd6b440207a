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

static const uint64_t LONGEST_NAP_NS = 10 * 1000 * 1000; /* then it looks whether the run was stopped */

/* Between two looks at the clock that are further apart this thread did not have the CPU. */
static const double LONGEST_LOOK_NS = 20e3;

/* The workers' common epoch and end are looked at under this. */
static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;

/* ---- arrivals ---- */

/* All of a worker's share have come: for the others, too, none comes that was to come later than its last. */
static void all_have_come(struct bs_worker *worker)
{
    bs_engine *engine = worker->engine;
    int running = BS_RUN;
    pthread_mutex_lock(&shared);
    if (worker->open->next < engine->last_call)
        engine->last_call = worker->open->next;
    pthread_mutex_unlock(&shared);
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
    if (open->saturated)
        return;
    double ns = (double)bs_arrivals_take(&open->arrivals);
    open->next = open->epoch + (uint64_t)(ns * open->ticks_per_ns + 0.5);
    if (__builtin_expect(open->next > open->last_call, 0))
        open->next = BS_NO_ARRIVAL;
}

/* The next one, which is noticed now. */
static uint64_t arrive(struct bs_worker *worker, uint64_t noticed)
{
    struct bs_open_loop *open = worker->open;
    uint64_t intended = open->next;
    uint64_t due = intended > open->free_since ? intended : open->free_since;
    bs_histogram_add(&worker->latency[BS_LATE], bs_ticks_between(due, noticed));
    open->taken++;
    look_ahead(worker);
    return intended;
}

void bs_open_decide(struct bs_worker *worker, uint64_t until, uint64_t noticed)
{
    struct bs_open_loop *open = worker->open;
    /* More may come meanwhile than can be dropped: who stops the run does not wait for that to end. */
    while (open->next < until && bs_halted(worker->engine) != BS_INTERRUPTED) {
        uint64_t intended = arrive(worker, noticed);
        if (open->inside == open->most) {
            worker->dropped++;
            continue;
        }
        uint64_t last = open->first + open->count++;
        open->waiting[last < open->room ? last : last - open->room] = intended;
        open->inside++;
    }
}

static int take_waiting(struct bs_worker *worker, uint64_t now, uint64_t *intended)
{
    struct bs_open_loop *open = worker->open;
    bs_open_decide(worker, now + 1, now);
    if (!open->count)
        return 0;
    *intended = open->waiting[open->first];
    open->first = open->first + 1 < open->room ? open->first + 1 : 0;
    open->count--;
    return 1;
}

int bs_open_take(struct bs_worker *worker, uint64_t now, uint64_t *intended)
{
    struct bs_open_loop *open = worker->open;
    if (open->limited)
        return take_waiting(worker, now, intended);
    if (open->next > now) /* or there is none */
        return 0;
    if (open->saturated) {
        *intended = now;
        open->taken++;
        look_ahead(worker);
    } else {
        *intended = arrive(worker, now);
    }
    return 1;
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
        open->inside -= open->count;
        open->count = 0;
        return 0;
    }
    if (open->last_call == BS_NO_ARRIVAL && open->next != BS_NO_ARRIVAL)
        end_with_the_others(worker);
    return 1;
}

void bs_open_completed(struct bs_worker *worker, uint64_t intended, uint64_t completed, uint64_t noticed)
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
        bs_open_decide(worker, completed, noticed); /* who came before has found it there */
        open->inside--;
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
    uint64_t left = open->next - now;
    if (left > open->sleepless) {
        nap(open, left - open->awake_before);
        return;
    }
    if (open->paused_at && now - open->paused_at < open->longest_look)
        open->spun += now - open->paused_at;
    open->paused_at = now;
    if (open->crowded)
        sched_yield();
    else
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

void bs_open_begin(struct bs_worker *worker, uint32_t held, unsigned threads)
{
    struct bs_open_loop *open = worker->open;
    const bs_engine *engine = worker->engine;
    double ticks_per_ns = open->ticks_per_ns = 1 / bs_ns_per_tick();
    open->sleepless = (uint64_t)(SLEEPLESS_NS * ticks_per_ns);
    open->awake_before = (uint64_t)(AWAKE_BEFORE_NS * ticks_per_ns);
    open->longest_look = (uint64_t)(LONGEST_LOOK_NS * ticks_per_ns);
    open->crowded = engine->load.workers * threads > bs_usable_cpus();
    open->slack = -1;
    if (!open->saturated) {
        bs_arrivals_begin(&open->arrivals, &open->offer, worker->index, engine->load.workers, open->runs);
        open->slack = prctl(PR_GET_TIMERSLACK);
        prctl(PR_SET_TIMERSLACK, 1ul); /* or sleep would last as much longer */
    }
    open->runs++;
    open->most = (uint64_t)held + open->offer.backlog;
    open->first = open->count = open->inside = 0;
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
    worker->sampled = worker->performed;
    worker->spun_ns = (uint64_t)((double)open->spun / open->ticks_per_ns);
    worker->steady = open->steady;
    worker->steady_ns = (uint64_t)((double)bs_ticks_between(open->first_done, open->steady_until) /
                                   open->ticks_per_ns);
    if (!open->saturated) {
        worker->latency_ns = (uint64_t)((double)open->latency / open->ticks_per_ns);
        worker->offered_ns = open->last_call == BS_NO_ARRIVAL
                                 ? bs_arrivals_span(&open->arrivals, offered)
                                 : (uint64_t)((double)(open->last_call - open->epoch) / open->ticks_per_ns);
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

/* The ring has room for what waits and, as a slot may come back late, for what the driver could hold. */
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
    free(open->waiting);
    open->waiting = NULL;
    open->offer = *offer;
    open->runs = 0;
    open->saturated = isinf(offer->rate);
    open->limited = !open->saturated && offer->backlog != UINT32_MAX;
    open->room = (uint64_t)worker->q_len + offer->backlog;
    if (!open->limited)
        return 0;
    if (open->room > SIZE_MAX / sizeof *open->waiting)
        return -ENOMEM;
    open->waiting = malloc((size_t)open->room * sizeof *open->waiting);
    return open->waiting ? 0 : -ENOMEM;
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
        free(worker->open->waiting);
    free(worker->open);
    worker->open = NULL;
}
