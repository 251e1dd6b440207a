/* One session of the stress run. One thread opens it, submits and closes; the same one polls, or another
 * beside it, as driver.h allows. */
#include <errno.h>

#include "stress_parts.h"

enum {
    POLL_MAX = 64,
    LONGEST_BURST = 8, /* requests in a row with HINT_MORE */
    LIVES = 4,         /* so many in a run, where requests are slow, */
    WORTH = 20,        /* but a session lives so many times as long as it took to open */
    INTERRUPTED_STALL_NS = 300 * 1000 * 1000,
};

/* A word that every machine stores at once. It begins anew after 49 days, and what is looked at are differences. */
static uint32_t in_ms(uint64_t ns)
{
    return (uint32_t)(ns / 1000000);
}

/* ---- completion ---- */

static void count(struct stress_run *run, const struct known_slot *slot)
{
    bs_count_note(&run->requests, 1);
    bs_count_note(&run->bytes, slot->known->size);
    if (slot->known->status)
        bs_count_note(&run->refused_rightly, 1);
}

/* Checked, counted, and free for the next request. */
static void complete(struct stress_session *session, struct known_slot *slot)
{
    bs_finding fault;
    if (!known_slot_right(slot, 0, &fault))
        stress_report(session, slot, fault.kind, &fault);
    count(session->worker->run, slot);
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
        atomic_store(&session->progress_ms, in_ms(bs_now_ns()));
    if (n || !atomic_load(&session->outstanding))
        atomic_fetch_add(&session->unblocks, 1);
    return n;
}

int stress_session_poll(struct stress_session *session, unsigned max, uint64_t wait_ns)
{
    int n = 0;
    pthread_mutex_lock(&session->polling);
    if (session->session && session->polled)
        n = poll_locked(session, max, wait_ns);
    pthread_mutex_unlock(&session->polling);
    return n;
}

/* ---- submission ---- */

/* Refused, and nothing has happened since that could have made room. */
static int blocked(const struct stress_session *session)
{
    return session->refused && session->polled && atomic_load(&session->unblocks) == session->blocked_at;
}

static void note_outstanding(struct stress_run *run)
{
    uint32_t now = atomic_fetch_add(&run->outstanding, 1) + 1;
    uint32_t high = atomic_load_explicit(&run->high_water, memory_order_relaxed);
    while (now > high && !atomic_compare_exchange_weak(&run->high_water, &high, now))
        ;
}

/* A free slot with a new request in it, or NULL. Its memory has been nobody's since it was checked. */
static struct known_slot *new_request(struct stress_session *session)
{
    uint64_t *random = &session->worker->random;
    uint32_t at = bs_below(random, session->depth);
    for (uint32_t i = 0; i < session->depth; i++, at = at + 1 < session->depth ? at + 1 : 0) {
        struct known_slot *slot = &session->slots[at];
        bs_finding fault;
        if (atomic_load(&slot->state) != STRESS_FREE)
            continue;
        if (slot->known && !known_slot_right(slot, 1, &fault))
            stress_report(session, slot, fault.kind, &fault);
        const bs_known *known = &session->traffic->known[bs_below(random, session->traffic->count)];
        known_slot_lay_out(slot, session->traffic, known, BS_LAY_IN_PLACE | BS_LAY_APART, random);
        atomic_store(&slot->state, STRESS_OURS);
        return slot;
    }
    return NULL;
}

/* The one that completes the queue is never held back: nothing would follow it. */
static unsigned hints(struct stress_session *session)
{
    if (session->draining || session->held + 1 >= LONGEST_BURST ||
        atomic_load(&session->outstanding) + 1 >= session->depth)
        return 0;
    return bs_below(&session->worker->random, 4) ? BS_HINT_MORE : 0;
}

