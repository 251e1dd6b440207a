/* Log-linear histogram of unsigned numbers: 64 buckets per power of two, so a bucket is at most
 * 1/64 (1.6%) wide. Exact below 128. */
#ifndef BS_HISTOGRAM_H
#define BS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { BS_HISTOGRAM_SUB = 64, BS_HISTOGRAM_BUCKETS = 58 * BS_HISTOGRAM_SUB + BS_HISTOGRAM_SUB };

struct bs_histogram {
    uint64_t max;
    uint64_t count[BS_HISTOGRAM_BUCKETS];
};

static inline unsigned bs_histogram_bucket(uint64_t value)
{
    if (value < 2 * BS_HISTOGRAM_SUB)
        return (unsigned)value;
    unsigned shift = 57u - (unsigned)__builtin_clzll(value); /* value >> shift is in 64..127 */
    return shift * BS_HISTOGRAM_SUB + (unsigned)(value >> shift);
}

static inline void bs_histogram_add(struct bs_histogram *histogram, uint64_t value)
{
    histogram->count[bs_histogram_bucket(value)]++;
    if (value > histogram->max)
        histogram->max = value;
}

uint64_t bs_histogram_upper(unsigned bucket); /* largest value that falls into it */
void bs_histogram_merge(struct bs_histogram *into, const struct bs_histogram *from);

#endif
