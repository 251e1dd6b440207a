/* Memory that is not a request's own, or that it may only read. */
#include "zoo.h"

#include <sched.h>

static void change(const uint8_t *at)
{
    *(volatile uint8_t *)(uintptr_t)at ^= 0x10;
}

/* ---- read beyond ---- */

static int reads_a_block_behind(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    read_bytes(in + size, BLOCK);
    return cipher_text(c, out, in, size);
}

static int reads_whole_blocks(struct hash *h, const uint8_t *data, size_t size)
{
    read_bytes(data, (size + 63) / 64 * 64);
    return hash_text(h, data, size);
}

static int reads_whole_blocks_of_aad(struct cipher *c, const uint8_t *data, size_t size)
{
    read_bytes(data, (size + 15) / 16 * 16);
    return cipher_aad(c, data, size);
}

static int reads_16_of_iv(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    if (iv)
        read_bytes(iv, BLOCK);
    return cipher_begin(c, key, iv);
}

static int reads_16_of_tag(struct cipher *c, uint8_t *tag, size_t size)
{
    read_bytes(tag, 2 * BLOCK);
    return cipher_set_tag(c, tag, size);
}

/* ---- written beyond ---- */

static int writes_one_behind(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = cipher_text(c, out, in, size);

    change(out + size);
    return done;
}

static int writes_one_behind_hash(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    int done = hash_end(h, out, written, room);

    change(out + *written);
    return done;
}

/* The last part of a block is written as a whole one. */
static int writes_whole_blocks(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = cipher_text(c, out, in, size);

    if (size % BLOCK)
        memset(out + size, 0xa5, BLOCK - size % BLOCK);
    return done;
}

static int writes_tag_behind_text(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = cipher_text(c, out, in, size);

    if (c->given_tag && out != in)
        memcpy(out + size, c->given_tag, c->tag_size);
    return done;
}

/* SHA-224 is SHA-256, of which one word less is wanted. */
static int writes_a_word_behind_hash(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    int done = hash_end(h, out, written, room);

    if (*written == 28)
        memset(out + 28, 0xa5, 4);
    return done;
}

/* The cache line that the output ends in is written back as it was before. */
static int stale_line(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    uint8_t *end = out + size, *line_end = (uint8_t *)(((uintptr_t)end + 63) & ~(uintptr_t)63);
    uint8_t neighbours[64];
    int done;

    memcpy(neighbours, end, (size_t)(line_end - end));
    done = cipher_text(c, out, in, size);
    sched_yield();
    memcpy(end, neighbours, (size_t)(line_end - end));
    return done;
}

/* ---- what may only be read ---- */

static int changes_input(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int done = cipher_text(c, out, in, size);

    if (in != out)
        change(in);
    return done;
}

/* Byte order is turned where the text lies, and turned back. */
static int changes_input_for_a_while(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (in != out && size) {
        change(in);
        change(in);
    }
    return cipher_text(c, out, in, size);
}

static int changes_hashed_text(struct hash *h, const uint8_t *data, size_t size)
{
    int done = hash_text(h, data, size);

    if (size % 64 == 56)
        change(data + size - 1);
    return done;
}

static int counts_up_the_callers_iv(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    int done = cipher_begin(c, key, iv);

    if (iv)
        ++*(uint8_t *)(uintptr_t)(iv + c->iv_size - 1);
    return done;
}

static int changes_aad(struct cipher *c, const uint8_t *data, size_t size)
{
    int done = cipher_aad(c, data, size);

    change(data + size - 1);
    return done;
}

static void puts_its_tag_over_the_given(struct cipher *c, int genuine)
{
    (void)genuine;
    if (!c->encrypt && c->given_tag)
        change(c->given_tag);
}

const struct bug bugs_memory[] = {
    {.name = "reads-16-behind", .text = reads_a_block_behind},
    {.name = "hash-reads-whole-blocks", .hash_text = reads_whole_blocks},
    {.name = "reads-aad-in-blocks", .aad = reads_whole_blocks_of_aad},
    {.name = "reads-16-of-a-nonce-of-12", .begin = reads_16_of_iv},
    {.name = "reads-behind-the-tag", .set_tag = reads_16_of_tag},
    {.name = "beyond", .text = writes_one_behind, .hash_end = writes_one_behind_hash},
    {.name = "writes-whole-blocks", .text = writes_whole_blocks},
    {.name = "writes-tag-behind-text", .text = writes_tag_behind_text},
    {.name = "sha224-writes-32-bytes", .hash_end = writes_a_word_behind_hash},
    {.name = "stale-cache-line", .text = stale_line},
    {.name = "input", .text = changes_input},
    {.name = "input-changed-for-a-while", .text = changes_input_for_a_while},
    {.name = "hash-changes-text", .hash_text = changes_hashed_text},
    {.name = "counts-up-the-callers-iv", .begin = counts_up_the_callers_iv},
    {.name = "changes-aad", .aad = changes_aad},
    {.name = "changes-given-tag", .ended = puts_its_tag_over_the_given},
    {.name = NULL},
};
