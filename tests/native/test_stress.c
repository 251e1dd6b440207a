/* The stress run over drivers that are right, and over drivers with every kind of fault. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "core.h"
#include "crowd.h"

enum { KEYS = 6, KNOWN = 24, LARGEST = 9000, AAD = 12, MAX = 8 };

/* One key's requests; pointers of `known` go into `bytes`. */
struct table {
    bs_params params;
    bs_known known[KNOWN];
    uint8_t key[8], bytes[KNOWN][2 * LARGEST + AAD + 32];
};

const struct bs_driver *const bs_drivers[] = {&crowd_prompt, &crowd_queued, &crowd_alone, NULL};

static struct table tables[KEYS];
static bs_traffic traffic[KEYS];
static bs_stress_result result;
static bs_finding faults[MAX];
static bs_evidence evidence;
static char text[256];

static uint32_t size_of(int k)
{
    static const uint32_t some[] = {1, 8, 16, 31, 64, 1488, 4096, 5000, LARGEST};
    return k < 9 ? some[k] : (uint32_t)(k * k * 13 % 2000) + 9;
}

static void make_known(struct table *t, int k, uint64_t seed)
{
    bs_known *known = &t->known[k];
    uint32_t size = size_of(k);
    uint8_t *plain = t->bytes[k], *cipher = plain + size;
    uint8_t *iv = cipher + size, *aad = iv + 16, *tag = aad + AAD;
    int encrypt = t->params.op == BS_ENCRYPT, digest = t->params.kind == BS_DIGEST;
    for (uint32_t i = 0; i < size; i++)
        plain[i] = (uint8_t)((seed + (uint64_t)k) * 2654435761u * (i + 1) >> 13);
    for (uint32_t i = 0; i < 16 + AAD; i++)
        iv[i] = (uint8_t)((seed * 77 + (uint64_t)k * 31 + i) * 40503u >> 5);
    crowd_crypt(t->key, iv, plain, cipher, size);
    crowd_tag(t->key, iv, aad, t->params.aad_len, digest ? plain : cipher, size, tag);
    *known = (bs_known){.src = encrypt ? plain : cipher,
                        .dst = encrypt ? cipher : plain,
                        .iv = iv,
                        .aad = aad,
                        .tag = tag,
                        .size = size,
                        .aad_len = t->params.aad_len};
    if (!encrypt && t->params.tag_len && k % 4 == 3) {
        known->status = -EBADMSG;
        tag[k % 16] ^= 0x40;
    }
}

static void make_traffic(int kind)
{
    for (int i = 0; i < KEYS; i++) {
        struct table *t = &tables[i];
        t->params = (bs_params){.kind = kind,
                                .op = kind != BS_DIGEST && i % 2 ? BS_DECRYPT : BS_ENCRYPT,
                                .setting = "",
                                .key = t->key,
                                .key_len = 8,
                                .iv_len = 16,
                                .aad_len = kind == BS_AEAD ? AAD - (uint32_t)i : 0,
                                .tag_len = kind == BS_CIPHER ? 0 : 16,
                                .max_size = LARGEST};
        for (int b = 0; b < 8; b++)
            t->key[b] = (uint8_t)(i * 50 + b * b + kind);
        for (int k = 0; k < KNOWN; k++)
            make_known(t, k, (uint64_t)(i * 1000 + kind));
        traffic[i] = (bs_traffic){&t->params, t->known, KNOWN};
    }
}

static bs_stress_load load_of(uint32_t workers, uint64_t stall_ms)
{
    return (bs_stress_load){.workers = workers,
                            .sessions = 3,
                            .q_len = 16,
                            .churn = 200,
                            .requests = 6000,
                            .time_ns = 30000000000u,
                            .stall_ns = stall_ms * 1000000,
                            .seed = 42};
}

static int stress(const char *driver, const bs_stress_load *load)
{
    memset(faults, 0, sizeof faults);
    evidence = (bs_evidence){.findings = faults, .max_findings = MAX};
    return bs_stress(driver, traffic, KEYS, load, &result, &evidence, text, sizeof text);
}

/* ---- right ---- */

static void nothing_is_found(const char *driver, int kind, uint32_t workers)
{
    bs_stress_load load = load_of(workers, 20000);
    crowd_reset(CROWD_RIGHT, 1);
    make_traffic(kind);
    CHECK(stress(driver, &load) == 0);
    CHECK(evidence.faults == 0);
    CHECK(result.requests >= load.requests && result.bytes > result.requests && result.wall_ns > 0);
    CHECK(result.sessions > workers * load.sessions); /* churn */
    CHECK(result.busy > 0 && result.busy == crowd_refused());
    CHECK((result.refused > 0) == (kind == BS_AEAD));
    CHECK(strcmp(text, "in_flight: many") == 0);
    if (strcmp(driver, "prompt") == 0)
        CHECK(result.high_water >= 1 && result.high_water <= workers);
    else
        CHECK(result.high_water > load.q_len);
}

