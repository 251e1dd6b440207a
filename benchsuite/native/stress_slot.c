/* One request of the stress run: laid out in memory at every alignment, and every byte checked afterwards.
 * `image` is what the memory must become, so that checking is one comparison; only a difference is looked
 * into. */
#include <errno.h>
#include <stdlib.h>

#include "size.h"
#include "stress_parts.h"

enum { GUARD = 64, LINE = 64, PAGE = 4096, PLACES = 8 };

static int writes_text(const bs_params *p)
{
    return p->kind != BS_DIGEST && p->kind != BS_HMAC;
}

static uint32_t tag_out(const bs_params *p)
{
    return p->op == BS_ENCRYPT ? p->tag_len : 0;
}
static uint32_t tag_in(const bs_params *p)
{
    return p->op == BS_DECRYPT ? p->tag_len : 0;
}

static size_t room(const bs_params *p, uint32_t size)
{
    size_t text = bs_plus(bs_plus(PAGE + GUARD, size), bs_plus(p->aad_len, p->tag_len));
    return bs_plus(bs_plus(GUARD + LINE + GUARD, p->iv_len), bs_times(2, text));
}

int stress_slot_open(struct stress_slot *slot, const bs_traffic *traffic, uint32_t traffics)
{
    size_t most = 0;
    for (uint32_t t = 0; t < traffics; t++)
        for (uint32_t k = 0; k < traffic[t].count; k++) {
            size_t needed = room(traffic[t].params, traffic[t].known[k].size);
            most = needed > most ? needed : most;
        }
    most = bs_up(most, PAGE);
    slot->memory = aligned_alloc(PAGE, most);
    slot->image = aligned_alloc(PAGE, most);
    return slot->memory && slot->image ? 0 : -ENOMEM;
}

void stress_slot_close(struct stress_slot *slot)
{
    free(slot->memory);
    free(slot->image);
}

/* ---- before ---- */

/* Where a payload begins, at `least` or soon after: on a cache line, at the start or the end of a page, and
 * mostly anywhere. */
static size_t place(size_t least, size_t size, uint64_t *random)
{
    size_t line = (least + LINE - 1) / LINE * LINE;
    switch (stress_below(random, PLACES)) {
    case 0:
        return line;
    case 1:
        return (least + PAGE - 1) / PAGE * PAGE;
    case 2:
        return least + (PAGE - (least + size) % PAGE) % PAGE;
    default:
        return least + stress_below(random, LINE);
    }
}

static void find_places(struct stress_slot *slot, const bs_params *p, const bs_known *known, uint64_t *random)
{
    uint32_t size = known->size;
    int in_place = stress_below(random, 2) == 0;
    slot->iv_at = GUARD + stress_below(random, LINE);
    slot->src_at = place(slot->iv_at + p->iv_len + GUARD + known->aad_len, size, random);
    size_t end = slot->src_at + size + tag_in(p);
    slot->dst_at = in_place ? slot->src_at : place(end + GUARD, size, random);
    if (slot->dst_at + size + tag_out(p) > end)
        end = slot->dst_at + size + tag_out(p);
    slot->used = end + GUARD;
}

static void copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
}

void stress_slot_lay_out(struct stress_slot *slot, const bs_traffic *traffic, const bs_known *known,
                         uint64_t *random)
{
    const bs_params *p = traffic->params;
    uint8_t *memory = slot->memory, *image = slot->image;
    slot->traffic = traffic;
    slot->known = known;
    find_places(slot, p, known, random);
    memset(memory, (int)stress_below(random, 256), slot->used);
    copy(memory + slot->iv_at, known->iv, p->iv_len);
    copy(memory + slot->src_at - known->aad_len, known->aad, known->aad_len);
    copy(memory + slot->src_at, known->src, known->size);
    copy(memory + slot->src_at + known->size, known->tag, tag_in(p));
    memcpy(image, memory, slot->used);
    if (writes_text(p) && !known->status)
        copy(image + slot->dst_at, known->dst, known->size);
    if (!known->status)
        copy(image + slot->dst_at + known->size, known->tag, tag_out(p));

    slot->request = (bs_request){
        .src = memory + slot->src_at,
        .dst = memory + slot->dst_at,
        .iv = memory + slot->iv_at,
        .aad = memory + slot->src_at - known->aad_len,
        .size = known->size,
        .aad_len = known->aad_len,
        .status = BS_STATUS_UNSET,
        .tag = memory + (p->op == BS_DECRYPT ? slot->src_at : slot->dst_at) + known->size,
    };
    slot->given = slot->request;
}

