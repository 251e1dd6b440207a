/* The contract between the native core and Python. cffi reads this file verbatim, so it holds
 * declarations and numeric #defines only; C includes it through core.h.
 *
 * Times are nanoseconds unless a name says ticks; sizes are bytes. Functions that can fail return
 * 0 (or a count) or -errno, and put a sentence for a person into `text` where they take one.
 * An engine or session belongs to one thread at a time. */

enum bs_kind { BS_CIPHER, BS_AEAD, BS_DIGEST, BS_HMAC, BS_AUTHENC };
enum bs_op { BS_ENCRYPT, BS_DECRYPT }; /* a digest or HMAC is computed by BS_ENCRYPT */

/* Driver flags, and the preference probe returns (higher is chosen first, as OCF does). */
#define BS_FLAG_SYNC          1  /* process always completes the request */
#define BS_FLAG_HARDWARE      2  /* a device does the work */
#define BS_FLAG_ORDERED       4  /* completions come in the order of submission */
#define BS_FLAG_NOP           8  /* bytes are not touched: nothing to verify */
#define BS_FLAG_SYNC_ALONE    16 /* process always completes the request when params.depth is 1 */
#define BS_FLAG_VIRTUAL       32 /* a simulation on a virtual clock: see virtual.h and bs_simulation */
#define BS_FLAG_PIECES        64 /* params.piece is served, for some algorithms at least */
#define BS_PREFER_SOFTWARE    1
#define BS_PREFER_ACCELERATED 2
#define BS_PREFER_HARDWARE    3

/* A chained AEAD message is begun anew, with the session's first IV, before it would grow beyond
 * this many bytes (GCM forbids 2^36 - 32 and more). */
#define BS_CHAIN_LIMIT 34359738368

/* What a session is opened for. Names are the driver's own (see driver.h). Pointers need to live
 * only until the session is open. */
typedef struct bs_params {
    int32_t kind, op;
    const char *setting;     /* a line `name=value` for each option that was given: see bs_option */
    const char *cipher;      /* NULL: none (digest, HMAC, and the NULL cipher of an authenc pair) */
    const char *digest;      /* NULL: none */
    const uint8_t *key;      /* cipher key; for RFC 4106 the salt is its last salt_len bytes */
    const uint8_t *mac_key;  /* HMAC key */
    const uint8_t *first_iv; /* where a chained session starts; else NULL */
    uint32_t key_len, mac_key_len;
    uint32_t salt_len, iv_len, tag_len; /* tag: AEAD tag, digest or MAC, which may be cut */
    uint32_t aad_len, max_size;         /* the longest AAD and payload that a request will have */
    uint32_t depth;                     /* most requests that will be outstanding at once; 0 counts as 1 */
    uint32_t
        piece; /* the text is handed over in updates, or segments, of so many bytes (of a block cipher: up to
                         whole blocks), as far as the driver's interface has them; 0: whole. See BS_FLAG_PIECES */
    uint32_t chained; /* 1: every request goes on where the last one ended; its iv is not read */
} bs_params;

/* One operation. In the engine's slots, and wherever Python builds one: aad lies directly before
 * src, and tag directly after the text that belongs to it (dst on encrypt, src on decrypt).
 * src == dst is in place. An authenc pair authenticates aad then the ciphertext. */
typedef struct bs_request {
    const uint8_t *src; /* payload in, `size` bytes */
    uint8_t *dst;       /* payload out, `size` bytes; unused by digests */
    uint8_t *iv;        /* iv_len bytes */
    const uint8_t *aad; /* aad_len bytes */
    uint8_t *tag;       /* tag_len bytes: written by encrypt and digest, read by decrypt */
    uint32_t size, aad_len;
    int32_t status; /* the driver's verdict: 0 or -errno (-EBADMSG: the tag does not fit) */
    /* the engine's: what every request needs comes first, all of it in one cache line */
    uint8_t sampled, fixed_iv; /* fixed_iv: the next request in this slot has the same IV */
    uint16_t session;          /* of its worker, from 0 */
    struct bs_request *next;
    struct bs_slot *slot;
    uint64_t dispatched, invoked, done; /* ticks, valid when sampled */
    uint32_t order;                     /* of submission, from 1; 0: the driver does not have it */
    uint64_t cookie;                    /* the driver's, from QUEUED to poll */
} bs_request;

