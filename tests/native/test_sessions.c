/* Several sessions in one worker, with keys, sizes and AAD of their own, over every executor: what the last round
 * leaves in each slot is what the toy cipher makes of it with the key of the slot's session, which no other
 * worker has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "crowd.h"
#include "worker.h"
#include "virtual.h"

enum { WORKERS = 2, SESSIONS = 6, SLOTS = 13, KEY = 8, IV = 16, TAG = 16, LARGEST = 700, AAD = 20 };

/* ---- the toy cipher behind a simulated device, on the virtual clock ---- */

extern const struct bs_driver bs_sim_driver;

static const char device[] =
    "device=test\ntitle=test device\nconfidence=assumption\ncpus=2\nrings=2\ndepth=4\nunits=2\nsetup=1000000\n"
    "per_byte=1000\nbus_per_byte=100\ncrossings=2\nbus_latency=200000\ncoalesce=2\ncoalesce_time=500000\n";

struct session {
    void *sim;
    bs_params params;
    uint8_t key[KEY];
};

static int open_simulated(void *state, const bs_params *params, char *why, size_t why_size)
{
    struct session *session = state;
    size_t size = (bs_sim_driver.session_size + 63) / 64 * 64;
    session->params = *params;
    memcpy(session->key, params->key, KEY);
    session->sim = aligned_alloc(64, size);
    CHECK(session->sim);
    memset(session->sim, 0, size);
    int error = bs_sim_driver.newsession(session->sim, params, why, why_size);
    if (error)
        free(session->sim);
    return error;
}

static void close_simulated(void *state)
{
    struct session *session = state;
    bs_sim_driver.freesession(session->sim);
    free(session->sim);
}

static enum bs_outcome process_simulated(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    enum bs_outcome outcome = bs_sim_driver.process(session->sim, request, hints);
    if (outcome != BS_BUSY) /* nobody else runs in this world: as well now as later */
        crowd_answer(&session->params, session->key, request);
    return outcome;
}

static int poll_simulated(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    return bs_sim_driver.poll(((struct session *)state)->sim, done, max, wait_ns);
}

static struct bs_machine *machine_of(void *state)
{
    return bs_sim_driver.virtual_clock->machine(((struct session *)state)->sim);
}

static int join(void *state, void *other, char *why, size_t why_size)
{
    return bs_sim_driver.virtual_clock->join(((struct session *)state)->sim, ((struct session *)other)->sim,
                                             why, why_size);
}

static void own(void *state, void *owner)
{
    bs_sim_driver.virtual_clock->own(((struct session *)state)->sim, owner);
}

static const struct bs_virtual on_virtual_clock = {machine_of, join, own};

static const struct bs_driver simulated = {.name = "simulated",
                                           .backend = "simulated",
                                           .about = "the toy cipher in virtual time",
                                           .names = "",
                                           .flags = BS_FLAG_VIRTUAL,
                                           .session_size = sizeof(struct session),
                                           .newsession = open_simulated,
                                           .process = process_simulated,
                                           .poll = poll_simulated,
                                           .freesession = close_simulated,
                                           .virtual_clock = &on_virtual_clock};

const struct bs_driver *const bs_drivers[] = {&crowd_prompt, &crowd_queued, &crowd_alone, &simulated, NULL};

/* ---- a mix of sessions ---- */

static uint8_t keys[WORKERS][SESSIONS][KEY];
static bs_params params[WORKERS * SESSIONS];
static char text[256];

/* No two slots are alike. Session 4 has one slot; the others have several, some of them next to one another. */
static const bs_task tasks[SLOTS] = {{0, 16, 0},   {0, 64, 0},     {1, 31, 0},  {2, 100, 20}, {2, 1, 7},
                                     {2, 600, 0},  {3, 48, 12},    {4, 700, 0}, {5, 333, 9},  {1, 256, 0},
                                     {3, 500, 11}, {0, 1 + 16, 0}, {5, 64, 0}};

/* Of so many sessions of each worker. */
static void make_params(uint32_t sessions)
{
    static const int kinds[SESSIONS] = {BS_CIPHER, BS_CIPHER, BS_AEAD, BS_AEAD, BS_DIGEST, BS_AEAD};
    static const int ops[SESSIONS] = {BS_ENCRYPT, BS_DECRYPT, BS_ENCRYPT, BS_ENCRYPT, BS_ENCRYPT, BS_DECRYPT};
    for (uint32_t each = 0; each < WORKERS * sessions; each++) {
        uint32_t w = each / sessions, i = each % sessions;
        for (uint32_t b = 0; b < KEY; b++)
            keys[w][i][b] = (uint8_t)(w * 151 + i * 41 + b * b + 3);
        params[each] = (bs_params){.kind = kinds[i],
                                   .op = ops[i],
                                   .setting = device,
                                   .key = keys[w][i],
                                   .key_len = KEY,
                                   .iv_len = IV,
                                   .aad_len = kinds[i] == BS_AEAD ? AAD : 0,
                                   .tag_len = kinds[i] == BS_CIPHER ? 0 : TAG,
                                   .max_size = LARGEST};
    }
}

