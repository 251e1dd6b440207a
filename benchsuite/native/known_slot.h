/* One known request: laid out in memory, and every byte checked when it is done. For bs_check, which performs them
 * one by one, and for the stress run. */
#ifndef BS_KNOWN_SLOT_H
#define BS_KNOWN_SLOT_H

#include <stdatomic.h>

#include "core.h"
#include "fence.h"
#include "random.h"

/* What lies in a row, with guards before and behind: offsets. */
struct known_span {
    size_t from, begin, end, to; /* guards: from..begin and end..to */
};

struct known_slot {
    bs_request request, given; /* given: as it was handed over */
    uint8_t *memory;           /* what the driver sees */
    uint8_t *ours;             /* the same bytes, readable and writable, whatever the driver may */
    uint8_t *image;            /* what memory must be, once it is not what `known` says: see by_image */
    int by_image;
    int emptied; /* it failed, so that its output, which is nobody's concern, was filled again */
    size_t iv_at, aad_at, src_at, dst_at; /* offsets of all of them */
    struct known_span spans[3];           /* IV; AAD, text and tag; output and tag, if apart */
    uint32_t span_count;
    uint8_t fill; /* every byte of guards, and of what is only written to */
    const bs_traffic *traffic;
    const bs_known *known;
    struct fence fence;
    int fenced;     /* the memory has fences: BS_LAY_FENCED */
    int may_refuse; /* a refusal is right, too */
    uint8_t *used;  /* for each page of memory without fences: 1, something lay there once */

    /* whoever drives the slot keeps here what is his */
    uint64_t number;                                /* of its session's requests */
    int32_t previous, before_traffic, before_known; /* as in bs_finding */
    _Atomic int state;
};

/* A layout, beside BS_LAY_*: nothing is placed by pages, so that little memory is touched. */
#define KNOWN_SLOT_CLOSE 0x100

static inline uint32_t bs_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((bs_random(state) >> 32) * n >> 32);
}

/* Memory for the largest request of any traffic whose payload is at most `most` bytes. 0 or -errno. */
int known_slot_open(struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics, uint32_t most,
                    int fenced);
/* The bytes that this takes without fences, as long as nothing is wrong. */
size_t known_slot_room(const bs_traffic *traffic, uint32_t traffics, uint32_t most);
void known_slot_close(struct known_slot *slot);

/* layout: BS_LAY_IN_PLACE, BS_LAY_APART, or both: as drawn. With BS_LAY_IV_ACROSS, or without, and with
 * KNOWN_SLOT_CLOSE: a slot with fences cannot have them. */
void known_slot_lay_out(struct known_slot *slot, const bs_traffic *traffic, const bs_known *known,
                        uint32_t layout, uint64_t *random);

/* Bytes of the memory, whole pages, that this layout is the first to touch; with fences 0. */
size_t known_slot_first_used(struct known_slot *slot);

/* Whether the driver said that it does not serve such a request, or one that is so large. */
int known_slot_refused(const struct known_slot *slot);

/* 1: the request is done, or its memory (late) still, as it must be. 0: *finding says what is wrong first: kind,
 * late, status, and the bytes; the same is not found again. */
int known_slot_right(struct known_slot *slot, int late, bs_finding *finding);

/* Which request it is, where it lies, and whose output it has; traffic: what the finding's indices count. */
void known_slot_describe(const struct known_slot *slot, const bs_traffic *traffic, uint32_t traffics,
                         bs_finding *finding);
bs_sample known_slot_sample(const struct known_slot *slot, const bs_traffic *traffic);

#endif
