#include "crowd.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum { ROOM = 256, KEY = 8, IV = 16, TAG = 16, BOUNCE = 64 };

struct session;

static struct {
    enum crowd_fault fault;
    uint32_t every;
    _Atomic uint32_t performed, offers, opened, refused, trace;
    _Atomic uint8_t iv[IV], bounce[BOUNCE], stale_key[KEY];
    _Atomic int closed, polled_badly;
    _Atomic(bs_request *) stray;
    _Atomic(struct session *) stray_of;
    _Atomic(uint8_t *) late;
} crowd;

struct session {
    pthread_mutex_t lock;
    _Atomic int in_process;
    bs_params params;
    uint8_t key[KEY];
    bs_request *ring[ROOM];
    uint32_t first, visible, taken;
    uint64_t offers;
    bs_request *unfinished;
};

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

/* ---- the cipher ---- */

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t start_of(const uint8_t *key, const uint8_t *iv)
{
    uint64_t words[3];
    memcpy(words, key, KEY);
    memcpy(words + 1, iv, IV);
    return mix(mix(mix(words[0]) ^ words[1]) ^ words[2]);
}

/* Eight bytes of a text, or what is left of it: sanitizers take long for a memcpy of unknown size. */
static uint64_t word_of(const uint8_t *text, uint32_t left)
{
    uint64_t word = 0;
    if (left >= 8)
        memcpy(&word, text, 8);
    else
        memcpy(&word, text, left);
    return word;
}

void crowd_crypt(const uint8_t *key, const uint8_t *iv, const uint8_t *in, uint8_t *out, uint32_t size)
{
    uint64_t start = start_of(key, iv);
    for (uint32_t i = 0; i < size; i += 8) {
        uint64_t word = word_of(in + i, size - i) ^ mix(start + i);
        if (size - i >= 8)
            memcpy(out + i, &word, 8);
        else
            memcpy(out + i, &word, size - i);
    }
}

static uint64_t absorb(uint64_t state, const uint8_t *text, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 8)
        state = mix(state + 1) ^ word_of(text + i, size - i);
    return mix(state ^ size);
}

void crowd_tag(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_len,
               const uint8_t *text, uint32_t size, uint8_t *tag)
{
    uint64_t a = absorb(absorb(~start_of(key, iv), aad, aad_len), text, size), b = mix(a + 1);
    memcpy(tag, &a, sizeof a);
    memcpy(tag + sizeof a, &b, sizeof b);
}

static void answer(const bs_params *p, const uint8_t *key, const uint8_t *iv, bs_request *r)
{
    uint8_t tag[TAG];
    r->status = 0;
    if (p->op == BS_DECRYPT && p->tag_len) {
        crowd_tag(key, iv, r->aad, r->aad_len, r->src, r->size, tag);
        r->status = memcmp(tag, r->tag, TAG) ? -EBADMSG : 0;
    }
    if (p->kind != BS_DIGEST && !r->status)
        crowd_crypt(key, iv, r->src, r->dst, r->size);
    if (p->op == BS_ENCRYPT && p->tag_len)
        crowd_tag(key, iv, r->aad, r->aad_len, p->kind == BS_DIGEST ? r->src : r->dst, r->size, r->tag);
}

void crowd_answer(const bs_params *params, const uint8_t *key, bs_request *request)
{
    answer(params, key, request->iv, request);
}

/* ---- faults ---- */

static int is(enum crowd_fault fault)
{
    return crowd.fault == fault;
}

/* The request of this number is one of those that have it. */
static int has(enum crowd_fault fault, uint64_t number)
{
    return is(fault) && number % crowd.every == crowd.every - 1;
}

/* What was bounced may by now be another thread's. Atomics: the race is the driver's, not C's. */
static void bounce(bs_request *r)
{
    uint32_t size = r->size < BOUNCE ? r->size : BOUNCE;
    for (uint32_t i = 0; i < size; i++)
        atomic_store_explicit(&crowd.bounce[i], r->dst[i], memory_order_relaxed);
    sched_yield();
    for (uint32_t i = 0; i < size; i++)
        r->dst[i] = atomic_load_explicit(&crowd.bounce[i], memory_order_relaxed);
}

static void spoil(const struct session *s, bs_request *r, uint64_t number, uint32_t outstanding)
{
    int encrypt = s->params.op == BS_ENCRYPT;
    uint8_t *behind = r->dst + r->size + (encrypt ? s->params.tag_len : 0);
    if ((is(CROWD_LARGE) && r->size > 4096 && outstanding > 1) || (is(CROWD_DEEP) && outstanding > 8) ||
        (is(CROWD_UNALIGNED) && (uintptr_t)r->src % 16))
        r->dst[r->size / 2] ^= 1;
    if (has(CROWD_BEYOND, number) && r->dst != r->src)
        *behind ^= 1;
    if (has(CROWD_BEFORE, number) && r->dst != r->src)
        r->dst[-1] ^= 1;
    if (has(CROWD_BESIDE_IV, number))
        r->iv[s->params.iv_len] ^= 1;
    if (has(CROWD_INPUT, number) && r->dst != r->src)
        ((uint8_t *)r->src)[0] ^= 1;
    if (has(CROWD_AAD, number) && r->aad_len)
        ((uint8_t *)r->aad)[r->aad_len - 1] ^= 1;
    if (has(CROWD_IV, number))
        r->iv[0] ^= 1;
    if (has(CROWD_GIVEN_TAG, number) && !encrypt)
        r->tag[0] ^= 1;
    if (has(CROWD_TAG, number) && encrypt)
        r->tag[3] ^= 1;
    if (has(CROWD_ERROR, number))
        r->status = -EIO;
    if (has(CROWD_FORGERY, number) && r->status == -EBADMSG)
        r->status = 0;
    if (is(CROWD_RACE))
        bounce(r);
    if (is(CROWD_LATE)) {
        uint8_t *late = atomic_exchange(&crowd.late, r->dst);
        if (late && number % crowd.every == 0)
            *late ^= 1;
    }
    if (has(CROWD_REQUEST, number))
        r->size++;
}