static bs_load load_of(uint32_t q_len, uint32_t batch, uint32_t cbimm, uint32_t workers, uint32_t sessions)
{
    return (bs_load){.q_len = q_len,
                     .batch = batch,
                     .cbimm = cbimm,
                     .workers = workers,
                     .crypto_q_max = 1000,
                     .sessions = sessions,
                     .tasks = tasks,
                     .seed = 7,
                     .stall_ns = 20000000000u};
}

/* What is to be decrypted gets the tag that belongs to it. */
static void seal(bs_engine *engine, const bs_load *load)
{
    bs_request before;
    uint64_t done;
    for (uint32_t w = 0; w < load->workers; w++)
        for (uint32_t i = 0; i < load->q_len; i++) {
            const bs_request *r = bs_engine_slot(engine, w, i, &before, &done);
            if (params[r->session].op == BS_DECRYPT && params[r->session].tag_len)
                crowd_tag(keys[w][r->session], r->iv, r->aad, r->aad_len, r->src, r->size, r->tag);
        }
}

static void check_slot(uint32_t worker, const bs_request *r, const uint8_t *input)
{
    const bs_params *p = &params[r->session];
    const uint8_t *key = keys[worker][r->session];
    uint8_t expected[LARGEST], tag[TAG];
    CHECK(r->status == 0);
    memcpy(expected, input, r->size);
    if (p->kind != BS_DIGEST) {
        crowd_crypt(key, r->iv, input, expected, r->size);
        CHECK(memcmp(r->dst, expected, r->size) == 0);
    }
    if (p->op == BS_ENCRYPT && p->tag_len) {
        crowd_tag(key, r->iv, r->aad, r->aad_len, expected, r->size, tag);
        CHECK(memcmp(r->tag, tag, TAG) == 0);
    }
}

static void check_slots(bs_engine *engine, const bs_load *load)
{
    bs_finding damage;
    CHECK(bs_engine_last_round(engine) == 0);
    for (uint32_t w = 0; w < load->workers; w++)
        for (uint32_t i = 0; i < load->q_len; i++) {
            bs_request before;
            uint64_t done;
            const bs_request *r = bs_engine_slot(engine, w, i, &before, &done);
            if (load->tasks)
                CHECK(r->session == tasks[i].session && r->size == tasks[i].size &&
                      r->aad_len == tasks[i].aad_len);
            check_slot(w, r, before.src);
        }
    CHECK(bs_engine_guards(engine, &damage) == 0);
}

static void one_run(const char *driver, const bs_load *load)
{
    bs_value value;
    bs_counters counters;
    crowd_reset(CROWD_RIGHT, 1);
    bs_engine *engine = bs_engine_open(driver, params, load, text, sizeof text);
    CHECK(engine);
    seal(engine, load);
    CHECK(bs_engine_run(engine, 200, &value) == 0 && value.requests >= 200);
    bs_engine_counters(engine, &counters);
    CHECK(counters.failed == 0 && counters.twice == 0 && counters.lost == 0);
    CHECK(counters.reordered == 0 || strcmp(driver, "simulated") == 0); /* which has two units */
    CHECK(counters.direct == (strcmp(driver, "prompt") == 0 && !load->batch && load->cbimm));
    check_slots(engine, load);
    bs_engine_close(engine);
}

static void every_executor(void)
{
    static const char *const drivers[] = {"prompt", "queued", "alone", "simulated"};
    static const uint32_t batches[] = {0, 1, 3};
    for (int d = 0; d < 4; d++)
        for (int b = 0; b < 3; b++)
            for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
                for (uint32_t workers = 1; workers < 3; workers++) {
                    bs_load load = load_of(SLOTS, batches[b], cbimm, workers, SESSIONS);
                    one_run(drivers[d], &load);
                    load.crypto_q_max = 5;
                    one_run(drivers[d], &load);
                    load.q_len = 8; /* without the slots of authenticated decryption */
                    load.sessions = SESSIONS - 1;
                    load.in_place = 1;
                    make_params(SESSIONS - 1);
                    one_run(drivers[d], &load);
                    make_params(SESSIONS);
                }
}

