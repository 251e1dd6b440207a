/* The open loop over the fake drivers: every executor, and what is told of a run, however it ends. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "arrivals.h"
#include "check.h"
#include "cpus.h"
#include "fake.h"
#include "open_loop.h"

enum { REQUESTS = 200, NONE = UINT32_MAX };

static char text[256];

static bs_load load_of(uint32_t q_len, uint32_t batch, uint32_t cbimm, uint32_t workers)
{
    return (bs_load){.request_size = 48,
                     .q_len = q_len,
                     .batch = batch,
                     .cbimm = cbimm,
                     .workers = workers,
                     .crypto_q_max = 1000,
                     .in_place = 1,
                     .seed = 1,
                     .stall_ns = 20000000000u};
}

static bs_engine *open_engine(const char *driver, const bs_load *load)
{
    const bs_params one = {.kind = BS_CIPHER, .setting = "", .iv_len = 16, .max_size = 48};
    bs_params params[4] = {one, one, one, one};
    CHECK(load->workers * (load->sessions ? load->sessions : 1) <= 4);
    bs_engine *engine = bs_engine_open(driver, params, load, text, sizeof text);
    CHECK(engine != NULL);
    return engine;
}

static uint64_t filed(bs_engine *engine, int which)
{
    static uint64_t upper[8192], count[8192], longest;
    uint64_t all = 0;
    size_t n = bs_engine_latency(engine, which, upper, count, 8192, &longest);
    for (size_t i = 0; i < n; i++)
        all += count[i];
    return all;
}

/* Every arrival has had one fate, and every account says the same. */
static void check_accounts(bs_engine *engine, const bs_value *value, const bs_counters *before)
{
    bs_counters c;
    bs_engine_counters(engine, &c);
    uint64_t failed = c.failed - before->failed, lost = c.lost - before->lost;
    CHECK(value->offered == value->requests + failed + lost + value->dropped);
    CHECK(c.completed - before->completed == value->requests);
    CHECK(c.submitted - before->submitted == value->requests + failed + lost);
    CHECK(filed(engine, BS_LAT) == value->requests + failed);
    CHECK(value->carried_ns > 0);
}

/* The last round is a closed one, and right. */
static void check_last_round(bs_engine *engine, const bs_load *load)
{
    bs_finding damage;
    uint64_t done;
    CHECK(bs_engine_last_round(engine) == 0);
    for (uint32_t w = 0; w < load->workers; w++)
        for (uint32_t s = 0; s < load->q_len; s++) {
            bs_request before;
            const bs_request *r = bs_engine_slot(engine, w, s, &before, &done);
            for (uint32_t i = 0; i < load->request_size; i++)
                CHECK((r->dst[i] ^ before.src[i]) == 0xff);
        }
    CHECK(bs_engine_guards(engine, &damage) == 0);
}

static void one_run(bs_engine *engine, const bs_load *load, const bs_offer *offer)
{
    bs_counters before;
    bs_value value;
    bs_engine_forget_latency(engine);
    bs_engine_counters(engine, &before);
    CHECK(bs_engine_offer(engine, offer) == 0);
    CHECK(bs_engine_run(engine, REQUESTS, &value) == 0);
    check_accounts(engine, &value, &before);
    CHECK(value.offered <= (uint64_t)REQUESTS * load->workers && value.offered >= REQUESTS);
    if (isinf(offer->rate)) {
        CHECK(value.dropped == 0 && value.latency_ns == 0 && value.spun_ns == 0);
        CHECK(value.offered_ns == value.wall_ns && filed(engine, BS_LATE) == value.offered);
        return;
    }
    CHECK(filed(engine, BS_LATE) == value.offered);
    if (offer->backlog == NONE)
        CHECK(value.dropped == 0);
    if (offer->arrival == BS_CONSTANT) { /* whose last comes first ends it for the others */
        double gap = 1e9 / offer->rate, spans = (double)value.offered_ns / gap;
        CHECK(value.offered >= (uint64_t)REQUESTS * load->workers - (load->workers - 1));
        CHECK(spans > REQUESTS * load->workers - 2.0 && spans < REQUESTS * load->workers + 1.0);
    }
}