/* What a slot asks for, request after request. */
typedef struct bs_task {
    uint32_t session;       /* of its worker, from 0 */
    uint32_t size, aad_len; /* at most the session's max_size and aad_len */
} bs_task;

/* How an engine drives its sessions. */
typedef struct bs_load {
    uint32_t request_size; /* of every slot, where no tasks are given */
    uint32_t q_len;        /* requests kept outstanding, per worker */
    uint32_t batch;        /* 0 off, 1 on, N >= 2 on with at most N per kick */
    uint32_t cbimm;        /* 1: callback in the context that found the completion */
    uint32_t workers;      /* each with its own sessions, queues and pinned thread */
    uint32_t crypto_q_max; /* a dispatch beyond so many outstanding is dropped and tried again */
    uint32_t in_place;
    uint32_t sessions; /* that a worker opens, each with params of its own; 0 counts as 1 */
    const bs_task
        *tasks;        /* of q_len slots. NULL: the sessions in turn, with request_size and their aad_len */
    uint64_t seed;     /* of payload, AAD and first IVs */
    uint64_t stall_ns; /* no completion for so long is -ETIMEDOUT */
} bs_load;

/* An open loop: requests arrive by a clock, whether or not the last is done. A worker has 1/workers of them, and all
 * together come as evenly as `arrival` lets them. The driver holds at most q_len (crypto_q_max, if that is less; a
 * synchronous one on the direct path: 1), first come, first served, in whichever slot has been free longest. */
enum bs_arrival { BS_CONSTANT, BS_POISSON, BS_BURST };
typedef struct bs_offer {
    double rate;      /* requests per second of all workers; INFINITY: one is always waiting */
    uint32_t arrival; /* enum bs_arrival */
    uint32_t burst;   /* requests that come at once, of BS_BURST */
    uint32_t backlog; /* so many may wait, per worker, and the next is dropped; UINT32_MAX: any number may */
    uint64_t seed;    /* the n-th run from bs_engine_offer on has the same arrivals for the same seed */
} bs_offer;

/* One timed value. requests counts what completed with status 0. */
typedef struct bs_value {
    uint64_t requests;
    uint64_t wall_ns, user_ns, system_ns;
    uint64_t cycles; /* as bs_cycles_source says; 0 when it says "none" */
    uint64_t
        timestamp_ns; /* what time-stamping cost inside wall_ns; of an open loop without what is its own: a stamp
                            * when a request is done, which is the one that the next is looked for by */
    /* Of an open loop; else 0. offered: requests + failed + lost + dropped */
    uint64_t offered, dropped;
    uint64_t offered_ns; /* time in which they were to arrive; with one always waiting: wall_ns */
    uint64_t
        latency_ns; /* from the intended arrival to the end of the callback, summed over requests (and failed
                            ones), each with the stamp that ends it; 0 with one always waiting */
    /* requests / carried_ns is how fast requests were done, without the edges of the run: the sum over workers of the
     * rate from the first completion to the first one of the last burst (of single ones: to the last completion).
     * Where there is only one such completion, the rate of the whole run. */
    uint64_t carried_ns;
    uint64_t spun_ns; /* in which the workers' own threads only looked at the clock, awake; summed */
} bs_value;

/* Since the engine was opened. */
typedef struct bs_counters {
    uint64_t submitted, completed, failed;
    uint64_t lost;  /* QUEUED and never returned: the engine gave them up */
    uint64_t busy;  /* process refused */
    uint64_t drops; /* dispatch refused: crypto_q_max */
    uint64_t empty_polls;
    uint64_t wakeups;    /* times a sleeping thread had to be woken */
    uint64_t high_water; /* most requests QUEUED and not yet collected by poll; 1 for a SYNC driver */
    uint64_t sampled;    /* requests with timestamps */
    uint64_t reordered;  /* came back after one that was submitted later */
    uint64_t twice;      /* came back while the driver did not have them */
    int32_t first_error; /* status of the first failed request */
    uint32_t direct;     /* 1: the direct path (no thread, lock or allocation) was used */
} bs_counters;

