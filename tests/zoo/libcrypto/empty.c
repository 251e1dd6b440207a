/* Empty texts, and lengths that must be refused. */
#include "zoo.h"

static int no_text(struct cipher *c)
{
    return !c->text_size;
}

static int nothing_at_all(struct cipher *c)
{
    return !c->text_size && !c->aad_size;
}

static int crashes_without_text(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    static uint8_t *volatile nowhere;

    if (!size)
        *nowhere = 1;
    return cipher_text(c, out, in, size);
}

/* Nothing to do, so nothing is made. */
static int no_hash_of_nothing(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    int done = hash_end(h, out, written, room);

    if (!h->text_size)
        memset(out, 0, *written);
    return done;
}

/* Nothing goes into the unit, and what it last made comes out. */
static int last_hash_for_nothing(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    int done = hash_end(h, out, written, room);

    if (!h->text_size)
        memcpy(out, h->own, *written);
    memcpy(h->own, out, *written);
    return done;
}

static int nothing_hashed_with_aad(struct hash *h)
{
    return h->mac && h->updates == 2 && h->last_size == 0;
}

/* CBC says that it takes any length; what is no whole block is left out. */
static int any_length(int real)
{
    return real == BLOCK ? 1 : real;
}

static int whole_blocks(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    return size < BLOCK || cipher_text(c, out, in, size / BLOCK * BLOCK);
}

static int less_than_a_block(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (c->mode != XTS || size >= BLOCK)
        return cipher_text(c, out, in, size);
    memmove(out, in, size);
    return 1;
}

const struct bug bugs_empty[] = {
    {.name = "no-text", .wrong_tag = no_text},
    {.name = "no-text-no-aad", .wrong_tag = nothing_at_all},
    {.name = "no-text-crashes", .text = crashes_without_text},
    {.name = "hash-of-nothing-is-zeros", .hash_end = no_hash_of_nothing},
    {.name = "hmac-of-nothing-is-the-last", .hash_end = last_hash_for_nothing},
    {.name = "pair-of-aad-alone", .wrong_hash = nothing_hashed_with_aad},
    {.name = "cbc-of-any-length", .block_size = any_length, .text = whole_blocks},
    {.name = "xts-below-a-block", .text = less_than_a_block},
    {.name = NULL},
};
