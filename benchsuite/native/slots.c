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
        const bs_request *r = &slot->request;
        const bs_params *params = &bs_session_of(worker, r)->params;
        size_t size = bs_plus(bs_plus(r->size, r->aad_len), (size_t)params->tag_len + params->iv_len);
        if (!slot->kept && !(slot->kept = malloc(size)))
            return -ENOMEM;
    }
    return 0;
}

bs_request bs_slot_before(const struct bs_worker *worker, uint32_t number)
{
    const struct bs_slot *slot = &worker->slots[number];
    bs_request before = slot->request;
    if (!slot->kept)
        return before;
    before.iv = slot->kept;
    before.aad = before.iv + bs_session_of(worker, &before)->params.iv_len;
    before.src = before.aad + before.aad_len;
    before.tag = (uint8_t *)before.src + before.size;
    return before;
}

void bs_slot_keep(const struct bs_worker *worker, const bs_request *request)
{
    const struct bs_slot *slot = request->slot;
    const bs_params *params = &bs_session_of(worker, request)->params;
    bs_request before = bs_slot_before(worker, (uint32_t)(slot - worker->slots));
    memcpy(before.iv, request->iv, params->iv_len);
    memcpy((uint8_t *)before.aad, request->aad, request->aad_len);
    memcpy((uint8_t *)before.src, request->src, request->size);
    memcpy(before.tag, request->tag, params->tag_len);
}

/* A guard is looked at; `at`: how its first byte is counted. The first damage is noted. */
static int damaged(const uint8_t *guard, size_t size, ptrdiff_t at, bs_finding *found)
{
    size_t first = 0, last = size;
    while (first < size && guard[first] == GUARD_BYTE)
        first++;
    if (first == size || found->extent)
        return first < size;
    while (guard[last - 1] == GUARD_BYTE)
        last--;
    found->at = at + (ptrdiff_t)first;
    found->extent = (uint32_t)(last - first);
    found->expected = GUARD_BYTE;
    found->got = guard[first];
    return 1;
}

/* Everything of a text that belongs to nobody. tagged: its tag lies behind the payload. */
static int text_damaged(const bs_task *task, const bs_params *params, const uint8_t *text, int own_aad,
                        int tagged, bs_finding *found)
{
    size_t payload = before_payload(task), before = payload - (own_aad ? task->aad_len : 0);
    size_t used = task->size + (tagged ? params->tag_len : 0);
    return damaged(text, before, -(ptrdiff_t)payload, found) |
           damaged(text + payload + used, text_size(task, params) - payload - used, (ptrdiff_t)used, found);
}

static int slot_damaged(const struct bs_worker *worker, const struct bs_slot *slot, bs_finding *found)
{
    const bs_request *r = &slot->request;
    const bs_task task = {r->session, r->size, r->aad_len};
    const bs_params *params = &bs_session_of(worker, r)->params;
    const uint8_t *iv = slot->memory + GUARD, *text = iv + BS_IV_ROOM + GUARD;
    uint32_t iv_used = params->iv_len < 8 ? 8 : params->iv_len; /* the counter */
    int decrypts = params->op == BS_DECRYPT, in_place = worker->engine->load.in_place != 0;
    *found = (bs_finding){.kind = BS_FOUND_BESIDE_IV,
                          .worker = (int32_t)worker->index,
                          .session = r->session,
                          .traffic = -1,
                          .known = (int32_t)(slot - worker->slots),
                          .in_place = in_place};
    if (damaged(slot->memory, GUARD, -GUARD, found) |
        damaged(iv + iv_used, BS_IV_ROOM - iv_used + GUARD, iv_used, found))
        return 1;
    found->kind = BS_FOUND_BESIDE_INPUT;
    if (text_damaged(&task, params, text, 1, decrypts || in_place, found))
        return 1;
    found->kind = BS_FOUND_BESIDE_OUTPUT;
    return !in_place && text_damaged(&task, params, text + text_size(&task, params), 0, !decrypts, found);
}

uint32_t bs_slots_damaged(const struct bs_worker *worker, bs_finding *first)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < worker->q_len; i++) {
        bs_finding found;
        int wrong = slot_damaged(worker, &worker->slots[i], &found);
        if (wrong && !first->extent)
            *first = found;
        count += wrong != 0;
    }
    return count;
}

void bs_slots_close(struct bs_worker *worker)
{
    for (uint32_t i = 0; worker->slots && i < worker->q_len; i++) {
        struct bs_slot *slot = &worker->slots[i];
        free(slot->kept);
        free(slot->memory);
    }
    free(worker->slots);
    worker->slots = NULL;
}
