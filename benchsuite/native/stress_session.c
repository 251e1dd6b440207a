/* One session of the stress run. One thread opens it, submits and closes; the same one polls, or another
 * beside it, as driver.h allows. */
#include <errno.h>

#include "stress_parts.h"

enum {
    POLL_MAX = 64,
    LOOKS = 16, /* requests between two looks at the clock */
    INTERRUPTED_STALL_NS = 300 * 1000 * 1000,
};

/* ---- completion ---- */

/* 1: it was watched, and something was wrong. */
static int watched_wrong(struct stress_session *session, struct known_slot *slot)
{
    bs_finding fault;
    if (slot != session->worker->watched || stress_watch_end(session->worker, &fault))
        return 0;
    stress_report(session, slot, fault.kind, &fault);
    return 1;
}

/* Checked, counted, and free for the next request. */
static void complete(struct stress_session *session, struct known_slot *slot)
{
    bs_finding fault;
    int wrong = watched_wrong(session, slot);
    if (!known_slot_right(slot, 0, &fault)) {
        stress_report(session, slot, fault.kind, &fault);
        wrong = 1;
    }
    stress_note(session, slot, wrong);
    atomic_store(&slot->state, STRESS_FREE);
    atomic_fetch_sub(&session->outstanding, 1);
}

static void protest(struct stress_session *session, struct known_slot *slot, int kind)
{
    bs_finding fault = {0};
    stress_report(session, slot, kind, &fault);
}

/* NULL for a pointer that is no request of this session. */
static struct known_slot *slot_of(const struct stress_session *session, const bs_request *request)
{
    uintptr_t offset = (uintptr_t)request - (uintptr_t)&session->slots[0].request;
    if (offset % sizeof *session->slots != 0 || offset / sizeof *session->slots >= session->depth)
        return NULL;
    return &session->slots[offset / sizeof *session->slots];
}

static void take_back(struct stress_session *session, bs_request *request)
{
    struct known_slot *slot = slot_of(session, request);
    int drivers = STRESS_DRIVERS;
    if (!slot) {
        protest(session, NULL, BS_FOUND_STRANGER);
        return;
    }
    if (!atomic_compare_exchange_strong(&slot->state, &drivers, STRESS_OURS)) {
        protest(session, NULL, BS_FOUND_TWICE);
        return;
    }
    atomic_fetch_sub(&session->worker->run->outstanding, 1);
    if (session->worker->run->driver->flags & BS_FLAG_ORDERED && slot->number < session->last_number)
        protest(session, slot, BS_FOUND_ORDER);
    session->last_number = slot->number + 1;
    complete(session, slot);
}

/* Returns how many came back. */
static int poll_locked(struct stress_session *session, unsigned max, uint64_t wait_ns)
{
    bs_request *done[POLL_MAX];
    const struct bs_driver *driver = session->worker->run->driver;
    max = max < 1 ? 1 : max > POLL_MAX ? POLL_MAX : max;
    int n = driver->poll(session->session->state, done, max, wait_ns);
    if (n < 0 || n > (int)max) {
        protest(session, NULL, BS_FOUND_POLL);
        return 0;
    }
    for (int i = 0; i < n; i++)
        take_back(session, done[i]);
    if (n)
        atomic_store(&session->progress_ms, stress_in_ms(bs_now_ns()));
    if (n || !atomic_load(&session->outstanding))
        atomic_fetch_add(&session->unblocks, 1);
    return n;
}

static int poll_if(struct stress_session *session, unsigned max, uint64_t wait_ns, int beside)
{
    int n = 0;
    pthread_mutex_lock(&session->polling);
    if (session->session && session->polled && !(beside && atomic_load(&session->worker->paused)))
        n = poll_locked(session, max, wait_ns);
    pthread_mutex_unlock(&session->polling);
    return n;
}

int stress_session_poll(struct stress_session *session, unsigned max, uint64_t wait_ns)
{
    return session->polled ? poll_if(session, max, wait_ns, 0) : 0;
}

int stress_session_poll_beside(struct stress_session *session, unsigned max, uint64_t wait_ns)
{
    return poll_if(session, max, wait_ns, 1);
}

/* ---- submission ---- */

/* Refused, and nothing has happened since that could have made room; or not all that a patient one waits for. */
static int blocked(const struct stress_session *session)
{
    if (!session->refused || !session->polled)
        return 0;
    return atomic_load(&session->unblocks) == session->blocked_at ||
           (session->patient && atomic_load(&session->outstanding));
}