static void one_combination(const char *driver, bs_load load, uint32_t depth, uint64_t busy_every)
{
    static const bs_offer offers[] = {
        {50000, BS_CONSTANT, 1, NONE, 1}, {50000, BS_POISSON, 1, 2, 2},   {200000, BS_BURST, 20, 0, 3},
        {INFINITY, BS_CONSTANT, 1, 0, 4}, {1e9, BS_CONSTANT, 1, NONE, 5},
    };
    uint32_t held = load.q_len < load.crypto_q_max ? load.q_len : load.crypto_q_max;
    bs_value value;
    bs_counters c;
    fake_reset(depth);
    fake_faults.busy_every = busy_every;
    bs_engine *engine = open_engine(driver, &load);
    for (int i = 0; i < 5; i++)
        one_run(engine, &load, &offers[i]);
    CHECK(bs_engine_offer(engine, NULL) == 0 && bs_engine_run(engine, REQUESTS, &value) == 0);
    CHECK(value.offered == 0 && value.latency_ns == 0 && value.carried_ns == 0 && value.requests >= REQUESTS);
    one_run(engine, &load, &offers[1]);
    check_last_round(engine, &load);
    bs_engine_counters(engine, &c);
    CHECK(c.high_water <= held && c.failed == 0 && c.lost == 0 && c.twice == 0 && c.reordered == 0);
    CHECK(atomic_load(&fake_counts.most_outstanding) <= held);
    CHECK(atomic_load(&fake_counts.overlaps) == 0);
    CHECK(atomic_load(&fake_counts.processed) == c.submitted);
    bs_engine_close(engine);
}

static void every_combination(void)
{
    static const char *const names[] = {"sync", "queued", "mixed"};
    static const uint32_t q_lens[] = {1, 7};
    static const uint32_t batches[] = {0, 1, 3};
    for (int d = 0; d < 3; d++)
        for (int q = 0; q < 2; q++)
            for (int b = 0; b < 3; b++)
                for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
                    for (uint32_t workers = 1; workers < 3; workers++) {
                        bs_load load = load_of(q_lens[q], batches[b], cbimm, workers);
                        one_combination(names[d], load, 64, 0);
                        one_combination(names[d], load, 3, 5);
                        load.sessions = q ? 2 : 1;
                        load.crypto_q_max = 3;
                        one_combination(names[d], load, 64, 0);
                    }
}

