/* A device with queues and one bug, as a driver of the core: `faulty:BUG`. The device is one for all sessions of the
 * process: a ring of so many entries, an engine (a thread) that serves it in order, an interrupt that makes
 * what is finished visible to poll. Its bytes are libcrypto's, so that everything is right but the bug.
 *
 * driver.c is the driver, engine.c the thread behind it, bugs_*.c the bugs by their kind: each a line of a table, with the
 * hooks at which it goes wrong. Hooks are called with the device's lock held. */
#ifndef ZOO_DEVICE_H
#define ZOO_DEVICE_H

#include <pthread.h>

#include "driver.h"

enum {
    RING = 40,    /* entries of the device's ring: sessions together get BUSY */
    COALESCE = 4, /* finished requests for an interrupt while more are waiting */
    SPARE = 2,    /* jobs of a session beyond its depth, for those that come twice */
    NOTHING = -1, /* a hook has not dealt with it */
};

struct session;

/* A request on its way. What the engine performs is `work`, a copy whose pointers a bug may exchange. */
struct job {
    struct session *session, *with; /* with: whose key is used */
    bs_request *request, work;
    pthread_t thread; /* that submitted it */
    int in_ring;
    uint64_t at_ns; /* when it was taken */
    uint8_t iv[64], line[2][64];
    struct job *next;
};

struct jobs {
    struct job *first, *last;
};

struct bug {
    const char *name;
    int (*opens)(struct session *session, const bs_params *params); /* 0 or -errno */
    void (*closes)(struct session *session);
    int (*takes)(struct session *session, bs_request *request, unsigned hints); /* an outcome, or NOTHING */
    void (*taken)(struct job *job);
    void (*refuses)(struct session *session); /* in place of submitting what is held */
    void (*before)(struct job *job);          /* the engine begins with it */
    void (*after)(struct job *job);           /* its bytes are there */
    int (*completes)(struct job *job);        /* 0, or NOTHING: it goes the usual way */
    int (*interrupts)(void);                  /* 0: the interrupt is lost */
    int (*polls)(struct session *session, bs_request **done, int n, unsigned max);
};

struct session {
    bs_params params; /* pointers but first_iv are not kept */
    const struct bug *bug;
    char cipher[64];
    uint8_t first_iv[64];
    void *crypto; /* of the libcrypto driver */
    bs_process *compute;
    struct job *jobs, *unused;          /* depth of them */
    struct jobs held, hidden, finished; /* hidden: until the interrupt */
    uint64_t number;                    /* of its requests, from 1 */
    uint32_t slot;
    uint64_t opened_ns;
    pthread_t opener, submitter;
    int submitter_known;
    struct session *next; /* of all that are open */
};

struct device {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    struct jobs queue;
    struct session *sessions;
    unsigned used, opened, finished; /* opened: sessions now; finished: since the last interrupt */
    uint64_t requests, doorbells;
    uint64_t idle_since_ns; /* when the engine last ran dry */
};

extern struct device zoo_device;

/* driver.c */
void zoo_push(struct jobs *jobs, struct job *job);
struct job *zoo_pop(struct jobs *jobs);
void zoo_submit_held(struct session *session);
struct job *zoo_job(struct session *session);  /* unused until now, or NULL */
void zoo_give_back(struct job *job);           /* its place in the ring is free */
bs_params zoo_params(const bs_params *params); /* as libcrypto's driver is told them */
int zoo_open_crypto(const bs_params *params, void **crypto, char *text, size_t text_size);
void zoo_close_crypto(void *crypto);
bs_process *zoo_compute_of(const void *crypto);

/* engine.c */
void *zoo_engine(void *unused);
void zoo_finish(struct job *job); /* hidden until the next interrupt */
void zoo_interrupt(void);

/* What bugs do. */
int zoo_is_hash(const struct session *session);
void zoo_spoil(struct job *job); /* a byte of its output */
void zoo_spoil_from(struct job *job, uint32_t at);
int zoo_crosses_page(const void *at, size_t size);
int zoo_alike(const struct session *a, const struct session *b); /* in all but the key */

extern const struct bug zoo_completion_bugs[], zoo_state_bugs[], zoo_bytes_bugs[], zoo_memory_bugs[];

#endif