static void note_outstanding(struct stress_run *run)
{
    uint32_t now = atomic_fetch_add(&run->outstanding, 1) + 1;
    uint32_t high = atomic_load_explicit(&run->high_water, memory_order_relaxed);
    while (now > high && !atomic_compare_exchange_weak(&run->high_water, &high, now))
        ;
}

static void lay_out(struct stress_session *session, struct known_slot *slot, const bs_known *known)
{
    struct stress_worker *worker = session->worker;
    known_slot_lay_out(slot, session->traffic, known, worker->layout, &worker->random);
    size_t used = known_slot_first_used(slot);
    if (used)
        bs_count_note(&worker->touched, (uint32_t)used);
}

/* A free slot with a new request in it, or NULL. Its memory has been nobody's since it was checked. */
static struct known_slot *new_request(struct stress_session *session)
{
    uint32_t at = bs_below(&session->worker->random, session->depth);
    for (uint32_t i = 0; i < session->depth; i++, at = at + 1 < session->depth ? at + 1 : 0) {
        struct known_slot *slot = &session->slots[at];
        bs_finding fault;
        if (atomic_load(&slot->state) != STRESS_FREE)
            continue;
        if (slot->known && !known_slot_right(slot, 1, &fault))
            stress_report(session, slot, fault.kind, &fault);
        lay_out(session, slot, stress_draw(session, stress_room_of(at)));
        atomic_store(&slot->state, STRESS_OURS);
        return slot;
    }
    return NULL;
}

/* The one that completes the queue is never held back: nothing would follow it. */
static unsigned hints(struct stress_session *session)
{
    if (session->draining || session->flushing || session->held + 1 >= session->burst ||
        atomic_load(&session->outstanding) + 1 >= session->depth)
        return 0;
    return bs_below(&session->worker->random, 4) ? BS_HINT_MORE : 0;
}

static void refuse(struct stress_session *session, struct known_slot *slot, uint32_t unblocks)
{
    const struct stress_run *run = session->worker->run;
    uint64_t now = bs_now_ns();
    watched_wrong(session, slot);
    atomic_store(&slot->state, STRESS_OURS);
    bs_count_note(&session->worker->busy, 1);
    session->refused = slot;
    session->blocked_at = unblocks;
    session->held = 0;
    if (!session->busy_since)
        session->busy_since = now;
    else if (!atomic_load(&session->outstanding) && now - session->busy_since > run->load.stall_ns)
        protest(session, slot, BS_FOUND_REFUSED);
}

/* What it is told with, should it be wrong. */
static void say_what_was_before(struct stress_session *session, struct known_slot *slot)
{
    struct stress_worker *worker = session->worker;
    slot->number = session->next_number;
    slot->previous = session->previous;
    slot->before_traffic = worker->before_traffic;
    slot->before_known = worker->before_known;
}

static void taken(struct stress_session *session, const struct known_slot *slot, unsigned hint)
{
    struct stress_worker *worker = session->worker;
    worker->offered++;
    worker->before_traffic = (int32_t)(session->traffic - worker->run->traffic);
    worker->before_known = session->previous = (int32_t)(slot->known - session->traffic->known);
    session->next_number++;
    session->busy_since = 0;
    session->held = hint ? session->held + 1 : 0;
    session->left -= session->left > 0;
}

/* The driver's from now on. */
static void hand_over(struct stress_session *session, struct known_slot *slot)
{
    struct stress_worker *worker = session->worker;
    session->refused = NULL;
    say_what_was_before(session, slot);
    if (worker->watches && !worker->watched && !slot->fenced && slot->src_at != slot->dst_at)
        stress_watch_begin(worker, slot);
    atomic_fetch_add(&session->outstanding, 1);
    if (session->polled) {
        atomic_store(&session->progress_ms, stress_in_ms(bs_now_ns()));
        note_outstanding(worker->run);
    }
    atomic_store(&slot->state, STRESS_DRIVERS);
}

