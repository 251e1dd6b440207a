/* Wrong for some lengths of the AAD, or with another request's. */
#include "zoo.h"

static int multiple_of_16(struct cipher *c)
{
    return c->aad_size && c->aad_size % BLOCK == 0;
}

static int more_than_240(struct cipher *c)
{
    return c->mode == CCM && c->aad_size > 240;
}

/* From 65280 on CCM writes the length in six bytes. */
static int length_in_two_bytes(struct cipher *c)
{
    return c->mode == CCM && c->aad_size >= 65280;
}

static int esn(struct cipher *c)
{
    return c->aad_size == 20;
}

static int longer_than_text(struct cipher *c)
{
    return c->aad_size > c->text_size;
}

static int between_33_and_48(struct cipher *c)
{
    return c->aad_size > 32 && c->aad_size < 48;
}

static int without_text(struct cipher *c)
{
    return c->aad_size && !c->text_size;
}

static int first_64(struct cipher *c, const uint8_t *data, size_t size)
{
    return cipher_aad(c, data, size < 64 ? size : 64);
}

/* The AAD stays in the unit's memory, and a request without any has the last one's. */
static int keep(struct cipher *c, const uint8_t *data, size_t size)
{
    c->own_count = size < sizeof c->own ? size : sizeof c->own;
    memcpy(c->own, data, c->own_count);
    return cipher_aad(c, data, size);
}

static int kept(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (c->aead && c->encrypt && !c->aad_size && c->own_count)
        cipher_aad(c, c->own, c->own_count);
    return cipher_text(c, out, in, size);
}

/* The first part of an HMAC's message when there are two. */
static int mac_of_a_whole_block(struct hash *h)
{
    return h->mac && h->updates == 2 && h->text_size - h->last_size >= h->block_size;
}

const struct bug bugs_aad[] = {
    {.name = "aad-multiple-of-16", .wrong_tag = multiple_of_16},
    {.name = "ccm-aad-above-240", .wrong_tag = more_than_240},
    {.name = "ccm-aad-from-65280", .wrong_tag = length_in_two_bytes},
    {.name = "aad-of-20", .wrong_tag = esn},
    {.name = "aad-longer-than-text", .wrong_tag = longer_than_text},
    {.name = "aad-33-to-47", .wrong_tag = between_33_and_48},
    {.name = "aad-without-text", .wrong_tag = without_text},
    {.name = "aad-first-64-bytes", .aad = first_64},
    {.name = "aad-of-the-last-request", .aad = keep, .text = kept},
    {.name = "pair-aad-of-a-block", .wrong_hash = mac_of_a_whole_block},
    {.name = NULL},
};
