/* What is told of a known request: which it is, where it lies, and whose output it has. */
#include <string.h>

#include "known_parts.h"

enum { LEAST_ALIKE = 8, BLOCK = 16, PAGE = 4096 };

/* The output of another request, whole or as far as both go. */
static void whose_output(const struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics,
                         bs_finding *finding)
{
    const bs_params *p = slot->traffic->params;
    int tag = finding->kind == BS_FOUND_TAG;
    const uint8_t *got = slot->ours + slot->dst_at + (tag ? slot->known->size : 0);
    uint32_t size = tag ? p->tag_len : slot->known->size;
    finding->output_size = size < sizeof finding->output ? size : sizeof finding->output;
    memcpy(finding->output, got, finding->output_size);
    uint32_t at = (uint32_t)finding->at / BLOCK * BLOCK, left = size - at;
    finding->window_at = at;
    finding->window_size = left < sizeof finding->window ? left : sizeof finding->window;
    memcpy(finding->window, got + at, finding->window_size);
    for (uint32_t t = 0; t < traffics; t++) {
        const bs_params *others = traffic[t].params;
        uint32_t tag_size = others->op == BS_ENCRYPT ? others->tag_len : 0;
        int texts = others->kind != BS_DIGEST && others->kind != BS_HMAC;
        for (uint32_t k = 0; k < traffic[t].count && (tag || texts); k++) {
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
    finding->in_place = known_in_place(slot);
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
                       .in_place = (uint8_t)known_in_place(slot)};
}
