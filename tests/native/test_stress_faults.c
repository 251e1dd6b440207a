/* The stress run over drivers with every kind of fault. */
#include <errno.h>
#include <string.h>

#include "crowd_traffic.h"

static const bs_finding *find_kind(int kind)
{
    for (uint64_t i = 0; i < evidence.faults && i < MAX; i++)
        if (faults[i].kind == kind)
            return &faults[i];
    return NULL;
}

static void print_faults(void)
{
    for (uint64_t i = 0; i < evidence.faults && i < MAX; i++)
        fprintf(stderr, "  kind %d late %d status %d (%d) at %lld of request %llu, key %d known %d\n",
                faults[i].kind, faults[i].late, faults[i].status, faults[i].expected_status,
                (long long)faults[i].at, (unsigned long long)faults[i].number, faults[i].traffic,
                faults[i].known);
}

struct wrong {
    enum crowd_fault fault;
    uint32_t every;
    const char *driver;
    int kind, traffic;
    uint32_t workers;
};

/* The fault is found, as what it is; the session and request that had it are named. */
static const bs_finding *found(struct wrong w)
{
    bs_stress_load load = load_of(w.workers, w.kind == BS_FOUND_OUTPUT ? 10000 : 300);
    crowd_reset(w.fault, w.every);
    make_traffic(w.traffic);
    load.requests = 1000000;
    CHECK(stress(w.driver, &load) == 0);
    const bs_finding *fault = find_kind(w.kind);
    if (!fault) {
        fprintf(stderr, "fault %d of %s: %llu found\n", w.fault, w.driver,
                (unsigned long long)evidence.faults);
        print_faults();
    }
    CHECK(fault);
    CHECK(fault->worker >= 0 && fault->worker < (int)w.workers && fault->session >= 0 && fault->session < 3);
    CHECK(fault->depth >= 1 && fault->depth <= load.q_len && fault->outstanding <= fault->depth);
    if (fault->known >= 0)
        CHECK(fault->known < KNOWN && fault->traffic >= 0 && fault->traffic < KEYS);
    return fault;
}

static uint32_t size_in(const bs_finding *fault)
{
    return traffic[fault->traffic].known[fault->known].size;
}