static void right_drivers(void)
{
    static const char *const names[] = {"prompt", "queued", "alone"};
    static const int kinds[] = {BS_CIPHER, BS_AEAD, BS_DIGEST};
    for (int n = 0; n < 3; n++)
        for (int k = 0; k < 3; k++)
            for (uint32_t workers = 1; workers < 4; workers += 2)
                nothing_is_found(names[n], kinds[k], workers);
}

static void every_end(void)
{
    bs_stress_load load = load_of(2, 20000);
    crowd_reset(CROWD_RIGHT, 1);
    make_traffic(BS_CIPHER);
    load.requests = 0;
    load.time_ns = 50000000;
    CHECK(stress("queued", &load) == 0 && evidence.faults == 0 && result.wall_ns >= load.time_ns);
    load = load_of(1, 20000);
    load.requests = 1;
    load.q_len = load.sessions = 1;
    load.churn = 0;
    CHECK(stress("queued", &load) == 0 && result.requests >= 1 && result.sessions == 1);
}

/* The order is the seed's, where nothing but the driver and one thread have a say in it. */
static void the_seed_repeats_it(void)
{
    uint32_t trace[3];
    uint64_t bytes[3];
    make_traffic(BS_CIPHER);
    for (int i = 0; i < 3; i++) {
        bs_stress_load load = load_of(1, 20000);
        load.churn = 0;
        load.seed = i < 2 ? 5 : 6;
        crowd_reset(CROWD_RIGHT, 1);
        CHECK(stress("prompt", &load) == 0 && result.requests >= load.requests);
        bytes[i] = result.bytes;
        trace[i] = crowd_trace();
    }
    CHECK(bytes[0] == bytes[1] && bytes[0] != bytes[2]);
    CHECK(trace[0] == trace[1] && trace[0] != trace[2]);
}

static void on_signal(int number)
{
    (void)number;
}

/* In the midst of it. */
static void *interrupt(void *arg)
{
    (void)arg;
    while (crowd_performed() < 300)
        usleep(1000);
    kill(getpid(), SIGINT);
    return NULL;
}

static void an_interrupt_ends_it(enum crowd_fault fault)
{
    struct sigaction action = {.sa_handler = on_signal};
    bs_stress_load load = load_of(2, 600000); /* stall_ns is not waited for */
    pthread_t thread;
    sigaction(SIGINT, &action, NULL);
    make_traffic(BS_CIPHER);
    crowd_reset(fault, 50);
    load.requests = load.churn = 0;
    CHECK(pthread_create(&thread, NULL, interrupt, NULL) == 0);
    CHECK(stress("queued", &load) == -EINTR);
    pthread_join(thread, NULL);
    CHECK(result.requests > 0);
    CHECK(fault == CROWD_RIGHT ? evidence.faults == 0 : faults[0].kind == BS_FOUND_LOST);
}

static void nonsense_is_refused(void)
{
    bs_stress_load load = load_of(1, 1000);
    make_traffic(BS_CIPHER);
    CHECK(stress("nobody", &load) == -ENODEV && strstr(text, "'nobody'"));
    load.workers = 0;
    CHECK(stress("queued", &load) == -EINVAL && text[0]);
    load.workers = 1;
    traffic[1].count = 0;
    CHECK(stress("queued", &load) == -EINVAL && text[0]);
    make_traffic(BS_CIPHER);
    crowd_reset(CROWD_OPEN, 2); /* not under load yet: no fault, but no beginning either */
    CHECK(stress("queued", &load) < 0 && strcmp(text, "the table of sessions is full") == 0);
}

/* ---- wrong ---- */

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
    bs_stress_load load = load_of(w.workers, 300);
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

/* What is the seed's alone, to be compared with another machine's (make cross). */
static void print_figures(void)
{
    static const char *const names[] = {"prompt", "queued"};
    for (int n = 0; n < 2; n++)
        for (uint64_t seed = 1; seed < 6; seed++) {
            bs_stress_load load = load_of(1, 20000);
            load.churn = n ? 0 : 200;
            load.time_ns =
                600000000000u; /* far beyond its end: a session's life is not to be a matter of time */
            load.seed = seed;
            make_traffic(seed % 2 ? BS_CIPHER : BS_AEAD);
            crowd_reset(CROWD_RIGHT, 1);
            CHECK(stress(names[n], &load) == 0 && evidence.faults == 0);
            printf("stress %s seed %llu: requests %llu, bytes %llu, refused %llu, busy %llu, sessions %llu, "
                   "high water %llu, trace %08x\n",
                   names[n], (unsigned long long)seed, (unsigned long long)result.requests,
                   (unsigned long long)result.bytes, (unsigned long long)result.refused,
                   (unsigned long long)result.busy, (unsigned long long)result.sessions,
                   (unsigned long long)result.high_water, crowd_trace());
        }
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "figures") == 0) {
        print_figures();
        return 0;
    }
    right_drivers();
    every_end();
    the_seed_repeats_it();
    an_interrupt_ends_it(CROWD_RIGHT);
    an_interrupt_ends_it(CROWD_LOSE);
    nonsense_is_refused();
    wrong_bytes();
    bytes_of_nobody();
    changed_later();
    wrong_statuses();
    broken_rules();
    return 0;
}
