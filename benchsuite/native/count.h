/* A counter that several threads add to. One word where the CPU has atomic operations on 64 bits; elsewhere (32-bit
 * MIPS and PowerPC, ARM before version 7) two of 32, without the locks of libatomic. There, another thread that
 * reads in the moment of a carry may find 2^32 too few (of something being taken back: too many); once nobody is
 * adding any more it is exact. */
#ifndef BS_COUNT_H
#define BS_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

#if ATOMIC_LLONG_LOCK_FREE == 2 && !defined(BS_COUNT_IN_TWO)

typedef struct bs_count {
    _Atomic uint64_t all;
} bs_count;

/* Returns what it was before. */
static inline uint64_t bs_count_add(bs_count *count, uint32_t n)
{
    return atomic_fetch_add(&count->all, n);
}

/* The same for a figure that orders nothing. */
static inline void bs_count_note(bs_count *count, uint32_t n)
{
    atomic_fetch_add_explicit(&count->all, n, memory_order_relaxed);
}

static inline void bs_count_take_back(bs_count *count, uint32_t n)
{
    atomic_fetch_sub(&count->all, n);
}

static inline uint64_t bs_count_read(const bs_count *count)
{
    return atomic_load_explicit(&((bs_count *)count)->all, memory_order_relaxed);
}

static inline void bs_count_clear(bs_count *count)
{
    atomic_store(&count->all, 0);
}

#else

typedef struct bs_count {
    _Atomic uint32_t low, high;
} bs_count;

static inline uint64_t bs_count_add(bs_count *count, uint32_t n)
{
    uint64_t high = atomic_load(&count->high);
    uint32_t low = atomic_fetch_add(&count->low, n);
    if (low + n < low)
        atomic_fetch_add(&count->high, 1);
    return high << 32 | low;
}

static inline void bs_count_note(bs_count *count, uint32_t n)
{
    bs_count_add(count, n);
}

static inline void bs_count_take_back(bs_count *count, uint32_t n)
{
    if (atomic_fetch_sub(&count->low, n) < n)
        atomic_fetch_sub(&count->high, 1);
}

static inline uint64_t bs_count_read(const bs_count *count)
{
    bs_count *own = (bs_count *)count;
    uint32_t low, high;
    do {
        high = atomic_load(&own->high);
        low = atomic_load(&own->low);
    } while (high != atomic_load(&own->high));
    return (uint64_t)high << 32 | low;
}

static inline void bs_count_clear(bs_count *count)
{
    atomic_store(&count->low, 0);
    atomic_store(&count->high, 0);
}

#endif

#endif