static void wrong_bytes(void)
{
    const bs_finding *f;
    f = found((struct wrong){CROWD_SHARED_IV, 1, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    CHECK(f->other_known == -1 && f->at < 64 && f->output_size && f->output[f->at] == f->got);
    f = found((struct wrong){CROWD_SHARED_IV, 1, "queued", BS_FOUND_STATUS, BS_AEAD, 1});
    CHECK(f->status == -EBADMSG && f->expected_status == 0);
    f = found((struct wrong){CROWD_LARGE, 1, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    CHECK(size_in(f) > 4096 && f->at == size_in(f) / 2 && (f->got ^ f->expected) == 1);
    for (int i = 0; i < 2; i++) {
        const char *driver = i ? "prompt" : "queued";
        f = found((struct wrong){CROWD_UNALIGNED, 1, driver, BS_FOUND_OUTPUT, BS_CIPHER, 1});
        CHECK(f->src_at % 16 != 0 && (!f->in_place || f->src_at == f->dst_at));
    }
    f = found((struct wrong){CROWD_DEEP, 1, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    CHECK(f->depth > 8);
    f = found((struct wrong){CROWD_SWAP_OUTPUT, 1, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    CHECK(f->other_traffic == f->traffic);
    const bs_known *other = &traffic[f->other_traffic].known[f->other_known];
    CHECK(memcmp(other->dst, f->output, other->size < f->output_size ? other->size : f->output_size) == 0);
    found((struct wrong){CROWD_RACE, 1, "prompt", BS_FOUND_OUTPUT, BS_CIPHER, 2});
    found((struct wrong){CROWD_STALE_KEY, 1, "prompt", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    found((struct wrong){CROWD_STALE_KEY, 1, "prompt", BS_FOUND_TAG, BS_DIGEST, 1});
    f = found((struct wrong){CROWD_TAG, 250, "queued", BS_FOUND_TAG, BS_AEAD, 1});
    CHECK(f->at == 3 && traffic[f->traffic].params->op == BS_ENCRYPT);
    f = found((struct wrong){CROWD_EARLY, 250, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    CHECK(f->status == 0 && !f->late);
}

static void bytes_of_nobody(void)
{
    const bs_finding *f;
    f = found((struct wrong){CROWD_BEYOND, 250, "queued", BS_FOUND_BESIDE_OUTPUT, BS_CIPHER, 1});
    CHECK(f->at == size_in(f) && !f->in_place);
    f = found((struct wrong){CROWD_BEYOND, 250, "queued", BS_FOUND_BESIDE_OUTPUT, BS_AEAD, 1});
    CHECK(f->at == size_in(f) + (traffic[f->traffic].params->op == BS_ENCRYPT ? 16 : 0));
    f = found((struct wrong){CROWD_BEFORE, 250, "prompt", BS_FOUND_BESIDE_OUTPUT, BS_CIPHER, 1});
    CHECK(f->at == -1);
    f = found((struct wrong){CROWD_BESIDE_IV, 250, "prompt", BS_FOUND_BESIDE_IV, BS_CIPHER, 1});
    CHECK(f->at == 16);
    f = found((struct wrong){CROWD_INPUT, 250, "queued", BS_FOUND_INPUT, BS_CIPHER, 1});
    CHECK(f->at == 0 && !f->in_place);
    f = found((struct wrong){CROWD_AAD, 250, "queued", BS_FOUND_AAD, BS_AEAD, 1});
    CHECK(f->at == traffic[f->traffic].params->aad_len - 1);
    CHECK(found((struct wrong){CROWD_IV, 250, "queued", BS_FOUND_IV, BS_CIPHER, 1})->at == 0);
    CHECK(found((struct wrong){CROWD_GIVEN_TAG, 250, "prompt", BS_FOUND_GIVEN_TAG, BS_AEAD, 1})->at == 0);
    found((struct wrong){CROWD_REQUEST, 250, "queued", BS_FOUND_REQUEST, BS_CIPHER, 1});
}

/* Whether it is found late depends on whether the memory has another request by then, and from a queue on whether
 * both came back from one poll. */
static void changed_later(void)
{
    int late = 0;
    found((struct wrong){CROWD_LATE, 100, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    found((struct wrong){CROWD_LATE, 100, "prompt", BS_FOUND_OUTPUT, BS_CIPHER, 1});
    for (uint64_t i = 0; i < evidence.faults && i < MAX; i++)
        late |= faults[i].late;
    CHECK(late);
}

static void wrong_statuses(void)
{
    const bs_finding *f;
    f = found((struct wrong){CROWD_FORGERY, 1, "queued", BS_FOUND_STATUS, BS_AEAD, 1});
    CHECK(f->status == 0 && f->expected_status == -EBADMSG);
    f = found((struct wrong){CROWD_ERROR, 250, "prompt", BS_FOUND_STATUS, BS_DIGEST, 1});
    CHECK(f->status == -EIO && f->expected_status == 0);
    f = found((struct wrong){CROWD_NO_STATUS, 250, "queued", BS_FOUND_STATUS, BS_CIPHER, 1});
    CHECK(f->status != 0 && f->status != -EBADMSG);
}

static void broken_rules(void)
{
    const bs_finding *f;
    for (uint32_t workers = 1; workers < 3; workers++) {
        found((struct wrong){CROWD_SWAP_ORDER, 1, "queued", BS_FOUND_ORDER, BS_CIPHER, workers});
        f = found((struct wrong){CROWD_LOSE, 250, "queued", BS_FOUND_LOST, BS_CIPHER, workers});
        CHECK(f->outstanding >= 1);
        found((struct wrong){CROWD_MORE_BUSY, 1, "queued", BS_FOUND_LOST, BS_CIPHER, workers});
        f = found((struct wrong){CROWD_REFUSE, 250, "queued", BS_FOUND_REFUSED, BS_CIPHER, workers});
        CHECK(f->outstanding == 0);
        found((struct wrong){CROWD_REFUSE, 250, "prompt", BS_FOUND_REFUSED, BS_CIPHER, workers});
        f = found((struct wrong){CROWD_OPEN, 20, "queued", BS_FOUND_OPEN, BS_CIPHER, workers});
        CHECK(strcmp(f->text, "the table of sessions is full") == 0);
        found((struct wrong){CROWD_POLL, 250, "queued", BS_FOUND_POLL, BS_CIPHER, workers});
        found((struct wrong){CROWD_OUTCOME, 250, "prompt", BS_FOUND_OUTCOME, BS_CIPHER, workers});
    }
    found((struct wrong){CROWD_TWICE, 250, "queued", BS_FOUND_TWICE, BS_CIPHER, 1});
    found((struct wrong){CROWD_STRANGER, 250, "queued", BS_FOUND_STRANGER, BS_CIPHER, 1});
    CHECK(find_kind(BS_FOUND_LOST)); /* the session it belongs to never got it */
    found((struct wrong){CROWD_PROMISE, 1, "alone", BS_FOUND_OUTCOME, BS_CIPHER, 1});
    f = found((struct wrong){CROWD_BESIDE, 1, "queued", BS_FOUND_LOST, BS_CIPHER, 2});
    CHECK(f->worker == 1); /* the one with a thread that polls beside it */
}

/* The last of all: its thread stays inside the driver, which has been set up for it. */
static void a_thread_that_stays_inside(void)
{
    const bs_finding *f = found((struct wrong){CROWD_KEEPS, 250, "prompt", BS_FOUND_LOST, BS_CIPHER, 2});
    CHECK(f->known >= 0 && f->outstanding == 1);
}

/* ---- what only a part of the load brings out ---- */

enum { REQUESTS = SANITIZED ? 1024 : 65536, SESSIONS = SANITIZED ? 512 : 16384 };

/* As users have it, with more time: it ends soon after the first fault. */
static const bs_finding *found_by_default(enum crowd_fault fault, uint32_t every, const char *driver,
                                          int kind, uint32_t workers)
{
    bs_stress_load load = {.workers = workers,
                           .sessions = 4,
                           .q_len = 16,
                           .churn = 1000,
                           .time_ns = 30000000000u,
                           .stall_ns = 400000000,
                           .seed = every + workers};
    load.q_len = kind == BS_FOUND_MEANWHILE ? 1 : load.q_len; /* a fence would find it first */
    load.rest_ns = fault == CROWD_IDLE ? 600000000 : 0;
    load.time_ns = fault == CROWD_IDLE ? 2000000000 : load.time_ns;
    crowd_reset(fault, every);
    CHECK(stress(driver, &load) == 0);
    const bs_finding *first = find_kind(kind);
    if (!first) {
        fprintf(stderr, "fault %d of %s: %llu found\n", fault, driver, (unsigned long long)evidence.faults);
        print_faults();
    }
    CHECK(first);
    return first;
}

static void what_the_past_decides(void)
{
    const bs_finding *f;
    make_traffic(BS_CIPHER);
    for (uint32_t workers = 1; workers < 3; workers++) {
        f = found_by_default(CROWD_IDLE, 400, "queued", BS_FOUND_OUTPUT, workers);
        CHECK(f->at == 0); /* by the rest, or because the machine had none for us as long */
        f = found_by_default(CROWD_SESSIONS_NTH, 4096, "queued", BS_FOUND_OUTPUT, workers);
        CHECK(f->number == 4095);
        f = found_by_default(CROWD_SESSIONS_NTH, REQUESTS, "prompt", BS_FOUND_OUTPUT, workers);
        CHECK(f->number == REQUESTS - 1 && result.longest >= REQUESTS);
        found_by_default(CROWD_ERROR, REQUESTS + REQUESTS / 2, "prompt", BS_FOUND_STATUS, workers);
        f = found_by_default(CROWD_KEY_SIZE, 1, "prompt", BS_FOUND_OUTPUT, workers);
        CHECK(workers > 1 ||
              (f->before_traffic >= 0 && f->before_known >= 0)); /* else it may be the other's */
        if (workers == 1)
            CHECK(traffic[f->before_traffic].params->key_len != traffic[f->traffic].params->key_len);
    }
    chain_traffic(3);
    for (uint32_t workers = 1; workers < 3; workers++) {
        f = found_by_default(CROWD_CHAIN_REGISTER, 1, "queued", BS_FOUND_OUTPUT, workers);
        CHECK(traffic[f->traffic].params->chained && f->previous == f->known - 1);
    }
}

static void what_the_next_request_cures(void)
{
    make_traffic(BS_CIPHER);
    for (uint32_t workers = 1; workers < 3; workers++) {
        const bs_finding *f = found_by_default(CROWD_NEXT_CURES, 3000, "queued", BS_FOUND_LOST, workers);
        CHECK(f->outstanding >= 1 && result.drains > 0);
        found_by_default(CROWD_BUSY_FORGETS, 1, "queued", BS_FOUND_LOST, workers);
    }
}

static void what_others_see_meanwhile(void)
{
    static const char *const names[] = {"prompt", "queued"};
    for (int n = 0; n < 2; n++)
        for (int kind = BS_CIPHER; kind <= BS_AEAD; kind++) {
            make_traffic(kind);
            const bs_finding *f = found_by_default(CROWD_LINE, 1, names[n], BS_FOUND_WRITTEN_BACK, 2);
            CHECK(!f->in_place && f->got != f->expected && (f->at < 0 || f->at >= size_in(f)));
            f = found_by_default(CROWD_RESTORED, 1, names[n], BS_FOUND_MEANWHILE, 2);
            CHECK(f->at == 0 && !f->in_place && (f->got ^ f->expected) == 1);
            f = found_by_default(CROWD_RESTORED, 1, names[n], BS_FOUND_WROTE_INPUT, 2);
            CHECK(f->fenced);
#ifndef __s390x__ /* which tells the page alone, and others' ends are there as well */
            CHECK(f->buffer == BS_BUFFER_INPUT);
#endif
        }
}

static void what_is_left_behind(void)
{
    make_traffic(BS_CIPHER);
    const bs_finding *f = found_by_default(CROWD_OPEN, SESSIONS, "queued", BS_FOUND_OPEN, 2);
    CHECK(strcmp(f->text, "the table of sessions is full") == 0 && result.sessions >= SESSIONS);
    double bytes;
    for (uint32_t workers = 1; workers < 3 && !SANITIZED; workers++) {
        f = found_by_default(CROWD_LEAK_REQUEST, 1, "prompt", BS_FOUND_MEMORY, workers);
        CHECK(sscanf(f->text, "about %lf bytes a request:", &bytes) == 1 && bytes > 60 && bytes < 500);
        CHECK(f->worker == -1 && f->traffic == -1 && result.resident > 1 << 20);
        f = found_by_default(CROWD_LEAK_SESSION, 1, "queued", BS_FOUND_MEMORY, workers);
        CHECK(sscanf(f->text, "about %lf bytes a session:", &bytes) == 1 && bytes > 30000 && bytes < 130000);
    }
}

/* Several faults, and what was right beside them. A run goes on for 100 ms after the first one, in which a busy
 * machine may do little: another run is made until one has had time for several. */
static void samples_show_a_pattern(void)
{
    uint32_t wrong = 0, runs = 0;
    make_traffic(BS_CIPHER);
    do {
        CHECK(runs++ < 300);
        found((struct wrong){CROWD_LARGE, 1, "queued", BS_FOUND_OUTPUT, BS_CIPHER, 2});
    } while (evidence.faults <= MAX || evidence.sample_count < SAMPLES);
    for (int i = 0; i < SAMPLES; i++) {
        const bs_sample *sample = &samples[i];
        CHECK(sample->size == traffic[sample->traffic].known[sample->known].size);
        CHECK(!sample->wrong || sample->size > 4096);
        wrong += sample->wrong;
    }
    CHECK(wrong == SAMPLES || wrong >= MAX);
}

int main(void)
{
    wrong_bytes();
    bytes_of_nobody();
    changed_later();
    wrong_statuses();
    broken_rules();
    what_the_past_decides();
    what_the_next_request_cures();
    what_others_see_meanwhile();
    what_is_left_behind();
    samples_show_a_pattern();
    a_thread_that_stays_inside();
    return 0;
}