static void refuse(struct stress_session *session, struct known_slot *slot, uint32_t unblocks, uint64_t now)
{
    const struct stress_run *run = session->worker->run;
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

/* Offers one request. 0: there is none to offer, or it was refused. */
static int submit(struct stress_session *session)
{
    struct stress_run *run = session->worker->run;
    struct known_slot *slot = session->refused;
    if (blocked(session) || (!slot && !(slot = new_request(session))))
        return 0;
    unsigned hint = hints(session);
    uint32_t unblocks = atomic_load(&session->unblocks);
    uint64_t now = bs_now_ns();
    session->refused = NULL;
    slot->number = session->next_number;
    atomic_fetch_add(&session->outstanding, 1);
    atomic_store(&session->progress_ms, in_ms(now));
    atomic_store(&slot->state, STRESS_DRIVERS);
    note_outstanding(run);
    enum bs_outcome outcome = session->session->process(session->session->state, &slot->request, hint);
    if (outcome != BS_QUEUED)
        atomic_fetch_sub(&run->outstanding, 1);
    if (outcome == BS_BUSY) {
        atomic_fetch_sub(&session->outstanding, 1);
        refuse(session, slot, unblocks, now);
        return 0;
    }
    int drivers = STRESS_DRIVERS;
    int known = outcome == BS_COMPLETED || (outcome == BS_QUEUED && session->polled);
    if (!known)
        protest(session, slot, BS_FOUND_OUTCOME);
    session->next_number++;
    session->busy_since = 0;
    session->held = hint ? session->held + 1 : 0;
    session->left -= session->left > 0;
    if (outcome == BS_COMPLETED && !atomic_compare_exchange_strong(&slot->state, &drivers, STRESS_OURS))
        protest(session, NULL, BS_FOUND_TWICE); /* the other time by poll */
    else if (outcome == BS_COMPLETED)
        complete(session, slot);
    return 1;
}

/* ---- a session's life ---- */

/* Of a session whose opening began then. */
static uint64_t latest_end(struct stress_worker *worker, uint64_t begin_ns)
{
    uint64_t now = bs_now_ns(), share = worker->run->load.time_ns / LIVES;
    uint64_t life = share / 2 + bs_random(&worker->random) % (share + 1);
    uint64_t worth = (now - begin_ns) * WORTH;
    return now + (life > worth ? life : worth);
}

int stress_session_open(struct stress_session *session, char *text, size_t text_size)
{
    struct stress_worker *worker = session->worker;
    const bs_stress_load *load = &worker->run->load;
    uint32_t churn = load->churn ? load->churn : 1;
    bs_params params = *session->traffic->params;
    params.depth = session->depth = bs_below(&worker->random, 2) ? load->q_len
                                                                 : 1 + bs_below(&worker->random, load->q_len);
    session->left = load->churn ? 1 + bs_below(&worker->random, 2 * churn - 1) : UINT64_MAX;
    session->draining = 0;
    session->held = 0;
    session->busy_since = session->next_number = session->last_number = 0;
    for (uint32_t i = 0; i < load->q_len; i++)
        session->slots[i].known = NULL;
    uint32_t flags = worker->run->driver->flags;
    session->polled = !(flags & BS_FLAG_SYNC || (flags & BS_FLAG_SYNC_ALONE && session->depth == 1));
    uint64_t begin = bs_now_ns();
    bs_session *opened = bs_session_open(worker->run->driver->name, &params, text, text_size);
    session->until_ns = load->churn ? latest_end(worker, begin) : UINT64_MAX;
    pthread_mutex_lock(&session->polling);
    session->session = opened;
    pthread_mutex_unlock(&session->polling);
    bs_count_note(&worker->opened, opened != NULL);
    return opened ? 0 : -EINVAL;
}

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
    struct stress_run *run = session->worker->run;
    bs_finding fault = {0};
    session->traffic = &run->traffic[bs_below(&session->worker->random, run->traffics)];
    if (stress_session_open(session, fault.text, sizeof fault.text))
        stress_report(session, NULL, BS_FOUND_OPEN, &fault);
}

static int drain(struct stress_session *session)
{
    if (session->refused) { /* the driver does not have it */
        atomic_store(&session->refused->state, STRESS_FREE);
        session->refused->known = NULL;
        session->refused = NULL;
    }
    if (session->held)
        return submit(session);
    if (atomic_load(&session->outstanding))
        return 0;
    close_session(session);
    if (!stress_stopped(session->worker->run))
        reopen(session);
    return 1;
}

int stress_session_step(struct stress_session *session)
{
    if (!session->session || session->stalled)
        return 0;
    if (session->draining)
        return drain(session);
    if (session->left && bs_now_ns() < session->until_ns)
        return submit(session);
    session->draining = 1;
    return 1;
}

int stress_session_stalled(struct stress_session *session, uint64_t now)
{
    const struct stress_run *run = session->worker->run;
    uint64_t patience = run->load.stall_ns;
    int32_t waited_ms = (int32_t)(in_ms(now) - atomic_load(&session->progress_ms));
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
