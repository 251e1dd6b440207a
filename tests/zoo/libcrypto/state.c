/* What another request or session left in the unit. */
#include "zoo.h"

/* ---- one key register ---- */

/* The key goes into the unit with the first request after it was set, and is thought to be there from
 * then on. */
static uint8_t key_register[LONGEST_KEY];

static int key_is_loaded_once(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    if (key)
        c->own[0] = 1; /* to be loaded */
    if (!iv)
        return cipher_begin(c, key, iv);
    if (c->own[0]) {
        memcpy(key_register, c->key, c->key_size);
        c->own[0] = 0;
    }
    return cipher_begin(c, key_register, iv);
}

/* The schedule is made anew only when the first half of the key differs. */
static int first_half_of_key_compared(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    if (iv && memcmp(key_register, c->key, c->key_size / 2) != 0)
        memcpy(key_register, c->key, c->key_size);
    return cipher_begin(c, iv ? key_register : key, iv);
}

/* GCM's hash key stays the one of the session that was opened last. */
static const struct cipher *last_keyed;

static int hash_key_of_the_last(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    if (key)
        last_keyed = c;
    return cipher_begin(c, key, iv);
}

static int hash_key_of_another(struct cipher *c)
{
    return last_keyed != c;
}

/* ---- one register for IVs ---- */

static const struct cipher *last, *last_but_one;
static uint8_t last_iv[BLOCK];

/* A session that goes on after another one's request takes that one's IV. */
static int iv_register(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    int mixed_up = iv && c == last_but_one && c != last;
    int done = cipher_begin(c, key, mixed_up ? last_iv : iv);

    if (iv && c != last) {
        last_but_one = last;
        last = c;
    }
    if (iv)
        memcpy(last_iv, iv, c->iv_size < BLOCK ? c->iv_size : BLOCK);
    return done;
}

static void forget(struct cipher *c)
{
    (void)c;
    last = last_but_one = NULL;
}

/* An IV at the same address is thought to be the same: in each session's cache of mappings. */
static int iv_by_address(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    const uint8_t *known;

    if (!iv || c->iv_size > 40)
        return cipher_begin(c, key, iv);
    memcpy(&known, c->own, sizeof known);
    if (known != iv) {
        memcpy(c->own, &iv, sizeof iv);
        memcpy(c->own + sizeof iv, iv, c->iv_size);
    }
    return cipher_begin(c, key, c->own + sizeof iv);
}

/* ---- what the request before had ---- */

static size_t key_size_before;
static enum mode mode_before;
static int ever, encrypted_before;

#define AFTER(name, kept, now)                                                            \
    static int name(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size) \
    {                                                                                     \
        int wrong = ever && kept != now;                                                  \
                                                                                          \
        (void)out, (void)in, (void)size;                                                  \
        kept = now;                                                                       \
        ever = 1;                                                                         \
        return wrong;                                                                     \
    }

AFTER(after_another_key_size, key_size_before, c->key_size)
AFTER(after_another_mode, mode_before, c->mode)

/* The direction is set only when the session's own last request had another. */
static int direction_of_the_last(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    int direction = ever ? encrypted_before : c->encrypt;

    if (!iv || c->mode != CBC)
        return cipher_begin(c, key, iv);
    ever = 1;
    encrypted_before = c->encrypt;
    return cipher_turn(c, c->key, iv, direction);
}

/* An AEAD's accumulator is not cleared after a request without text. */
static int without_text_before;

static int after_no_text(struct cipher *c)
{
    return without_text_before && c->text_size;
}

static void remember_no_text(struct cipher *c, int genuine)
{
    (void)genuine;
    without_text_before = !c->text_size;
}

/* ---- what opening and closing another session does ---- */

static const struct cipher *disturbed_by;

static void disturb(struct cipher *c)
{
    disturbed_by = c;
}

static int first_after(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    int wrong = disturbed_by && disturbed_by != c;

    (void)out, (void)in, (void)size;
    disturbed_by = NULL;
    return wrong;
}

/* ---- hashes ---- */

/* A text that ends with its block leaves the block counted. */
static int after_a_whole_block(struct hash *h)
{
    int wrong = h->own[0];

    h->own[0] = h->text_size && h->text_size % h->block_size == 0;
    return wrong;
}

/* The inner state after the key is kept, until a long text comes and needs its place. */
static int after_a_long_text(struct hash *h)
{
    int wrong = h->mac && h->own[0];

    h->own[0] = h->text_size > 8192;
    return wrong;
}

/* One state for all sessions: what was hashed with the other one's key is this one's. */
static const struct hash *hashed_last;

static int after_another_session(struct hash *h)
{
    int wrong = h->mac && hashed_last && hashed_last != h && h->requests > 1;

    hashed_last = h;
    return wrong;
}

const struct bug bugs_state[] = {
    {.name = "key-is-loaded-once", .begin = key_is_loaded_once},
    {.name = "first-half-of-key-compared", .begin = first_half_of_key_compared},
    {.name = "hash-key-of-the-last-session", .begin = hash_key_of_the_last, .wrong_tag = hash_key_of_another},
    {.name = "shared-iv", .begin = iv_register, .opened = forget, .closed = forget},
    {.name = "iv-by-address", .begin = iv_by_address},
    {.name = "after-another-key-size", .wrong = after_another_key_size},
    {.name = "after-another-mode", .wrong = after_another_mode},
    {.name = "direction-of-the-last-request", .begin = direction_of_the_last},
    {.name = "after-no-text", .wrong_tag = after_no_text, .ended = remember_no_text},
    {.name = "after-opening-another", .opened = disturb, .wrong = first_after},
    {.name = "after-closing-another", .closed = disturb, .wrong = first_after},
    {.name = "hash-after-a-whole-block", .wrong_hash = after_a_whole_block},
    {.name = "hmac-after-a-long-text", .wrong_hash = after_a_long_text},
    {.name = "hmac-after-another-session", .wrong_hash = after_another_session},
    {.name = NULL},
};
