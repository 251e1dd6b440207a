/* The workers seen from outside: waits for their end, and gives up one that the driver does not let go. A thread
 * inside a system call cannot be ended: should it come back, it finds that nothing here is its own any more, and stays
 * where it is. What it and the driver have is kept for ever. */
#include <unistd.h>

#include "stress_parts.h"

/* Where a worker is: a number of its own for every time inside the driver, odd; else one of these. */
enum { OUTSIDE = 0, GIVEN_UP = 2, ENDED = 4, LOOK_NS = 5 * 1000 * 1000 };

void stress_enter(struct stress_session *session, struct known_slot *slot)
{
    struct stress_worker *worker = session->worker;
    worker->inside = session;
    worker->inside_with = slot;
    worker->entered += 2;
    atomic_store(&worker->where, worker->entered | 1);
}

void stress_come_back(struct stress_worker *worker)
{
    uint32_t inside = atomic_load(&worker->where);
    if (inside == GIVEN_UP || !atomic_compare_exchange_strong(&worker->where, &inside, OUTSIDE))
        for (;;)
            pause();
}

void stress_ended(struct stress_worker *worker)
{
    atomic_store(&worker->where, ENDED);
}

/* Counted in looks, not in time: a machine that stands still does not look either. */
static int too_long_inside(struct stress_worker *worker, uint32_t where)
{
    if (where != worker->seen) {
        worker->seen = where;
        worker->looks_at_it = 0;
    }
    return where & 1 && ++worker->looks_at_it > worker->run->load.stall_ns / LOOK_NS;
}

static void give_up(struct stress_worker *worker)
{
    bs_finding fault = {0};
    pthread_detach(worker->thread);
    stress_report(worker->inside, worker->inside_with, BS_FOUND_LOST, &fault);
    atomic_store(&worker->leave, 1);
    if (worker->beside)
        pthread_join(worker->poller, NULL);
    stress_gate_leave(&worker->run->gate);
}

/* 1: nothing is to be waited for any more. */
static int is_through(struct stress_worker *worker)
{
    uint32_t where = atomic_load(&worker->where);
    if (where == ENDED || where == GIVEN_UP)
        return 1;
    if (!too_long_inside(worker, where) || !atomic_compare_exchange_strong(&worker->where, &where, GIVEN_UP))
        return 0;
    give_up(worker);
    return 1;
}

void stress_wait_for_workers(struct stress_run *run, uint32_t started)
{
    for (uint32_t through = 0; through < started;) {
        through = 0;
        for (uint32_t w = 0; w < started; w++)
            through += (uint32_t)is_through(&run->workers[w]);
        if (through < started)
            stress_nap(LOOK_NS);
    }
    for (uint32_t w = 0; w < started; w++)
        if (atomic_load(&run->workers[w].where) == ENDED)
            pthread_join(run->workers[w].thread, NULL);
}