/* Requests go to the driver in the order of the slots, which is that of the arrivals, through every queue. */
static void first_come_first_served(void)
{
    static const bs_offer offers[] = {{1e6, BS_BURST, 30, NONE, 3}, {INFINITY, 0, 1, NONE, 4}};
    for (uint32_t batch = 0; batch < 4; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
            for (int i = 0; i < 4; i++) {
                bs_load load = load_of(7, batch, cbimm, 1);
                bs_value value;
                fake_reset(3);
                fake_q_len = 7;
                fake_faults.busy_every = i / 2 ? 5 : 0;
                bs_engine *engine = open_engine("queued", &load);
                CHECK(bs_engine_offer(engine, &offers[i % 2]) == 0);
                CHECK(bs_engine_run(engine, 2000, &value) == 0 && value.requests == 2000);
                CHECK(atomic_load(&fake_counts.out_of_turn) == 0);
                bs_engine_close(engine);
            }
}

static void failures_are_carried_and_counted(void)
{
    static const char *const names[] = {"sync", "queued"};
    static const bs_offer offer = {1e5, BS_CONSTANT, 1, NONE, 1};
    for (int d = 0; d < 2; d++)
        for (uint32_t batch = 0; batch < 2; batch++) {
            bs_load load = load_of(4, batch, 1, 1);
            bs_value value;
            bs_counters c = {0};
            fake_reset(64);
            fake_faults.fail_at = 77;
            bs_engine *engine = open_engine(names[d], &load);
            CHECK(bs_engine_offer(engine, &offer) == 0);
            CHECK(bs_engine_run(engine, 500, &value) == -EIO);
            CHECK(value.requests == 499 && value.offered == 500);
            check_accounts(engine, &value, &c);
            bs_engine_counters(engine, &c);
            CHECK(c.failed == 1 && c.first_error == -EIO);
            bs_engine_close(engine);
        }
}

/* The others go on, and only at the end it is clear that one will not come. */
static void a_lost_one_is_noticed(void)
{
    static const bs_offer offers[] = {{1e5, BS_POISSON, 1, NONE, 1}, {INFINITY, BS_CONSTANT, 1, NONE, 1}};
    for (uint32_t batch = 0; batch < 2; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
            for (int i = 0; i < 2; i++) {
                bs_load load = load_of(4, batch, cbimm, 1);
                bs_value value;
                bs_counters c = {0};
                load.stall_ns = 200000000;
                fake_reset(64);
                fake_faults.lose_at = 50;
                bs_engine *engine = open_engine("queued", &load);
                CHECK(bs_engine_offer(engine, &offers[i]) == 0);
                CHECK(bs_engine_run(engine, 500, &value) == -ETIMEDOUT);
                CHECK(value.requests == 499 && value.offered == 500);
                check_accounts(engine, &value, &c);
                CHECK(bs_engine_run(engine, 500, &value) == -ETIMEDOUT);
                bs_engine_close(engine);
            }
}

/* However many are still to come: a run of which a part is missing is no run. */
static void the_others_do_not_go_on_alone(void)
{
    static const bs_offer offers[] = {{1e4, BS_CONSTANT, 1, NONE, 1}, {INFINITY, BS_CONSTANT, 1, NONE, 1}};
    for (uint32_t batch = 0; batch < 2; batch++)
        for (int i = 0; i < 2; i++) {
            bs_load load = load_of(1, batch, 1, 2);
            bs_value value;
            bs_counters c = {0};
            load.stall_ns = 200000000;
            fake_reset(64);
            fake_faults.lose_at = 50;
            bs_engine *engine = open_engine("queued", &load);
            CHECK(bs_engine_offer(engine, &offers[i]) == 0);
            CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -ETIMEDOUT);
            check_accounts(engine, &value, &c);
            bs_engine_close(engine);
        }
}

/* It comes after all, when nobody has the line any more. */
static void a_late_one_finds_nobody(void)
{
    static const bs_offer offer = {1e5, BS_CONSTANT, 1, NONE, 1};
    bs_load load = load_of(1, 1, 0, 1);
    bs_value value;
    load.stall_ns = 200000000;
    fake_reset(64);
    fake_faults.late_at = 50;
    bs_engine *engine = open_engine("queued", &load);
    CHECK(bs_engine_offer(engine, &offer) == 0);
    CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -ETIMEDOUT);
    CHECK(value.requests == 49 && value.offered == 50);
    atomic_store(&fake_release, 1);
    usleep(50000);
    CHECK(atomic_load(&fake_counts.processed) == 50);
    bs_engine_close(engine);
}

static void *stop_soon(void *engine)
{
    usleep(20000);
    bs_engine_stop(engine);
    return NULL;
}

/* However many wait, and however far away the next one is. */
static void stops_at_once(void)
{
    static const char *const names[] = {"sync", "queued"};
    static const bs_offer offers[] = {{1e9, BS_CONSTANT, 1, NONE, 1},
                                      {1e9, BS_CONSTANT, 1, 1000, 1},
                                      {BS_LOWEST_RATE, BS_CONSTANT, 1, NONE, 1},
                                      {INFINITY, BS_CONSTANT, 1, NONE, 1}};
    for (int d = 0; d < 2; d++)
        for (uint32_t batch = 0; batch < 2; batch++)
            for (int i = 0; i < 4; i++) {
                bs_load load = load_of(4, batch, !batch, 1);
                pthread_t thread;
                bs_value value;
                bs_counters c;
                fake_reset(64);
                fake_faults.slow_ns = 1000000;
                bs_engine *engine = open_engine(names[d], &load);
                CHECK(bs_engine_offer(engine, &offers[i]) == 0);
                pthread_create(&thread, NULL, stop_soon, engine);
                CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -EINTR);
                pthread_join(thread, NULL);
                bs_engine_counters(engine, &c);
                CHECK(value.requests > 0 && value.offered == value.requests + value.dropped && c.lost == 0);
                CHECK(bs_engine_offer(engine, NULL) == 0);
                CHECK(bs_engine_run(engine, 10, &value) == 0 && value.requests == 10); /* goes on */
                bs_engine_close(engine);
            }
}

