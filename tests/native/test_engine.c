/* The engine over fake drivers: every executor, every rule of driver.h that binds the engine. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "worker.h"
#include "fake.h"

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

static bs_params params_of(void)
{
    return (bs_params){.kind = BS_CIPHER, .setting = "", .iv_len = 16, .max_size = 48};
}

static bs_engine *open_engine(const char *driver, const bs_load *load)
{
    bs_params params[2] = {params_of(), params_of()};
    CHECK(load->workers <= 2);
    bs_engine *engine = bs_engine_open(driver, params, load, text, sizeof text);
    CHECK(engine != NULL);
    return engine;
}

/* Every slot's last output is its last input inverted, and nothing else was touched. Each worker's session says
 * what it did before; one whose thread never got a CPU while the other did it all has done nothing. */
static void check_last_round(bs_engine *engine, const bs_load *load, uint64_t requests)
{
    uint64_t earlier = 0, done = 0;
    bs_finding damage;
    CHECK(bs_engine_last_round(engine) == 0);
    for (uint32_t w = 0; w < load->workers; w++) {
        for (uint32_t s = 0; s < load->q_len; s++) {
            bs_request before;
            const bs_request *r = bs_engine_slot(engine, w, s, &before, &done);
            for (uint32_t i = 0; i < load->request_size; i++)
                CHECK((r->dst[i] ^ before.src[i]) == 0xff);
            CHECK(load->in_place == (r->src == r->dst));
        }
        earlier += done + 1 - load->q_len; /* without the rest of the round */
    }
    CHECK(earlier == requests);
    CHECK(bs_engine_guards(engine, &damage) == 0);
}

/* Where a slot's canaries are damaged is told, and by how much. */
static void damage_is_told(void)
{
    bs_load load = load_of(3, 0, 1, 2);
    bs_request before;
    uint64_t done;
    bs_finding found;
    load.in_place = 0;
    fake_reset(1);
    bs_engine *engine = open_engine("sync", &load);
    const bs_request *r = bs_engine_slot(engine, 1, 2, &before, &done);
    CHECK(before.src == r->src && bs_engine_guards(engine, &found) == 0);
    r->dst[48 + 2] ^= 1;
    r->dst[48 + 9] ^= 1;
    CHECK(bs_engine_guards(engine, &found) == 1);
    CHECK(found.kind == BS_FOUND_BESIDE_OUTPUT && found.at == 50 && found.extent == 8);
    CHECK(found.worker == 1 && found.known == 2 && !found.in_place && found.got == (found.expected ^ 1));
    r->iv[-1] ^= 1;
    CHECK(bs_engine_guards(engine, &found) == 1); /* one slot */
    CHECK(found.kind == BS_FOUND_BESIDE_IV && found.at == -1 && found.extent == 1);
    ((uint8_t *)bs_engine_slot(engine, 0, 0, &before, &done)->src)[-5] ^= 1;
    CHECK(bs_engine_guards(engine, &found) == 2);
    CHECK(found.kind == BS_FOUND_BESIDE_INPUT && found.at == -5 && found.worker == 0 && found.known == 0);
    bs_engine_close(engine);
}

static void one_combination(const char *driver, bs_load load, uint32_t depth, uint64_t busy_every)
{
    fake_reset(depth);
    fake_faults.busy_every = busy_every;
    bs_engine *engine = open_engine(driver, &load);
    uint64_t requests = 0;
    for (int i = 0; i < 2; i++) {
        bs_value value;
        CHECK(bs_engine_run(engine, 300, &value) == 0);
        CHECK(value.requests >= 300 && value.wall_ns > 0);
        if (load.workers == 1)
            CHECK(value.requests == 300);
        requests += value.requests;
    }
    bs_counters c;
    bs_engine_counters(engine, &c);
    CHECK(c.submitted == requests && c.completed == requests && c.failed == 0 && c.lost == 0);
    CHECK(c.high_water >= 1 && c.high_water <= load.q_len);
    CHECK(c.sampled >= 2);
    check_last_round(engine, &load, requests);
    CHECK(atomic_load(&fake_counts.processed) == requests + (uint64_t)load.q_len * load.workers);
    CHECK(atomic_load(&fake_counts.overlaps) == 0);
    CHECK(atomic_load(&fake_counts.most_outstanding) <= load.q_len);
    if (busy_every)
        CHECK(c.busy > 0);
    bs_engine_close(engine);
}

