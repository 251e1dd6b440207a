#include "histogram.h"

uint64_t bs_histogram_upper(unsigned bucket)
{
    if (bucket < 2 * BS_HISTOGRAM_SUB)
        return bucket;
    unsigned shift = bucket / BS_HISTOGRAM_SUB - 1;
    uint64_t lead = bucket % BS_HISTOGRAM_SUB + BS_HISTOGRAM_SUB;
    return (lead << shift) + (((uint64_t)1 << shift) - 1);
}

void bs_histogram_merge(struct bs_histogram *into, const struct bs_histogram *from)
{
    for (unsigned i = 0; i < BS_HISTOGRAM_BUCKETS; i++)
        into->count[i] += from->count[i];
    if (from->max > into->max)
        into->max = from->max;
}
