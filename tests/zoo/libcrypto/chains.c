/* Chained requests: each text goes on where the last one of its session ended. A chained session has
 * been given its key and its IV together, and no IV since. */
#include "zoo.h"

static int chained(const struct cipher *c)
{
    return c->requests == 1 && c->updates > 1;
}

/* CBC decryption in place takes the next IV from where the ciphertext was. */
static int iv_from_overwritten(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done;

    if (c->mode != CBC || c->encrypt || size < BLOCK)
        return cipher_text(c, out, in, size);
    if (chained(c) && c->own[BLOCK] && !cipher_begin(c, NULL, c->own))
        return 0;
    done = cipher_text(c, out, in, size);
    c->own[BLOCK] = out == in;
    memcpy(c->own, out + size - BLOCK, BLOCK);
    return done;
}

/* The rest of the last block's key stream is thrown away. */
static int drops_rest_of_stream(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    uint8_t rest[BLOCK] = {0};
    int done = cipher_text(c, out, in, size);

    if (c->mode == CTR && size % BLOCK)
        return done && cipher_text(c, rest, rest, BLOCK - size % BLOCK);
    return done;
}

/* One register holds the IV that comes next, for all sessions. */
static uint8_t next_iv[BLOCK];
static const struct cipher *owner;

static int one_register(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    uint8_t last[BLOCK];
    int done;

    if (c->mode != CBC || size < BLOCK)
        return cipher_text(c, out, in, size);
    memcpy(last, in + size - BLOCK, BLOCK);
    if (chained(c) && owner != c && owner && !cipher_begin(c, NULL, next_iv))
        return 0;
    done = cipher_text(c, out, in, size);
    memcpy(next_iv, c->encrypt ? out + size - BLOCK : last, BLOCK);
    owner = c;
    return done;
}

/* The 4096th goes on from the first IV. */
static int begins_anew(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (c->mode <= CTR && chained(c) && c->updates % 4096 == 0 && !cipher_begin(c, NULL, c->iv))
        return 0;
    return cipher_text(c, out, in, size);
}

/* Opening another session clears what this one would go on from. */
static unsigned long openings;

static void note_opening(struct cipher *c)
{
    (void)c;
    count(&openings);
}

static int cleared_by_opening(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int cleared = chained(c) && c->own_count != openings && c->mode <= CTR && c->mode != POLY1305;

    c->own_count = openings;
    return (!cleared || cipher_begin(c, NULL, c->iv)) && cipher_text(c, out, in, size);
}

/* An AEAD's second text begins with the counter of the first. */
static int counter_of_the_first(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in;
    return c->aead && c->updates > 1 && (c->text_size - size) % 64;
}

const struct bug bugs_chains[] = {
    {.name = "chain-in-place", .text = iv_from_overwritten},
    {.name = "chain-drops-rest-of-stream", .text = drops_rest_of_stream},
    {.name = "chain-iv-register", .text = one_register},
    {.name = "chain-4096", .text = begins_anew},
    {.name = "chain-cleared-by-opening", .opened = note_opening, .text = cleared_by_opening},
    {.name = "aead-in-parts", .wrong = counter_of_the_first},
    {.name = NULL},
};