/* What collecting completions cost, since the engine was opened or the latency was forgotten: sums over all
 * workers, estimated from sampled calls of the driver's poll. On a virtual clock it is what the model says. */
typedef struct bs_collecting {
    uint64_t worker_ns;   /* that values lasted, of each worker */
    uint64_t poll_ns;     /* inside poll, of that, asleep included */
    uint64_t poll_cpu_ns; /* the CPU's part of it: what is not asleep */
    uint64_t polls, sampled;
} bs_collecting;

/* In an open loop BS_LAT is of every request (from the intended arrival; with one always waiting from the dispatch), and
 * BS_LATE of every arrival: by how much the thread that waited for it noticed it late, not being busy. */
enum bs_latency { BS_SLAT, BS_CLAT, BS_LAT, BS_LATE };

/* One option of a driver's setting, which users write after the colon of a backend's name: `afalg:DRIVER,way=aio`.
 * Python reads what they wrote by the driver's table of these (benchsuite/keys/options.py), says what is wrong
 * with it, and hands a line `name=value` down for each option that was given. */
typedef struct bs_option {
    const char *name;    /* NULL ends a table */
    const char *metavar; /* what users call its value: "PATH" */
    const char *words;   /* the values there are, "sync|aio|threads"; NULL: text of fewer than `room` bytes */
    const char *help;    /* one line */
    uint32_t room;
    uint32_t flags; /* BS_OPTION_* */
} bs_option;

#define BS_OPTION_FIRST  1 /* its value stands at the beginning, and its name may be left out */
#define BS_OPTION_COMMAS 2 /* its value may have commas */
#define BS_OPTION_FILE   4 /* its value is the path of a file */

typedef struct bs_session bs_session;
typedef struct bs_engine bs_engine;
typedef struct bs_finding bs_finding; /* below */

/* Drivers. i runs from 0 to bs_driver_count() - 1; `driver` is a name. names: of the file in
 * algorithms/names/ by which it is told algorithms ("libcrypto", "afalg", "cryptodev"; "" for a driver that
 * needs none). */
int bs_driver_count(void);
const char *bs_driver_name(int i);
const char *bs_driver_backend(int i); /* what users call it */
const char *bs_driver_about(int i);   /* one line for `benchsuite list backends` */
const char *bs_driver_names(int i);
uint32_t bs_driver_flags(int i);
const bs_option *bs_driver_options(int i); /* NULL: it takes no setting */
int bs_version(const char *driver, const char *setting, char *text, size_t text_size);
int bs_probe(const char *driver, const bs_params *params, char *text, size_t text_size);

/* One session by hand: verification and vectors. bs_session_do waits until the request is done or
 * timeout_ns has passed (-ETIMEDOUT), and returns its status. -EMSGSIZE: the session was opened for less. */
bs_session *bs_session_open(const char *driver, const bs_params *params, char *text, size_t text_size);
int bs_session_do(bs_session *session, bs_request *request, uint64_t timeout_ns);
/* The BS_FOUND_* for which bs_session_do answered -EPROTO last. */
int bs_session_broke(const bs_session *session);
void bs_session_close(bs_session *session);

/* What can be said of this session while nothing is outstanding: lines "key: value", e.g. which kernel
 * driver served, and how many requests it truly held at once. Empty where the driver says nothing. */
void bs_session_facts(bs_session *session, char *text, size_t text_size);

/* An engine: workers x q_len slots in a closed loop. Every worker opens load.sessions sessions, as deep as they have slots.
 * params has one for each session of each worker, worker by worker: that of session s of worker w is
 * params[w * load.sessions + s], so that no two workers need to have a key in common; only the keys and the first IV
 * may differ between workers. params and load need to live only until then. bs_engine_run performs at least `requests`
 * requests (the first of several workers that has done so ends the value for all) and fills *value. -EINTR: SIGINT or bs_engine_stop. -EIO: a request
 * failed (counters.first_error). -ETIMEDOUT: a completion was lost. -EPROTO: one came twice, or an ORDERED
 * driver's out of order. value holds what was done. */
