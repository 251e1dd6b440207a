#include "ocf.h"

#include <errno.h>

#include "clock.h"

enum {
    POLL_MAX = 64,
    TURN_NS = 50 * 1000, /* of several sessions none is waited for longer at once */
};

/* ---- completion: crypto_done ---- */

static void done(struct ocf *ocf, bs_request *request)
{
    if (request->sampled)
        request->done = ocf_ticks(ocf);
    if (ocf->count_outstanding)
        atomic_fetch_sub(&ocf->outstanding, 1);
    if (ocf->cbimm) {
        ocf->callback(ocf->context, request);
        return;
    }
    ocf_push(&ocf->ret_queue, request);
    ocf->wake(ocf->context, OCF_CALLBACK);
}

int ocf_ret_ready(struct ocf *ocf)
{
    return ocf_waiting(&ocf->ret_queue);
}

int ocf_ret_step(struct ocf *ocf)
{
    bs_request *request = ocf_pop(&ocf->ret_queue);
    if (!request)
        return 0;
    ocf->callback(ocf->context, request);
    return 1;
}

/* ---- submission: crypto_invoke ---- */

static void note_queued(struct ocf *ocf, uint32_t held)
{
    uint32_t high = atomic_load_explicit(&ocf->high_water, memory_order_relaxed);
    while (held > high && !atomic_compare_exchange_weak(&ocf->high_water, &high, held))
        ;
}

/* So many are no longer in the driver. */
static void take_back(struct ocf *ocf, struct ocf_session *session, uint32_t n)
{
    atomic_fetch_sub(&ocf->in_driver, n);
    if (ocf->session_count > 1)
        atomic_fetch_sub(&session->in_driver, n);
}

/* 0 is kept for what the driver does not have. */
static uint32_t next_order(struct ocf *ocf)
{
    if (++ocf->submissions == 0)
        ocf->submissions = 1;
    return ocf->submissions;
}

/* Hands one request over. COMPLETED is left to the caller, who may hold the process lock. */
static enum bs_outcome submit(struct ocf *ocf, bs_request *request, unsigned hints)
{
    struct ocf_session *session = &ocf->sessions[request->session];
    int asynchronous = !ocf->synchronous;
    uint32_t sampled = request->sampled; /* once QUEUED, the request may be anybody's */
    uint32_t unblocks = atomic_load(&ocf->unblocks);
    uint32_t held = 0;
    uint64_t before = 0;
    if (asynchronous) {
        held = atomic_fetch_add(&ocf->in_driver, 1) + 1;
        if (ocf->session_count > 1)
            atomic_fetch_add(&session->in_driver, 1);
        request->order = next_order(ocf);
    }
    if (sampled)
        before = request->invoked = ocf_ticks(ocf);
    enum bs_outcome outcome = session->process(session->state, request, hints);
    if (sampled && outcome != BS_BUSY)
        bs_histogram_add(ocf->slat, bs_ticks_between(before, ocf_ticks(ocf)));
    if (asynchronous && outcome == BS_QUEUED) {
        note_queued(ocf, held);
        ocf->wake(ocf->context, OCF_COMPLETION);
    } else if (asynchronous) {
        request->order = 0;
        take_back(ocf, session, 1);
    }
    if (outcome == BS_BUSY) {
        bs_count_note(&ocf->busy, 1);
        atomic_store(&ocf->refused, request);
        atomic_store(&ocf->blocked, 1);
        if (atomic_load(&ocf->unblocks) != unblocks) /* room was made meanwhile: nobody would say so again */
            atomic_store(&ocf->blocked, 0);
    }
    return outcome;
}

static void dispatch_now(struct ocf *ocf, bs_request *request)
{
    if (ocf->lock_process)
        pthread_mutex_lock(&ocf->process_lock);
    int tried = !atomic_load(&ocf->blocked) && !atomic_load(&ocf->refused) && !ocf_waiting(&ocf->queue);
    enum bs_outcome outcome = tried ? submit(ocf, request, 0) : BS_BUSY;
    if (!tried) /* under the lock: whoever comes next must see it */
        ocf_push(&ocf->queue, request);
    if (ocf->lock_process)
        pthread_mutex_unlock(&ocf->process_lock);
    if (outcome == BS_COMPLETED)
        done(ocf, request);
    else if (outcome == BS_BUSY)
        ocf->wake(ocf->context, OCF_DISPATCHER);
}

int ocf_dispatch(struct ocf *ocf, bs_request *request)
{
    if (ocf->count_outstanding) {
        if (atomic_fetch_add(&ocf->outstanding, 1) >= ocf->crypto_q_max) {
            atomic_fetch_sub(&ocf->outstanding, 1);
            bs_count_note(&ocf->drops, 1);
            return -ENOMEM;
        }
    }
    if (!ocf->batch) {
        dispatch_now(ocf, request);
        return 0;
    }
    ocf_push(&ocf->queue, request);
    ocf->wake(ocf->context, OCF_DISPATCHER);
    return 0;
}

int ocf_refused_idle(struct ocf *ocf)
{
    return atomic_load(&ocf->blocked) && !atomic_load(&ocf->in_driver);
}

