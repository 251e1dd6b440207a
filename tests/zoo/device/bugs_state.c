/* Bugs of state: registers, keys and counters that are shared, kept or forgotten where they should not be. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"

/* ---- what the request before left behind ---- */

static struct session *before; /* whose request was the engine's last */

static void remember(struct job *job)
{
    before = job->session;
}

static int is_open(const struct session *wanted)
{
    for (const struct session *s = zoo_device.sessions; s; s = s->next)
        if (s == wanted)
            return 1;
    return 0;
}

static const struct session *previous(const struct job *job)
{
    return before && before != job->session && is_open(before) ? before : NULL;
}

/* The key size register is written after the engine has begun. */
static void other_key_size(struct job *job)
{
    const struct session *p = previous(job);
    if (p && p->params.key_len != job->session->params.key_len && p->params.key_len &&
        job->session->params.key_len)
        zoo_spoil_from(job, 0);
    remember(job);
}

/* The engine's mode is changed without waiting until it is idle: the first block is of the mode before. */
static void other_mode(struct job *job)
{
    const struct session *p = previous(job);
    if (p && strcmp(p->cipher, job->session->cipher) != 0)
        zoo_spoil_from(job, 0);
    remember(job);
}

/* From hash to cipher, and back, a flag of the DMA stays as it was. */
static void hash_before(struct job *job)
{
    const struct session *p = previous(job);
    if (p && zoo_is_hash(p) != zoo_is_hash(job->session))
        zoo_spoil_from(job, 0);
    remember(job);
}

/* The key schedule is that of the other direction until the key is written again. */
static void other_direction(struct job *job)
{
    const struct session *p = previous(job);
    if (p && p->params.op != job->session->params.op && p->params.kind == job->session->params.kind)
        zoo_spoil_from(job, 0);
    remember(job);
}

/* Without AAD its length register is not written: it is still that of the request before. */
static void kept_aad_length(struct job *job)
{
    static uint32_t aad_len;
    uint32_t now = job->work.aad_len;
    if (!now && aad_len && job->session->params.tag_len && job->session->params.op == BS_ENCRYPT &&
        !zoo_is_hash(job->session))
        job->work.tag[1] ^= 0x08;
    aad_len = now;
}

/* An empty text starts nothing, and what comes back is the result of the request before. */
static void empty_is_old(struct job *job)
{
    static uint8_t tag[64];
    uint32_t size = job->session->params.tag_len;
    if (!size || size > sizeof tag || job->session->params.op != BS_ENCRYPT)
        return;
    if (job->work.size)
        memcpy(tag, job->work.tag, size);
    else
        memcpy(job->work.tag, tag, size);
}

/* ---- IVs ---- */

/* One IV register, written when a request is handed over and read when its turn comes. */
static uint8_t latched[64];
static uint32_t latched_len;

static void latch_iv(struct job *job)
{
    latched_len = job->session->params.chained ? 0 : job->session->params.iv_len;
    if (latched_len)
        memcpy(latched, job->request->iv, latched_len);
}

static void use_latched(struct job *job)
{
    if (!latched_len || job->session->params.iv_len != latched_len || job->session->params.chained)
        return;
    memcpy(job->iv, latched, latched_len);
    job->work.iv = job->iv;
}

/* Chained sessions: the last block of the request before is in a register. There is one for all of them. */
static uint8_t chain[16];

static int open_unchained(struct session *s, const bs_params *params)
{
    bs_params own = zoo_params(params);
    char text[100];
    void *crypto;
    if (!params->chained || !strstr(s->cipher, "CBC") || params->iv_len != 16)
        return 0;
    own.chained = 0;
    if (zoo_open_crypto(&own, &crypto, text, sizeof text))
        return -ENOMEM;
    zoo_close_crypto(s->crypto);
    s->crypto = crypto;
    s->compute = zoo_compute_of(crypto);
    s->slot = 1;
    memcpy(chain, params->first_iv, 16);
    return 0;
}

