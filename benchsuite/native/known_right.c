/* Whether a request is done as it must be, and its memory what it must be: compared with what is known. Only of a
 * difference an image is made, of all that memory must be, and looked into. */
#include <errno.h>
#include <string.h>

#include "known_parts.h"

/* ---- the image ---- */

static void empty_output(const struct known_slot *slot, uint8_t *memory)
{
    uint8_t *text = memory + slot->dst_at;
    if (known_writes_text(slot))
        memset(text, slot->fill, slot->known->size);
    memset(text + slot->known->size, slot->fill, known_tag_out(slot));
}

static void make_image(struct known_slot *slot)
{
    const bs_known *known = slot->known;
    known_fill_before(slot, slot->image);
    if (slot->emptied) {
        empty_output(slot, slot->image);
    } else {
        if (known_writes_text(slot))
            known_copy(slot->image + slot->dst_at, known->dst, known->size);
        known_copy(slot->image + slot->dst_at + known->size, known->tag, known_tag_out(slot));
    }
    slot->by_image = 1;
}

/* From here on memory must stay what it is. */
static void take_as_it_is(struct known_slot *slot)
{
    for (uint32_t i = 0; i < slot->span_count; i++) {
        const struct known_span *span = &slot->spans[i];
        memcpy(slot->image + span->from, slot->ours + span->from, span->to - span->from);
    }
    slot->by_image = 1;
}

/* ---- is it right? ---- */