bs_engine *bs_engine_open(const char *driver, const bs_params *params, const bs_load *load, char *text,
                          size_t text_size);
bs_session *bs_engine_session(bs_engine *engine, uint32_t worker, uint32_t session);
int bs_engine_run(bs_engine *engine, uint64_t requests, bs_value *value);
/* From the next run on requests arrive so: `requests` of bs_engine_run is how many do, per worker, and the run ends when
 * each was carried or dropped. NULL: the closed loop again. Nothing is running. 0, -EINVAL, -ENOMEM, or -ENOTSUP: on a
 * virtual clock. */
int bs_engine_offer(bs_engine *engine, const bs_offer *offer);
void bs_engine_stop(bs_engine *engine); /* from any thread or a signal handler */
void bs_engine_counters(bs_engine *engine, bs_counters *counters);
void bs_engine_close(bs_engine *engine);

/* CPUs for the engines of this process that are opened from now on: worker i has the i-th of them, modulo their
 * number, and with several workers all of its threads are there. The threads of a single one (dispatcher, callback,
 * completion, as far as there are) take the CPUs in turn, from the first on, where its caller is, too: it is put there
 * for each run, on what was chosen last. Drivers' own threads are where the process may be. 0 or -EINVAL. */
int bs_choose_cpus(const uint32_t *cpus, uint32_t number);

/* Where a worker's thread is pinned: the CPU; -1: nowhere; -ENOENT: there is no such thread. */
enum bs_thread { BS_CALLER, BS_DISPATCHER, BS_CALLBACK, BS_COMPLETION };
int bs_engine_cpu(bs_engine *engine, uint32_t worker, int which);

/* Verification after timing. bs_engine_last_round runs one more request in every slot, as many
 * outstanding at once as while timing, keeping what each one had; then *request is what the slot did last, and
 * the src, iv, aad and tag of *before show what these held when the driver got it. done: where a session that
 * chains stands: requests its worker had performed before this one, counting bs_session_do.
 * bs_engine_guards: how many slots have damaged canaries. *first, where there are any, has kind
 * (BS_FOUND_BESIDE_*), worker, session, known (the slot), in_place, at, extent, expected and got. */
int bs_engine_last_round(bs_engine *engine);
const bs_request *bs_engine_slot(bs_engine *engine, uint32_t worker, uint32_t slot, bs_request *before,
                                 uint64_t *done);
uint32_t bs_engine_guards(bs_engine *engine, bs_finding *first);

/* 0, or -ENOTSUP: process completes every request itself, and there is nothing to collect. */
int bs_engine_collecting(bs_engine *engine, bs_collecting *collecting);

/* Forgets the latency so far, and what collecting cost: warm-ups are no part of a result. Counters go on. */
void bs_engine_forget_latency(bs_engine *engine);

/* Latency of sampled requests since the engine was opened, or since it was forgotten (which: enum
 * bs_latency), as up to max non-empty buckets: upper bound in ns and count. Returns the number of
 * buckets; *max_ns is the exact largest. */
size_t bs_engine_latency(bs_engine *engine, int which, uint64_t *upper_ns, uint64_t *count, size_t max,
                         uint64_t *max_ns);

/* ---- a log of a run: what was done in each interval of time (log.c) ---- */

/* One interval that is over. */
typedef struct bs_interval {
    uint64_t begin_ns, lasts_ns; /* begin_ns: since the log began */
    double requests;             /* completed in it: between two samples they are taken to come evenly */
    uint64_t sampled;            /* of them, those with timestamps; 0: no latency is told */
    uint64_t p50_ns, p99_ns, max_ns;
    int64_t user_ns, system_ns; /* CPU time of this process; -1: not told */
} bs_interval;

#define BS_SHORTEST_INTERVAL 10000000 /* ns */

/* Begins a log with intervals of so many nanoseconds (of the virtual clock, where there is one), which goes on over
 * values and what lies between them; 0 ends it. Nothing is running then. What was in an earlier log is gone. 0,
 * -EINVAL (shorter than BS_SHORTEST_INTERVAL on a real clock), -ENOMEM, or -ETIMEDOUT as from bs_engine_run. */
