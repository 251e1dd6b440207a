/* What the parts of stress share: stress_faults.c keeps what is wrong, stress_session.c keeps one session busy, stress.c has the threads and the end. */
#ifndef BS_STRESS_PARTS_H
#define BS_STRESS_PARTS_H

#include <pthread.h>

#include "count.h"
#include "known_slot.h"
#include "worker.h"

/* FREE slots are taken by the thread that submits; DRIVERS means from process to poll. */
enum stress_state { STRESS_FREE, STRESS_OURS, STRESS_DRIVERS };

struct stress_session {
    struct stress_worker *worker;
    bs_session *session; /* NULL between two */
    const bs_traffic *traffic;
    struct known_slot *slots; /* load.q_len; depth of them in use */
    uint32_t index, depth;

    /* of the thread that submits */
    struct known_slot *refused; /* at the head of the queue since BUSY */
    uint32_t held;              /* requests since the last one without HINT_MORE */
    uint32_t blocked_at;        /* unblocks when process was called that said BUSY */
    uint64_t busy_since, next_number;
    uint64_t left, until_ns; /* its life */
    int draining, first;     /* first: the run's first session, whose facts are told */
    int polled;              /* process may leave a request to poll */
    int stalled;             /* lost what is outstanding: given up */

    pthread_mutex_t polling; /* poll, and opening and closing */
    uint64_t last_number;    /* polled so far, plus 1 */
    _Atomic uint32_t outstanding, unblocks;
    _Atomic uint32_t progress_ms;
};

struct stress_worker {
    struct stress_run *run;
    struct stress_session *sessions;
    uint32_t index;
    uint64_t random; /* of the thread that submits */
    pthread_t thread, poller;
    int beside;        /* poller is there */
    _Atomic int leave; /* for it */
    bs_count busy, opened;
};

struct stress_run {
    const struct bs_driver *driver;
    const bs_traffic *traffic;
    uint32_t traffics;
    bs_stress_load load;
    bs_engine interrupt; /* never opened: what interrupt.c halts on SIGINT */
    struct stress_worker *workers;
    uint64_t end_ns;
    _Atomic int stop, distrust; /* distrust: the driver may have what it should not: nothing is freed */
    bs_count requests, bytes, refused_rightly;
    _Atomic uint32_t outstanding, high_water;
    uint64_t begin_ns;

    pthread_mutex_t lock; /* of what follows */
    bs_evidence *evidence;
    bs_session *kept; /* not closed, because of distrust */
    char *facts;
    size_t facts_size;
    struct stress_run *next_abandoned;
};

/* How many completions a poll asks for. */
static inline unsigned stress_some(uint64_t *state)
{
    return 1 + bs_below(state, 64);
}

/* stress_faults.c. */
int stress_stopped(struct stress_run *run);
void stress_let_go(struct stress_session *session); /* closes it, or keeps it open for ever */
/* Keeps the fault (slot may be NULL), and ends the run when it is the last that counts. */
void stress_report(struct stress_session *session, struct known_slot *slot, int kind, bs_finding *fault);

/* stress_session.c. Opening: 0, or -errno and a sentence. */
int stress_session_open(struct stress_session *session, char *text, size_t text_size);
int stress_session_step(struct stress_session *session); /* submits, or draining: 0 if nothing moved */
int stress_session_poll(struct stress_session *session, unsigned max, uint64_t wait_ns);
int stress_session_stalled(struct stress_session *session, uint64_t now); /* 1: given up, and reported */

#endif
