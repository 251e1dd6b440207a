/* Wrong for some lengths of the text. */
#include "zoo.h"

#define LENGTHS(name, condition)                                                          \
    static int name(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size) \
    {                                                                                     \
        (void)out, (void)in, (void)c;                                                     \
        return condition;                                                                 \
    }

LENGTHS(one_byte, size == 1)
LENGTHS(one_block, size == BLOCK)
LENGTHS(last_of_eight, size % 128 != 0 && size % 128 < BLOCK)
LENGTHS(stolen_byte, c->mode == XTS && size % BLOCK == 1)
LENGTHS(six_blocks, size >= 288 && size < 384)
LENGTHS(of_48_blocks, size % 768 == 0)
LENGTHS(more_than_four_lines, size > 256 && size % 64 != 0)
LENGTHS(exactly_2048, size == 2048)
LENGTHS(medium, size > 4096 && size < 16384)
LENGTHS(jumbo, size > 8192 && size <= 9216)
LENGTHS(three_pages, size == 3 * 4096)
LENGTHS(signed_16, size >= 32769 && size <= 65535)
LENGTHS(more_than_65536, size > 65536)
LENGTHS(more_than_half_a_mib, size > 512 * 1024)

/* The unit's length register has 16 bits: what is beyond stays as it was. */
static int length_of_16_bits(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    size_t done = size & 0xffff;

    if (size < 0x10000)
        return cipher_text(c, out, in, size);
    if (out != in)
        memcpy(out + done, in + done, size - done);
    return done == 0 || cipher_text(c, out, in, done);
}

const struct bug bugs_sizes[] = {
    {.name = "one-byte", .wrong = one_byte},
    {.name = "one-block", .wrong = one_block},
    {.name = "last-of-eight-blocks", .wrong = last_of_eight},
    {.name = "xts-steals-one-byte", .wrong = stolen_byte},
    {.name = "gcm-six-blocks", .wrong = six_blocks},
    {.name = "gcm-48-blocks", .wrong = of_48_blocks},
    {.name = "chacha-partial-line", .wrong = more_than_four_lines},
    {.name = "exactly-2048", .wrong = exactly_2048},
    {.name = "middle", .wrong = medium},
    {.name = "jumbo-frames", .wrong = jumbo},
    {.name = "three-pages", .wrong = three_pages},
    {.name = "signed-16-bit-length", .wrong = signed_16},
    {.name = "more-than-65536", .wrong = more_than_65536},
    {.name = "more-than-half-a-mib", .wrong = more_than_half_a_mib},
    {.name = "length-of-16-bits", .text = length_of_16_bits},
    {.name = NULL},
};
