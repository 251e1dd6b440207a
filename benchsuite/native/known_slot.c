/* Where the parts of a request lie: at every alignment, and with fences at the end or the beginning of their
 * memory. Whether all is right afterwards is known_right.c's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known_slot.h"
#include "known_parts.h"
#include "size.h"

enum { GUARD = 64, LINE = 64, PAGE = 4096, PLACES = 8, FENCED_PLACES = 4 };
enum { FENCED_IV, FENCED_INPUT, FENCED_OUTPUT };

/* ---- memory ---- */

/* Of a text with its AAD and tag, and a guard. */
static size_t text_room(const bs_params *p, const bs_known *known)
{
    uint32_t aad = known->aad_len > p->aad_len ? known->aad_len : p->aad_len;
    return bs_plus(bs_plus(GUARD, known->size), bs_plus(aad, p->tag_len));
}

static size_t iv_room(const bs_params *p)
{
    return bs_plus(GUARD + GUARD, p->iv_len);
}

/* The machine's, which may be larger than PAGE, by which requests are placed. */
static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t plain_size(size_t iv, size_t text)
{
    return bs_up(bs_plus(bs_plus(PAGE, iv), bs_times(2, bs_plus(2 * PAGE, text))), page_size());
}

static int open_plain(struct known_slot *slot, size_t iv, size_t text)
{
    size_t size = plain_size(iv, text), page = page_size();
    slot->memory = slot->ours = aligned_alloc(page, size);
    slot->image = aligned_alloc(page, size);
    slot->used = calloc(size / page, 1);
    return slot->memory && slot->image && slot->used ? 0 : -ENOMEM;
}

static int open_fenced(struct known_slot *slot, size_t iv, size_t text)
{
    static const int read_only[FENCE_PARTS] = {[FENCED_IV] = 1, [FENCED_INPUT] = 1};
    size_t sizes[FENCE_PARTS] = {[FENCED_IV] = iv, [FENCED_INPUT] = text, [FENCED_OUTPUT] = text};
    int error = fence_open(&slot->fence, sizes, read_only);
    if (error)
        return error;
    slot->memory = slot->fence.theirs;
    slot->ours = slot->fence.ours;
    slot->image = malloc(slot->fence.size);
    return slot->image ? 0 : -ENOMEM;
}

/* Of the largest that fit. */
static void find_sizes(const bs_traffic *traffic, uint32_t traffics, uint32_t most, size_t *iv, size_t *text)
{
    *iv = *text = 0;
    for (uint32_t t = 0; t < traffics; t++) {
        size_t needed = iv_room(traffic[t].params);
        *iv = needed > *iv ? needed : *iv;
        for (uint32_t k = 0; k < traffic[t].count; k++) {
            needed = traffic[t].known[k].size > most ? 0 : text_room(traffic[t].params, &traffic[t].known[k]);
            *text = needed > *text ? needed : *text;
        }
    }
}

size_t known_slot_room(const bs_traffic *traffic, uint32_t traffics, uint32_t most)
{
    size_t iv, text;
    find_sizes(traffic, traffics, most, &iv, &text);
    return plain_size(iv, text);
}

int known_slot_open(struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics, uint32_t most,
                    int fenced)
{
    size_t iv, text;
    find_sizes(traffic, traffics, most, &iv, &text);
    slot->fenced = fenced;
    return fenced ? open_fenced(slot, iv, text) : open_plain(slot, iv, text);
}

void known_slot_close(struct known_slot *slot)
{
    if (slot->fenced)
        fence_close(&slot->fence);
    else
        free(slot->memory);
    free(slot->image);
    free(slot->used);
    slot->memory = slot->ours = slot->image = slot->used = NULL;
}

/* ---- places ---- */

/* Where a payload begins, at `least` or soon after: on a cache line, at the start or the end of a page, and
 * mostly anywhere. */
