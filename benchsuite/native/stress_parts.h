/* What the parts of stress share. From the top: stress.c has the run and its threads; stress_phases.c what a worker does
 * one after another, beside the others (stress_gate.c holds them together) and alone with the driver (stress_alone.c);
 * stress_steps.c a step of a worker; stress_session.c keeps one session busy (stress_life.c: how long) with what
 * stress_traffic.c draws, and has stress_watch.c look on; stress_guard.c waits for the workers, and gives up one that the
 * driver keeps; stress_memory.c watches for leaks; stress_faults.c keeps what is wrong; stress_end.c says when it is
 * over. */
#ifndef BS_STRESS_PARTS_H
#define BS_STRESS_PARTS_H

#include <pthread.h>

#include "count.h"
#include "known_slot.h"
#include "worker.h"

/* FREE slots are taken by the thread that submits; DRIVERS means from process to poll. */
enum stress_state { STRESS_FREE, STRESS_OURS, STRESS_DRIVERS };

/* A session's first slot takes any request, the next ones take larger ones than packets, too. */
enum stress_room { STRESS_ANY, STRESS_LARGE, STRESS_PACKETS, STRESS_ROOMS };

/* What is drawn from a traffic: indices of its known requests, the smallest first, and how many of them fit. */
struct stress_draw {
    uint32_t *order, fitting[STRESS_ROOMS];
    uint32_t small;
};

struct stress_session {
    struct stress_worker *worker;
    bs_session *session; /* NULL between two */
    const bs_traffic *traffic;
    struct known_slot *slots; /* load.q_len; depth of them in use */
    uint32_t index, depth;

    /* of the thread that submits */
    struct known_slot *refused; /* at the head of the queue since BUSY */
    uint32_t held, burst;       /* requests since the last one without HINT_MORE, and how many there may be */
    uint32_t blocked_at;        /* unblocks when process was called that said BUSY */
    uint64_t busy_since, next_number;
    uint64_t left, until_ns; /* its life */
    uint32_t position;       /* of chained traffic: the known request that comes next */
    int32_t previous;        /* the known request before */
    int lives;               /* for the whole run */
    int patient;             /* after BUSY it offers nothing until everything is back */
    int draining, flushing;  /* to be closed; to hold nothing back */
    int first;               /* the run's first session, whose facts are told */
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
    int beside;                /* poller is there */
    _Atomic int leave, paused; /* for it */

    /* stress_guard.c's: where its thread is, and with what it is inside the driver; what was last seen of it */
    _Atomic uint32_t where;
    uint32_t entered, seen, looks_at_it;
    struct stress_session *inside;
    struct known_slot *inside_with;

    bs_count requests, bytes, refused_rightly, busy, opened, drains, rests;
    bs_count touched; /* bytes of the slots' memory */
    _Atomic uint32_t longest;

    /* of the phase under way, and where the worker stands */
    uint64_t offered;           /* requests that the driver took */
    int small, brief;           /* only small requests; only sessions of a few */
    uint32_t layout;            /* BS_LAY_* */
    const bs_traffic *chain;    /* what sessions are opened for; NULL: as drawn */
    int watches;                /* one request at a time is watched: stress_watch.c */
    struct known_slot *watched; /* it */
    uint32_t idle, looks;
    int32_t before_traffic, before_known; /* the request before, on any session */
};

/* Holds the workers together: a wait ends when all that are still there wait. */
struct stress_gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint32_t members, waiting, turn;
};

enum {
    STRESS_IDLE_NS = 20 * 1000,  /* a thread that found nothing to do sleeps, or lets poll wait, so long */
    STRESS_WAIT_NS = 200 * 1000, /* poll may wait so long where a request is to come */
};

enum { STRESS_MOST_LOOKS = 96 };

/* Resident memory over time, from which what a request or session leaves behind is told. */
struct stress_memory {
    int file; /* -1: this kernel does not say */
    uint32_t count, stride, skipped;
    int told;
    int huge_were_off; /* for this process, before the run; -1: this kernel does not say */
    struct stress_look {
        double requests, sessions, bytes;
    } looks[STRESS_MOST_LOOKS];
};

struct stress_watch;

struct stress_run {
    const struct bs_driver *driver;
    const bs_traffic *traffic;
    uint32_t traffics;
    struct stress_draw *draws; /* one for each traffic */
    uint32_t rooms[STRESS_ROOMS];
    uint32_t fenced; /* slots that have fences */
    bs_stress_load load;
    bs_engine interrupt; /* never opened: what interrupt.c halts on SIGINT */
    struct stress_worker *workers;
    struct stress_gate gate;
    struct stress_watch *watch;
    struct stress_memory memory;
    uint64_t begin_ns, end_ns;
    int rested;                 /* the long rest is over */
    _Atomic uint32_t through;   /* workers that have their part of a cycle behind them, of all cycles */
    _Atomic int stop, distrust; /* distrust: the driver may have what it should not: nothing is freed */
    _Atomic int found;          /* something is wrong, since found_ms */
    _Atomic uint32_t found_ms;
    _Atomic uint32_t outstanding, high_water;

