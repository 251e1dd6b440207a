/* What the engine's own files share: slots, workers, executors. Drivers see driver.h only. */
#ifndef BS_WORKER_H
#define BS_WORKER_H

#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "driver.h"
#include "histogram.h"
#include "polling.h"

enum {
    BS_IV_ROOM = 64, /* bytes of a slot's IV */
    BS_FIRST_SAMPLE_MASK = 1023,
};

struct bs_session {
    const struct bs_driver *driver;
    void *state;            /* the driver's */
    bs_process *process;    /* the driver's, for this session */
    bs_params params;       /* their pointers are gone: sizes and flags only */
    uint64_t by_hand;       /* requests that bs_session_do performed */
    int broke;              /* see bs_session_broke */
    int lost;               /* bs_session_do gave a request up that is still the driver's */
    const bs_request *last; /* that bs_session_do performed: its address, no more */
    struct bs_session *next_abandoned;
    struct bs_worker *worker; /* of an engine, and its number there */
    uint32_t number;
};

/* One of q_len requests with its buffers. */
struct bs_slot {
    _Alignas(64) bs_request request;
    uint8_t *memory; /* one block: guards, IV, AAD, payload and tag (slots.c) */
    uint8_t *kept;   /* NULL, or what the last round found there: IV, AAD, payload and tag in a row */
};

enum bs_halt { BS_RUN, BS_SHARE_DONE, BS_INTERRUPTED };

struct bs_worker {
    struct bs_engine *engine;
    bs_session **sessions; /* load.sessions */
    struct bs_slot *slots;
    uint32_t q_len, index;
    uint32_t next_slot;        /* direct path: the ring's position */
    uint32_t sample_mask;      /* every (mask + 1)th request is sampled; mask + 1 is a power of two */
    int keep_input;            /* last round: copy what a request has before the driver gets it */
    struct bs_loop *loop;      /* executors with queues; NULL on the direct path */
    struct bs_log_side *log;   /* log.h; NULL: none is kept */
    struct bs_open_loop *open; /* open_loop.h; NULL: there was none yet */

    /* of the run under way */
    uint64_t target;
    uint64_t performed, failed, sampled;
    uint64_t lost; /* status is -ETIMEDOUT: so many the driver took and never gave back */
    uint64_t begin_ns, end_ns;
    int status;
    uint64_t dropped, stamps; /* of an open loop, and the rest of what a bs_value has of it: */
    uint64_t offered_ns, latency_ns, spun_ns;
    uint64_t steady, steady_ns; /* so many were done in that time, between the edges of the run */

    /* since the engine was opened */
    double fastest;                           /* ns of a request in the fastest run; 0: there was none */
    struct bs_histogram latency[BS_LATE + 1]; /* the direct path has no SLAT and CLAT: they are LAT there */
    struct bs_counters counters;
    struct bs_polled_time polled; /* since the latency was forgotten */
};

/* How a worker's requests are driven. run performs up to worker->target requests and sets
 * performed, failed, sampled and status. */
struct bs_executor {
    int (*open)(struct bs_worker *worker);
    void (*run)(struct bs_worker *worker);
    void (*run_open)(
        struct bs_worker *worker); /* NULL: no open loop. The same, and what it has of a bs_value */
    void (*add_counters)(struct bs_worker *worker, bs_counters *into); /* those of its queues */
    void (*close)(struct bs_worker *worker);
    unsigned stamps;                          /* timestamps per sampled request */
    void (*settle)(struct bs_worker *worker); /* NULL, or waits until no thread is inside the driver */
    int (*cpu_of)(const struct bs_worker *worker,
                  int which); /* NULL, or see bs_engine_cpu: of its own threads */
    /* Instead of run, where all workers live in one thread and on a clock of their own, in picoseconds: begin_ns
     * and end_ns are set here, and what the CPUs had to do is said by cpu_time. */
    void (*run_all)(struct bs_engine *engine);
    void (*cpu_time)(struct bs_engine *engine, bs_value *value);
    /* The time on that clock; and whether cpu_time says what was spent until now while workers run. */
    uint64_t (*log_begins)(struct bs_engine *engine, int *tells_cpu);
};

