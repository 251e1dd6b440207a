/* What was found, kept within the room there is for it. Whoever has several threads holds a lock. */
#ifndef BS_EVIDENCE_H
#define BS_EVIDENCE_H

#include "core.h"

void evidence_found(bs_evidence *evidence, const bs_finding *finding);

/* When there is no more room, a right one makes room for a wrong one, and one in ever more for another right one, so
 * that those kept are of the whole time. */
void evidence_sample(bs_evidence *evidence, const bs_sample *sample, uint64_t *random);

#endif