/* ---- after ---- */

static int differs(const struct stress_slot *slot, size_t from, size_t size, bs_finding *fault)
{
    for (size_t i = 0; i < size; i++)
        if (slot->memory[from + i] != slot->image[from + i]) {
            fault->at = (int64_t)i;
            fault->got = slot->memory[from + i];
            fault->expected = slot->image[from + i];
            return 1;
        }
    return 0;
}

static size_t distance(size_t at, size_t from, size_t to)
{
    return at < from ? from - at : at - to + 1;
}

/* Whose neighbour was hit: the nearest. */
static int beside(const struct stress_slot *slot, bs_finding *fault)
{
    const bs_params *p = slot->traffic->params;
    size_t at = (size_t)fault->at, size = slot->known->size;
    size_t iv = distance(at, slot->iv_at, slot->iv_at + p->iv_len);
    size_t src = distance(at, slot->src_at - slot->known->aad_len, slot->src_at + size + tag_in(p));
    size_t dst = distance(at, slot->dst_at, slot->dst_at + size + tag_out(p));
    if (slot->src_at == slot->dst_at)
        src = SIZE_MAX;
    size_t start = iv < src && iv < dst ? slot->iv_at : src < dst ? slot->src_at : slot->dst_at;
    fault->at = (int64_t)at - (int64_t)start;
    return start == slot->iv_at    ? BS_FOUND_BESIDE_IV
           : start == slot->dst_at ? BS_FOUND_BESIDE_OUTPUT
                                   : BS_FOUND_BESIDE_INPUT;
}

static int what_differs(const struct stress_slot *slot, bs_finding *fault)
{
    const bs_params *p = slot->traffic->params;
    size_t size = slot->known->size;
    if (writes_text(p) && differs(slot, slot->dst_at, size, fault))
        return BS_FOUND_OUTPUT;
    if (differs(slot, slot->dst_at + size, tag_out(p), fault))
        return BS_FOUND_TAG;
    if (differs(slot, slot->src_at, size, fault))
        return BS_FOUND_INPUT;
    if (differs(slot, slot->src_at + size, tag_in(p), fault))
        return BS_FOUND_GIVEN_TAG;
    if (differs(slot, slot->src_at - slot->known->aad_len, slot->known->aad_len, fault))
        return BS_FOUND_AAD;
    if (differs(slot, slot->iv_at, p->iv_len, fault))
        return BS_FOUND_IV;
    differs(slot, 0, slot->used, fault);
    return beside(slot, fault);
}

static int request_changed(const struct stress_slot *slot)
{
    const bs_request *a = &slot->request, *b = &slot->given;
    return a->src != b->src || a->dst != b->dst || a->iv != b->iv || a->aad != b->aad || a->tag != b->tag ||
           a->size != b->size || a->aad_len != b->aad_len;
}

/* A request that had to fail, or that failed: what is in its output is nobody's concern. */
static void let_output_be(struct stress_slot *slot)
{
    const bs_params *p = slot->traffic->params;
    if (writes_text(p))
        memcpy(slot->image + slot->dst_at, slot->memory + slot->dst_at, slot->known->size);
    memcpy(slot->image + slot->dst_at + slot->known->size, slot->memory + slot->dst_at + slot->known->size,
           tag_out(p));
}

static int status_fits(const struct stress_slot *slot)
{
    int status = slot->request.status, wanted = slot->known->status;
    return status == wanted || (wanted == BS_ANY_ERROR && status < 0);
}

int stress_slot_right(struct stress_slot *slot, int late, bs_finding *fault)
{
    int status = slot->request.status;
    int kind = -1;
    if (!late && (status || slot->known->status))
        let_output_be(slot);
    if (request_changed(slot))
        kind = BS_FOUND_REQUEST;
    else if (!late && !status_fits(slot))
        kind = BS_FOUND_STATUS;
    else if (memcmp(slot->memory, slot->image, slot->used) == 0)
        return 1;
    *fault = (bs_finding){.late = late, .status = status, .expected_status = slot->known->status};
    fault->kind = kind >= 0 ? kind : what_differs(slot, fault);
    slot->request = slot->given;
    memcpy(slot->image, slot->memory, slot->used);
    return 0;
}
