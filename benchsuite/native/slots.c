/* Request slots: q_len buffers per worker, each between guards. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "size.h"

enum { GUARD = 64, GUARD_BYTE = 0xA7, LINE = 64 };

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void fill_random(uint8_t *to, size_t size, uint64_t *state)
{
    while (size) {
        uint64_t word = htole64(next_random(state)); /* the same bytes on every machine */
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(to, &word, part);
        to += part;
        size -= part;
    }
}

/* What lies before the payload, which starts on a cache line: a guard, and the AAD directly before it. */
static size_t before_payload(const struct bs_engine *engine)
{
    return bs_up(bs_plus(GUARD, engine->params.aad_len), LINE);
}

/* A text with its AAD before and tag behind. */
static size_t text_size(const struct bs_engine *engine)
{
    size_t payload = bs_plus(engine->load.request_size, engine->params.tag_len);
    return bs_plus(before_payload(engine), bs_up(bs_plus(payload, GUARD), LINE));
}

static uint8_t *text_payload(const struct bs_engine *engine, uint8_t *text)
{
    return text + before_payload(engine);
}

static int decrypts(const struct bs_engine *engine)
{
    return engine->params.op == BS_DECRYPT;
}

static int open_slot(struct bs_worker *worker, struct bs_slot *slot, uint64_t *random)
{
    const struct bs_engine *engine = worker->engine;
    uint32_t size = engine->load.request_size;
    size_t iv_size = GUARD + BS_IV_ROOM + GUARD, one = text_size(engine);
    slot->memory_size = bs_plus(iv_size, engine->load.in_place ? one : bs_times(2, one));
    slot->memory = aligned_alloc(LINE, slot->memory_size);
    if (!slot->memory)
        return -ENOMEM;
    memset(slot->memory, GUARD_BYTE, slot->memory_size);

    bs_request *r = &slot->request;
    uint8_t *iv = slot->memory + GUARD, *text = slot->memory + iv_size;
    uint8_t *src = text_payload(engine, text);
    uint8_t *dst = engine->load.in_place ? src : text_payload(engine, text + one);
    *r = (bs_request){.src = src,
                      .dst = dst,
                      .iv = iv,
                      .aad = src - engine->params.aad_len,
                      .tag = (decrypts(engine) ? src : dst) + size,
                      .size = size,
                      .slot = slot};
    fill_random(src - engine->params.aad_len, (size_t)engine->params.aad_len + size, random);
    if (dst != src)
        memset(dst, 0, size);
    memset(r->tag, 0, engine->params.tag_len);
    fill_random(iv, engine->params.iv_len, random);
    slot->input = src;
    return 0;
}

int bs_slots_open(struct bs_worker *worker)
{
    uint64_t random = worker->engine->load.seed + worker->index;
    size_t size = bs_times(sizeof *worker->slots, worker->q_len);
    worker->slots = aligned_alloc(LINE, size);
    if (!worker->slots)
        return -ENOMEM;
    memset(worker->slots, 0, size);
    for (uint32_t i = 0; i < worker->q_len; i++) {
        int error = open_slot(worker, &worker->slots[i], &random);
        if (error)
            return error;
    }
    return 0;
}

int bs_slots_keep_input(struct bs_worker *worker)
{
    for (uint32_t i = 0; i < worker->q_len; i++) {
        struct bs_slot *slot = &worker->slots[i];
        if (slot->request.src != slot->request.dst || slot->input != slot->request.src)
            continue;
        slot->input = malloc(slot->request.size);
        if (!slot->input) {
            slot->input = (uint8_t *)slot->request.src;
            return -ENOMEM;
        }
    }
    return 0;
}

static int intact(const uint8_t *guard, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (guard[i] != GUARD_BYTE)
            return 0;
    return 1;
}

/* Everything of a text that belongs to nobody. tagged: its tag lies behind the payload. */
static int text_intact(const struct bs_engine *engine, const uint8_t *text, int own_aad, int tagged)
{
    size_t before = before_payload(engine) - (own_aad ? engine->params.aad_len : 0);
    size_t used = before_payload(engine) + engine->load.request_size + (tagged ? engine->params.tag_len : 0);
    return intact(text, before) && intact(text + used, text_size(engine) - used);
}

static int slot_intact(const struct bs_engine *engine, const struct bs_slot *slot)
{
    const uint8_t *iv = slot->memory + GUARD, *text = iv + BS_IV_ROOM + GUARD;
    uint32_t iv_used = engine->params.iv_len < 8 ? 8 : engine->params.iv_len; /* the counter */
    if (!intact(slot->memory, GUARD) || !intact(iv + iv_used, BS_IV_ROOM - iv_used + GUARD))
        return 0;
    if (engine->load.in_place)
        return text_intact(engine, text, 1, 1);
    return text_intact(engine, text, 1, decrypts(engine)) &&
           text_intact(engine, text + text_size(engine), 0, !decrypts(engine));
}

uint32_t bs_slots_damaged(const struct bs_worker *worker)
{
    uint32_t damaged = 0;
    for (uint32_t i = 0; i < worker->q_len; i++)
        damaged += !slot_intact(worker->engine, &worker->slots[i]);
    return damaged;
}

void bs_slots_close(struct bs_worker *worker)
{
    for (uint32_t i = 0; worker->slots && i < worker->q_len; i++) {
        struct bs_slot *slot = &worker->slots[i];
        if (slot->input != slot->request.src)
            free(slot->input);
        free(slot->memory);
    }
    free(worker->slots);
    worker->slots = NULL;
}
