/* What was found, kept within the room there is for it. Whoever has several threads holds a lock. */
#ifndef BS_EVIDENCE_H
#define BS_EVIDENCE_H

#include "core.h"

void evidence_found(bs_evidence *evidence, const bs_finding *finding);

/* Whether a right one is to be kept, `seen` right or wrong ones after the first: one in ever more, so that those kept
 * are of the whole time. */
int evidence_wants(const bs_evidence *evidence, uint64_t seen, uint64_t *random);

/* When there is no more room, one of the kind that has more than half of it makes room. */
void evidence_sample(bs_evidence *evidence, const bs_sample *sample, uint64_t *random);

#endif
