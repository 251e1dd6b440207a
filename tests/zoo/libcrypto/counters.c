/* Counters that wrap too early, and nonces of other lengths. */
#include "zoo.h"

/* A big-endian counter of which only the last `bytes` count: their carry goes nowhere. The text is done
 * in parts between the wraps. */
static int wrapping(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size, size_t bytes)
{
    size_t before = c->text_size - size; /* of this message */
    uint8_t counter[BLOCK];
    uint64_t low = 0, left;
    unsigned carry = 0;

    if (c->mode != CTR || before % BLOCK)
        return cipher_text(c, out, in, size);
    memcpy(counter, c->iv, BLOCK);
    for (size_t i = BLOCK, add = before / BLOCK; i-- > BLOCK - bytes; add >>= 8) {
        carry += counter[i] + (unsigned)(add & 0xff);
        counter[i] = (uint8_t)carry;
        carry >>= 8;
    }
    for (size_t i = BLOCK - bytes; i < BLOCK; i++)
        low = low << 8 | counter[i];
    left = 0 - low; /* blocks until it wraps; 0: more than there can be */
    if (bytes < 8)
        left &= ((uint64_t)1 << 8 * bytes) - 1;
    if (!left)
        left = bytes < 8 ? (uint64_t)1 << 8 * bytes : UINT64_MAX;
    while (size) {
        size_t part = left < size / BLOCK + 1 ? (size_t)left * BLOCK : size;

        part = part < size ? part : size;
        if (!cipher_begin(c, NULL, counter) || !cipher_text(c, out, in, part))
            return 0;
        out += part;
        in += part;
        size -= part;
        memset(counter + BLOCK - bytes, 0, bytes);
        left = bytes < 8 ? (uint64_t)1 << 8 * bytes : UINT64_MAX;
    }
    return 1;
}

static int wraps_at_16(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    return wrapping(c, out, in, size, 2);
}

static int wraps_at_32(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    return wrapping(c, out, in, size, 4);
}

static int wraps_at_64(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    return wrapping(c, out, in, size, 8);
}

/* Eight counters are made at once from the last byte; a carry out of it is lost in all but the first. */
static int carry_in_eight(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in;
    return c->mode == CTR && size >= 128 && c->iv[BLOCK - 1] > 0xf8;
}

/* More than 255 blocks in one text. */
static int counts_blocks_in_a_byte(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in;
    return c->mode == GCM && size > 254 * BLOCK;
}

/* An IV of which a part counts: the rest is taken as zeros. */
static int cut(struct cipher *c, const uint8_t *key, const uint8_t *iv, size_t at, size_t size)
{
    uint8_t other[LONGEST_NONCE];

    if (!iv)
        return cipher_begin(c, key, iv);
    memcpy(other, iv, c->iv_size);
    memset(other + at, 0, size);
    return cipher_begin(c, key, other);
}

static int half_a_tweak(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return c->mode == XTS ? cut(c, key, iv, 8, 8) : cipher_begin(c, key, iv);
}

static int twelve_bytes_of_nonce(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return c->iv_size > 12 && c->mode != XTS ? cut(c, key, iv, 12, c->iv_size - 12)
                                             : cipher_begin(c, key, iv);
}

static int short_nonce(struct cipher *c)
{
    return c->iv_size < 12;
}

static int last_byte_of_13(struct cipher *c)
{
    return c->mode == CCM && c->iv_size == 13;
}

static int first_byte_of_iv(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in, (void)size;
    return (c->iv[0] & c->iv[1] & 0x80) != 0;
}

const struct bug bugs_counters[] = {
    {.name = "counter-of-16-bits", .text = wraps_at_16},
    {.name = "counter-of-32-bits", .text = wraps_at_32},
    {.name = "counter-of-64-bits", .text = wraps_at_64},
    {.name = "carry-in-eight-counters", .wrong = carry_in_eight},
    {.name = "gcm-counts-in-a-byte", .wrong = counts_blocks_in_a_byte},
    {.name = "half-a-tweak", .begin = half_a_tweak},
    {.name = "twelve-bytes-of-nonce", .begin = twelve_bytes_of_nonce},
    {.name = "nonce-below-twelve", .wrong_tag = short_nonce},
    {.name = "ccm-nonce-of-13", .wrong_tag = last_byte_of_13},
    {.name = "iv-of-signed-bytes", .wrong = first_byte_of_iv},
    {.name = NULL},
};
