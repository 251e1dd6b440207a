/* What one worker does with the driver while the others wait and nothing of theirs is outstanding: then no other
 * request cures what went wrong with the last one.
 *
 * Drains: few requests, and nothing more until all are back; a lost interrupt is a request that never comes. Requests
 * with a thread that watches beside them. Rests, with nothing outstanding and with much that nobody polls. */
#include "stress_parts.h"

enum {
    WHOLE = 16, /* a cycle's size */
    DRAINS = 1200,
    WATCHED = 240,
    UNPOLLED_EVERY = 4, /* cycles */
    REST_EVERY = 6,
    UNPOLLED_NS = 3 * 1000 * 1000,
    REST_NS = 20 * 1000 * 1000,
    SOAK_SELDOM = 8, /* in a soak, rests come so many times less often */
};

static int over(struct stress_worker *worker, uint64_t until_ns)
{
    stress_end_in_time(worker->run);
    return stress_stopped(worker->run) || bs_now_ns() >= until_ns;
}

static struct stress_session *any(struct stress_worker *worker)
{
    return &worker->sessions[bs_below(&worker->random, worker->run->load.sessions)];
}

/* A session whose life is over makes room. 0: it is not to be used. */
static int ready(struct stress_session *session)
{
    if (!session->session || session->stalled)
        return 0;
    if (!session->draining && stress_session_has_more(session))
        return 1;
    session->draining = 1;
    stress_session_step(session);
    return session->session && !session->stalled && !session->draining;
}

/* Nothing more until all are back; what nobody holds back any more comes, or is lost. */
static void collect(struct stress_session *session)
{
    struct stress_worker *worker = session->worker;
    session->flushing = 1;
    while (atomic_load(&session->outstanding) && !session->stalled && !stress_stopped(worker->run)) {
        int moved = session->held ? stress_session_submit(session) : 0;
        if (!moved && !stress_session_poll(session, 64, 0) &&
            !stress_session_poll(session, 64, STRESS_WAIT_NS))
            stress_wait(worker);
    }
    session->flushing = 0;
}

/* Offers so many, as far as they are taken; nothing is held back after the last. */
static void offer(struct stress_session *session, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        session->flushing = i + 1 == count;
        if (!stress_session_has_more(session) || !stress_session_submit(session))
            break;
    }
    session->flushing = 0;
}

static void drains(struct stress_worker *worker, uint32_t count, uint64_t until_ns)
{
    for (uint32_t i = 0; i < count && !over(worker, until_ns); i++) {
        struct stress_session *session = any(worker);
        uint32_t few = bs_below(&worker->random, 4), depth = bs_below(&worker->random, session->depth);
        if (!ready(session) || !session->polled)
            continue;
        stress_session_poll(session, 64, 0); /* room for what was refused before */
        offer(session, few ? 1 : 1 + depth);
        collect(session);
        bs_count_note(&worker->drains, 1);
    }
}

static void watched(struct stress_worker *worker, uint32_t count, uint64_t until_ns)
{
    bs_finding nobodys;
    uint32_t before = worker->layout;
    if (!worker->run->watch)
        return;
    stress_watch_wake(worker->run);
    worker->layout = BS_LAY_APART | KNOWN_SLOT_CLOSE;
    worker->watches = 1;
    for (uint32_t i = 0; i < count && !over(worker, until_ns); i++) {
        struct stress_session *session = any(worker);
        uint32_t some = 1 + bs_below(&worker->random, 3);
        if (!ready(session))
            continue;
        stress_session_poll(session, 64, 0);
        offer(session, some);
        if (worker->watched)
            stress_watch_turn(worker);
        collect(session);
    }
    worker->watches = 0;
    worker->layout = before;
    if (worker->watched) /* lost, or the run was stopped */
        stress_watch_end(worker, &nobodys);
    stress_watch_sleep(worker->run);
}

/* With requests outstanding on every session, none of which is polled. */
static void rest_unpolled(struct stress_worker *worker)
{
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        if (ready(&worker->sessions[s]))
            offer(&worker->sessions[s], worker->sessions[s].depth);
    stress_sleep(worker->run, UNPOLLED_NS);
    bs_count_note(&worker->rests, 1);
    stress_quiet(worker);
}

static void rest(struct stress_worker *worker, uint64_t ns)
{
    stress_sleep(worker->run, ns);
    bs_count_note(&worker->rests, 1);
}

/* Of the thread that polls beside: from now on all completions are this thread's. */
static void pause_poller(struct stress_worker *worker)
{
    atomic_store(&worker->paused, 1);
    for (uint32_t s = 0; s < worker->run->load.sessions; s++) {
        pthread_mutex_lock(&worker->sessions[s].polling);
        pthread_mutex_unlock(&worker->sessions[s].polling);
    }
}

void stress_alone(struct stress_worker *worker, uint32_t cycle, uint32_t size, uint64_t until_ns)
{
    struct stress_run *run = worker->run;
    int queues = !(run->driver->flags & BS_FLAG_SYNC);
    uint32_t seldom = run->load.soak ? SOAK_SELDOM : 1;
    pause_poller(worker);
    watched(worker, 1 + WATCHED * size / WHOLE, until_ns);
    if (queues)
        drains(worker, 1 + DRAINS * size / WHOLE, until_ns);
    if (queues && cycle % (UNPOLLED_EVERY * seldom) == 1)
        rest_unpolled(worker);
    if (cycle % (REST_EVERY * seldom) == 2)
        rest(worker, REST_NS);
    if (run->load.rest_ns && !run->rested && stress_past_half(run)) {
        run->rested = 1;
        rest(worker, run->load.rest_ns);
    }
    atomic_store(&worker->paused, 0);
}