static void use_chain(struct job *job)
{
    if (!job->session->slot)
        return;
    memcpy(job->iv, chain, 16);
    job->work.iv = job->iv;
    if (job->session->params.op == BS_DECRYPT)
        memcpy(chain, job->work.src + job->work.size - 16, 16);
}

static void keep_chain(struct job *job)
{
    if (job->session->slot && job->session->params.op == BS_ENCRYPT)
        memcpy(chain, job->work.dst + job->work.size - 16, 16);
}

/* ---- keys ---- */

/* The key register is loaded by the thread that submits, without the lock of the one that waits. */
static struct session *loaded;

static void load_key(struct job *job)
{
    loaded = job->session;
}

static void key_of_another_thread(struct job *job)
{
    if (loaded && is_open(loaded) && !pthread_equal(loaded->opener, job->session->opener) &&
        zoo_alike(loaded, job->session) && !job->session->params.chained)
        job->with = loaded;
}

/* As above, but what is exchanged is the direction. */
static void direction_of_another_thread(struct job *job)
{
    if (loaded && is_open(loaded) && !pthread_equal(loaded->opener, job->session->opener) &&
        loaded->params.op != job->session->params.op && loaded->params.kind == BS_CIPHER &&
        job->session->params.kind == BS_CIPHER)
        zoo_spoil_from(job, 0);
}

/* A session's key slot is the number of sessions that were open when it was: after one has closed, two have the
 * same, and the key of the later one. */
static int take_slot(struct session *s, const bs_params *params)
{
    (void)params;
    s->slot = zoo_device.opened + 1;
    return 0;
}

static void key_of_slot(struct job *job)
{
    for (struct session *s = zoo_device.sessions; s; s = s->next) /* the latest first */
        if (s->slot == job->session->slot && zoo_alike(s, job->session) && !s->params.chained) {
            job->with = s;
            return;
        }
}

/* The table has six keys; who comes later shares. */
static int take_of_six(struct session *s, const bs_params *params)
{
    static uint32_t opened;
    (void)params;
    s->slot = ++opened % 6 + 1;
    return 0;
}

static int take_of_sixteen(struct session *s, const bs_params *params)
{
    static uint32_t opened;
    (void)params;
    s->slot = ++opened % 16 + 1;
    return 0;
}

/* There are 32 keys, in the order of opening, as long as all are open at once. */
static int take_of_32(struct session *s, const bs_params *params)
{
    uint32_t used[32] = {0}, least = 0;
    (void)params;
    for (const struct session *other = zoo_device.sessions; other; other = other->next)
        used[other->slot - 1]++;
    for (uint32_t i = 1; i < 32; i++)
        least = used[i] < used[least] ? i : least;
    s->slot = least + 1;
    return 0;
}

/* Prepared keys are cached by the session's address, and the cache is not told when a session ends: another one at the
 * same address has the old key. */
enum { CACHED = 512 };

static struct cached {
    const struct session *address;
    struct session as; /* as it was */
} cache[CACHED];

static struct cached *cached_of(const struct session *s)
{
    int i = 0;
    while (i < CACHED - 1 && cache[i].address && (cache[i].address != s || !zoo_alike(&cache[i].as, s)))
        i++;
    return &cache[i];
}

static int cache_by_address(struct session *s, const bs_params *params)
{
    struct cached *c = cached_of(s);
    if (params->chained)
        return 0;
    if (c->address) {
        zoo_close_crypto(s->crypto);
        s->crypto = c->as.crypto;
    } else {
        c->address = s;
    }
    c->as = *s;
    s->slot = 1;
    return 0;
}

static void keep_cached(struct session *s)
{
    if (s->slot)
        s->crypto = NULL; /* it is the cache's */
}

/* The inner and outer states of HMAC are kept per digest: those of the session that was opened last. */
static void hmac_of_last(struct job *job)
{
    if (job->session->params.kind != BS_HMAC)
        return;
    for (struct session *s = zoo_device.sessions; s; s = s->next)
        if (zoo_alike(s, job->session)) {
            job->with = s;
            return;
        }
}

