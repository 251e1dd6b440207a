#include "crowd_parts.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

void crowd_reset(enum crowd_fault fault, uint32_t every)
{
    memset(&crowd, 0, sizeof crowd);
    crowd.fault = fault;
    crowd.every = every;
}

uint64_t crowd_refused(void)
{
    return atomic_load(&crowd.refused);
}

uint64_t crowd_performed(void)
{
    return atomic_load(&crowd.performed);
}

uint32_t crowd_trace(void)
{
    return atomic_load(&crowd.trace);
}

static int version(const char *setting, char *text, size_t text_size)
{
    (void)setting;
    return bs_say(text, text_size, 0, "crowd 1");
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    (void)params, (void)text, (void)text_size;
    return BS_PREFER_SOFTWARE;
}

static int newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct session *s = state;
    if (atomic_fetch_add(&crowd.opened, 1) >= crowd.every && crowd_is(CROWD_OPEN))
        return bs_say(text, text_size, -ENOSPC, "the table of sessions is full");
    pthread_mutex_init(&s->lock, NULL);
    s->params = *params;
    memcpy(s->key, params->key, KEY);
    if (params->chained)
        crowd_set_chain(s, params->first_iv);
    crowd_leak(CROWD_LEAK_SESSION, 65536);
    if (crowd_is(CROWD_STALE_KEY) && atomic_exchange(&crowd.closed, 0))
        for (int i = 0; i < KEY; i++)
            s->key[i] = atomic_load(&crowd.stale_key[i]);
    return 0;
}

static void freesession(void *state)
{
    struct session *s = state;
    for (int i = 0; i < KEY; i++)
        atomic_store(&crowd.stale_key[i], s->key[i]);
    atomic_store(&crowd.closed, 1);
    pthread_mutex_destroy(&s->lock);
}

static void facts(const void *state, char *text, size_t text_size)
{
    (void)state;
    bs_say(text, text_size, 0, "in_flight: many");
}

/* Now and then, and for CROWD_REFUSE for good. */
static int refuses(struct session *s)
{
    s->offers++;
    int refused = s->offers % 13 == 0 ||
                  (crowd_is(CROWD_REFUSE) && atomic_load(&crowd.performed) >= crowd.every);
    atomic_fetch_add(&crowd.refused, (uint32_t)refused);
    return refused;
}

static enum bs_outcome process_prompt(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    (void)hints;
    if (refuses(s))
        return BS_BUSY;
    uint64_t offer = atomic_fetch_add(&crowd.offers, 1);
    while (crowd_has(CROWD_KEEPS, offer))
        pause();
    if (crowd_has(CROWD_OUTCOME, offer))
        return (enum bs_outcome)7;
    struct crowd_request taken;
    crowd_take(s, request, &taken);
    crowd_perform(s, &taken, 1);
    return BS_COMPLETED;
}

static void enqueue(struct session *s, bs_request *request)
{
    crowd_take(s, request, &s->ring[(s->first + s->taken++) % ROOM]);
}

static enum bs_outcome take(struct session *s, bs_request *request, unsigned hints)
{
    if (refuses(s) || s->taken + 1 >= ROOM) {
        if (crowd_is(CROWD_MORE_BUSY))
            s->taken = s->visible;
        if (!crowd_is(CROWD_BUSY_FORGETS))
            s->visible = s->taken;
        return BS_BUSY;
    }
    uint64_t offer = atomic_fetch_add(&crowd.offers, 1);
    if (crowd_has(CROWD_OUTCOME, offer))
        return (enum bs_outcome)7;
    if (crowd_has(CROWD_STRANGER, offer)) {
        atomic_store(&crowd.stray_of, s);
        atomic_store(&crowd.stray, request);
    } else if (!crowd_has(CROWD_LOSE, offer)) {
        enqueue(s, request);
    }
    if (!(hints & BS_HINT_MORE))
        s->visible = s->taken;
    if (crowd_has(CROWD_NEXT_CURES, offer))
        atomic_store(&crowd.interrupt_lost, 1);
    return BS_QUEUED;
}

