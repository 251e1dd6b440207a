/* Tags that are compared in part or not at all, or made wrong. */
#include "zoo.h"

static int every_tag_fits(struct cipher *c)
{
    (void)c;
    return 1;
}

static int nothing_differs(const uint8_t *a, const uint8_t *b, size_t size)
{
    (void)a, (void)b, (void)size;
    return 0;
}

/* ---- compared in part ---- */

static int first_twelve(struct cipher *c)
{
    uint8_t tag[BLOCK];

    return c->given_tag && genuine_tag(c, tag) && memcmp(tag, c->given_tag, 12) == 0;
}

/* Differences are collected with XOR where OR was meant: two equal ones cancel. */
static int differences_cancel(struct cipher *c)
{
    uint8_t tag[BLOCK], sum = 0;

    if (!c->given_tag || !genuine_tag(c, tag))
        return 0;
    for (size_t i = 0; i < c->tag_size; i++)
        sum ^= tag[i] ^ c->given_tag[i];
    return sum == 0;
}

static int mac_differences_cancel(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum ^= a[i] ^ b[i];
    return sum;
}

static int lowest_bits(const uint8_t *a, const uint8_t *b, size_t size)
{
    int differs = 0;

    for (size_t i = 0; i < size; i++)
        differs |= (a[i] ^ b[i]) & 1;
    return differs;
}

static int as_strings(const uint8_t *a, const uint8_t *b, size_t size)
{
    return strncmp((const char *)a, (const char *)b, size) != 0;
}

static int first_word(const uint8_t *a, const uint8_t *b, size_t size)
{
    return memcmp(a, b, size < 4 ? size : 4) != 0;
}

/* ---- not compared in some requests ---- */

static int forged_zeros(struct cipher *c)
{
    static const uint8_t zeros[BLOCK];

    return c->given_tag && memcmp(c->given_tag, zeros, c->tag_size) == 0;
}

static int forged_and_large(struct cipher *c)
{
    return c->text_size > 4096;
}

static int forged_and_empty(struct cipher *c)
{
    return c->text_size == 0;
}

static int forged_in_part_of_a_block(struct cipher *c)
{
    return c->text_size % BLOCK == BLOCK - 1;
}

/* ---- what a forgery leaves behind ---- */

static void remember_forgery(struct cipher *c, int genuine)
{
    c->own[0] = !genuine;
}

static int after_a_forgery(struct cipher *c)
{
    return c->own[0];
}

/* ---- tags of other lengths ---- */

static int last_bytes(struct cipher *c, uint8_t *tag, size_t size)
{
    uint8_t whole[BLOCK];

    if (c->mode != GCM || size == BLOCK || !cipher_get_tag(c, whole, BLOCK))
        return cipher_get_tag(c, tag, size);
    memcpy(tag, whole + BLOCK - size, size);
    return 1;
}

static int sixteen_whatever_asked(struct cipher *c, uint8_t *tag, size_t size)
{
    return cipher_get_tag(c, tag, c->mode == GCM ? BLOCK : size);
}

static int wrong_when_short(struct cipher *c)
{
    return c->mode == CCM && c->tag_size < BLOCK;
}

/* A tag that begins with a zero is taken for a number, and comes without it. */
static int as_a_number(struct cipher *c, uint8_t *tag, size_t size)
{
    int fine = cipher_get_tag(c, tag, size);

    if (fine && tag[0] == 0) {
        memmove(tag, tag + 1, size - 1);
        tag[size - 1] = 0;
    }
    return fine;
}

const struct bug bugs_tags[] = {
    {.name = "accepts-forgery", .accepts = every_tag_fits, .differs = nothing_differs},
    {.name = "tag-compared-to-byte-12", .accepts = first_twelve},
    {.name = "tag-differences-cancel", .accepts = differences_cancel},
    {.name = "mac-differences-cancel", .differs = mac_differences_cancel},
    {.name = "mac-lowest-bits-compared", .differs = lowest_bits},
    {.name = "mac-compared-as-string", .differs = as_strings},
    {.name = "mac-first-word-compared", .differs = first_word},
    {.name = "tag-of-zeros-accepted", .accepts = forged_zeros},
    {.name = "forgery-of-large-text-accepted", .accepts = forged_and_large},
    {.name = "forgery-of-no-text-accepted", .accepts = forged_and_empty},
    {.name = "forgery-at-15-of-16-accepted", .accepts = forged_in_part_of_a_block},
    {.name = "refuses-after-a-forgery", .refuses = after_a_forgery, .ended = remember_forgery},
    {.name = "accepts-after-a-forgery", .accepts = after_a_forgery, .ended = remember_forgery},
    {.name = "short-tag-is-the-last-bytes", .get_tag = last_bytes},
    {.name = "short-tag-overruns", .get_tag = sixteen_whatever_asked},
    {.name = "ccm-short-tag", .wrong_tag = wrong_when_short},
    {.name = "tag-loses-leading-zero", .get_tag = as_a_number},
    {.name = NULL},
};
