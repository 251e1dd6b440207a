#include "crowd_parts.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct crowd crowd;

/* Atomically: others may be looking on, and a race is the driver's, not C's. */
static void flip(uint8_t *at)
{
    __atomic_fetch_xor(at, 1, __ATOMIC_RELAXED);
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
    if ((crowd_is(CROWD_LARGE) && r->size > 4096 && outstanding > 1) ||
        (crowd_is(CROWD_DEEP) && outstanding > 8) || (crowd_is(CROWD_UNALIGNED) && (uintptr_t)r->src % 16))
        r->dst[r->size / 2] ^= 1;
    if (crowd_has(CROWD_BEYOND, number) && r->dst != r->src)
        flip(behind);
    if (crowd_has(CROWD_BEFORE, number) && r->dst != r->src)
        flip(r->dst - 1);
    if (crowd_has(CROWD_BESIDE_IV, number))
        r->iv[s->params.iv_len] ^= 1;
    if (crowd_has(CROWD_INPUT, number) && r->dst != r->src)
        flip((uint8_t *)r->src);
    if (crowd_has(CROWD_AAD, number) && r->aad_len)
        ((uint8_t *)r->aad)[r->aad_len - 1] ^= 1;
    if (crowd_has(CROWD_IV, number))
        r->iv[0] ^= 1;
    if (crowd_has(CROWD_GIVEN_TAG, number) && !encrypt)
        r->tag[0] ^= 1;
    if (crowd_has(CROWD_TAG, number) && encrypt)
        r->tag[3] ^= 1;
    if (crowd_has(CROWD_ERROR, number))
        r->status = -EIO;
    if (crowd_has(CROWD_FORGERY, number) && r->status == -EBADMSG)
        r->status = 0;
    if (crowd_is(CROWD_RACE))
        bounce(r);
    if (crowd_is(CROWD_LATE)) {
        uint8_t *late = atomic_exchange(&crowd.late, r->dst);
        if (late && number % crowd.every == 0)
            *late ^= 1;
    }
    if (crowd_has(CROWD_REQUEST, number))
        r->size++;
}

/* A sum, so that threads may come in any order. The same on every machine. */
static void note(const bs_request *r, uint64_t number)
{
    uint64_t src = (uintptr_t)r->src % 4096, dst = (uintptr_t)r->dst % 4096, iv = (uintptr_t)r->iv % 4096;
    uint64_t what = (uint64_t)r->size << 16 | (uint64_t)(r->iv[0] << 8) | (r->src == r->dst);
    atomic_fetch_add(&crowd.trace,
                     (uint32_t)crowd_mix(crowd_mix(number ^ src << 24 ^ dst << 12 ^ iv) ^ what));
}

static uint32_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

/* What depends on the requests before it. */
static int spoilt_by_the_past(struct session *s, uint64_t number)
{
    uint32_t now = now_ms(), before = atomic_exchange(&crowd.last_ms, now);
    uint32_t key_len = atomic_exchange(&crowd.key_len, s->params.key_len);
    return (crowd_is(CROWD_IDLE) && before && now - before >= crowd.every) ||
           (crowd_is(CROWD_KEY_SIZE) && key_len && key_len != s->params.key_len) ||
           (crowd_is(CROWD_SESSIONS_NTH) && number == crowd.every);
}

/* ---- neighbours ---- */

/* Bytes beside the output, as far as its cache lines go. */
static void for_neighbours(const struct session *s, const bs_request *r, struct crowd_request *taken,
                           void (*each)(uint8_t *at, uint8_t *kept))
{
    uint8_t *end = r->dst + r->size + (s->params.op == BS_ENCRYPT ? s->params.tag_len : 0);
    for (uint8_t *at = r->dst; (uintptr_t)at % LINE; at--)
        each(at - 1, &taken->before[(uintptr_t)(at - 1) % LINE]);
    for (uint8_t *at = end; (uintptr_t)at % LINE; at++)
        each(at, &taken->behind[(uintptr_t)at % LINE]);
}

static void keep(uint8_t *at, uint8_t *kept)
{
    *kept = __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void write_back(uint8_t *at, uint8_t *kept)
{
    __atomic_store_n(at, *kept, __ATOMIC_RELAXED);
}

static int has_neighbours(const struct session *s, const bs_request *r)
{
    return crowd_is(CROWD_LINE) && r->dst != r->src && s->params.kind != BS_DIGEST;
}

/* ---- one request ---- */

void crowd_leak(enum crowd_fault fault, size_t size)
{
    static _Atomic(void **) lost; /* to be seen by a leak checker */
    if (!crowd_is(fault))
        return;
    void **memory = malloc(size);
    memset(memory, 1, size);
    *memory = atomic_exchange(&lost, memory);
}

void crowd_take(struct session *s, bs_request *request, struct crowd_request *taken)
{
    taken->request = request;
    taken->number = ++s->requests;
    atomic_store(&crowd.interrupt_lost, 0);
    for (int i = 0; i < IV; i++)
        atomic_store_explicit(&crowd.iv[i], request->iv[i], memory_order_relaxed);
    if (has_neighbours(s, request))
        for_neighbours(s, request, taken, keep);
}

static void find_iv(const struct session *s, const bs_request *r, uint8_t *iv)
{
    for (int i = 0; i < IV; i++)
        iv[i] = crowd_is(CROWD_SHARED_IV)        ? atomic_load_explicit(&crowd.iv[i], memory_order_relaxed)
                : !s->params.chained             ? r->iv[i]
                : crowd_is(CROWD_CHAIN_REGISTER) ? atomic_load_explicit(&crowd.chain[i], memory_order_relaxed)
                                                 : s->chain[i];
}

void crowd_set_chain(struct session *s, const uint8_t *iv)
{
    memcpy(s->chain, iv, IV);
    for (int i = 0; i < IV; i++)
        atomic_store_explicit(&crowd.chain[i], iv[i], memory_order_relaxed);
}

static void go_on(struct session *s, const bs_request *r, uint8_t *iv)
{
    if (!s->params.chained)
        return;
    crowd_chain(s->key, iv, r->size);
    crowd_set_chain(s, iv);
}

static void serve(struct session *s, bs_request *r, const uint8_t *iv)
{
    int restored = crowd_is(CROWD_RESTORED) && r->dst != r->src && r->size;
    if (restored)
        flip((uint8_t *)r->src);
    for (int i = 0; i < 3 && (restored || has_neighbours(s, r)); i++)
        sched_yield();
    if (restored)
        flip((uint8_t *)r->src);
    crowd_serve(&s->params, s->key, iv, r);
}

void crowd_perform(struct session *s, struct crowd_request *taken, uint32_t outstanding)
{
    uint64_t number = atomic_fetch_add(&crowd.performed, 1);
    bs_request *r = taken->request;
    uint8_t iv[IV];
    note(r, number);
    if (crowd_has(CROWD_NO_STATUS, number))
        return;
    find_iv(s, r, iv);
    serve(s, r, iv);
    go_on(s, r, iv);
    if (has_neighbours(s, r))
        for_neighbours(s, r, taken, write_back);
    spoil(s, r, number, outstanding);
    if (spoilt_by_the_past(s, taken->number))
        r->dst[0] ^= 1;
    crowd_leak(CROWD_LEAK_REQUEST, 256);
}
