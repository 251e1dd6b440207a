#include "callers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "callers_line.h"
#include "clock.h"
#include "cpus.h"

enum {
    SPINS = 300,             /* some microseconds of looking before a futex sleep */
    OWN_CPU_SPINS = 3000,    /* where every caller has a CPU and is needed again in a moment */
    STACK_SIZE = 512 * 1024, /* callers may be many */
};

static const uint64_t SLEEP_NS = 1000000000;

/* ---- callers ---- */

static void wake(struct caller *caller)
{
    atomic_store(&caller->called, 1);
    bs_eventcount_signal(&caller->event);
}

static int called(void *arg)
{
    return atomic_load(&((struct caller *)arg)->called);
}

static void sleep_until_called(struct caller *self)
{
    while (!bs_eventcount_wait(&self->event, called, self, 0, SLEEP_NS))
        ;
}

/* Something to do, or a little while has passed. */
static void look(struct callers *pool)
{
    for (unsigned i = 0; i < pool->spins && !atomic_load(&pool->waiting) && !atomic_load(&pool->leave); i++)
        bs_relax();
}

/* The next requests, after a short look or a long sleep; 0: leave. */
static unsigned next_requests(struct caller *self, bs_request **requests)
{
    struct callers *pool = self->pool;
    pthread_mutex_lock(&pool->lock);
    unsigned n = take(pool, requests, CALLERS_GROUP_MAX);
    if (n) {
        pthread_mutex_unlock(&pool->lock);
        return n;
    }
    pool->looking++;
    for (;;) {
        pthread_mutex_unlock(&pool->lock);
        look(pool);
        pthread_mutex_lock(&pool->lock);
        n = take(pool, requests, CALLERS_GROUP_MAX);
        if (n || atomic_load(&pool->leave))
            break;
        pool->looking--;
        atomic_store(&self->called, 0);
        self->next_idle = pool->idle;
        pool->idle = self;
        pthread_mutex_unlock(&pool->lock);
        sleep_until_called(self);
        pthread_mutex_lock(&pool->lock);
    }
    pool->looking--;
    pthread_mutex_unlock(&pool->lock);
    return n;
}

static void enter(struct callers *pool)
{
    unsigned now = atomic_fetch_add(&pool->inside, 1) + 1;
    unsigned most = atomic_load_explicit(&pool->most, memory_order_relaxed);
    while (now > most && !atomic_compare_exchange_weak(&pool->most, &most, now))
        ;
}

static void serve(struct callers *pool, unsigned caller, bs_request **requests, unsigned n)
{
    enter(pool);
    pool->serve(pool->context, caller, requests, n);
    atomic_fetch_sub(&pool->inside, 1);
    atomic_fetch_sub(&pool->carried, n);
}

static void finish(struct callers *pool, bs_request **requests, unsigned n)
{
    for (unsigned i = 1; i < n; i++)
        link_to(requests[i], requests[i - 1]);
    bs_request *top = atomic_load_explicit(&pool->finished, memory_order_relaxed);
    do
        link_to(requests[0], top);
    while (!atomic_compare_exchange_weak(&pool->finished, &top, requests[n - 1]));
    bs_eventcount_signal(&pool->polled);
}

static void *body(void *arg)
{
    struct caller *self = arg;
    struct callers *pool = self->pool;
    bs_request *requests[CALLERS_GROUP_MAX];
    for (unsigned n; (n = next_requests(self, requests)) != 0;) {
        serve(pool, self->number, requests, n);
        finish(pool, requests, n);
    }
    return NULL;
}

/* ---- the driver's side ---- */

/* Wakes as many as there is work for. */
static void wake_callers(struct callers *pool)
{
    struct caller *caller;
    do {
        pthread_mutex_lock(&pool->lock);
        caller = call_one(pool);
        pthread_mutex_unlock(&pool->lock);
        if (caller)
            wake(caller);
    } while (caller);
}

void callers_submit(struct callers *pool, bs_request *request)
{
    atomic_fetch_add(&pool->carried, 1);
    pthread_mutex_lock(&pool->lock);
    append(pool, request);
    struct caller *caller = call_one(pool);
    pthread_mutex_unlock(&pool->lock);
    if (caller)
        wake(caller);
    bs_eventcount_signal(&pool->polled); /* a poller that serves may sleep */
}

enum bs_outcome callers_process(void *pool, bs_request *request, unsigned hints)
{
    (void)hints;
    callers_submit(pool, request);
    return BS_QUEUED;
}

/* Whatever has finished by now, oldest first. */
static void fetch(struct callers *pool)
{
    bs_request *stack = atomic_exchange(&pool->finished, NULL);
    while (stack) {
        bs_request *older = linked(stack);
        link_to(stack, pool->ready);
        pool->ready = stack;
        stack = older;
    }
}

static int any_finished(void *pool)
{
    return atomic_load(&((struct callers *)pool)->finished) != NULL;
}