int stress_session_submit(struct stress_session *session)
{
    struct stress_run *run = session->worker->run;
    struct known_slot *slot = session->refused;
    if (blocked(session) || (!slot && !(slot = new_request(session))))
        return 0;
    unsigned hint = hints(session);
    uint32_t unblocks = atomic_load(&session->unblocks);
    hand_over(session, slot);
    stress_enter(session, slot);
    enum bs_outcome outcome = session->session->process(session->session->state, &slot->request, hint);
    stress_come_back(session->worker);
    if (outcome != BS_QUEUED && session->polled)
        atomic_fetch_sub(&run->outstanding, 1);
    if (outcome == BS_BUSY) {
        atomic_fetch_sub(&session->outstanding, 1);
        refuse(session, slot, unblocks);
        return 0;
    }
    int drivers = STRESS_DRIVERS;
    int known = outcome == BS_COMPLETED || (outcome == BS_QUEUED && session->polled);
    if (!known)
        protest(session, slot, BS_FOUND_OUTCOME);
    taken(session, slot, hint);
    if (outcome == BS_COMPLETED && !atomic_compare_exchange_strong(&slot->state, &drivers, STRESS_OURS))
        protest(session, NULL, BS_FOUND_TWICE); /* the other time by poll */
    else if (outcome == BS_COMPLETED)
        complete(session, slot);
    return 1;
}

/* ---- its end, and what comes after ---- */

/* Nothing is outstanding, so nothing may come back any more, and nothing may have changed. */
static void close_session(struct stress_session *session)
{
    struct stress_run *run = session->worker->run;
    pthread_mutex_lock(&session->polling);
    if (session->polled)
        poll_locked(session, POLL_MAX, 0);
    for (uint32_t i = 0; i < session->depth; i++) {
        bs_finding fault;
        if (session->slots[i].known && !known_slot_right(&session->slots[i], 1, &fault))
            stress_report(session, &session->slots[i], fault.kind, &fault);
    }
    if (session->first && !atomic_load(&run->distrust))
        bs_session_facts(session->session, run->facts, run->facts_size);
    session->first = 0;
    stress_let_go(session);
    pthread_mutex_unlock(&session->polling);
}

static void reopen(struct stress_session *session)
{
    struct stress_worker *worker = session->worker;
    bs_finding fault = {0};
    uint32_t drawn = bs_below(&worker->random, worker->run->traffics);
    session->traffic = worker->chain ? worker->chain : &worker->run->traffic[drawn];
    if (stress_session_open(session, fault.text, sizeof fault.text))
        stress_report(session, NULL, BS_FOUND_OPEN, &fault);
}

static void note_longest(struct stress_session *session)
{
    struct stress_worker *worker = session->worker;
    uint32_t number = session->next_number < UINT32_MAX ? (uint32_t)session->next_number : UINT32_MAX;
    if (number > atomic_load_explicit(&worker->longest, memory_order_relaxed))
        atomic_store_explicit(&worker->longest, number, memory_order_relaxed);
}

static int drain(struct stress_session *session)
{
    if (session->refused) { /* the driver does not have it */
        atomic_store(&session->refused->state, STRESS_FREE);
        session->refused->known = NULL;
        session->refused = NULL;
    }
    if (session->held)
        return stress_session_submit(session);
    if (atomic_load(&session->outstanding))
        return 0;
    note_longest(session);
    close_session(session);
    if (!stress_stopped(session->worker->run))
        reopen(session);
    return 1;
}

int stress_session_has_more(const struct stress_session *session)
{
    if (session->refused)
        return 1;
    if (session->traffic->params->chained && session->position >= session->traffic->count)
        return 0;
    if (session->lives)
        return stress_is_to_live(session);
    return session->left && (session->next_number % LOOKS || bs_now_ns() < session->until_ns);
}

int stress_session_step(struct stress_session *session)
{
    if (!session->session || session->stalled)
        return 0;
    if (session->draining)
        return drain(session);
    if (stress_session_has_more(session))
        return stress_session_submit(session);
    session->draining = 1;
    return 1;
}

int stress_session_stalled(struct stress_session *session, uint64_t now)
{
    const struct stress_run *run = session->worker->run;
    uint64_t patience = run->load.stall_ns;
    int32_t waited_ms = (int32_t)(stress_in_ms(now) - atomic_load(&session->progress_ms));
    if (bs_halted(&run->interrupt) && patience > INTERRUPTED_STALL_NS)
        patience = INTERRUPTED_STALL_NS;
    if (session->stalled)
        return 1;
    if (!session->session || session->held || !atomic_load(&session->outstanding) || waited_ms < 0 ||
        (uint64_t)waited_ms * 1000000 <= patience)
        return 0;
    session->stalled = 1;
    for (uint32_t i = 0; i < session->depth; i++)
        if (atomic_load(&session->slots[i].state) == STRESS_DRIVERS)
            protest(session, &session->slots[i], BS_FOUND_LOST);
    return 1;
}
