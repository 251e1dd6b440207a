/* Memory that begins behind an unreadable page and ends at one. Whoever touches such a page, or writes to what is
 * only to be read, is noted and let on: the page becomes accessible, until fence_touched has told of it. */
#ifndef BS_FENCE_H
#define BS_FENCE_H

#include <stddef.h>
#include <stdint.h>

enum { FENCE_PARTS = 3 };

struct fence_part {
    size_t at, size; /* offset; whole pages */
    int read_only;
};

struct fence {
    uint8_t *theirs;   /* where the parts have unreadable pages around them */
    uint8_t *ours;     /* the same memory, all of it accessible */
    size_t size, page; /* page: how large one is on this machine */
    struct fence_part parts[FENCE_PARTS];
    int entry; /* of the table that the signal handler reads */
};

/* Offsets; -1: none. Where the CPU tells no more than the page (IBM Z), of its first byte: `exact` is 0. */
struct fence_touch {
    int64_t read, written;
    int exact;
};

/* sizes: of the parts, at least. 0 or -errno. */
int fence_open(struct fence *fence, const size_t sizes[FENCE_PARTS], const int read_only[FENCE_PARTS]);

/* Whether anything was touched since the last time, and what first; all is as it was then, but what was written
 * beyond the parts. Nobody may be at work in this memory. */
int fence_touched(struct fence *fence, struct fence_touch *touch);

void fence_close(struct fence *fence);

#endif
