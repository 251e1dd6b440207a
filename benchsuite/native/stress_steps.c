/* One step of a worker: on a session that is drawn, or on this one; and what it does where nothing moves. */
#include "stress_parts.h"

static void look_for_stalls(struct stress_worker *worker)
{
    uint64_t now = bs_now_ns();
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        stress_session_stalled(&worker->sessions[s], now);
}

void stress_wait(struct stress_worker *worker)
{
    uint32_t n = worker->run->load.sessions, at = bs_below(&worker->random, n);
    int waited = 0;
    for (uint32_t i = 0; i < n && !worker->beside && !waited; i++) {
        struct stress_session *session = &worker->sessions[(at + i) % n];
        waited = session->session && session->polled && atomic_load(&session->outstanding);
        if (waited)
            stress_session_poll(session, 64, STRESS_WAIT_NS);
    }
    if (!waited)
        stress_nap(STRESS_IDLE_NS);
    look_for_stalls(worker);
    stress_end_in_time(worker->run);
}

int stress_one_step(struct stress_worker *worker)
{
    uint32_t n = worker->run->load.sessions;
    int moved = stress_session_step(&worker->sessions[bs_below(&worker->random, n)]);
    if (worker->beside || (moved && !bs_below(&worker->random, 2)))
        return moved;
    /* One draw a statement: in which order C evaluates the arguments of a call is the compiler's choice. */
    struct stress_session *other = &worker->sessions[bs_below(&worker->random, n)];
    unsigned most = stress_some(&worker->random);
    return moved | stress_session_poll(other, most, 0);
}

void stress_step_or_wait(struct stress_worker *worker)
{
    worker->idle = stress_one_step(worker) ? 0 : worker->idle + 1;
    if (worker->idle <= 2 * worker->run->load.sessions)
        return;
    worker->idle = 0;
    stress_wait(worker);
}

/* A step of this session, which is to get on. */
void stress_push(struct stress_session *session)
{
    if (!stress_session_step(session) && !stress_session_poll(session, 64, 0) &&
        !stress_session_poll(session, 64, STRESS_WAIT_NS))
        stress_wait(session->worker);
}

static int is_quiet(const struct stress_worker *worker)
{
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        if (atomic_load(&worker->sessions[s].outstanding))
            return 0;
    return 1;
}

void stress_quiet(struct stress_worker *worker)
{
    uint32_t n = worker->run->load.sessions;
    for (uint32_t s = 0; s < n; s++)
        worker->sessions[s].flushing = 1;
    while (!is_quiet(worker) && !stress_stopped(worker->run)) {
        int moved = 0;
        for (uint32_t s = 0; s < n; s++) {
            struct stress_session *session = &worker->sessions[s];
            if (session->held)
                moved |= stress_session_submit(session);
            moved |= stress_session_poll(session, 64, 0);
        }
        if (!moved)
            stress_wait(worker);
    }
    for (uint32_t s = 0; s < n; s++)
        worker->sessions[s].flushing = 0;
}