static void every_combination(void)
{
    static const char *const names[] = {"sync", "queued", "mixed"};
    static const uint32_t q_lens[] = {1, 2, 7, 40};
    static const uint32_t batches[] = {0, 1, 3};
    for (int d = 0; d < 3; d++)
        for (int q = 0; q < 4; q++)
            for (int b = 0; b < 3; b++)
                for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
                    for (uint32_t workers = 1; workers < 3; workers++) {
                        bs_load load = load_of(q_lens[q], batches[b], cbimm, workers);
                        load.in_place = workers == 1;
                        one_combination(names[d], load, 64, 0);
                        one_combination(names[d], load, 64, 5);
                        one_combination(names[d], load, 3, 0);
                    }
}

static void crypto_q_max_drops(void)
{
    for (uint32_t batch = 0; batch < 2; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++) {
            bs_load load = load_of(32, batch, cbimm, 1);
            load.crypto_q_max = 8;
            fake_reset(64);
            bs_engine *engine = open_engine("queued", &load);
            bs_value value;
            bs_counters c;
            CHECK(bs_engine_run(engine, 2000, &value) == 0 && value.requests == 2000);
            bs_engine_counters(engine, &c);
            CHECK(c.drops >= 24 && c.completed == 2000);
            CHECK(atomic_load(&fake_counts.most_outstanding) <= 8);
            check_last_round(engine, &load, 2000);
            bs_engine_close(engine);
        }
}

static void batches_are_bounded(void)
{
    for (uint32_t batch = 0; batch < 9; batch++) {
        bs_load load = load_of(40, batch, 0, 1);
        fake_reset(64);
        bs_engine *engine = open_engine("queued", &load);
        bs_value value;
        CHECK(bs_engine_run(engine, 5000, &value) == 0);
        if (batch == 0)
            CHECK(atomic_load(&fake_counts.held_back) == 0);
        else if (batch >= 2)
            CHECK(atomic_load(&fake_counts.longest_batch) <= batch);
        bs_engine_close(engine);
    }
}

static void failures_are_counted(void)
{
    static const char *const names[] = {"sync", "queued"};
    for (int d = 0; d < 2; d++)
        for (uint32_t batch = 0; batch < 2; batch++) {
            bs_load load = load_of(4, batch, 1, 1);
            fake_reset(64);
            fake_faults.fail_at = 77;
            bs_engine *engine = open_engine(names[d], &load);
            bs_value value;
            bs_counters c;
            CHECK(bs_engine_run(engine, 500, &value) == -EIO);
            bs_engine_counters(engine, &c);
            CHECK(value.requests == 499 && c.failed == 1 && c.completed == 499);
            CHECK(c.first_error == -EIO);
            bs_engine_close(engine);
        }
}

static void a_lost_completion_is_noticed(void)
{
    for (uint32_t batch = 0; batch < 2; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++) {
            bs_load load = load_of(4, batch, cbimm, 1);
            load.stall_ns = 200000000;
            fake_reset(64);
            fake_faults.lose_at = 50;
            bs_engine *engine = open_engine("queued", &load);
            bs_value value;
            bs_counters c;
            CHECK(bs_engine_run(engine, 500, &value) == -ETIMEDOUT);
            bs_engine_counters(engine, &c);
            CHECK(c.lost == 1 && value.requests == 499);
            CHECK(bs_engine_run(engine, 500, &value) == -ETIMEDOUT); /* and is not used again */
            bs_engine_close(engine); /* keeps what the driver could still write to */
        }
}

/* What was given up stays given up, even when its completion comes after all. */
static void a_late_completion_wakes_nobody(void)
{
    bs_load load = load_of(1, 1, 0, 1);
    load.stall_ns = 200000000;
    fake_reset(64);
    fake_faults.late_at = 50;
    bs_engine *engine = open_engine("queued", &load);
    bs_value value;
    CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -ETIMEDOUT);
    uint64_t before = atomic_load(&fake_counts.processed);
    atomic_store(&fake_release, 1);
    usleep(50000);
    CHECK(atomic_load(&fake_counts.processed) - before <= load.q_len);
    bs_engine_close(engine);
}

/* Slots are offered to the driver in turn: none overtakes another, and none is left out. */
static void slots_take_turns(void)
{
    static const char *const names[] = {"sync", "queued"};
    for (int d = 0; d < 2; d++)
        for (uint32_t busy = 0; busy < 2; busy++) {
            bs_load load = load_of(7, 0, 1, 1);
            fake_reset(3);
            fake_q_len = 7;
            fake_faults.busy_every = busy ? 5 : 0;
            bs_engine *engine = open_engine(names[d], &load);
            bs_value value;
            CHECK(bs_engine_run(engine, 3000, &value) == 0);
            CHECK(atomic_load(&fake_counts.out_of_turn) == 0);
            bs_engine_close(engine);
        }
}