int ocf_proc_ready(struct ocf *ocf)
{
    return !atomic_load(&ocf->blocked) && (atomic_load(&ocf->refused) || ocf_waiting(&ocf->queue));
}

/* The next call of process will be for the same session. */
static int more_follows(struct ocf *ocf, const bs_request *request)
{
    if (ocf->session_count == 1)
        return ocf_waiting(&ocf->queue);
    const bs_request *next = ocf_first(&ocf->queue);
    return next && next->session == request->session;
}

static unsigned hints_for(struct ocf *ocf, const bs_request *request)
{
    if (!ocf->batch || !more_follows(ocf, request))
        return 0;
    if (ocf->batch >= 2 && ocf->since_kick + 1 >= ocf->batch)
        return 0;
    return BS_HINT_MORE;
}

int ocf_proc_step(struct ocf *ocf)
{
    if (ocf->lock_process)
        pthread_mutex_lock(&ocf->process_lock);
    bs_request *request = NULL;
    enum bs_outcome outcome = BS_BUSY;
    if (!atomic_load(&ocf->blocked)) {
        request = atomic_load(&ocf->refused);
        if (request) /* only who submits sets it */
            atomic_store(&ocf->refused, NULL);
        else
            request = ocf_pop(&ocf->queue);
    }
    if (request) {
        unsigned hints = hints_for(ocf, request);
        outcome = submit(ocf, request, hints);
        /* BUSY has submitted what was held back, as a call without HINT_MORE does. */
        ocf->since_kick = hints && outcome != BS_BUSY ? ocf->since_kick + 1 : 0;
    }
    if (ocf->lock_process)
        pthread_mutex_unlock(&ocf->process_lock);
    if (outcome == BS_COMPLETED)
        done(ocf, request);
    return request && outcome != BS_BUSY;
}

void ocf_unblock(struct ocf *ocf)
{
    atomic_fetch_add(&ocf->unblocks, 1);
    if (atomic_exchange(&ocf->blocked, 0))
        ocf->wake(ocf->context, OCF_DISPATCHER);
}

/* Leaves out what the driver did not have: its callback has run, or it was never dispatched. All are looked at
 * before the first callback, which may dispatch its request again. Returns how many remain. */
static int check_finished(struct ocf *ocf, struct ocf_session *session, bs_request **finished, int n)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        bs_request *request = finished[i];
        if (!request->order || &ocf->sessions[request->session] != session) {
            bs_count_note(&ocf->twice, 1);
            continue;
        }
        if ((int32_t)(request->order - session->latest) < 0)
            bs_count_note(&ocf->reordered, 1);
        else
            session->latest = request->order;
        request->order = 0;
        finished[kept++] = request;
    }
    return kept;
}

static int collect(struct ocf *ocf, struct ocf_session *session, uint64_t wait_ns)
{
    bs_request *finished[POLL_MAX];
    struct bs_polling_sample sample;
    int due = bs_polling_due(&ocf->polling) && !ocf->clock;
    if (due)
        bs_polling_begin(&sample);
    int n = ocf->driver->poll(session->state, finished, POLL_MAX, wait_ns);
    if (due)
        bs_polling_end(&ocf->polling, &sample);
    n = check_finished(ocf, session, finished, n);
    if (n <= 0)
        return 0;
    take_back(ocf, session, (uint32_t)n);
    ocf_unblock(ocf);
    for (int i = 0; i < n; i++)
        done(ocf, finished[i]);
    return n;
}

static struct ocf_session *next_in_turn(struct ocf *ocf)
{
    ocf->turn = ocf->turn + 1 < ocf->session_count ? ocf->turn + 1 : 0;
    return &ocf->sessions[ocf->turn];
}

/* Of the first that has any; or else a while is given to the next one that has something outstanding. */
static int collect_any(struct ocf *ocf, uint64_t wait_ns)
{
    int n = 0;
    for (uint32_t i = 0; i < ocf->session_count && !n; i++)
        n = collect(ocf, next_in_turn(ocf), 0);
    for (uint32_t i = 0; i < ocf->session_count && !n && wait_ns; i++) {
        struct ocf_session *session = next_in_turn(ocf);
        if (!atomic_load(&session->in_driver))
            continue;
        n = collect(ocf, session, wait_ns < TURN_NS ? wait_ns : TURN_NS);
        wait_ns = 0;
    }
    return n;
}

static int collected(struct ocf *ocf, int n)
{
    if (n)
        return n;
    bs_count_note(&ocf->empty_polls, 1);
    if (!atomic_load(&ocf->in_driver))
        ocf_unblock(ocf);
    return 0;
}

int ocf_poll_session(struct ocf *ocf, struct ocf_session *session, uint64_t wait_ns)
{
    return collected(ocf, collect(ocf, session, wait_ns));
}

int ocf_poll(struct ocf *ocf, uint64_t wait_ns)
{
    if (ocf->session_count == 1)
        return ocf_poll_session(ocf, ocf->sessions, wait_ns);
    return collected(ocf, collect_any(ocf, wait_ns));
}

void ocf_init(struct ocf *ocf)
{
    pthread_mutex_init(&ocf->process_lock, NULL);
}

void ocf_destroy(struct ocf *ocf)
{
    pthread_mutex_destroy(&ocf->process_lock);
}