/* ---- counters ---- */

static uint32_t waiting(void)
{
    uint32_t n = 0;
    for (const struct job *job = zoo_device.queue.first; job; job = job->next)
        n++;
    return n;
}

/* Only with so many waiting is the ring's second page of descriptors in use. */
static void second_page_of_ring(struct job *job)
{
    if (waiting() >= 32)
        zoo_spoil(job);
}

/* The residue of a large text is still in the unit's buffer. */
static void small_after_large(struct job *job)
{
    static uint32_t before_size;
    if (before_size > 16384 && job->work.size && job->work.size <= 64)
        zoo_spoil(job);
    before_size = job->work.size;
}

static void at_4096(struct job *job)
{
    if (job->session->number == 4096)
        zoo_spoil(job);
}

static void at_65536(struct job *job)
{
    if (job->session->number == 65536)
        zoo_spoil(job);
}

static void every_100000th(struct job *job)
{
    if (zoo_device.requests % 100000 == 0)
        zoo_spoil(job);
}

static void every_5000th(struct job *job)
{
    if (zoo_device.requests % 5000 == 0)
        zoo_spoil(job);
}

/* ---- time ---- */

static uint64_t idle_ns(const struct job *job)
{
    return job->at_ns > zoo_device.idle_since_ns ? job->at_ns - zoo_device.idle_since_ns : 0;
}

/* Asleep after half a second, the engine wakes without its key. */
static void after_500_ms(struct job *job)
{
    if (idle_ns(job) > 500000000)
        zoo_spoil_from(job, 0);
}

/* A key is good for a second: then it has to be loaded again, and is not. */
static void after_a_second(struct job *job)
{
    if (job->at_ns - job->session->opened_ns > 1000000000)
        zoo_spoil_from(job, 0);
}

static void after_15_ms(struct job *job)
{
    if (idle_ns(job) > 15000000)
        zoo_spoil_from(job, 0);
}

const struct bug zoo_state_bugs[] = {
    {.name = "key-size-before", .after = other_key_size},
    {.name = "mode-before", .after = other_mode},
    {.name = "hash-before", .after = hash_before},
    {.name = "direction-before", .after = other_direction},
    {.name = "aad-length-kept", .after = kept_aad_length},
    {.name = "empty-text-old-tag", .after = empty_is_old},
    {.name = "one-iv-register", .taken = latch_iv, .before = use_latched},
    {.name = "one-chain-register", .opens = open_unchained, .before = use_chain, .after = keep_chain},
    {.name = "key-of-another-thread", .taken = load_key, .before = key_of_another_thread},
    {.name = "direction-of-another-thread", .taken = load_key, .after = direction_of_another_thread},
    {.name = "key-slot-by-count", .opens = take_slot, .before = key_of_slot},
    {.name = "six-key-slots", .opens = take_of_six, .before = key_of_slot},
    {.name = "sixteen-key-slots", .opens = take_of_sixteen, .before = key_of_slot},
    {.name = "32-keys-at-once", .opens = take_of_32, .before = key_of_slot},
    {.name = "keys-by-address", .opens = cache_by_address, .closes = keep_cached},
    {.name = "hmac-of-last-session", .before = hmac_of_last},
    {.name = "second-page-of-ring", .after = second_page_of_ring},
    {.name = "small-after-large", .after = small_after_large},
    {.name = "key-for-a-second", .after = after_a_second},
    {.name = "at-4096", .after = at_4096},
    {.name = "at-65536", .after = at_65536},
    {.name = "descriptor-5000", .after = every_5000th},
    {.name = "descriptor-100000", .after = every_100000th},
    {.name = "asleep-after-500-ms", .after = after_500_ms},
    {.name = "asleep-after-15-ms", .after = after_15_ms},
    {.name = NULL},
};