/* A sum, so that threads may come in any order. The same on every machine. */
static void note(const bs_request *r, uint64_t number)
{
    uint64_t src = (uintptr_t)r->src % 4096, dst = (uintptr_t)r->dst % 4096, iv = (uintptr_t)r->iv % 4096;
    uint64_t what = (uint64_t)r->size << 16 | (uint64_t)(r->iv[0] << 8) | (r->src == r->dst);
    atomic_fetch_add(&crowd.trace, (uint32_t)mix(mix(number ^ src << 24 ^ dst << 12 ^ iv) ^ what));
}

static void perform(const struct session *s, bs_request *r, uint32_t outstanding)
{
    const bs_params *p = &s->params;
    uint64_t number = atomic_fetch_add(&crowd.performed, 1);
    uint8_t iv[IV];
    note(r, number);
    if (has(CROWD_NO_STATUS, number))
        return;
    for (int i = 0; i < IV; i++)
        iv[i] = is(CROWD_SHARED_IV) ? atomic_load_explicit(&crowd.iv[i], memory_order_relaxed) : r->iv[i];
    answer(p, s->key, iv, r);
    spoil(s, r, number, outstanding);
}

/* ---- the driver ---- */

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
    if (atomic_fetch_add(&crowd.opened, 1) >= crowd.every && is(CROWD_OPEN))
        return bs_say(text, text_size, -ENOSPC, "the table of sessions is full");
    pthread_mutex_init(&s->lock, NULL);
    s->params = *params;
    memcpy(s->key, params->key, KEY);
    if (is(CROWD_STALE_KEY) && atomic_exchange(&crowd.closed, 0))
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

static void set_iv(const bs_request *r)
{
    for (int i = 0; i < IV; i++)
        atomic_store_explicit(&crowd.iv[i], r->iv[i], memory_order_relaxed);
}

/* Now and then, and for CROWD_REFUSE for good. */
static int refuses(struct session *s)
{
    s->offers++;
    int refused = s->offers % 13 == 0 || (is(CROWD_REFUSE) && atomic_load(&crowd.performed) >= crowd.every);
    atomic_fetch_add(&crowd.refused, (uint32_t)refused);
    return refused;
}

static enum bs_outcome process_prompt(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    (void)hints;
    if (refuses(s))
        return BS_BUSY;
    if (has(CROWD_OUTCOME, atomic_fetch_add(&crowd.offers, 1)))
        return (enum bs_outcome)7;
    set_iv(request);
    perform(s, request, 1);
    return BS_COMPLETED;
}

static void enqueue(struct session *s, bs_request *request)
{
    s->ring[(s->first + s->taken++) % ROOM] = request;
}

static enum bs_outcome take(struct session *s, bs_request *request, unsigned hints)
{
    if (refuses(s) || s->taken + 1 >= ROOM) {
        if (is(CROWD_MORE_BUSY))
            s->taken = s->visible;
        s->visible = s->taken;
        return BS_BUSY;
    }
    uint64_t offer = atomic_fetch_add(&crowd.offers, 1);
    if (has(CROWD_OUTCOME, offer))
        return (enum bs_outcome)7;
    set_iv(request);
    if (has(CROWD_STRANGER, offer)) {
        atomic_store(&crowd.stray_of, s);
        atomic_store(&crowd.stray, request);
    } else if (!has(CROWD_LOSE, offer)) {
        enqueue(s, request);
    }
    if (!(hints & BS_HINT_MORE))
        s->visible = s->taken;
    return BS_QUEUED;
}

static enum bs_outcome process_queued(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    atomic_store(&s->in_process, 1);
    if (is(CROWD_BESIDE))
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
    return s->params.depth == 1 && !is(CROWD_PROMISE) ? process_prompt(state, request, hints)
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
        bs_request *request = s->ring[s->first];
        if (has(CROWD_EARLY, atomic_load(&crowd.performed)) && !s->unfinished) {
            request->status = 0;
            s->unfinished = request;
        } else {
            perform(s, request, s->taken);
        }
        s->first = (s->first + 1) % ROOM;
        s->visible--;
        s->taken--;
        if (!(is(CROWD_BESIDE) && atomic_load(&s->in_process)))
            done[n++] = request;
    }
    return n;
}

static int poll_queued(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *s = state;
    (void)wait_ns;
    if (is(CROWD_POLL) && crowd_performed() > crowd.every && !atomic_exchange(&crowd.polled_badly, 1))
        return -EIO;
    pthread_mutex_lock(&s->lock);
    if (s->unfinished)
        perform(s, s->unfinished, 1);
    s->unfinished = NULL;
    unsigned n = perform_some(s, done, max);
    if (is(CROWD_SWAP_ORDER) && n > 1)
        swap(&done[0], &done[1], sizeof *done);
    if (is(CROWD_SWAP_OUTPUT) && n > 1)
        swap(done[0]->dst, done[1]->dst, done[0]->size < done[1]->size ? done[0]->size : done[1]->size);
    if (n && n < max && has(CROWD_TWICE, atomic_load(&crowd.performed))) {
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