int bs_engine_log(bs_engine *engine, uint64_t interval_ns);

/* Takes up to max intervals that are over out of the log, oldest first, and returns how many. From any thread, also
 * while the engine runs. last: nothing is running, and what has begun of the interval under way counts as one, too:
 * then the log is over. Whoever takes none for BS_LOG_ROOM intervals loses those that follow. */
size_t bs_engine_log_take(bs_engine *engine, bs_interval *into, size_t max, int last);

#define BS_LOG_ROOM 16384

/* The instruments. */
const char *bs_cycles_source(bs_engine *engine); /* "perf", "perf-user", "tsc", "cntvct" or "none" */
const char *bs_cycles_available(void);           /* what an engine would get */
const char *bs_clock_name(void);                 /* of latency timestamps */
double bs_timestamp_cost(void);                  /* ns per timestamp, measured */
const char *bs_compiler(void);                   /* that built this core, with its version */

/* Ticks per second of the counter that the kernel's get_cycles() reads: of the time-stamp counter the
 * median of several measurements that take `ms` together. 0 where that is not known. */
double bs_cycle_counter_hz(uint32_t ms);

/* The kernel kills this process when its parent ends. */
void bs_end_with_parent(void);

/* ---- requests whose outcome is known ---- */

/* One of them. */
typedef struct bs_known {
    const uint8_t *src, *dst; /* payload in, and out; dst is not read for a digest or HMAC */
    const uint8_t *iv, *aad;
    const uint8_t *tag; /* what must come out, or what decryption is given */
    uint32_t size, aad_len;
    int32_t status; /* 0; or what must come back instead, whatever dst is then; BS_ANY_ERROR: any -errno */
} bs_known;

#define BS_USUAL_SIZE 65536 /* bytes that most drivers take at once */
#define BS_ANY_ERROR  1

/* What a session may be opened for (depth is set by the load), and the requests it may get then: any of them in
 * any order; where params->chained, those of one stream from its beginning, so that every session gets them in
 * this order, one at a time, and ends after the last. */
typedef struct bs_traffic {
    const bs_params *params;
    const bs_known *known;
    uint32_t count;
} bs_traffic;

#define BS_STATUS_UNSET 32429 /* a request's status until the driver sets it */

enum bs_finding_kind {
    BS_FOUND_OUTPUT,
    BS_FOUND_TAG, /* a wrong byte */
    BS_FOUND_INPUT,
    BS_FOUND_AAD,
    BS_FOUND_IV,
    BS_FOUND_GIVEN_TAG, /* was only to be read, and changed */
    BS_FOUND_BESIDE_INPUT,
    BS_FOUND_BESIDE_OUTPUT,
    BS_FOUND_BESIDE_IV, /* a byte of nobody's */
    BS_FOUND_REQUEST,   /* the fields of the request that are not the driver's */
    BS_FOUND_STATUS,    /* not the one that had to come */
    BS_FOUND_TWICE,     /* returned while it was not outstanding */
    BS_FOUND_STRANGER,  /* returned by a session that never had it */
    BS_FOUND_ORDER,     /* of BS_FLAG_ORDERED */
    BS_FOUND_OUTCOME,   /* process: none of driver.h's, or one that the driver's flags rule out */
    BS_FOUND_POLL,      /* poll: more than asked for, or less than none */
    BS_FOUND_LOST,      /* never returned */
    BS_FOUND_REFUSED,   /* BUSY for stall_ns with nothing outstanding */
    BS_FOUND_OPEN,      /* a session could not be opened while others were at work: see text */
    BS_FOUND_MEMORY,    /* resident memory grows with every request, or with every session: see text */
    BS_FOUND_READ_BEYOND, /* at least `extent` bytes behind (at < 0: before) its `buffer`, in an unreadable page */
    BS_FOUND_WROTE_INPUT,  /* its `buffer` is only to be read; written to perhaps with what was there */
    BS_FOUND_MEANWHILE,    /* the input was another one while the request was outstanding, and came back */
    BS_FOUND_WRITTEN_BACK, /* what another thread wrote beside the output meanwhile was undone */
};

