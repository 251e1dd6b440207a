#include "log.h"
#include "loop.h"

#include <errno.h>
#include <stdlib.h>

enum { INTERRUPTED_STALL_NS = 300 * 1000 * 1000 }; /* Ctrl-C does not wait for a lost completion */

/* Requests of this run that are done, about: others may be counting. */
static uint64_t done(const struct bs_loop *loop)
{
    const struct bs_worker *worker = loop->worker;
    uint64_t given = bs_count_read(&loop->dispatched);
    uint64_t outstanding = worker->q_len -
                           atomic_load_explicit(&((struct bs_loop *)loop)->idle, memory_order_relaxed);
    given = given < worker->target ? given : worker->target;
    return given > outstanding ? given - outstanding : 0;
}

void bs_loop_note_status(struct bs_loop *loop, const bs_request *request)
{
    if (!request->status)
        return;
    int32_t none = 0;
    bs_count_note(&loop->failed, 1);
    atomic_compare_exchange_strong(&loop->first_error, &none, request->status);
}

static void account(struct bs_loop *loop, bs_request *request)
{
    bs_loop_note_status(loop, request);
    if (request->sampled) {
        struct bs_worker *worker = loop->worker;
        uint64_t now = ocf_ticks(&loop->ocf);
        pthread_mutex_lock(&loop->sample_lock);
        if (worker->log)
            bs_log_sample(worker, now, done(loop));
        bs_histogram_add(&worker->latency[BS_CLAT], bs_ticks_between(request->invoked, request->done));
        bs_histogram_add(&worker->latency[BS_LAT], bs_ticks_between(request->dispatched, now));
        pthread_mutex_unlock(&loop->sample_lock);
    }
}

static void callback(void *context, bs_request *request)
{
    struct bs_loop *loop = context;
    account(loop, request);
    if (loop->defer) {
        request->next = loop->deferred;
        loop->deferred = request;
    } else {
        bs_loop_completed(loop, request);
    }
}

int bs_loop_gives(const struct bs_loop *loop)
{
    return !bs_halted(loop->worker->engine) && bs_count_read(&loop->dispatched) < loop->worker->target;
}

/* 1: the run still has a request to give out. */
static int claim(struct bs_loop *loop, uint64_t *number)
{
    if (!bs_loop_gives(loop))
        return 0;
    *number = bs_count_add(&loop->dispatched, 1);
    return *number < loop->worker->target;
}

static void retire(struct bs_loop *loop)
{
    if (atomic_fetch_add(&loop->idle, 1) + 1 == loop->worker->q_len)
        bs_eventcount_signal(&loop->finished);
}

static int dispatch(struct bs_loop *loop, bs_request *request, uint64_t number)
{
    struct bs_worker *worker = loop->worker;
    bs_next_request(worker, request);
    request->sampled = (number & worker->sample_mask) == 0;
    if (request->sampled) {
        bs_count_note(&loop->sampled, 1);
        request->dispatched = ocf_ticks(&loop->ocf);
    }
    return ocf_dispatch(&loop->ocf, request);
}

static void enqueue(struct bs_loop *loop, bs_request *request)
{
    request->next = NULL;
    *loop->waiting_end = request;
    loop->waiting_end = &request->next;
}

/* The slot that has waited longest goes, or all retire when the run has no more to give. */
static void release_one(struct bs_loop *loop)
{
    bs_request *first = loop->waiting;
    uint64_t number;
    if (!first)
        return;
    if (!claim(loop, &number)) {
        loop->waiting = NULL;
        loop->waiting_end = &loop->waiting;
        for (bs_request *next; first; first = next) {
            next = first->next;
            retire(loop);
        }
        return;
    }
    bs_request *rest = first->next;
    if (dispatch(loop, first, number) == 0) {
        loop->waiting = rest;
        if (!rest)
            loop->waiting_end = &loop->waiting;
        return;
    }
    bs_count_take_back(&loop->dispatched, 1);
    if (first->sampled)
        bs_count_take_back(&loop->sampled, 1);
    first->next = rest;
}

/* Where crypto_q_max is below q_len, refused slots wait in line; each completion lets one go. */
static void next_in_line(struct bs_loop *loop, bs_request *request)
{
    pthread_mutex_lock(&loop->waiting_lock);
    if (request)
        enqueue(loop, request);
    release_one(loop);
    pthread_mutex_unlock(&loop->waiting_lock);
}

/* Dispatches the slot again, or retires it. */
static inline void next(struct bs_loop *loop, bs_request *request)
{
    uint64_t number;
    if (loop->ocf.count_outstanding)
        next_in_line(loop, request);
    else if (claim(loop, &number))
        dispatch(loop, request, number);
    else
        retire(loop);
}

void bs_loop_next(struct bs_loop *loop, bs_request *request)
{
    next(loop, request);
}

void bs_loop_completed(struct bs_loop *loop, bs_request *request)
{
    if (!loop->worker->keep_input) {
        next(loop, request);
        return;
    }
    retire(loop); /* the last round: once per slot */
    if (loop->ocf.count_outstanding)
        next_in_line(loop, NULL);
}

void bs_loop_reset(struct bs_loop *loop)
{
    bs_count_clear(&loop->dispatched);
    bs_count_clear(&loop->failed);
    bs_count_clear(&loop->sampled);
    bs_polling_reset(&loop->ocf.polling);
    atomic_store(&loop->idle, 0);
    loop->progress = 0;
    loop->progress_ns = bs_now_ns();
}

void bs_loop_start(struct bs_loop *loop)
{
    bs_loop_reset(loop);
    for (uint32_t i = 0; i < loop->worker->q_len; i++)
        bs_loop_next(loop, &loop->worker->slots[i].request);
}

