/* Request slots: q_len buffers per worker, each between guards. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"
#include "random.h"
#include "size.h"

enum { GUARD = 64, GUARD_BYTE = 0xA7, LINE = 64 };

static void fill_random(uint8_t *to, size_t size, uint64_t *state)
{
    while (size) {
        uint64_t word = htole64(bs_random(state)); /* the same bytes on every machine */
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(to, &word, part);
        to += part;
        size -= part;
    }
}

/* What lies before the payload, which starts on a cache line: a guard, and the AAD directly before it. */
static size_t before_payload(const bs_task *task)
{
    return bs_up(bs_plus(GUARD, task->aad_len), LINE);
}

/* A text with its AAD before and tag behind. */
static size_t text_size(const bs_task *task, const bs_params *params)
{
    size_t payload = bs_plus(task->size, params->tag_len);
    return bs_plus(before_payload(task), bs_up(bs_plus(payload, GUARD), LINE));
}

/* What the slot of that number asks for. */
static bs_task task_of(const struct bs_worker *worker, uint32_t slot)
{
    const bs_load *load = &worker->engine->load;
    if (load->tasks)
        return load->tasks[slot];
    uint32_t session = slot % load->sessions;
    return (bs_task){session, load->request_size, worker->sessions[session]->params.aad_len};
}

static int open_slot(struct bs_worker *worker, uint32_t number, uint64_t *random)
{
    const bs_task task = task_of(worker, number);
    const bs_params *params = &worker->sessions[task.session]->params;
    struct bs_slot *slot = &worker->slots[number];
    int in_place = worker->engine->load.in_place != 0;
    size_t iv_size = GUARD + BS_IV_ROOM + GUARD, one = text_size(&task, params);
    size_t memory_size = bs_plus(iv_size, in_place ? one : bs_times(2, one));
    if (memory_size > PTRDIFF_MAX || !(slot->memory = aligned_alloc(LINE, memory_size)))
        return -ENOMEM;
    memset(slot->memory, GUARD_BYTE, memory_size);

    bs_request *r = &slot->request;
    uint8_t *iv = slot->memory + GUARD, *src = slot->memory + iv_size + before_payload(&task);
    uint8_t *dst = in_place ? src : src + one;
    *r = (bs_request){.src = src,
                      .dst = dst,
                      .iv = iv,
                      .aad = src - task.aad_len,
                      .tag = (params->op == BS_DECRYPT ? src : dst) + task.size,
                      .size = task.size,
                      .aad_len = task.aad_len,
                      .fixed_iv = (uint8_t)bs_authenticated_decryption(params),
                      .session = (uint16_t)task.session,
                      .slot = slot};
    fill_random(src - task.aad_len, (size_t)task.aad_len + task.size, random);
    if (dst != src)
        memset(dst, 0, task.size);
    memset(r->tag, 0, params->tag_len);
    fill_random(iv, params->iv_len, random);
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
        int error = open_slot(worker, i, &random);
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
static int text_intact(const bs_task *task, const bs_params *params, const uint8_t *text, int own_aad,
                       int tagged)
{
    size_t before = before_payload(task) - (own_aad ? task->aad_len : 0);
    size_t used = before_payload(task) + task->size + (tagged ? params->tag_len : 0);
    return intact(text, before) && intact(text + used, text_size(task, params) - used);
}

static int slot_intact(const struct bs_worker *worker, const struct bs_slot *slot)
{
    const bs_request *r = &slot->request;
    const bs_task task = {r->session, r->size, r->aad_len};
    const bs_params *params = &bs_session_of(worker, r)->params;
    const uint8_t *iv = slot->memory + GUARD, *text = iv + BS_IV_ROOM + GUARD;
    uint32_t iv_used = params->iv_len < 8 ? 8 : params->iv_len; /* the counter */
    int decrypts = params->op == BS_DECRYPT;
    if (!intact(slot->memory, GUARD) || !intact(iv + iv_used, BS_IV_ROOM - iv_used + GUARD))
        return 0;
    if (worker->engine->load.in_place)
        return text_intact(&task, params, text, 1, 1);
    return text_intact(&task, params, text, 1, decrypts) &&
           text_intact(&task, params, text + text_size(&task, params), 0, !decrypts);
}

uint32_t bs_slots_damaged(const struct bs_worker *worker)
{
    uint32_t damaged = 0;
    for (uint32_t i = 0; i < worker->q_len; i++)
        damaged += !slot_intact(worker, &worker->slots[i]);
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