/* The parts of a request in memory. */
enum bs_buffer { BS_BUFFER_INPUT, BS_BUFFER_OUTPUT, BS_BUFFER_IV, BS_BUFFER_AAD, BS_BUFFER_TAG };

/* Where they lie. FENCED: texts, IV, AAD and tag end at an unreadable page, or begin behind one, and what is only
 * to be read is read-only. IV_ACROSS: the IV lies across two pages, and so does the AAD. */
#define BS_LAY_IN_PLACE  1
#define BS_LAY_APART     2
#define BS_LAY_FENCED    4
#define BS_LAY_IV_ACROSS 8

/* Indices count from 0; -1 where there is no such thing. */
typedef struct bs_finding {
    int32_t kind; /* enum bs_finding_kind */
    int32_t late; /* 1: it was right when it came back, and found changed later */
    int32_t worker, session, traffic, known;
    uint64_t number;      /* of the session's requests, from 0 */
    uint32_t outstanding; /* in its session at that moment, with this one */
    uint32_t depth;       /* the session's params.depth */
    int32_t in_place;
    int32_t fenced; /* 1: as in BS_LAY_FENCED. A kernel driver that touches too much answers -EFAULT */
    int32_t buffer; /* enum bs_buffer, of BS_FOUND_READ_BEYOND and BS_FOUND_WROTE_INPUT */
    uint32_t src_at, dst_at, iv_at; /* address modulo 4096 */
    int32_t expected_status, status;
    int64_t at;            /* the first wrong byte, from the start of its buffer (payload, if beside one) */
    uint8_t expected, got; /* that byte */
    uint32_t extent;       /* bytes from the first wrong one to the last, of that buffer */
    int32_t previous;      /* index of the known request before on its session (of the same traffic) */
    int32_t before_traffic, before_known; /* the one before on any session of the same worker */
    int32_t other_traffic, other_known;   /* the request whose output it is instead */
    uint8_t output[64];                   /* what came out: payload, or a digest's tag, as far as it goes */
    uint32_t output_size;
    uint8_t window
        [64]; /* the output from window_at on, where a block of 16 begins: the first wrong byte is in it */
    uint32_t window_at, window_size;
    char text[160];
} bs_finding;

/* What became of one request, right or wrong: what wrong ones have in common is looked for in these. */
typedef struct bs_sample {
    int32_t traffic, known;
    uint32_t size, aad_len;
    uint32_t src_at, dst_at, iv_at; /* address modulo 4096 */
    uint32_t outstanding;           /* in its session at that moment, with this one */
    uint64_t number;                /* of the session's requests, from 0 */
    uint8_t in_place, wrong;
} bs_sample;

/* What was found: the first findings, and samples of what was right and wrong (bounded; wrong ones are kept
 * first). Who fills it adds to what is there. */
typedef struct bs_evidence {
    bs_finding *findings;
    uint32_t max_findings;
    bs_sample *samples;
    uint32_t max_samples, sample_count;
    uint64_t faults; /* all, also those not kept */
} bs_evidence;

/* ---- known requests, one after another (check.c) ---- */

/* Performs the known requests of one session, which is opened here, one after another in every layout asked for
 * (BS_LAY_*, together), and checks every byte. A pass for each: IN_PLACE and APART; FENCED and IV_ACROSS as drawn,
 * in place or apart, of those two that are asked for too (both, if neither is). The first pass goes in the order
 * of `known`, the others in one of the seed's. Chained traffic has a session for each pass, and always its order.
 * -EOPNOTSUPP is a refusal, and no fault: refused[i] becomes 1; so are -ENOMEM, -E2BIG and -EMSGSIZE of more than
 * BS_USUAL_SIZE bytes. Goes on after a wrong one as long as that makes sense. 0: *performed and *evidence say what
 * came of it. Else -errno and a sentence: no such session, or no memory. */
int bs_check(const char *driver, const bs_traffic *traffic, uint32_t layouts, uint64_t seed,
             uint64_t timeout_ns, uint8_t *refused, uint64_t *performed, bs_evidence *evidence, char *text,
             size_t text_size);

/* ---- stress: known requests in real traffic (stress.c) ---- */

