/* Digests and HMAC: padding, lengths, keys, texts in parts. */
#include "zoo.h"

#define HASHES(name, condition)     \
    static int name(struct hash *h) \
    {                               \
        return condition;           \
    }

HASHES(no_room_for_length, h->text_size % 64 == 55)
HASHES(no_room_for_length_128, h->text_size % 128 == 111)
HASHES(length_makes_a_block, h->text_size % 64 == 56)
HASHES(last_of_the_rate, h->text_size % 136 == 135)
HASHES(whole_blocks, h->text_size && h->text_size % h->block_size == 0)
HASHES(length_of_16_bits, h->text_size >= 8192)
HASHES(length_of_23_bits, h->text_size >= 1 << 20)
HASHES(length_of_27_bits, h->text_size >= 1 << 24)
HASHES(rest_of_a_part, h->updates > 1 && (h->text_size - h->last_size) % h->block_size)
HASHES(three_parts, h->updates > 2)
HASHES(long_key, h->mac && h->key_size > h->block_size)
HASHES(short_key, h->mac && h->key_size < 16)

/* A key that is longer than a block is cut. */
static int cuts_key(struct hash *h, const uint8_t *key, size_t size, const void *params)
{
    return hash_key(h, key, size > 64 ? 64 : size, params);
}

/* The last byte of the key is taken for the end of a string. */
static int drops_last_byte_of_key(struct hash *h, const uint8_t *key, size_t size, const void *params)
{
    return hash_key(h, key, size > 20 ? size - 1 : size, params);
}

/* A second part begins anew when the first was less than a block. */
static int begins_anew(struct hash *h, const uint8_t *data, size_t size)
{
    if (h->updates == 2 && h->text_size - size < h->block_size && !hash_begin(h))
        return 0;
    return hash_text(h, data, size);
}

const struct bug bugs_hashes[] = {
    {.name = "hash-55-of-64", .wrong_hash = no_room_for_length},
    {.name = "hash-111-of-128", .wrong_hash = no_room_for_length_128},
    {.name = "hash-56-of-64", .wrong_hash = length_makes_a_block},
    {.name = "sha3-135-of-136", .wrong_hash = last_of_the_rate},
    {.name = "hash-of-whole-blocks", .wrong_hash = whole_blocks},
    {.name = "hash-length-of-16-bits", .wrong_hash = length_of_16_bits},
    {.name = "hash-length-of-23-bits", .wrong_hash = length_of_23_bits},
    {.name = "hash-length-of-27-bits", .wrong_hash = length_of_27_bits},
    {.name = "hash-rest-of-a-part", .wrong_hash = rest_of_a_part},
    {.name = "hash-third-part", .wrong_hash = three_parts},
    {.name = "hash-begins-anew", .hash_text = begins_anew},
    {.name = "hmac-key-above-a-block", .wrong_hash = long_key},
    {.name = "hmac-key-below-16", .wrong_hash = short_key},
    {.name = "hmac-cuts-key-at-64", .hash_key = cuts_key},
    {.name = "hmac-key-loses-a-byte", .hash_key = drops_last_byte_of_key},
    {.name = NULL},
};
