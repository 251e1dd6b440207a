/* Queues on real threads, as OCF's kthreads: the dispatcher (crypto_proc), the callback thread
 * (crypto_ret_proc, cbimm off), and for asynchronous drivers a completion thread in the place of the
 * interrupt. They live as long as the engine and sleep between runs. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "cpus.h"
#include "loop.h"
#include "open_loop.h"

enum {
    SPINS = 300, /* some microseconds of looking before a futex sleep */
    SLEEP_NS = 100 * 1000 * 1000,
    REFUSED_NS = 50 * 1000, /* a busy driver with nothing outstanding is asked again after this */
    POLL_NS = 10 * 1000 * 1000,
};

struct context {
    struct bs_eventcount event;
    pthread_t thread;
    int started;
    int cpu;             /* -1: wherever the kernel has it */
    _Atomic int working; /* may be inside the driver */
    struct bs_crew *crew;
    int (*ready)(struct ocf *);
    void (*work)(struct bs_crew *);
};

struct bs_crew {
    struct context contexts[OCF_CONTEXTS];
    struct bs_loop *loop;
    _Atomic int leave;
    unsigned spins;
    unsigned threads; /* so far */
};

static int ready(void *arg)
{
    struct context *context = arg;
    return context->ready(&context->crew->loop->ocf) || atomic_load(&context->crew->leave);
}

static int dispatcher_ready(struct ocf *ocf)
{
    return ocf_proc_ready(ocf) || ocf_refused_idle(ocf);
}

static void dispatcher(struct bs_crew *crew)
{
    static const struct timespec pause = {0, REFUSED_NS};
    struct ocf *ocf = &crew->loop->ocf;
    struct context *self = &crew->contexts[OCF_DISPATCHER];
    while (!atomic_load(&crew->leave)) {
        atomic_store(&self->working, 1);
        while (!atomic_load(&crew->leave) && ocf_proc_step(ocf))
            ;
        atomic_store(&self->working, 0);
        bs_eventcount_wait(&self->event, ready, self, crew->spins, SLEEP_NS);
        if (ocf_refused_idle(ocf)) {
            nanosleep(&pause, NULL);
            ocf_unblock(ocf);
        }
    }
}

static void callback_thread(struct bs_crew *crew)
{
    struct context *self = &crew->contexts[OCF_CALLBACK];
    while (!atomic_load(&crew->leave)) {
        atomic_store(&self->working, 1);
        while (!atomic_load(&crew->leave) && ocf_ret_step(&crew->loop->ocf))
            ;
        atomic_store(&self->working, 0);
        bs_eventcount_wait(&self->event, ready, self, crew->spins, SLEEP_NS);
    }
}

static int completions_due(struct ocf *ocf)
{
    return atomic_load(&ocf->in_driver) != 0;
}

static void completion_thread(struct bs_crew *crew)
{
    struct context *self = &crew->contexts[OCF_COMPLETION];
    while (!atomic_load(&crew->leave)) {
        atomic_store(&self->working, 1);
        int due = completions_due(&crew->loop->ocf);
        if (due)
            ocf_poll(&crew->loop->ocf, POLL_NS);
        atomic_store(&self->working, 0);
        if (!due)
            bs_eventcount_wait(&self->event, ready, self, crew->spins, SLEEP_NS);
    }
}

static void wake(void *context, enum ocf_context whom)
{
    struct bs_loop *loop = context;
    bs_eventcount_signal(&loop->crew->contexts[whom].event);
}

static void *body(void *arg)
{
    struct context *context = arg;
    bs_pin_to(context->cpu);
    context->work(context->crew);
    return NULL;
}

/* Threads of one of several workers share its CPU. Those of a single one are free, or take the CPUs that were
 * chosen, one after the other. */
static int cpu_of(const struct bs_crew *crew)
{
    const struct bs_worker *worker = crew->loop->worker;
    if (worker->engine->load.workers > 1)
        return bs_nth_cpu(worker->index);
    return bs_cpus_chosen() ? bs_nth_cpu(crew->threads) : -1;
}