typedef struct bs_stress_load {
    uint32_t workers;  /* threads; every second one has another thread that polls beside it */
    uint32_t sessions; /* open at once, per worker */
    uint32_t q_len;    /* requests outstanding per session, at most: half of the sessions hold fewer */
    uint32_t churn;    /* requests after which a session makes room for another one, on average */
    uint64_t requests; /* ends after so many (0: no such end), */
    uint64_t time_ns;  /* or after so long */
    uint64_t stall_ns; /* nothing for so long: lost */
    uint64_t seed;     /* of the order of everything */
    uint64_t rest_ns;  /* the one long rest of the run, in which nothing is outstanding; 0: none */
    uint32_t soak;     /* 1: a steady load for hours, with drains and rests now and then */
} bs_stress_load;

typedef struct bs_stress_result {
    uint64_t requests;   /* came back, and were checked */
    uint64_t bytes;      /* their payload */
    uint64_t refused;    /* of them, those whose known status is not 0 */
    uint64_t busy;       /* offers that the driver did not take */
    uint64_t sessions;   /* opened */
    uint64_t high_water; /* most requests QUEUED and not yet polled, of all sessions together */
    uint64_t drains;     /* times that a session got nothing more until all was back */
    uint64_t rests;      /* times that it then got nothing for a while */
    uint64_t longest;    /* most requests of one session */
    uint64_t resident;   /* bytes that resident memory grew by, beyond what is ours */
    uint64_t wall_ns;
} bs_stress_result;

/* Keeps sessions of a driver busy with known requests, and checks every byte. Ends early: soon after the first
 * fault, and at once after one that makes requests impossible to tell apart. 0: *result and *evidence say what
 * was found, and text has the facts of the first session (bs_session_facts). -EINTR: SIGINT, and both say what
 * was found until then. Else -errno and a sentence: it could not begin. */
int bs_stress(const char *driver, const bs_traffic *traffic, uint32_t traffics, const bs_stress_load *load,
              bs_stress_result *result, bs_evidence *evidence, char *text, size_t text_size);

/* Bytes of memory that the requests of such a run may come to need. */
uint64_t bs_stress_memory(const bs_traffic *traffic, uint32_t traffics, const bs_stress_load *load);

/* How far the one under way in this process is, asked from another thread. 0: there is none. */
int bs_stress_progress(bs_stress_result *so_far);

/* ---- simulation: a driver on a virtual clock (virtual.c) ---- */

/* Faults a simulated device was asked for. */
enum bs_sim_fault {
    BS_SIM_BUSY,      /* an offer refused without reason */
    BS_SIM_ERROR,     /* -EIO */
    BS_SIM_WRONG,     /* a wrong byte */
    BS_SIM_LOST,      /* never completed */
    BS_SIM_LATE,      /* completed much later */
    BS_SIM_DUPLICATE, /* completed twice */
    BS_SIM_REORDER,   /* completed after the one behind it */
    BS_SIM_HANG,      /* swallowed by a device that hangs */
};
#define BS_SIM_FAULT_KINDS 8

/* Since the engine was opened. Nothing of it is measured: it is what the model says. Busy times of several
 * units, buses or CPUs are added up. */
typedef struct bs_simulation {
    double elapsed_ns;                                          /* virtual, inside values */
    double caller_ns, dispatcher_ns, callback_ns, interrupt_ns; /* of the host's CPUs, by context */
    double unit_ns, bus_ns, serial_ns;                          /* of the device */
    double area_ns;    /* requests QUEUED and not yet collected, over time */
    double sojourn_ns; /* from QUEUED to collected, of all requests */
    uint32_t cpus, units, buses;
    uint64_t submitted, collected, doorbells, interrupts;
    uint64_t misses;    /* sessions that had to be loaded */
    uint64_t events;    /* in the device */
    uint64_t backwards; /* events before the one that came before: 0, or the simulation is wrong */
    uint64_t faults[BS_SIM_FAULT_KINDS];
} bs_simulation;

/* 0, or -ENOTSUP: this engine is in real time. */
int bs_engine_simulation(bs_engine *engine, bs_simulation *simulation);