int bs_loop_idle(void *context)
{
    struct bs_loop *loop = context;
    return atomic_load(&loop->idle) == loop->worker->q_len;
}

int bs_loop_stuck(struct bs_loop *loop, uint64_t moved)
{
    uint64_t now = bs_now_ns();
    if (moved != loop->progress) {
        loop->progress = moved;
        loop->progress_ns = now;
    }
    if (loop->worker->engine->synchronous && !atomic_load(&loop->ocf.blocked))
        return 0; /* inside process, in our own threads: slow, not lost */
    uint64_t patience = loop->worker->engine->load.stall_ns;
    if (bs_halted(loop->worker->engine) == BS_INTERRUPTED && patience > INTERRUPTED_STALL_NS)
        patience = INTERRUPTED_STALL_NS;
    return now - loop->progress_ns > patience;
}

int bs_loop_stalled(struct bs_loop *loop)
{
    return bs_loop_stuck(loop, bs_count_read(&loop->dispatched) + atomic_load(&loop->idle));
}

static uint64_t outstanding(struct bs_loop *loop)
{
    uint64_t n = loop->worker->q_len - atomic_load(&loop->idle);
    pthread_mutex_lock(&loop->waiting_lock);
    for (bs_request *r = loop->waiting; r; r = r->next)
        n--;
    pthread_mutex_unlock(&loop->waiting_lock);
    return n;
}

void bs_loop_finish(struct bs_loop *loop)
{
    struct bs_worker *worker = loop->worker;
    uint64_t dispatched = bs_count_read(&loop->dispatched);
    worker->performed = dispatched < worker->target ? dispatched : worker->target;
    if (worker->status == -ETIMEDOUT) {
        worker->performed -= outstanding(loop);
        worker->lost = atomic_load(&loop->ocf.in_driver);
    }
    worker->sampled = bs_count_read(&loop->sampled);
    bs_loop_verdict(loop);
}

void bs_loop_verdict(struct bs_loop *loop)
{
    struct bs_worker *worker = loop->worker;
    int disorder = worker->engine->driver->flags & BS_FLAG_ORDERED && bs_count_read(&loop->ocf.reordered);
    if (!worker->status && (disorder || bs_count_read(&loop->ocf.twice)))
        worker->status = -EPROTO;
    worker->failed = bs_count_read(&loop->failed);
    if (!worker->counters.first_error)
        worker->counters.first_error = atomic_load(&loop->first_error);
}

uint64_t bs_loop_polled(struct bs_worker *worker)
{
    struct bs_loop *loop = worker->loop;
    if (!loop || loop->ocf.synchronous || loop->ocf.clock)
        return 0;
    return bs_polling_collect(&loop->ocf.polling, &worker->polled, worker->end_ns - worker->begin_ns);
}

void bs_loop_add_counters(struct bs_worker *worker, bs_counters *into)
{
    struct bs_loop *loop = worker->loop;
    uint64_t high = atomic_load(&loop->ocf.high_water);
    if (worker->engine->synchronous)
        high = 1;
    into->busy += bs_count_read(&loop->ocf.busy);
    into->drops += bs_count_read(&loop->ocf.drops);
    into->empty_polls += bs_count_read(&loop->ocf.empty_polls);
    into->reordered += bs_count_read(&loop->ocf.reordered);
    into->twice += bs_count_read(&loop->ocf.twice);
    into->high_water = high > into->high_water ? high : into->high_water;
}

int bs_loop_open(struct bs_worker *worker, void (*wake)(void *, enum ocf_context))
{
    const struct bs_load *load = &worker->engine->load;
    size_t size = (sizeof(struct bs_loop) + 63) / 64 * 64;
    struct bs_loop *loop = aligned_alloc(64, size);
    struct ocf_session *sessions = aligned_alloc(64, load->sessions * sizeof *sessions);
    if (!loop || !sessions) {
        free(loop);
        free(sessions);
        return -ENOMEM;
    }
    memset(loop, 0, size);
    memset(sessions, 0, load->sessions * sizeof *sessions);
    loop->worker = worker;
    loop->waiting_end = &loop->waiting;
    pthread_mutex_init(&loop->sample_lock, NULL);
    pthread_mutex_init(&loop->waiting_lock, NULL);
    loop->ocf.driver = worker->engine->driver;
    loop->ocf.sessions = sessions;
    loop->ocf.session_count = load->sessions;
    for (uint32_t i = 0; i < load->sessions; i++) {
        sessions[i].process = worker->sessions[i]->process;
        sessions[i].state = worker->sessions[i]->state;
    }
    loop->ocf.synchronous = worker->engine->synchronous;
    loop->ocf.batch = load->batch;
    loop->ocf.cbimm = load->cbimm;
    loop->ocf.crypto_q_max = load->crypto_q_max;
    loop->ocf.count_outstanding = load->q_len > load->crypto_q_max;
    loop->ocf.slat = &worker->latency[BS_SLAT];
    loop->ocf.callback = callback;
    loop->ocf.wake = wake;
    loop->ocf.context = loop;
    ocf_init(&loop->ocf);
    if (!loop->ocf.synchronous)
        bs_polling_open(&loop->ocf.polling);
    worker->loop = loop;
    return 0;
}

void bs_loop_close(struct bs_worker *worker)
{
    struct bs_loop *loop = worker->loop;
    if (!loop)
        return;
    ocf_destroy(&loop->ocf);
    pthread_mutex_destroy(&loop->sample_lock);
    pthread_mutex_destroy(&loop->waiting_lock);
    free(loop->ocf.sessions);
    free(loop);
    worker->loop = NULL;
}