static enum bs_outcome process_queued(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    atomic_store(&s->in_process, 1);
    if (crowd_is(CROWD_BESIDE))
        sched_yield();
    pthread_mutex_lock(&s->lock);
    enum bs_outcome outcome = take(s, request, hints);
    pthread_mutex_unlock(&s->lock);
    atomic_store(&s->in_process, 0);
    return outcome;
}

static enum bs_outcome process_alone(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    return s->params.depth == 1 && !crowd_is(CROWD_PROMISE) ? process_prompt(state, request, hints)
                                                            : process_queued(state, request, hints);
}

static void swap(void *a, void *b, size_t size)
{
    uint8_t *x = a, *y = b;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = x[i];
        x[i] = y[i];
        y[i] = byte;
    }
}

static unsigned perform_some(struct session *s, bs_request **done, unsigned max)
{
    unsigned n = 0;
    while (n < max && s->visible) {
        struct crowd_request *taken = &s->ring[s->first];
        bs_request *request = taken->request;
        if (crowd_has(CROWD_EARLY, atomic_load(&crowd.performed)) && !s->unfinished.request) {
            request->status = 0;
            s->unfinished = *taken;
        } else {
            crowd_perform(s, taken, s->taken);
        }
        s->first = (s->first + 1) % ROOM;
        s->visible--;
        s->taken--;
        if (!(crowd_is(CROWD_BESIDE) && atomic_load(&s->in_process)))
            done[n++] = request;
    }
    return n;
}

static int poll_queued(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *s = state;
    (void)wait_ns;
    if (crowd_is(CROWD_POLL) && crowd_performed() > crowd.every && !atomic_exchange(&crowd.polled_badly, 1))
        return -EIO;
    pthread_mutex_lock(&s->lock);
    if (s->unfinished.request)
        crowd_perform(s, &s->unfinished, 1);
    s->unfinished.request = NULL;
    unsigned n = atomic_load(&crowd.interrupt_lost) ? 0 : perform_some(s, done, max);
    if (crowd_is(CROWD_SWAP_ORDER) && n > 1)
        swap(&done[0], &done[1], sizeof *done);
    if (crowd_is(CROWD_SWAP_OUTPUT) && n > 1)
        swap(done[0]->dst, done[1]->dst, done[0]->size < done[1]->size ? done[0]->size : done[1]->size);
    if (n && n < max && crowd_has(CROWD_TWICE, atomic_load(&crowd.performed))) {
        done[n] = done[0];
        n++;
    }
    if (n < max && atomic_load(&crowd.stray_of) != s && atomic_load(&crowd.stray))
        done[n++] = atomic_exchange(&crowd.stray, NULL);
    pthread_mutex_unlock(&s->lock);
    return (int)n;
}

#define CROWD(variable, its_name, its_flags, its_process, its_poll)            \
    const struct bs_driver variable = {.name = its_name,                       \
                                       .backend = its_name,                    \
                                       .about = "crowd",                       \
                                       .names = "",                            \
                                       .flags = its_flags,                     \
                                       .session_size = sizeof(struct session), \
                                       .version = version,                     \
                                       .probe = probe,                         \
                                       .newsession = newsession,               \
                                       .process = its_process,                 \
                                       .poll = its_poll,                       \
                                       .facts = facts,                         \
                                       .freesession = freesession}

CROWD(crowd_prompt, "prompt", BS_FLAG_SYNC | BS_FLAG_ORDERED, process_prompt, NULL);
CROWD(crowd_queued, "queued", BS_FLAG_ORDERED, process_queued, poll_queued);
CROWD(crowd_alone, "alone", BS_FLAG_SYNC_ALONE, process_alone, poll_queued);
