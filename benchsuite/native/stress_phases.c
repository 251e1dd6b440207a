/* What a worker does, cycle after cycle: a mixture of everything, small requests at full speed on a session that lives
 * for the whole run, many brief sessions beside busy ones, and chained sessions beside one another. Then nothing is
 * outstanding in the whole process, and one worker has the driver alone.
 *
 * How much there is of each is counted, so that the same seed makes the same traffic; only where the driver is slow
 * does a phase end by the clock, and not where the run ends by requests. The first cycles are short: a short run has
 * something of everything. */
#include "stress_parts.h"

enum {
    LOOKS = 8,   /* steps between two looks at the clock */
    CYCLES = 16, /* that there is time for, of a slow driver */
    WHOLE = 16,  /* a cycle's size; the first are smaller */
    OTHERS = 8,  /* beside so many steps of a brief session, one of another one */

    /* of a cycle: how much of it, and percent of its time */
    MIXED = 600,
    MIXED_TIME = 25,
    QUICK = 4400,
    QUICK_TIME = 30,
    BRIEF = 700,
    BRIEF_TIME = 25,
    CHAINED_TIME = 5,
    ALONE_TIME = 25,
    STEADY = 50, /* a soak's mixture is so many times as large */

    /* what a run is to reach early; then there is less of it, and more of the mixture */
    LONG = 70000, /* requests of one session */
    MANY = 17500, /* sessions */
    REACHED = 4,
};

/* ---- phases ---- */

static int over(struct stress_worker *worker, uint64_t until_ns)
{
    if (stress_stopped(worker->run))
        return 1;
    if (++worker->looks % LOOKS)
        return 0;
    stress_end_in_time(worker->run);
    return bs_now_ns() >= until_ns;
}

/* How large the phases are to be, of this cycle, and how long in all at most. */
struct cycle {
    uint32_t number, size;
    uint64_t ns; /* or BY_COUNT */
};

#define BY_COUNT UINT64_MAX

static struct cycle cycle_of(const struct stress_run *run, uint32_t number)
{
    const bs_stress_load *load = &run->load;
    uint32_t size = number < 4 ? 1u << number : WHOLE;
    uint64_t ns = load->requests ? BY_COUNT : (load->time_ns - load->rest_ns) / CYCLES;
    return (struct cycle){number, size, ns};
}

static uint32_t part(const struct cycle *cycle, uint32_t count, int reached)
{
    uint32_t some = count * cycle->size / WHOLE;
    return 1 + (reached ? some / REACHED : some);
}

static uint64_t until(const struct cycle *cycle, uint32_t percent)
{
    return cycle->ns == BY_COUNT ? UINT64_MAX : bs_now_ns() + cycle->ns / 100 * percent;
}

static int has_lived_long(const struct stress_worker *worker)
{
    return worker->sessions[0].next_number > LONG;
}

static void mix(struct stress_worker *worker, const struct cycle *cycle)
{
    uint32_t times = worker->run->load.soak ? STEADY : has_lived_long(worker) ? REACHED : 1;
    uint64_t target = worker->offered + times * part(cycle, MIXED, 0);
    uint64_t until_ns = until(cycle, MIXED_TIME);
    while (worker->offered < target && !over(worker, until_ns))
        stress_step_or_wait(worker);
}

static void quick(struct stress_worker *worker, const struct cycle *cycle)
{
    uint64_t until_ns = until(cycle, QUICK_TIME);
    worker->small = 1;
    worker->layout |= KNOWN_SLOT_CLOSE;
    for (uint32_t s = 0; s < worker->run->load.sessions && (s == 0 || worker->sessions[s].lives); s++) {
        uint64_t target = worker->offered + part(cycle, QUICK, has_lived_long(worker));
        while (worker->offered < target && !over(worker, until_ns))
            stress_push(&worker->sessions[s]);
    }
    worker->small = 0;
    worker->layout &= ~(uint32_t)KNOWN_SLOT_CLOSE;
}

static struct stress_session *last_of(struct stress_worker *worker)
{
    return &worker->sessions[worker->run->load.sessions - 1];
}

