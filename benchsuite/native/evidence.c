#include "evidence.h"

#include "random.h"

void evidence_found(bs_evidence *evidence, const bs_finding *finding)
{
    if (evidence->faults < evidence->max_findings)
        evidence->findings[evidence->faults] = *finding;
    evidence->faults++;
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
    uint64_t at = bs_random(random);
    if (!sample->wrong) {
        at %= sample->number + 1;
        if (at < room && !evidence->samples[at].wrong)
            evidence->samples[at] = *sample;
        return;
    }
    for (uint32_t i = 0; i < room; i++)
        if (!evidence->samples[(at + i) % room].wrong) {
            evidence->samples[(at + i) % room] = *sample;
            return;
        }
}