static size_t place(size_t least, size_t size, uint32_t layout, uint64_t *random)
{
    if (layout & KNOWN_SLOT_CLOSE)
        return least + bs_below(random, LINE);
    switch (bs_below(random, PLACES)) {
    case 0:
        return bs_up(least, LINE);
    case 1:
        return bs_up(least, PAGE);
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

/* At the end of the part, or now and then at its beginning. */
static size_t fenced_place(const struct fence_part *part, size_t size, uint64_t *random)
{
    return bs_below(random, FENCED_PLACES) ? part->at + part->size - size : part->at;
}

/* What lies there, and as much of the guards as there is room for between `least` and `most`. */
static size_t add_span(struct known_slot *slot, size_t begin, size_t size, size_t least, size_t most)
{
    struct known_span *span = &slot->spans[slot->span_count++];
    span->from = begin - least > GUARD ? begin - GUARD : least;
    span->begin = begin;
    span->end = begin + size;
    span->to = most - span->end > GUARD ? span->end + GUARD : most;
    return span->end;
}

/* lead: bytes before it that are there, and not looked at. */
static size_t in_fences(struct known_slot *slot, int at, size_t lead, size_t size, uint64_t *random)
{
    const struct fence_part *part = &slot->fence.parts[at];
    size_t begin = fenced_place(part, lead + size, random);
    add_span(slot, begin + lead, size, part->at, part->at + part->size);
    return begin;
}

/* A digest's output is its tag alone: nobody writes to the room for a text before it. */
static size_t output_of(const struct known_slot *slot)
{
    return known_writes_text(slot) ? slot->known->size : 0;
}

static void place_between_fences(struct known_slot *slot, int in_place, uint64_t *random)
{
    size_t size = slot->known->size, aad = slot->known->aad_len, out = output_of(slot);
    size_t tag = in_place ? slot->traffic->params->tag_len : known_tag_in(slot);
    slot->iv_at = in_fences(slot, FENCED_IV, 0, slot->traffic->params->iv_len, random);
    slot->aad_at = in_fences(slot, in_place ? FENCED_OUTPUT : FENCED_INPUT, 0, aad + size + tag, random);
    slot->src_at = slot->dst_at = slot->aad_at + aad;
    if (!in_place)
        slot->dst_at = in_fences(slot, FENCED_OUTPUT, size - out, out + known_tag_out(slot), random);
}

static void place_anywhere(struct known_slot *slot, int in_place, uint32_t layout, uint64_t *random)
{
    int iv_across = (layout & BS_LAY_IV_ACROSS) != 0;
    const bs_params *p = slot->traffic->params;
    size_t size = slot->known->size, aad = slot->known->aad_len, out = output_of(slot);
    size_t tag = in_place ? p->tag_len : known_tag_in(slot);
    slot->iv_at = GUARD + bs_below(random, LINE);
    if (iv_across)
        slot->iv_at = across(GUARD, p->iv_len);
    size_t end = add_span(slot, slot->iv_at, p->iv_len, 0, SIZE_MAX);
    slot->src_at = place(end + GUARD + aad, size, layout, random);
    if (iv_across && aad)
        slot->src_at = across(end + GUARD, aad) + aad;
    slot->aad_at = slot->src_at - aad;
    slot->dst_at = slot->src_at;
    end = add_span(slot, slot->aad_at, aad + size + tag, 0, SIZE_MAX);
    if (in_place)
        return;
    slot->dst_at = place(end + GUARD, size, layout, random);
    add_span(slot, slot->dst_at + size - out, out + known_tag_out(slot), 0, SIZE_MAX);
}

/* ---- bytes ---- */

void known_fill_before(const struct known_slot *slot, uint8_t *memory)
{
    const bs_known *known = slot->known;
    for (uint32_t i = 0; i < slot->span_count; i++) {
        const struct known_span *span = &slot->spans[i];
        memset(memory + span->from, slot->fill, span->begin - span->from);
        memset(memory + span->end, slot->fill, span->to - span->end);
    }
    known_copy(memory + slot->iv_at, known->iv, slot->traffic->params->iv_len);
    known_copy(memory + slot->aad_at, known->aad, known->aad_len);
    known_copy(memory + slot->src_at, known->src, known->size);
    known_copy(memory + slot->src_at + known->size, known->tag, known_tag_in(slot));
    if (known_in_place(slot))
        memset(memory + slot->src_at + known->size, slot->fill, known_tag_out(slot));
    else
        memset(memory + slot->spans[2].begin, slot->fill, slot->spans[2].end - slot->spans[2].begin);
}

void known_slot_lay_out(struct known_slot *slot, const bs_traffic *traffic, const bs_known *known,
                        uint32_t layout, uint64_t *random)
{
    uint32_t both = BS_LAY_IN_PLACE | BS_LAY_APART, drawn = bs_below(random, 2);
    int in_place = (layout & both) == both ? drawn == 0 : (layout & BS_LAY_IN_PLACE) != 0;
    slot->traffic = traffic;
    slot->known = known;
    slot->by_image = slot->emptied = 0;
    slot->span_count = 0;
    if (slot->fenced)
        place_between_fences(slot, in_place, random);
    else
        place_anywhere(slot, in_place, layout, random);
    slot->fill = (uint8_t)bs_below(random, 256);
    known_fill_before(slot, slot->ours);
    uint8_t *memory = slot->memory;
    slot->request = (bs_request){
        .src = memory + slot->src_at,
        .dst = memory + slot->dst_at,
        .iv = memory + slot->iv_at,
        .aad = memory + slot->aad_at,
        .size = known->size,
        .aad_len = known->aad_len,
        .status = BS_STATUS_UNSET,
        .tag = memory + (traffic->params->op == BS_DECRYPT ? slot->src_at : slot->dst_at) + known->size,
    };
    slot->given = slot->request;
}

/* Not by how far it reaches: nobody touches the room for a text before a digest. */
size_t known_slot_first_used(struct known_slot *slot)
{
    size_t page = page_size(), pages = 0;
    for (uint32_t i = 0; slot->used && i < slot->span_count; i++) {
        const struct known_span *span = &slot->spans[i];
        for (size_t p = span->from / page; p * page < span->to; p++) {
            pages += !slot->used[p];
            slot->used[p] = 1;
        }
    }
    return pages * page;
}