/* The poller lets everybody at what has come since, and takes a group. */
static unsigned help(struct callers *pool, bs_request **done, unsigned max)
{
    pthread_mutex_lock(&pool->lock);
    release_held(pool);
    unsigned n = take(pool, done, max);
    pthread_mutex_unlock(&pool->lock);
    wake_callers(pool);
    if (n)
        serve(pool, pool->plan.threads, done, n);
    return n;
}

static int poll_ready(void *context)
{
    const struct callers *pool = context;
    return any_finished(context) || atomic_load(&pool->held) || atomic_load(&pool->waiting);
}

/* Serves a group of what is there or comes in time; 0 when something has finished meanwhile, or nothing came. */
static unsigned help_or_wait(struct callers *pool, bs_request **done, unsigned max, uint64_t wait_ns)
{
    uint64_t until = wait_ns ? bs_now_ns() + wait_ns : 0;
    unsigned n = help(pool, done, wait_ns || !pool->plan.threads ? max : 0);
    while (!n && wait_ns && bs_eventcount_wait(&pool->polled, poll_ready, pool, pool->spins, wait_ns) &&
           !any_finished(pool)) {
        n = help(pool, done, max); /* a caller may have been quicker */
        uint64_t now = bs_now_ns();
        wait_ns = now < until ? until - now : 0;
    }
    return n;
}

int callers_poll(void *opened, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct callers *pool = opened;
    unsigned n = 0;
    if (!pool->ready && !any_finished(pool)) {
        if (pool->plan.poller_serves)
            n = help_or_wait(pool, done, max, wait_ns);
        else if (wait_ns)
            bs_eventcount_wait(&pool->polled, any_finished, pool, pool->spins, wait_ns);
    }
    while (n < max) {
        if (!pool->ready)
            fetch(pool);
        if (!pool->ready)
            break;
        done[n++] = pool->ready;
        pool->ready = linked(pool->ready);
    }
    return (int)n;
}

unsigned callers_most(const struct callers *pool)
{
    return atomic_load(&pool->most);
}

void callers_forget(struct callers *pool)
{
    atomic_store(&pool->most, 0);
}

/* ---- open and close ---- */

static void dismiss(struct callers *pool)
{
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->leave, 1);
    struct caller *idle = pool->idle;
    for (struct caller *caller = idle; caller; caller = caller->next_idle)
        pool->looking++;
    pool->idle = NULL;
    pthread_mutex_unlock(&pool->lock);
    for (struct caller *next; idle; idle = next) {
        next = idle->next_idle; /* once awake, it is gone */
        wake(idle);
    }
}

static void release(struct callers *pool)
{
    pthread_mutex_destroy(&pool->lock);
    free(pool->callers);
    free(pool);
}

int callers_close(struct callers *pool)
{
    dismiss(pool);
    int lost = atomic_load(&pool->carried) != 0;
    for (unsigned i = 0; i < pool->started; i++)
        lost ? pthread_detach(pool->callers[i].thread) : pthread_join(pool->callers[i].thread, NULL);
    if (lost)
        return -EBUSY;
    release(pool);
    return 0;
}

static int start(struct callers *pool, const pthread_attr_t *attributes)
{
    int error = 0;
    for (; pool->started < pool->plan.threads && !error; pool->started += !error) {
        struct caller *caller = &pool->callers[pool->started];
        caller->pool = pool;
        caller->number = pool->started;
        error = pthread_create(&caller->thread, attributes, body, caller);
    }
    return -error;
}

/* A signal is for the thread that runs the engine: here it would only disturb a call. */
static int start_all(struct callers *pool)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int error = -pthread_attr_init(&attributes);
    if (error)
        return error;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = start(pool, &attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

static void *zeroed(size_t size)
{
    size = (size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    if (memory)
        memset(memory, 0, size);
    return memory;
}

/* With fewer CPUs than threads, looking keeps from running what it looks for. */
static unsigned spins_of(const struct callers_plan *plan)
{
    unsigned cpus = bs_usable_cpus();
    if (plan->poller_serves)
        return plan->threads && plan->threads < cpus ? OWN_CPU_SPINS : 0;
    return plan->threads + 1 <= cpus ? SPINS : 0;
}

int callers_open(struct callers **opened, const struct callers_plan *plan, callers_serve *serve,
                 void *context)
{
    struct callers *pool = zeroed(sizeof *pool);
    if (!pool)
        return -ENOMEM;
    pool->callers = zeroed((plan->threads + 1) * sizeof *pool->callers); /* there may be none */
    pthread_mutex_init(&pool->lock, NULL);
    if (!pool->callers) {
        release(pool);
        return -ENOMEM;
    }
    pool->serve = serve;
    pool->context = context;
    pool->plan = *plan;
    pool->spins = spins_of(plan);
    int error = start_all(pool);
    if (error) {
        callers_close(pool);
        return error;
    }
    *opened = pool;
    return 0;
}