static int same(const uint8_t *a, const uint8_t *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

static int filled(const uint8_t *memory, uint8_t fill, size_t size)
{
    return size == 0 || (memory[0] == fill && memcmp(memory, memory + 1, size - 1) == 0);
}

static int guards_are_right(const struct known_slot *slot)
{
    for (uint32_t i = 0; i < slot->span_count; i++) {
        const struct known_span *span = &slot->spans[i];
        if (!filled(slot->ours + span->from, slot->fill, span->begin - span->from) ||
            !filled(slot->ours + span->end, slot->fill, span->to - span->end))
            return 0;
    }
    return 1;
}

static int output_is_right(const struct known_slot *slot)
{
    const bs_known *known = slot->known;
    const uint8_t *dst = slot->ours + slot->dst_at, *tag = dst + known->size;
    int text = known_writes_text(slot);
    if (slot->emptied)
        return (!text || filled(dst, slot->fill, known->size)) &&
               filled(tag, slot->fill, known_tag_out(slot));
    return (!text || same(dst, known->dst, known->size)) && same(tag, known->tag, known_tag_out(slot));
}

static int as_known(const struct known_slot *slot)
{
    const bs_known *known = slot->known;
    const uint8_t *src = slot->ours + slot->src_at;
    int overwritten = known_writes_text(slot) && known_in_place(slot);
    return output_is_right(slot) && (overwritten || same(src, known->src, known->size)) &&
           same(src + known->size, known->tag, known_tag_in(slot)) &&
           same(slot->ours + slot->aad_at, known->aad, known->aad_len) &&
           same(slot->ours + slot->iv_at, known->iv, slot->traffic->params->iv_len) && guards_are_right(slot);
}

static int as_image(const struct known_slot *slot)
{
    for (uint32_t i = 0; i < slot->span_count; i++) {
        const struct known_span *span = &slot->spans[i];
        if (memcmp(slot->ours + span->from, slot->image + span->from, span->to - span->from) != 0)
            return 0;
    }
    return 1;
}

static int request_changed(const struct known_slot *slot)
{
    const bs_request *a = &slot->request, *b = &slot->given;
    return a->src != b->src || a->dst != b->dst || a->iv != b->iv || a->aad != b->aad || a->tag != b->tag ||
           a->size != b->size || a->aad_len != b->aad_len;
}

int known_slot_refused(const struct known_slot *slot)
{
    int status = slot->request.status,
        too_large = status == -ENOMEM || status == -E2BIG || status == -EMSGSIZE;
    return status == -EOPNOTSUPP || (too_large && slot->known->size > BS_USUAL_SIZE);
}

static int status_fits(const struct known_slot *slot)
{
    int status = slot->request.status, wanted = slot->known->status;
    return status == wanted || (wanted == BS_ANY_ERROR && status < 0) ||
           (slot->may_refuse && known_slot_refused(slot));
}

/* ---- what is wrong? ---- */

/* The first byte that differs, and how far it is to the last. */
static int differs(const struct known_slot *slot, size_t from, size_t size, bs_finding *finding)
{
    const uint8_t *got = slot->ours + from, *expected = slot->image + from;
    size_t first = 0, last = size;
    while (first < size && got[first] == expected[first])
        first++;
    if (first == size)
        return 0;
    while (got[last - 1] == expected[last - 1])
        last--;
    finding->at = (int64_t)first;
    finding->got = got[first];
    finding->expected = expected[first];
    finding->extent = (uint32_t)(last - first);
    return 1;
}

/* The buffers of a span, in the order in which they lie. */
struct buffer {
    int name; /* enum bs_buffer */
    size_t at, size;
};

static int buffers_of(const struct known_slot *slot, uint32_t span, struct buffer buffers[3])
{
    const bs_known *known = slot->known;
    int n = 0;
    if (span == 0) {
        buffers[n++] = (struct buffer){BS_BUFFER_IV, slot->iv_at, slot->traffic->params->iv_len};
        return n;
    }
    if (span == 1 && known->aad_len)
        buffers[n++] = (struct buffer){BS_BUFFER_AAD, slot->aad_at, known->aad_len};
    size_t at = span == 1 ? slot->src_at : slot->dst_at;
    uint32_t tag = span == 1 && !known_in_place(slot) ? known_tag_in(slot) : slot->traffic->params->tag_len;
    if (span == 1 || known_writes_text(slot))
        buffers[n++] = (struct buffer){span == 1 ? BS_BUFFER_INPUT : BS_BUFFER_OUTPUT, at, known->size};
    if (span == 2 && !known_tag_out(slot))
        tag = 0;
    if (tag)
        buffers[n++] = (struct buffer){BS_BUFFER_TAG, at + known->size, tag};
    return n;
}

static size_t distance(size_t at, const struct known_span *span)
{
    return at < span->begin ? span->begin - at : at < span->end ? 0 : at - span->end + 1;
}

static uint32_t nearest_span(const struct known_slot *slot, size_t at)
{
    uint32_t nearest = 0;
    for (uint32_t i = 1; i < slot->span_count; i++)
        if (distance(at, &slot->spans[i]) < distance(at, &slot->spans[nearest]))
            nearest = i;
    return nearest;
}

static size_t start_of(const struct known_slot *slot, uint32_t span)
{
    return span == 0 ? slot->iv_at : span == 1 ? slot->src_at : slot->dst_at;
}

static int beside(const struct known_slot *slot, uint32_t span)
{
    return span == 0                            ? BS_FOUND_BESIDE_IV
           : span == 1 && !known_in_place(slot) ? BS_FOUND_BESIDE_INPUT
                                                : BS_FOUND_BESIDE_OUTPUT;
}

/* Counted from the payload; before a digest, which has none in its output, from that. */
static int64_t from_payload(const struct known_slot *slot, uint32_t span, size_t at)
{
    size_t start = start_of(slot, span);
    if (span == 2 && at < slot->spans[2].begin)
        start = slot->spans[2].begin;
    return (int64_t)at - (int64_t)start;
}

static int guard_differs(const struct known_slot *slot, uint32_t i, bs_finding *finding)
{
    const struct known_span *span = &slot->spans[i];
    size_t from = span->end;
    if (!differs(slot, span->end, span->to - span->end, finding)) {
        if (!differs(slot, span->from, span->begin - span->from, finding))
            return 0;
        from = span->from;
    }
    finding->at = from_payload(slot, i, from + (size_t)finding->at);
    return 1;
}

static int what_differs(const struct known_slot *slot, bs_finding *finding)
{
    size_t size = slot->known->size;
    if (known_writes_text(slot) && differs(slot, slot->dst_at, size, finding))
        return BS_FOUND_OUTPUT;
    if (differs(slot, slot->dst_at + size, known_tag_out(slot), finding))
        return BS_FOUND_TAG;
    if (differs(slot, slot->src_at, size, finding))
        return BS_FOUND_INPUT;
    if (differs(slot, slot->src_at + size, known_tag_in(slot), finding))
        return BS_FOUND_GIVEN_TAG;
    if (differs(slot, slot->aad_at, slot->known->aad_len, finding))
        return BS_FOUND_AAD;
    if (differs(slot, slot->iv_at, slot->traffic->params->iv_len, finding))
        return BS_FOUND_IV;
    for (uint32_t i = slot->span_count; i-- > 0;)
        if (guard_differs(slot, i, finding))
            return beside(slot, i);
    return -1;
}

/* ---- what was touched? ---- */

/* The buffer that `at` is in, or next to. */
static struct buffer buffer_at(const struct known_slot *slot, uint32_t span, size_t at)
{
    struct buffer buffers[3];
    int n = buffers_of(slot, span, buffers), i = 0;
    while (i + 1 < n && at >= buffers[i].at + buffers[i].size)
        i++;
    return buffers[i];
}

static int read_beyond(const struct known_slot *slot, size_t at, bs_finding *finding)
{
    uint32_t i = nearest_span(slot, at);
    struct buffer buffer = buffer_at(slot, i, at);
    finding->buffer = buffer.name;
    finding->at = (int64_t)at - (int64_t)buffer.at;
    finding->extent = (uint32_t)distance(at, &slot->spans[i]);
    return BS_FOUND_READ_BEYOND;
}

static int between_fences(const struct known_slot *slot, size_t at)
{
    for (int i = 0; i < FENCE_PARTS; i++)
        if (at >= slot->fence.parts[i].at && at < slot->fence.parts[i].at + slot->fence.parts[i].size)
            return 1;
    return 0;
}

/* In an unreadable page, which was all zeros and becomes so again: how much. */
static void extent_beyond(const struct known_slot *slot, size_t at, size_t *first, size_t *last)
{
    size_t page = at / slot->fence.page * slot->fence.page;
    for (size_t b = page; b < page + slot->fence.page; b++)
        if (slot->ours[b]) {
            *first = b < *first ? b : *first;
            *last = b > *last ? b : *last;
        }
}

/* Bytes between the fences are compared before: what is told here of them was written with the value it had. */
static int written_to(const struct known_slot *slot, size_t at, bs_finding *finding)
{
    uint32_t i = nearest_span(slot, at);
    size_t first = at, last = at;
    if (at >= slot->spans[i].begin && at < slot->spans[i].end) {
        struct buffer buffer = buffer_at(slot, i, at);
        finding->buffer = buffer.name;
        finding->at = (int64_t)at - (int64_t)buffer.at;
        finding->extent = 1;
        finding->got = finding->expected = slot->ours[at];
        return BS_FOUND_WROTE_INPUT;
    }
    int beyond = !between_fences(slot, at);
    if (beyond)
        extent_beyond(slot, at, &first, &last);
    finding->got = slot->ours[first];
    finding->expected = beyond ? 0 : finding->got;
    finding->extent = (uint32_t)(last - first + 1);
    finding->at = from_payload(slot, i, first);
    return beside(slot, i);
}

/* The byte of a page that is nearest to a span. */
static size_t nearest_in(const struct known_slot *slot, size_t page)
{
    size_t nearest = page, last = page + slot->fence.page - 1;
    uint32_t i = nearest_span(slot, page), j = nearest_span(slot, last);
    const struct known_span *before = &slot->spans[i], *behind = &slot->spans[j];
    if (distance(last, behind) < distance(page, before))
        nearest = last;
    if (before->begin > page && before->begin < last)
        nearest = before->begin;
    if (behind->begin > page && behind->begin < last)
        nearest = behind->begin;
    return nearest;
}

static int what_was_touched(const struct known_slot *slot, const struct fence_touch *touch,
                            bs_finding *finding)
{
    size_t at = (size_t)(touch->read >= 0 ? touch->read : touch->written);
    at = touch->exact ? at : nearest_in(slot, at);
    return touch->read >= 0 ? read_beyond(slot, at, finding) : written_to(slot, at, finding);
}

static void clean_beyond(const struct known_slot *slot, const struct fence_touch *touch)
{
    size_t at = (size_t)touch->written, page = slot->fence.page;
    if (touch->written >= 0 && !between_fences(slot, at))
        memset(slot->ours + at / page * page, 0, page);
}

/* ---- all of it ---- */

int known_slot_right(struct known_slot *slot, int late, bs_finding *finding)
{
    struct fence_touch touch;
    int touched = slot->fenced && fence_touched(&slot->fence, &touch), kind = -1;
    if (!late && (slot->request.status || slot->known->status)) {
        empty_output(slot, slot->ours);
        slot->emptied = 1;
    }
    if (request_changed(slot))
        kind = BS_FOUND_REQUEST;
    else if (!late && !status_fits(slot))
        kind = BS_FOUND_STATUS;
    else if ((slot->by_image ? as_image(slot) : as_known(slot)) && !touched)
        return 1;
    *finding = (bs_finding){
        .late = late, .status = slot->request.status, .expected_status = slot->known->status};
    if (kind < 0) {
        if (!slot->by_image)
            make_image(slot);
        kind = what_differs(slot, finding);
    }
    finding->kind = kind >= 0 ? kind : what_was_touched(slot, &touch, finding);
    if (touched)
        clean_beyond(slot, &touch);
    slot->request = slot->given;
    take_as_it_is(slot);
    return 0;
}
