/* Sums and products of sizes, which a 32-bit machine's size_t may not hold: they stop at SIZE_MAX, so that it is the
 * allocation that fails, and not the first access to what was too small. */
#ifndef BS_SIZE_H
#define BS_SIZE_H

#include <stddef.h>
#include <stdint.h>

static inline size_t bs_plus(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static inline size_t bs_times(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/* The next multiple. */
static inline size_t bs_up(size_t size, size_t multiple)
{
    return size > SIZE_MAX - (multiple - 1) ? SIZE_MAX : (size + multiple - 1) / multiple * multiple;
}

#endif
