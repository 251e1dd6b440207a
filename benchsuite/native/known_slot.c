/* Every alignment is drawn.
 * `image` is what the memory must become, so that checking is one comparison; only a difference is looked
 * into. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "known_slot.h"
#include "size.h"

enum { GUARD = 64, LINE = 64, PAGE = 4096, PLACES = 8, LEAST_ALIKE = 8, BLOCK = 16 };

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
    size_t text = bs_plus(bs_plus(2 * PAGE + GUARD, size), bs_plus(p->aad_len, p->tag_len));
    return bs_plus(bs_plus(PAGE + GUARD + LINE + GUARD, p->iv_len), bs_times(2, text));
}

int known_slot_open(struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics, int fenced)
{
    slot->fenced = fenced;
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

void known_slot_close(struct known_slot *slot)
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
    switch (bs_below(random, PLACES)) {
    case 0:
        return line;
    case 1:
        return (least + PAGE - 1) / PAGE * PAGE;
    case 2:
        return least + (PAGE - (least + size) % PAGE) % PAGE;
    default:
        return least + bs_below(random, LINE);
    }
}

/* So that a page ends in the midst of it. */
static size_t across(size_t least, size_t size)
{
    size_t half = size / 2;
    return bs_up(least + half, PAGE) - half;
}

static void find_places(struct known_slot *slot, const bs_params *p, const bs_known *known, uint32_t layout,
                        uint64_t *random)
{
    uint32_t size = known->size, aad = known->aad_len, drawn = bs_below(random, 2);
    uint32_t both = BS_LAY_IN_PLACE | BS_LAY_APART;
    int in_place = (layout & both) == both ? drawn == 0 : (layout & BS_LAY_IN_PLACE) != 0;
    slot->iv_at = GUARD + bs_below(random, LINE);
    if (layout & BS_LAY_IV_ACROSS)
        slot->iv_at = across(GUARD, p->iv_len);
    size_t least = slot->iv_at + p->iv_len + GUARD;
    slot->src_at = place(least + aad, size, random);
    if (layout & BS_LAY_IV_ACROSS && aad)
        slot->src_at = across(least, aad) + aad;
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

void known_slot_lay_out(struct known_slot *slot, const bs_traffic *traffic, const bs_known *known,
                        uint32_t layout, uint64_t *random)
{
    const bs_params *p = traffic->params;
    uint8_t *memory = slot->memory, *image = slot->image;
    slot->traffic = traffic;
    slot->known = known;
    find_places(slot, p, known, layout, random);
    memset(memory, (int)bs_below(random, 256), slot->used);
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

static int differs(const struct known_slot *slot, size_t from, size_t size, bs_finding *fault)
{
    const uint8_t *got = slot->memory + from, *expected = slot->image + from;
    size_t first = 0, last = size;
    while (first < size && got[first] == expected[first])
        first++;
    if (first == size)
        return 0;
    while (got[last - 1] == expected[last - 1])
        last--;
    fault->at = (int64_t)first;
    fault->got = got[first];
    fault->expected = expected[first];
    fault->extent = (uint32_t)(last - first);
    return 1;
}

static size_t distance(size_t at, size_t from, size_t to)
{
    return at < from ? from - at : at - to + 1;
}

/* Whose neighbour was hit: the nearest. */
static int beside(const struct known_slot *slot, bs_finding *fault)
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

static int what_differs(const struct known_slot *slot, bs_finding *fault)
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

static int request_changed(const struct known_slot *slot)
{
    const bs_request *a = &slot->request, *b = &slot->given;
    return a->src != b->src || a->dst != b->dst || a->iv != b->iv || a->aad != b->aad || a->tag != b->tag ||
           a->size != b->size || a->aad_len != b->aad_len;
}

/* A request that had to fail, or that failed: what is in its output is nobody's concern. */
static void let_output_be(struct known_slot *slot)
{
    const bs_params *p = slot->traffic->params;
    if (writes_text(p))
        memcpy(slot->image + slot->dst_at, slot->memory + slot->dst_at, slot->known->size);
    memcpy(slot->image + slot->dst_at + slot->known->size, slot->memory + slot->dst_at + slot->known->size,
           tag_out(p));
}

static int status_fits(const struct known_slot *slot)
{
    int status = slot->request.status, wanted = slot->known->status;
    return status == wanted || (wanted == BS_ANY_ERROR && status < 0) ||
           (slot->may_refuse && status == -EOPNOTSUPP);
}

int known_slot_right(struct known_slot *slot, int late, bs_finding *fault)
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

/* ---- what is told of it ---- */

/* The output of another request, whole or as far as both go. */
static void whose_output(const struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics,
                         bs_finding *finding)
{
    const bs_params *p = slot->traffic->params;
    int tag = finding->kind == BS_FOUND_TAG;
    const uint8_t *got = slot->memory + slot->dst_at + (tag ? slot->known->size : 0);
    uint32_t size = tag ? p->tag_len : slot->known->size;
    finding->output_size = size < sizeof finding->output ? size : sizeof finding->output;
    memcpy(finding->output, got, finding->output_size);
    uint32_t at = (uint32_t)finding->at / BLOCK * BLOCK, left = size - at;
    finding->window_at = at;
    finding->window_size = left < sizeof finding->window ? left : sizeof finding->window;
    memcpy(finding->window, got + at, finding->window_size);
    for (uint32_t t = 0; t < traffics; t++) {
        uint32_t tag_size = tag_out(traffic[t].params);
        for (uint32_t k = 0; k < traffic[t].count && (tag || writes_text(traffic[t].params)); k++) {
            const bs_known *other = &traffic[t].known[k];
            uint32_t least = tag ? tag_size : other->size;
            least = least < size ? least : size;
            if (other == slot->known || other->status || least < LEAST_ALIKE ||
                memcmp(got, tag ? other->tag : other->dst, least) != 0)
                continue;
            finding->other_traffic = (int32_t)t;
            finding->other_known = (int32_t)k;
            return;
        }
    }
}

void known_slot_describe(const struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics,
                         bs_finding *finding)
{
    finding->traffic = (int32_t)(slot->traffic - traffic);
    finding->known = (int32_t)(slot->known - slot->traffic->known);
    finding->number = slot->number;
    finding->in_place = slot->src_at == slot->dst_at;
    finding->fenced = slot->fenced;
    finding->src_at = slot->src_at % PAGE;
    finding->dst_at = slot->dst_at % PAGE;
    finding->iv_at = slot->iv_at % PAGE;
    finding->other_traffic = finding->other_known = -1;
    if (finding->kind == BS_FOUND_OUTPUT || finding->kind == BS_FOUND_TAG)
        whose_output(slot, traffic, traffics, finding);
}

bs_sample known_slot_sample(const struct known_slot *slot, const bs_traffic *traffic)
{
    return (bs_sample){.traffic = (int32_t)(slot->traffic - traffic),
                       .known = (int32_t)(slot->known - slot->traffic->known),
                       .size = slot->known->size,
                       .aad_len = slot->known->aad_len,
                       .src_at = slot->src_at % PAGE,
                       .dst_at = slot->dst_at % PAGE,
                       .iv_at = slot->iv_at % PAGE,
                       .number = slot->number,
                       .in_place = slot->src_at == slot->dst_at};
}
