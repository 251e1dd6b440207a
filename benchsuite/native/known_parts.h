/* What known_slot.c and known_right.c share. */
#ifndef BS_KNOWN_PARTS_H
#define BS_KNOWN_PARTS_H

#include <string.h>

#include "known_slot.h"

/* Of nothing there may be no address. */
static inline void known_copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
}

static inline int known_in_place(const struct known_slot *slot)
{
    return slot->span_count == 2;
}

static inline int known_writes_text(const struct known_slot *slot)
{
    return slot->traffic->params->kind != BS_DIGEST && slot->traffic->params->kind != BS_HMAC;
}

/* Bytes of the tag that must come out, none of a chained session, whose message never ends; and of the one that is
 * given. */
static inline uint32_t known_tag_out(const struct known_slot *slot)
{
    const bs_params *p = slot->traffic->params;
    return p->op == BS_ENCRYPT && !p->chained ? p->tag_len : 0;
}
static inline uint32_t known_tag_in(const struct known_slot *slot)
{
    return slot->traffic->params->op == BS_DECRYPT ? slot->traffic->params->tag_len : 0;
}

/* known_slot.c: all spans as they are before the request. */
void known_fill_before(const struct known_slot *slot, uint8_t *memory);

#endif
