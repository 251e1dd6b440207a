/* OCF in user space: the dispatch queue (crypto_proc), the return queue (crypto_ret_proc),
 * BUSY/unblock, batch and cbimm, written once. It starts no thread and never sleeps: an executor calls
 * the steps and is told by wake() whom to run. threads.c runs it on real threads, polled.c in
 * the caller's context. One struct ocf serves the sessions of one worker.
 *
 * Who may call what: ocf_dispatch any thread; ocf_proc_step one thread; ocf_ret_step one thread;
 * ocf_poll one thread. */
#ifndef BS_OCF_H
#define BS_OCF_H

#include <pthread.h>
#include <stdatomic.h>

#include "clock.h"
#include "count.h"
#include "driver.h"
#include "histogram.h"
#include "ocf_queue.h"
#include "polling.h"

enum ocf_context { OCF_DISPATCHER, OCF_CALLBACK, OCF_COMPLETION, OCF_CONTEXTS };

/* A session whose requests go through the queues. */
struct ocf_session {
    _Alignas(64) bs_process *process;
    void *state;
    _Alignas(64) uint32_t latest; /* submission that has come back: whoever polls */
    _Atomic uint32_t in_driver;   /* of several: QUEUED and not polled */
};

struct ocf {
    const struct bs_driver *driver;
    struct ocf_session *sessions; /* request->session says which */
    uint32_t session_count;
    uint32_t batch, cbimm, crypto_q_max;
    int count_outstanding; /* crypto_q_max can be reached: more than that many slots */
    int synchronous;       /* process completes every request itself */
    int lock_process;      /* batch off on several threads: process may be called by any of them */
    void (*callback)(void *context, bs_request *request);
    void (*wake)(void *context, enum ocf_context whom);
    void *context;
    const uint64_t *clock; /* virtual time, where there is one; NULL: bs_ticks */

    struct ocf_queue queue, ret_queue;

    _Alignas(64) pthread_mutex_t process_lock;
    _Atomic(bs_request *) refused; /* the head of the queue after BUSY */
    _Atomic uint32_t blocked, unblocks;
    uint32_t since_kick; /* requests handed over with HINT_MORE since the last without */
    bs_count busy;
    struct bs_histogram *slat; /* of sampled requests */
    uint32_t submissions;      /* their number goes with the request */

    _Alignas(64) _Atomic uint32_t outstanding; /* dispatched and not done; only if count_outstanding */
    bs_count drops;
    _Alignas(64) _Atomic uint32_t in_driver; /* QUEUED and not polled; asynchronous drivers only */
    _Atomic uint32_t high_water;
    bs_count empty_polls;
    bs_count reordered, twice;
    struct bs_polling polling;
    uint32_t turn; /* of several sessions: whose it is to be waited for */
};

static inline uint64_t ocf_ticks(const struct ocf *ocf)
{
    return __builtin_expect(ocf->clock != NULL, 0) ? *ocf->clock : bs_ticks();
}

void ocf_init(struct ocf *ocf);
void ocf_destroy(struct ocf *ocf);

/* 0, or -ENOMEM: crypto_q_max requests are outstanding already; no callback will follow. */
int ocf_dispatch(struct ocf *ocf, bs_request *request);

/* The body of crypto_proc: hands one waiting request to the driver. 0: nothing can be submitted. */
int ocf_proc_step(struct ocf *ocf);
int ocf_proc_ready(struct ocf *ocf);

/* The body of crypto_ret_proc: runs one callback. 0: the return queue is empty. */
int ocf_ret_step(struct ocf *ocf);
int ocf_ret_ready(struct ocf *ocf);

/* Collects completions from an asynchronous driver, of one session or of any, waiting at most wait_ns, and unblocks
 * it. Returns how many. */
int ocf_poll_session(struct ocf *ocf, struct ocf_session *session, uint64_t wait_ns);
int ocf_poll(struct ocf *ocf, uint64_t wait_ns);

/* The driver refused although nothing is outstanding: no completion will unblock it. */
int ocf_refused_idle(struct ocf *ocf);

/* The driver can take requests again. */
void ocf_unblock(struct ocf *ocf);

#endif
