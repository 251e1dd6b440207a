#include "evidence.h"

#include "random.h"

void evidence_found(bs_evidence *evidence, const bs_finding *finding)
{
    if (evidence->faults < evidence->max_findings)
        evidence->findings[evidence->faults] = *finding;
    evidence->faults++;
}

int evidence_wants(const bs_evidence *evidence, uint64_t seen, uint64_t *random)
{
    uint64_t room = evidence->max_samples;
    return seen < room || (room && bs_random(random) % (seen + 1) < room);
}

void evidence_sample(bs_evidence *evidence, const bs_sample *sample, uint64_t *random)
{
    uint32_t room = evidence->max_samples;
    if (evidence->sample_count < room) {
        evidence->samples[evidence->sample_count++] = *sample;
        return;
    }
    if (!room)
        return;
    uint64_t at = bs_random(random) % room;
    for (uint32_t i = 0; i < (sample->wrong ? room : 1); i++) {
        bs_sample *old = &evidence->samples[(at + i) % room];
        if (!old->wrong) {
            *old = *sample;
            return;
        }
    }
}
