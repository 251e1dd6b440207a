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

static uint32_t count_wrong(const bs_evidence *evidence)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < evidence->sample_count; i++)
        wrong += evidence->samples[i].wrong;
    return wrong;
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
    int leaves = count_wrong(evidence) + sample->wrong > room / 2; /* a wrong one, or a right one */
    for (uint32_t i = 0; i < room; i++) {
        bs_sample *old = &evidence->samples[(at + i) % room];
        if (old->wrong == leaves) {
            *old = *sample;
            return;
        }
    }
}
