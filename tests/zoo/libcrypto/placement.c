/* Wrong for where the buffers lie. */
#include "zoo.h"

enum { PAGE = 4096 };

static size_t offset(const uint8_t *at, size_t unit)
{
    return (uintptr_t)at % unit;
}

#define PLACES(name, condition)                                                           \
    static int name(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size) \
    {                                                                                     \
        (void)out, (void)in, (void)c, (void)size;                                         \
        return condition;                                                                 \
    }

PLACES(unaligned_output, offset(out, 8))
PLACES(output_at_half_a_word, offset(out, 4) == 2)
PLACES(odd_input, offset(in, 2))
PLACES(differently_aligned, offset(in, BLOCK) != offset(out, BLOCK) && size > 1024)
PLACES(begins_late_in_a_page, offset(in, PAGE) > PAGE - BLOCK && size >= 2 * BLOCK)
PLACES(ends_with_the_page, size >= 64 && !offset(in + size, PAGE))
PLACES(only_out_of_place, out != in && size > 64)
PLACES(second_half, !c->encrypt && size >= 1024)

/* In place the last block stays as it was. */
static int last_block_in_place(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    uint8_t block[BLOCK];
    size_t last = size < BLOCK ? size : BLOCK;
    int done;

    memcpy(block, in + size - last, last);
    done = cipher_text(c, out, in, size);
    if (out == in)
        memcpy(out + size - last, block, last);
    return done;
}

/* Only the part on the first page is taken. */
static int iv_on_one_page(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    uint8_t other[LONGEST_NONCE] = {0};
    size_t here = iv ? PAGE - offset(iv, PAGE) : 0;

    if (!iv || here >= c->iv_size)
        return cipher_begin(c, key, iv);
    memcpy(other, iv, here);
    return cipher_begin(c, key, other);
}

static int aad_on_two_pages(struct cipher *c)
{
    return c->aad_size && offset(c->aad, PAGE) + c->aad_size > PAGE;
}

const struct bug bugs_placement[] = {
    {.name = "unaligned", .wrong = unaligned_output},
    {.name = "output-at-half-a-word", .wrong = output_at_half_a_word},
    {.name = "odd-input", .wrong = odd_input},
    {.name = "differently-aligned", .wrong = differently_aligned},
    {.name = "begins-late-in-a-page", .wrong = begins_late_in_a_page},
    {.name = "ends-with-the-page", .wrong = ends_with_the_page},
    {.name = "only-out-of-place", .wrong = only_out_of_place},
    {.name = "second-half-decrypted", .wrong = second_half},
    {.name = "last-block-in-place", .text = last_block_in_place},
    {.name = "iv-across-pages", .begin = iv_on_one_page},
    {.name = "aad-across-pages", .wrong_tag = aad_on_two_pages},
    {.name = NULL},
};