/* An overload ends when all were served, one that came late with the rest. */
static void an_overload_ends(void)
{
    static const bs_offer offer = {1e6, BS_CONSTANT, 1, NONE, 1};
    for (uint32_t batch = 0; batch < 2; batch++)
        for (uint32_t workers = 1; workers < 3; workers++) {
            bs_load load = load_of(4, batch, 1, workers);
            bs_value value;
            fake_reset(64);
            fake_faults.slow_ns = 100000;
            bs_engine *engine = open_engine("sync", &load);
            CHECK(bs_engine_offer(engine, &offer) == 0);
            CHECK(bs_engine_run(engine, REQUESTS, &value) == 0);
            CHECK(value.requests == value.offered && value.offered >= REQUESTS * workers - (workers - 1));
            CHECK(value.offered_ns <= 1000u * REQUESTS * workers);
            CHECK(value.wall_ns >= (uint64_t)(REQUESTS - 1) * 100000);
            CHECK(value.latency_ns / value.requests > value.wall_ns / 4); /* half of it, nearly */
            bs_engine_close(engine);
        }
}

/* What is carried is in the log. */
static void the_log_counts_what_is_carried(void)
{
    static const bs_offer offer = {10000, BS_POISSON, 1, 1, 1};
    static const char *const names[] = {"sync", "queued"};
    for (int d = 0; d < 2; d++) {
        bs_load load = load_of(2, 0, 1, 1);
        bs_interval intervals[256];
        bs_value value;
        double requests = 0;
        uint64_t sampled = 0;
        fake_reset(64);
        bs_engine *engine = open_engine(names[d], &load);
        CHECK(bs_engine_offer(engine, &offer) == 0 && bs_engine_log(engine, BS_SHORTEST_INTERVAL) == 0);
        CHECK(bs_engine_run(engine, 500, &value) == 0);
        size_t n = bs_engine_log_take(engine, intervals, 256, 1);
        for (size_t i = 0; i < n; i++) {
            requests += intervals[i].requests;
            sampled += intervals[i].sampled;
        }
        CHECK(n >= 4 && fabs(requests - (double)value.requests) < 1e-6 && sampled == value.requests);
        bs_engine_close(engine);
    }
}

static void impossible_offers_are_refused(void)
{
    static const bs_offer bad[] = {{0, 0, 1, 0, 0},    {-1, 0, 1, 0, 0}, {NAN, 0, 1, 0, 0},
                                   {1e-9, 0, 1, 0, 0}, {1, 3, 1, 0, 0},  {1, BS_BURST, 0, 0, 0}};
    bs_load load = load_of(1, 0, 1, 1);
    bs_value value;
    fake_reset(1);
    bs_engine *engine = open_engine("sync", &load);
    for (int i = 0; i < 6; i++)
        CHECK(bs_engine_offer(engine, &bad[i]) == -EINVAL);
    CHECK(bs_engine_run(engine, 10, &value) == 0 && value.offered == 0); /* the closed loop */
    bs_engine_close(engine);
}

/* However many CPUs there are: one that waits for an arrival yields where those that serve have its CPU, too. */
static void who_shares_a_cpu_yields(void)
{
    static const bs_offer offer = {10000, BS_CONSTANT, 1, NONE, 1};
    uint32_t many[64];
    bs_value value;
    for (int i = 0; i < 64; i++)
        many[i] = (uint32_t)bs_nth_cpu(0);
    CHECK(bs_choose_cpus(many, 64) == 0);
    for (uint32_t workers = 1; workers < 3; workers++)
        for (uint32_t batch = 0; batch < 2; batch++) {
            bs_load load = load_of(4, batch, 1, workers);
            fake_reset(64);
            bs_engine *engine = open_engine("queued", &load);
            CHECK(bs_engine_offer(engine, &offer) == 0);
            CHECK(bs_engine_run(engine, 50, &value) == 0);
            CHECK(bs_engine_cpu(engine, 0, BS_CALLER) == bs_nth_cpu(0));
            CHECK(engine->workers[0].open->crowded == (int)batch);
            bs_engine_close(engine);
        }
}

int main(void)
{
    every_combination();
    first_come_first_served();
    failures_are_carried_and_counted();
    a_lost_one_is_noticed();
    the_others_do_not_go_on_alone();
    a_late_one_finds_nobody();
    stops_at_once();
    an_overload_ends();
    the_log_counts_what_is_carried();
    impossible_offers_are_refused();
    who_shares_a_cpu_yields();
    puts("open loop: ok");
    return 0;
}