static void *stop_soon(void *engine)
{
    usleep(20000);
    bs_engine_stop(engine);
    return NULL;
}

static void stops_from_another_thread(void)
{
    static const char *const names[] = {"sync", "queued"};
    for (int d = 0; d < 2; d++)
        for (uint32_t batch = 0; batch < 2; batch++) {
            bs_load load = load_of(4, batch, !batch, 1);
            fake_reset(64);
            bs_engine *engine = open_engine(names[d], &load);
            pthread_t thread;
            bs_value value;
            pthread_create(&thread, NULL, stop_soon, engine);
            CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -EINTR);
            pthread_join(thread, NULL);
            CHECK(value.requests > 0);
            CHECK(bs_engine_run(engine, 100, &value) == 0 && value.requests == 100); /* goes on */
            bs_engine_close(engine);
        }
}

/* A request that takes longer than the patience after a stop is slow, not lost. */
static void a_slow_request_is_not_lost(void)
{
    bs_load load = load_of(2, 1, 1, 1);
    load.stall_ns = 100000000;
    fake_reset(64);
    fake_faults.slow_ns = 350000000;
    bs_engine *engine = open_engine("sync", &load);
    pthread_t thread;
    bs_value value;
    bs_counters c;
    pthread_create(&thread, NULL, stop_soon, engine);
    CHECK(bs_engine_run(engine, 100, &value) == -EINTR);
    pthread_join(thread, NULL);
    bs_engine_counters(engine, &c);
    CHECK(c.lost == 0 && value.requests >= 1 && value.requests <= 2);
    bs_engine_close(engine);
}

static volatile sig_atomic_t heard;

static void hear(int number)
{
    (void)number;
    heard++;
}

static void *interrupt_soon(void *unused)
{
    usleep(20000);
    kill(getpid(), SIGINT);
    return unused;
}

static void sigint_stops_and_is_passed_on(void)
{
    struct sigaction action = {.sa_handler = hear}, now;
    sigaction(SIGINT, &action, NULL);
    bs_load load = load_of(4, 0, 1, 1);
    fake_reset(64);
    bs_engine *engine = open_engine("sync", &load);
    pthread_t thread;
    bs_value value;
    pthread_create(&thread, NULL, interrupt_soon, NULL);
    CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -EINTR);
    pthread_join(thread, NULL);
    CHECK(heard == 1);
    sigaction(SIGINT, NULL, &now);
    CHECK(now.sa_handler == hear);
    bs_engine_close(engine);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMITED = 0 }; /* it wants more addresses itself */
#elif defined(EMULATED)
enum { LIMITED = sizeof(size_t) == 4 }; /* by its nature: the emulator sets no limit */
#else
enum { LIMITED = 1 };
#endif

/* What needs more memory than there are addresses. */
static void too_large_loads_are_refused(void)
{
    static const uint32_t sizes[][2] = {{1u << 31, 1}, {UINT32_MAX - 63, 1}, {16, UINT32_MAX}};
    struct rlimit before, limit;
    if (!LIMITED)
        return;
    getrlimit(RLIMIT_AS, &before);
    limit = (struct rlimit){1u << 31, before.rlim_max}; /* less than the least of them needs */
    setrlimit(RLIMIT_AS, &limit);
    for (int i = 0; i < 3; i++)
        for (uint32_t in_place = 0; in_place < 2; in_place++) {
            bs_params params = params_of();
            bs_load load = load_of(sizes[i][1], 0, 1, 1);
            params.max_size = load.request_size = sizes[i][0];
            load.in_place = in_place;
            CHECK(!bs_engine_open("sync", &params, &load, text, sizeof text) &&
                  strstr(text, "there is no memory for"));
        }
    setrlimit(RLIMIT_AS, &before);
}

static void impossible_loads_are_refused(void)
{
    bs_params params = params_of(), refused = params_of(), chained = params_of(), sealed = params_of();
    bs_load good = load_of(4, 0, 1, 1), bad = good;
    bad.q_len = 0;
    CHECK(!bs_engine_open("sync", &params, &bad, text, sizeof text) && strstr(text, "q_len"));
    bad = good;
    bad.request_size = 49;
    CHECK(!bs_engine_open("sync", &params, &bad, text, sizeof text) && strstr(text, "max_size"));
    CHECK(!bs_engine_open("none", &params, &good, text, sizeof text) && strstr(text, "none"));
    refused.setting = "refuse";
    CHECK(!bs_engine_open("sync", &refused, &good, text, sizeof text) && strstr(text, "as asked"));
    chained.chained = 1;
    CHECK(!bs_engine_open("sync", &chained, &good, text, sizeof text) && strstr(text, "chained"));
    sealed.kind = BS_AEAD;
    sealed.op = BS_DECRYPT;
    CHECK(!bs_engine_open("sync", &sealed, &good, text, sizeof text) && strstr(text, "in place"));
    bs_params unlike[2] = {params_of(), params_of()};
    unlike[1].iv_len = 12;
    bad = load_of(4, 0, 1, 2);
    CHECK(!bs_engine_open("sync", unlike, &bad, text, sizeof text) &&
          strstr(text, "of worker 1 is not like"));
    CHECK(bs_version("sync", "mute", text, sizeof text) < 0 && text[0]);
}