extern const struct bs_executor bs_direct, bs_polled, bs_threads, bs_virtual_time;

struct bs_engine {
    const struct bs_driver *driver;
    const struct bs_executor *executor;
    int synchronous; /* process completes every request of these sessions */
    bs_load load;    /* its tasks are gone */
    struct bs_worker *workers;
    int cycles_fd;
    const char *cycles_source;
    _Atomic int halt; /* enum bs_halt */
    _Atomic uint32_t arrived;
    int offered;               /* runs are open loops, but for the last round */
    int open;                  /* the one under way is; all workers have these two: */
    uint64_t epoch, last_call; /* ticks; the first is 0 until one of them has set it */
    _Atomic int lost;          /* a request never came back: nothing may be freed that it could touch */
    struct bs_engine *next_abandoned;
    struct bs_world *world; /* virtual.c */
    struct bs_log *log;     /* log.c; NULL: none is kept */
};

static inline int bs_halted(const struct bs_engine *engine)
{
    return atomic_load_explicit(&((struct bs_engine *)engine)->halt, memory_order_relaxed);
}

static inline bs_session *bs_session_of(const struct bs_worker *worker, const bs_request *request)
{
    return worker->sessions[request->session];
}

/* The IV belongs to the ciphertext. */
static inline int bs_authenticated_decryption(const bs_params *params)
{
    return params->op == BS_DECRYPT && (params->kind == BS_AEAD || params->kind == BS_AUTHENC);
}

/* Eight bytes count up; in CTR these are the high ones, so that no two requests share counter blocks. */
static inline void bs_next_iv(bs_request *request)
{
    uint64_t count;
    memcpy(&count, request->iv, sizeof count);
    count++;
    memcpy(request->iv, &count, sizeof count);
}

void bs_slot_keep(const struct bs_worker *worker, const bs_request *request);

/* A new request in the same slot. */
static inline void bs_next_request(struct bs_worker *worker, bs_request *request)
{
    if (!request->fixed_iv)
        bs_next_iv(request);
    if (__builtin_expect(worker->keep_input, 0))
        bs_slot_keep(worker, request);
}

/* engine.c: sets sample_mask by what the fastest run took. */
void bs_worker_adapt_sampling(struct bs_worker *worker);

/* trouble.c: the driver refused this request, or it failed. 1: the run goes on. */
int bs_trouble(struct bs_worker *worker, bs_request *request, enum bs_outcome outcome);

/* loop.c: what polling cost in the run is added to worker->polled. Returns the ns that finding it out took. */
uint64_t bs_loop_polled(struct bs_worker *worker);

/* slots.c. Opening: the sessions are open, and load.tasks is there. From bs_slots_keep_input on bs_slot_keep has room
 * for copies. bs_slots_damaged: see bs_engine_guards; only the first damage of all workers goes into *first. */
int bs_slots_open(struct bs_worker *worker);
int bs_slots_keep_input(struct bs_worker *worker);
bs_request bs_slot_before(const struct bs_worker *worker, uint32_t number);
uint32_t bs_slots_damaged(const struct bs_worker *worker, bs_finding *first);
void bs_slots_close(struct bs_worker *worker);

/* session.c: one request, while the driver has none. -1: it is back, and its status is the driver's; else the BS_FOUND_*
 * that the driver's answers are. bs_session_strays: the same of what comes while nothing is outstanding. What comes
 * TWICE is the request before. */
int bs_session_perform(bs_session *session, bs_request *request, uint64_t timeout_ns);
int bs_session_strays(bs_session *session, uint64_t wait_ns);

/* cycles.c: -1 and "tsc", "cntvct" or "none" where the machine's counter cannot be had. */
int bs_cycles_open(uint32_t type, uint64_t config, const char **source);
int bs_cycles_open_cpu(const char **source);
uint64_t bs_cycles_read(int fd, const char *source);
void bs_cycles_close(int fd);

/* interrupt.c: SIGINT halts this engine until bs_interrupt_release; the handler that was there
 * before is called too. */
void bs_interrupt_catch(struct bs_engine *engine);
void bs_interrupt_release(struct bs_engine *engine);

#endif
