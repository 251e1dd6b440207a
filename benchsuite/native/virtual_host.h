/* The host of a simulated machine: CPUs, and the contexts that share them. A thread keeps its CPU until it has
 * nothing to do; an interrupt takes it between two steps of the thread. Times are picoseconds. */
#ifndef BS_VIRTUAL_HOST_H
#define BS_VIRTUAL_HOST_H

#include "driver.h"
#include "virtual.h"

/* Per worker the caller, which only starts the run, the dispatcher and the callback thread; per ring of the
 * device its interrupt. */
enum host_role { HOST_CALLER, HOST_DISPATCHER, HOST_CALLBACK, HOST_INTERRUPT, HOST_ROLES };
enum host_state { HOST_ASLEEP, HOST_READY, HOST_RUNNING };
enum host_effect { HOST_NOTHING, HOST_DISPATCH, HOST_SUBMIT, HOST_COLLECT };

struct host_context {
    enum host_role role;
    enum host_state state;
    enum host_effect effect;      /* of the step under way, at its end */
    int waking;                   /* the first step is what being woken costs, */
    uint64_t woken;               /* which was so much, if that is the step under way */
    uint32_t ring;                /* of an interrupt */
    struct bs_worker *worker;     /* of an interrupt: whose request is at hand, */
    uint32_t session;             /* and which of its sessions */
    uint64_t begin, end;          /* of the step; READY: begin is when it could have begun */
    bs_request *todo, *todo_last; /* their callback is to run and their slot to be dispatched again */
    uint32_t fresh;               /* so many of them, the first, have no callback: the run begins with them */
    struct host_context *next;    /* waiting for a CPU */
};

struct host_line {
    struct host_context *first, *last;
};

struct host {
    const struct bs_host_costs *costs;
    struct host_context **cpus; /* what runs on each, or NULL */
    uint32_t cpu_count;
    struct host_line interrupts, threads;
};

int host_open(struct host *host, const struct bs_host_costs *costs, uint32_t contexts); /* 0 or -ENOMEM */
void host_close(struct host *host);
/* An ASLEEP context is woken at `at`, which another CPU may have reached before `now`. */
void host_wake(struct host *host, struct host_context *c, uint64_t at, uint64_t now);
struct host_context **host_soonest(const struct host *host); /* the CPU whose step ends first, or NULL */
int host_yield(struct host *host, struct host_context **cpu,
               uint64_t now); /* 1: to an interrupt that waits */
void host_sleep(struct host *host, struct host_context **cpu, uint64_t now);

#endif
