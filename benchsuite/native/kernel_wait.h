/* System calls that wait for a time. A 32-bit kernel has two of each, for its old timespec of two longs and for one
 * with 64-bit seconds, and which of them fits the C library's struct timespec depends on that library and how it
 * was told to build. So none of them is handed over: these take nanoseconds. */
#ifndef BS_KERNEL_WAIT_H
#define BS_KERNEL_WAIT_H

#include <linux/aio_abi.h>
#include <stdatomic.h>
#include <stdint.h>

/* Until somebody wakes the word, it is not `value`, a signal comes, or ns have passed. */
void bs_futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t ns);
void bs_futex_wake(_Atomic uint32_t *word); /* one that waits */

/* Up to max finished operations; waits at most ns for the first. Their number or -errno. */
long bs_aio_events(aio_context_t context, struct io_event *events, long max, uint64_t ns);

#endif