/* Three stages, every sample in each histogram, percentiles in order. */
static void latency_is_recorded(void)
{
    for (uint32_t batch = 0; batch < 2; batch++) {
        bs_load load = load_of(8, batch, !batch, 1);
        fake_reset(64);
        bs_engine *engine = open_engine("queued", &load);
        bs_value value;
        bs_counters c;
        CHECK(bs_engine_run(engine, 3000, &value) == 0);
        bs_engine_counters(engine, &c);
        static uint64_t upper[4096], count[4096];
        uint64_t max_slat, max_clat, max_lat;
        uint64_t sum = 0;
        CHECK(bs_engine_latency(engine, BS_SLAT, upper, count, 4096, &max_slat) > 0);
        CHECK(bs_engine_latency(engine, BS_CLAT, upper, count, 4096, &max_clat) > 0);
        size_t n = bs_engine_latency(engine, BS_LAT, upper, count, 4096, &max_lat);
        for (size_t i = 0; i < n; i++) {
            sum += count[i];
            CHECK(i == 0 || upper[i] >= upper[i - 1]);
            CHECK(upper[i] <= max_lat);
        }
        CHECK(sum == c.sampled);
        CHECK(max_lat >= max_clat);
        bs_engine_close(engine);
    }
}

/* A run that was interrupted, and so seemed slow, does not have the next one stamp more. */
static void a_slow_run_does_not_bring_stamps(void)
{
    bs_load load = load_of(1, 0, 1, 1);
    bs_value value;
    fake_reset(1);
    bs_engine *engine = open_engine("sync", &load);
    CHECK(bs_engine_run(engine, 20000, &value) == 0);
    uint32_t mask = engine->workers[0].sample_mask;
    fake_faults.slow_ns = 5 * 1000 * 1000;
    CHECK(bs_engine_run(engine, 4, &value) == 0);
    CHECK(engine->workers[0].sample_mask == mask);
    bs_engine_close(engine);
}

/* What collecting costs is told of a driver that is polled, in the caller's thread and in one of its own, and never
 * more than there was time; of one that completes at once there is nothing to tell. */
static void collecting_is_told(void)
{
    for (uint32_t batch = 0; batch < 2; batch++) {
        bs_load load = load_of(8, batch, !batch, 1);
        bs_value value;
        bs_collecting c;
        uint64_t wall = 0;
        fake_reset(64);
        bs_engine *engine = open_engine("queued", &load);
        CHECK(bs_engine_run(engine, 3000, &value) == 0);
        bs_engine_forget_latency(engine);
        CHECK(bs_engine_collecting(engine, &c) == 0 && c.worker_ns == 0 && c.polls == 0);
        for (int i = 0; i < 3; i++) {
            CHECK(bs_engine_run(engine, 5000, &value) == 0);
            wall += value.wall_ns;
        }
        CHECK(bs_engine_collecting(engine, &c) == 0);
        CHECK(c.worker_ns == wall && c.sampled > 0 && c.polls >= c.sampled);
        CHECK(c.poll_ns > 0 && c.poll_ns <= c.worker_ns && c.poll_cpu_ns <= c.poll_ns);
        bs_engine_close(engine);
    }
    bs_load load = load_of(8, 1, 1, 1);
    bs_collecting c;
    fake_reset(1);
    bs_engine *engine = open_engine("sync", &load);
    CHECK(bs_engine_collecting(engine, &c) == -ENOTSUP);
    bs_engine_close(engine);
}

int main(void)
{
    collecting_is_told();
    every_combination();
    a_slow_run_does_not_bring_stamps();
    crypto_q_max_drops();
    batches_are_bounded();
    failures_are_counted();
    a_lost_completion_is_noticed();
    a_late_completion_wakes_nobody();
    slots_take_turns();
    a_slow_request_is_not_lost();
    stops_from_another_thread();
    sigint_stops_and_is_passed_on();
    damage_is_told();
    impossible_loads_are_refused();
    too_large_loads_are_refused();
    latency_is_recorded();
    puts("engine: ok");
    return 0;
}