/* In the place of the worker's last session. */
static void brief(struct stress_worker *worker, const struct cycle *cycle)
{
    struct stress_run *run = worker->run;
    struct stress_session *session = last_of(worker);
    if (!run->load.churn || session->lives)
        return;
    uint64_t until_ns = until(cycle, BRIEF_TIME);
    uint64_t target = bs_count_read(&worker->opened) + part(cycle, BRIEF, stress_sessions(run) > MANY);
    session->draining = 1;
    worker->brief = 1;
    worker->layout |= KNOWN_SLOT_CLOSE;
    while (bs_count_read(&worker->opened) < target && !over(worker, until_ns)) {
        worker->small = bs_below(&worker->random, 4) > 0;
        stress_push(session);
        if (!bs_below(&worker->random, OTHERS))
            stress_one_step(worker);
    }
    worker->small = worker->brief = 0;
    worker->layout &= ~(uint32_t)KNOWN_SLOT_CLOSE;
    session->draining = 1;
}

/* NULL: none is. */
static const bs_traffic *some_chained(struct stress_worker *worker)
{
    const struct stress_run *run = worker->run;
    uint32_t count = 0;
    for (uint32_t t = 0; t < run->traffics; t++)
        count += run->traffic[t].params->chained != 0;
    if (!count)
        return NULL;
    uint32_t which = bs_below(&worker->random, count);
    for (uint32_t t = 0;; t++)
        if (run->traffic[t].params->chained && which-- == 0)
            return &run->traffic[t];
}

/* One stream on all sessions but those that live: they begin one after the other, and stand at different places. */
static void chain(struct stress_worker *worker, const struct cycle *cycle)
{
    uint32_t places = 0;
    worker->chain = some_chained(worker);
    if (!worker->chain)
        return;
    uint64_t until_ns = until(cycle, CHAINED_TIME);
    for (uint32_t s = 0; s < worker->run->load.sessions; s++) {
        struct stress_session *session = &worker->sessions[s];
        session->draining |= !session->lives;
        places += !session->lives;
    }
    uint64_t target = bs_count_read(&worker->opened) + 2 * places;
    while (bs_count_read(&worker->opened) < target && !over(worker, until_ns))
        stress_step_or_wait(worker);
    worker->chain = NULL;
}

/* The workers begin with different ones, so that brief sessions come and go beside large requests. */
static void beside_the_others(struct stress_worker *worker, const struct cycle *cycle)
{
    static void (*const phases[])(struct stress_worker *, const struct cycle *) = {mix, quick, brief, chain};
    enum { PHASES = sizeof phases / sizeof phases[0] };
    for (uint32_t i = 0; i < PHASES; i++) {
        phases[(i + worker->index) % PHASES](worker, cycle);
        if (worker->index == 0)
            stress_memory_look(worker->run);
    }
}

/* ---- together ---- */

static void wait_for_others(struct stress_worker *worker, const struct cycle *cycle)
{
    struct stress_run *run = worker->run;
    atomic_fetch_add(&run->through, 1);
    while (atomic_load(&run->through) < run->load.workers * (cycle->number + 1) && !over(worker, UINT64_MAX))
        stress_step_or_wait(worker);
}

/* Whatever comes after a rest, or at the beginning: every session is asked for something. */
static void greet(struct stress_worker *worker)
{
    for (uint32_t s = 0; s < worker->run->load.sessions && !stress_stopped(worker->run); s++)
        stress_session_step(&worker->sessions[s]);
}

void stress_keep_busy(struct stress_worker *worker)
{
    struct stress_run *run = worker->run;
    for (uint32_t number = 0; !stress_stopped(run); number++) {
        struct cycle cycle = cycle_of(run, number);
        greet(worker);
        beside_the_others(worker, &cycle);
        wait_for_others(worker, &cycle);
        stress_quiet(worker);
        stress_gate_wait(&run->gate);
        if (number % run->load.workers == worker->index && !stress_stopped(run))
            stress_alone(worker, number, cycle.size, until(&cycle, ALONE_TIME));
        stress_gate_wait(&run->gate);
    }
    stress_gate_leave(&run->gate);
}