    pthread_mutex_t lock; /* of what follows */
    bs_evidence *evidence;
    uint64_t faults;
    bs_session *kept; /* not closed, because of distrust */
    char *facts;
    size_t facts_size;
    struct stress_run *next_abandoned;
};

/* A word that every machine stores at once. It begins anew after 49 days, and what is looked at are differences. */
static inline uint32_t stress_in_ms(uint64_t ns)
{
    return (uint32_t)(ns / 1000000);
}

/* How many completions a poll asks for. */
static inline unsigned stress_some(uint64_t *state)
{
    return 1 + bs_below(state, 64);
}

/* stress_end.c. */
int stress_stopped(struct stress_run *run);
void stress_end_in_time(struct stress_run *run); /* stops it when its end has come */
int stress_past_half(struct stress_run *run);
uint64_t stress_requests(const struct stress_run *run);
uint64_t stress_sessions(const struct stress_run *run);
void stress_sleep(struct stress_run *run, uint64_t ns); /* or until it is stopped */
void stress_nap(uint64_t ns);

/* stress_traffic.c. */
int stress_draws_open(struct stress_run *run); /* 0 or -ENOMEM */
void stress_draws_close(struct stress_run *run);
enum stress_room stress_room_of(uint32_t slot);
const bs_known *stress_draw(struct stress_session *session, enum stress_room room);

/* stress_faults.c. */
void stress_let_go(struct stress_session *session); /* closes it, or keeps it open for ever */
/* Keeps the fault (slot may be NULL), and ends the run when it is the last that counts. */
void stress_report(struct stress_session *session, struct known_slot *slot, int kind, bs_finding *fault);
void stress_report_run(struct stress_run *run, int kind, bs_finding *fault); /* of no session in particular */
/* Counts a request that came back, and keeps a sample of it. */
void stress_note(struct stress_session *session, const struct known_slot *slot, int wrong);

/* stress_life.c. Opening: 0, or -errno and a sentence. */
int stress_session_open(struct stress_session *session, char *text, size_t text_size);
int stress_is_to_live(const struct stress_session *session); /* for the whole run */

/* stress_session.c. */
int stress_session_step(struct stress_session *session); /* submits, or draining: 0 if nothing moved */
int stress_session_submit(
    struct stress_session *session); /* offers one request; 0: none, or it was refused */
int stress_session_has_more(const struct stress_session *session);
/* Returns how many came back. Of the thread that submits, and of the one beside it, which can be paused. */
int stress_session_poll(struct stress_session *session, unsigned max, uint64_t wait_ns);
int stress_session_poll_beside(struct stress_session *session, unsigned max, uint64_t wait_ns);
int stress_session_stalled(struct stress_session *session, uint64_t now); /* 1: given up, and reported */

/* stress_steps.c. */
int stress_one_step(struct stress_worker *worker); /* 0: nothing moved */
void stress_step_or_wait(struct stress_worker *worker);
void stress_push(struct stress_session *session); /* a step of this one, which is to get on */
void stress_wait(struct stress_worker *worker);   /* nothing moved: time for what is outstanding, or lost */
void stress_quiet(
    struct stress_worker *worker); /* nothing is outstanding any more, unless the run is stopped */

/* stress_phases.c. */
void stress_keep_busy(struct stress_worker *worker); /* until the run is stopped */

/* stress_alone.c: what a worker does while the others wait and have nothing outstanding. */
void stress_alone(struct stress_worker *worker, uint32_t cycle, uint32_t size, uint64_t until_ns);

/* stress_watch.c: another thread that writes beside an output, and reads the input, while the driver has both. */
int stress_watch_open(struct stress_run *run); /* 0 or -errno */
void stress_watch_close(struct stress_run *run);
void stress_watch_wake(struct stress_run *run);
void stress_watch_sleep(struct stress_run *run);
void stress_watch_begin(struct stress_worker *worker, struct known_slot *slot);
void stress_watch_turn(struct stress_worker *worker); /* gives that thread time, for something to happen */
/* The slot is back, and all its bytes are the worker's again. 0: *fault says what was wrong. */
int stress_watch_end(struct stress_worker *worker, bs_finding *fault);

/* stress_guard.c. A worker says when the driver has its thread, when that is back (or does not return: the worker has
 * been given up), and when all is done. */
void stress_enter(struct stress_session *session, struct known_slot *slot);
void stress_come_back(struct stress_worker *worker);
void stress_ended(struct stress_worker *worker);
void stress_wait_for_workers(struct stress_run *run, uint32_t started);

/* stress_gate.c. */
void stress_gate_open(struct stress_gate *gate, uint32_t members);
void stress_gate_wait(struct stress_gate *gate);
void stress_gate_leave(struct stress_gate *gate); /* for good */

/* stress_memory.c. */
void stress_memory_open(struct stress_memory *memory);
void stress_memory_close(struct stress_memory *memory);
void stress_memory_look(struct stress_run *run);
uint64_t stress_memory_growth(const struct stress_memory *memory);

#endif