static int start(struct bs_crew *crew, enum ocf_context which, void (*work)(struct bs_crew *),
                 int (*work_ready)(struct ocf *))
{
    struct context *context = &crew->contexts[which];
    context->crew = crew;
    context->work = work;
    context->ready = work_ready;
    context->cpu = cpu_of(crew);
    crew->threads++;
    int error = pthread_create(&context->thread, NULL, body, context);
    context->started = !error;
    return -error;
}

static void close_threads(struct bs_worker *worker)
{
    struct bs_crew *crew = worker->loop ? worker->loop->crew : NULL;
    if (crew) {
        atomic_store(&crew->leave, 1);
        for (int i = 0; i < OCF_CONTEXTS; i++)
            bs_eventcount_signal(&crew->contexts[i].event);
        for (int i = 0; i < OCF_CONTEXTS; i++)
            if (crew->contexts[i].started)
                pthread_join(crew->contexts[i].thread, NULL);
        free(crew);
    }
    bs_loop_close(worker);
}

static int open_threads(struct bs_worker *worker)
{
    const struct bs_engine *engine = worker->engine;
    int error = bs_loop_open(worker, wake);
    if (error)
        return error;
    size_t size = (sizeof(struct bs_crew) + 63) / 64 * 64;
    struct bs_crew *crew = aligned_alloc(64, size);
    if (!crew)
        return -ENOMEM;
    memset(crew, 0, size);
    crew->loop = worker->loop;
    /* Spinning beside the thread one waits for only takes its CPU away. */
    crew->spins = engine->load.workers == 1 && bs_usable_cpus() > 1 ? SPINS : 0;
    worker->loop->crew = crew;
    worker->loop->ocf.lock_process = !engine->load.batch;

    error = start(crew, OCF_DISPATCHER, dispatcher, dispatcher_ready);
    if (!error && !engine->load.cbimm)
        error = start(crew, OCF_CALLBACK, callback_thread, ocf_ret_ready);
    if (!error && !engine->synchronous)
        error = start(crew, OCF_COMPLETION, completion_thread, completions_due);
    return error;
}

static void run(struct bs_worker *worker)
{
    struct bs_loop *loop = worker->loop;
    bs_loop_start(loop);
    while (!bs_eventcount_wait(&loop->finished, bs_loop_idle, loop, 0, POLL_NS)) {
        if (!bs_loop_stalled(loop))
            continue;
        worker->status = -ETIMEDOUT;
        worker->engine->lost = 1;
        break;
    }
    bs_loop_finish(loop);
}

static void run_open(struct bs_worker *worker)
{
    const struct bs_crew *crew = worker->loop->crew;
    bs_open_queued(worker, NULL, crew->threads + 1, crew->spins);
}

/* The last completion may be seen before the thread that made it has left the driver. */
static void settle(struct bs_worker *worker)
{
    unsigned looks = 0;
    for (int i = 0; i < OCF_CONTEXTS; i++) /* those that submit come before the one that polls */
        while (atomic_load(&worker->loop->crew->contexts[i].working))
            bs_await(++looks);
}

static void add_counters(struct bs_worker *worker, bs_counters *into)
{
    bs_loop_add_counters(worker, into);
    for (int i = 0; i < OCF_CONTEXTS; i++)
        into->wakeups += bs_count_read(&worker->loop->crew->contexts[i].event.wakeups);
}

static int cpu_of_context(const struct bs_worker *worker, int which)
{
    const struct context *context = &worker->loop->crew->contexts[which];
    return context->started ? context->cpu : -ENOENT;
}

const struct bs_executor bs_threads = {
    .open = open_threads,
    .run = run,
    .run_open = run_open,
    .add_counters = add_counters,
    .close = close_threads,
    .stamps = 5,
    .settle = settle,
    .cpu_of = cpu_of_context,
};
