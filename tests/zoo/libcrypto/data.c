/* Wrong for some texts, keys or IVs. */
#include "zoo.h"

/* So many times this byte, anywhere. */
static int has_run(const uint8_t *data, size_t size, uint8_t byte, size_t run)
{
    size_t length = 0;

    for (size_t i = 0; i < size && length < run; i++)
        length = data[i] == byte ? length + 1 : 0;
    return length == run;
}

static int ones(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    c->own[0] = (uint8_t)has_run(in, size, 0xff, 2 * BLOCK);
    return cipher_text(c, out, in, size);
}

/* The hash is over the ciphertext: a carry that is lost when its blocks are all ones. */
static int ciphertext_of_ones(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done;

    c->own[0] = !c->encrypt && has_run(in, size, 0xff, BLOCK);
    done = cipher_text(c, out, in, size);
    c->own[0] |= c->encrypt && has_run(out, size, 0xff, BLOCK);
    return done;
}

static int as_noted(struct cipher *c)
{
    return c->own[0];
}

static int begins_with_zeros(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)c, (void)in;
    return size > BLOCK && has_run(out, BLOCK, 0, BLOCK);
}

/* Blocks of zeros are holes, and stay what they are. */
static int holes(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int hole = c->encrypt && size >= 64 && has_run(in, size, 0, size);
    int done = cipher_text(c, out, in, size);

    if (hole)
        memset(out, 0, size);
    return done;
}

static int hash_of_zeros(struct hash *h)
{
    return h->last && h->last_size >= 64 && has_run(h->last, h->last_size, 0, h->last_size);
}

static int hash_of_ones(struct hash *h)
{
    return h->last && h->last_size >= 64 && has_run(h->last, h->last_size, 0xff, h->last_size);
}

/* A plain text that looks as if it had been padded loses its padding. */
static int takes_padding_off(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = cipher_text(c, out, in, size);
    uint8_t pad = !c->encrypt && size ? out[size - 1] : 0;

    if (pad >= 1 && pad <= BLOCK && pad <= size && has_run(out + size - pad, pad, pad, pad))
        memset(out + size - pad, 0, pad);
    return done;
}

/* The key is copied as a string. */
static int key_to_its_zero(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    char copied[LONGEST_KEY] = "";

    if (key)
        strncpy(copied, (const char *)key, c->key_size);
    return cipher_begin(c, key ? (uint8_t *)copied : NULL, iv);
}

static int key_of_high_bits(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in, (void)size;
    return (c->key[0] & 0xc0) == 0xc0;
}

static int key_byte_of_ff(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in, (void)size;
    return c->key[c->key_size - 1] == 0xff;
}

/* An IV of zeros is taken for none: the last one goes on. */
static int no_iv(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    int none = iv && has_run(iv, c->iv_size, 0, c->iv_size);
    int done = cipher_begin(c, key, none && c->requests > 1 ? c->own : iv);

    if (iv && !none && c->iv_size <= sizeof c->own)
        memcpy(c->own, iv, c->iv_size);
    return done;
}

static int iv_of_ones(struct cipher *c)
{
    return has_run(c->iv, c->iv_size, 0xff, c->iv_size);
}

const struct bug bugs_data[] = {
    {.name = "text-of-ones", .text = ones, .wrong_tag = as_noted},
    {.name = "ciphertext-of-ones", .text = ciphertext_of_ones, .wrong_tag = as_noted},
    {.name = "plain-text-begins-with-zeros", .wrong = begins_with_zeros},
    {.name = "text-of-zeros-is-a-hole", .text = holes},
    {.name = "hash-of-zeros", .wrong_hash = hash_of_zeros},
    {.name = "hash-of-ones", .wrong_hash = hash_of_ones},
    {.name = "takes-padding-off", .text = takes_padding_off},
    {.name = "key-ends-at-its-zero", .begin = key_to_its_zero},
    {.name = "key-of-signed-bytes", .wrong = key_of_high_bits},
    {.name = "key-that-ends-in-ff", .wrong = key_byte_of_ff},
    {.name = "iv-of-zeros-is-none", .begin = no_iv},
    {.name = "nonce-of-ones", .wrong_tag = iv_of_ones},
    {.name = NULL},
};