/* Without tasks the sessions take turns; there may be more of them than slots, and one slot may be all. */
static void sessions_in_turn(void)
{
    for (uint32_t q_len = 1; q_len < 2 * SESSIONS; q_len += 3) {
        bs_load load = load_of(q_len, 1, 0, 1, SESSIONS);
        bs_request before;
        uint64_t done;
        load.tasks = NULL;
        load.request_size = 96;
        one_run("prompt", &load);
        one_run("queued", &load);
        bs_engine *engine = bs_engine_open("prompt", params, &load, text, sizeof text);
        for (uint32_t i = 0; i < q_len; i++) {
            const bs_request *r = bs_engine_slot(engine, 0, i, &before, &done);
            CHECK(r->session == i % SESSIONS && r->size == 96 && r->aad_len == params[r->session].aad_len);
        }
        CHECK(bs_engine_session(engine, 0, SESSIONS - 1) && !bs_engine_session(engine, 0, SESSIONS));
        bs_engine_close(engine);
    }
}

/* A driver is told of every session how deep that one is. */
static void sessions_are_as_deep_as_they_have_slots(void)
{
    static const uint32_t depths[SESSIONS] = {3, 2, 3, 2, 1, 2};
    bs_load load = load_of(SLOTS, 0, 1, 1, SESSIONS);
    bs_engine *engine = bs_engine_open("queued", params, &load, text, sizeof text);
    CHECK(engine);
    for (uint32_t i = 0; i < SESSIONS; i++)
        CHECK(bs_engine_session(engine, 0, i)->params.depth == depths[i]);
    bs_engine_close(engine);
}

/* Whichever session is refused, those before it are closed, of this worker and of the one before it. */
static void a_refused_session_closes_the_others(void)
{
    static const char *const drivers[] = {"prompt", "queued"};
    bs_params limited[WORKERS * SESSIONS];
    char few[sizeof device + 40];
    for (int d = 0; d < 2; d++)
        for (uint32_t n = 0; n < 2 * SESSIONS; n++) {
            bs_load load = load_of(SLOTS, 1, 0, 2, SESSIONS);
            crowd_reset(CROWD_OPEN, n);
            CHECK(!bs_engine_open(drivers[d], params, &load, text, sizeof text) && strstr(text, "is full"));
        }
    for (int limit = 1; limit < 2 * SESSIONS;
         limit++) { /* the device is the first session's: the others join it */
        bs_load load = load_of(SLOTS, 1, 0, 2, SESSIONS);
        snprintf(few, sizeof few, "%ssession_limit=%d\nbeyond=0\n", device, limit);
        memcpy(limited, params, sizeof limited);
        for (int i = 0; i < WORKERS * SESSIONS; i++)
            limited[i].setting = few;
        CHECK(!bs_engine_open("simulated", limited, &load, text, sizeof text) && strstr(text, "session"));
    }
}

/* What another session's poll returns was never that one's. */
static void strangers_are_noticed(void)
{
    bs_load load = load_of(SLOTS, 0, 1, 1, SESSIONS);
    bs_value value;
    bs_counters counters;
    load.stall_ns = 300000000;
    crowd_reset(CROWD_STRANGER, 50);
    bs_engine *engine = bs_engine_open("queued", params, &load, text, sizeof text);
    seal(engine, &load);
    CHECK(bs_engine_run(engine, 100000, &value) == -ETIMEDOUT); /* it is still that session's */
    bs_engine_counters(engine, &counters);
    CHECK(counters.twice >= 1 && counters.lost >= 1);
    bs_engine_close(engine);
}

static void impossible_tasks_are_refused(void)
{
    static const bs_task wrong[] = {{1, 16, 0}, {0, 0, 0}, {0, LARGEST + 1, 0}, {0, 16, 1}};
    static const char *const parts[] = {"belongs to session 1", "asks for 0", "asks for 701", "1 of AAD"};
    for (int i = 0; i < 4; i++) {
        bs_load load = load_of(1, 0, 1, 1, 1);
        load.tasks = &wrong[i];
        CHECK(!bs_engine_open("prompt", params, &load, text, sizeof text) && strstr(text, parts[i]));
    }
    bs_load load = load_of(SLOTS, 0, 1, 1, SESSIONS);
    load.in_place = 1;
    CHECK(!bs_engine_open("prompt", params, &load, text, sizeof text) && strstr(text, "in place"));
}

int main(void)
{
    make_params(SESSIONS);
    every_executor();
    sessions_in_turn();
    sessions_are_as_deep_as_they_have_slots();
    a_refused_session_closes_the_others();
    strangers_are_noticed();
    impossible_tasks_are_refused();
    puts("sessions: ok");
    return 0;
}
