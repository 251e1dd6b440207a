/* Callers: threads that carry requests into calls that block. Where an interface takes one request at a
 * time and answers before it returns, several outstanding requests need several threads inside it. A
 * driver's process hands a request over with callers_submit and returns BS_QUEUED; its poll is
 * callers_poll.
 *
 * The pool keeps as many callers inside `serve` as there are requests, up to their number: a request
 * that finds no caller awake wakes one. Where calls keep a CPU busy more callers than CPUs are of no
 * use, and the thread that polls may be one of them: it serves instead of waiting. */
#ifndef BS_CALLERS_H
#define BS_CALLERS_H

#include "driver.h"

struct callers;

enum { CALLERS_GROUP_MAX = 64 };

/* Performs n requests (1 to `group`) and sets their status, in caller number `caller`: what only one
 * thread may use at a time (a socket, a descriptor) can be found by that number. May block. */
typedef void callers_serve(void *context, unsigned caller, bs_request *const *requests, unsigned n);

struct callers_plan {
    unsigned threads; /* callers 0 to threads - 1 */
    unsigned group;   /* most requests a caller takes at once, 1 to CALLERS_GROUP_MAX */
    int poller_serves; /* the thread in callers_poll is caller number `threads`; requests wait until it comes, or
                            there is a group of them */
};

/* Starts the threads, with all signals blocked. 0 and *pool, or -ENOMEM or -EAGAIN (so many threads may
 * not be started), and nothing is left behind. */
int callers_open(struct callers **pool, const struct callers_plan *plan, callers_serve *serve, void *context);

/* Never blocks, never refuses: requests beyond the number of callers wait in line. From now until
 * callers_poll returns it, the request and its cookie are the pool's. One thread at a time. */
void callers_submit(struct callers *pool, bs_request *request);

/* The same as a driver's process, whose session is the pool: QUEUED. */
bs_process callers_process;

/* Up to max finished requests into done[], those it served itself first, the others in the order in which
 * they finished; waits at most wait_ns for the first, or serves some itself if it may wait and is a caller.
 * Returns how many. One thread at a time; callers_submit may run beside it. */
int callers_poll(void *pool, bs_request **done, unsigned max, uint64_t wait_ns);

/* The most callers that were inside `serve` at once since the pool was opened. */
unsigned callers_most(const struct callers *pool);
void callers_forget(struct callers *pool); /* that figure begins anew */

/* Ends and joins the threads, and frees the pool: 0. -EBUSY when a request is still inside `serve` or
 * waits in line (its driver lost it): then pool, context and request must stay as they are, because
 * a caller may come back to them. */
int callers_close(struct callers *pool);

#endif
