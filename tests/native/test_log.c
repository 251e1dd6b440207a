/* The log of a run: nothing is counted twice or forgotten, on every path, beside somebody who reads it. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "clock.h"
#include "fake.h"
#include "worker.h"

enum { MAX = 4096, INTERVAL = BS_SHORTEST_INTERVAL };

static char text[256];

/* What was taken out of a log so far. */
struct kept {
    bs_engine *engine;
    bs_interval intervals[MAX];
    size_t n;
    _Atomic int leave;
};

static struct kept kept;

static void take(int last)
{
    kept.n += bs_engine_log_take(kept.engine, kept.intervals + kept.n, 3, last);
    CHECK(kept.n < MAX - 3);
}

static void take_rest(void)
{
    size_t before;
    do {
        before = kept.n;
        take(1);
    } while (kept.n > before);
}

static void *reader(void *unused)
{
    while (!atomic_load(&kept.leave)) {
        take(0);
        nanosleep(&(struct timespec){0, 300 * 1000}, NULL);
    }
    return unused;
}

static bs_engine *open_engine(const char *driver, uint32_t q_len, uint32_t batch, uint32_t cbimm,
                              uint32_t workers)
{
    bs_load load = {.request_size = 48,
                    .q_len = q_len,
                    .batch = batch,
                    .cbimm = cbimm,
                    .workers = workers,
                    .crypto_q_max = 1000,
                    .in_place = 1,
                    .seed = 1,
                    .stall_ns = 20000000000u};
    bs_params params[2] = {{.kind = BS_CIPHER, .setting = "", .iv_len = 16, .max_size = 48}};
    params[1] = params[0];
    fake_reset(64);
    kept.engine = bs_engine_open(driver, params, &load, text, sizeof text);
    CHECK(kept.engine != NULL);
    kept.n = 0;
    atomic_store(&kept.leave, 0);
    return kept.engine;
}

static double sum_of_requests(void)
{
    double all = 0;
    for (size_t i = 0; i < kept.n; i++)
        all += kept.intervals[i].requests;
    return all;
}

/* One follows the other, each as long as was asked for, to a tick of the clock; only the last may be shorter. */
static void check_times(uint64_t lasts)
{
    uint64_t end = 0, tick = 1 + (uint64_t)bs_ns_per_tick();
    for (size_t i = 0; i < kept.n; i++) {
        const bs_interval *each = &kept.intervals[i];
        CHECK(llabs((long long)each->begin_ns - (long long)end) <= 1);
        CHECK(each->lasts_ns <= lasts + tick);
        CHECK(i + 1 == kept.n || each->lasts_ns + tick >= lasts);
        end = each->begin_ns + each->lasts_ns;
    }
}

static void check_latency(void)
{
    for (size_t i = 0; i < kept.n; i++) {
        const bs_interval *each = &kept.intervals[i];
        CHECK(each->requests >= 0 && each->p50_ns <= each->p99_ns && each->p99_ns <= each->max_ns);
        CHECK(each->sampled ? each->max_ns > 0 : !each->max_ns);
        CHECK(each->user_ns >= 0 && each->system_ns >= 0);
    }
}

static void one_path(const char *driver, uint32_t q_len, uint32_t batch, uint32_t cbimm, uint32_t workers)
{
    bs_engine *engine = open_engine(driver, q_len, batch, cbimm, workers);
    bs_value value;
    pthread_t thread;
    uint64_t requests = 0, each = 200, wall = 0;
    CHECK(bs_engine_run(engine, each, &value) == 0); /* before there is a log: no part of it */
    CHECK(bs_engine_log(engine, INTERVAL) == 0);
    CHECK(pthread_create(&thread, NULL, reader, NULL) == 0);
    for (int i = 0; i < 2 || (i < 1000 && wall < 6 * (uint64_t)INTERVAL); i++) {
        CHECK(bs_engine_run(engine, each, &value) == 0);
        requests += value.requests;
        wall += value.wall_ns;
        each = value.wall_ns < INTERVAL ? each * 2 : each;
        if (i == 0)
            bs_engine_forget_latency(engine);
    }
    atomic_store(&kept.leave, 1);
    pthread_join(thread, NULL);
    take_rest();
    CHECK(fabs(sum_of_requests() - (double)requests) < 0.5);
    CHECK(kept.n >= 5);
    check_times(INTERVAL);
    check_latency();
    uint64_t sampled = 0, latency[4096], count[4096], max, filed = 0;
    for (size_t i = 0; i < kept.n; i++)
        sampled += kept.intervals[i].sampled;
    size_t n = bs_engine_latency(engine, BS_LAT, latency, count, 4096, &max);
    for (size_t i = 0; i < n; i++)
        filed += count[i];
    CHECK(sampled > filed && filed > 0); /* what was forgotten is in the log all the same */
    CHECK(bs_engine_log_take(engine, kept.intervals, 3, 1) == 0);
    CHECK(bs_engine_run(engine, 10, &value) == 0);
    CHECK(bs_engine_log_take(engine, kept.intervals, 3, 0) == 0); /* it is over */
    bs_engine_close(engine);
}

static void every_path(void)
{
    one_path("sync", 1, 0, 1, 1);   /* direct */
    one_path("sync", 5, 0, 1, 2);   /* the same, several workers */
    one_path("queued", 8, 0, 1, 1); /* polled */
    one_path("queued", 8, 0, 1, 2);
    one_path("sync", 4, 1, 1, 1); /* threads */
    one_path("queued", 8, 1, 0, 1);
    one_path("mixed", 8, 3, 0, 2);
}

/* A request that takes several intervals: nothing was done in those, and it is in the last. */
static void a_stall_is_seen(void)
{
    bs_engine *engine = open_engine("sync", 1, 0, 1, 1);
    bs_value value;
    CHECK(bs_engine_log(engine, INTERVAL) == 0);
    CHECK(bs_engine_run(engine, 1000, &value) == 0);
    fake_faults.slow_ns = 5 * INTERVAL;
    CHECK(bs_engine_run(engine, 1, &value) == 0);
    take_rest();
    CHECK(fabs(sum_of_requests() - 1001) < 0.5);
    CHECK(kept.n >= 5);
    CHECK(kept.intervals[0].requests >= 1000 || SANITIZED);
    CHECK(kept.intervals[3].requests < 1);
    CHECK(kept.intervals[2].sampled == 0 && kept.intervals[2].max_ns == 0);
    CHECK(kept.intervals[kept.n - 1].max_ns >= 5 * INTERVAL);
    bs_engine_close(engine);
}

/* Whoever does not read loses what comes last, and only that. */
static void it_is_bounded_and_can_be_begun_again(void)
{
    bs_engine *engine = open_engine("sync", 1, 0, 1, 1);
    bs_value value;
    CHECK(bs_engine_log(engine, INTERVAL - 1) == -EINVAL);
    CHECK(bs_engine_log_take(engine, kept.intervals, 3, 0) == 0); /* there is none */
    CHECK(bs_engine_log(engine, INTERVAL) == 0);
    CHECK(bs_engine_run(engine, 1000, &value) == 0);
    CHECK(bs_engine_log(engine, 2 * INTERVAL) == 0);
    CHECK(bs_engine_run(engine, 500, &value) == 0);
    take_rest();
    CHECK(fabs(sum_of_requests() - 500) < 0.5);
    check_times(2 * INTERVAL);
    CHECK(bs_engine_log(engine, INTERVAL) == 0);
    CHECK(bs_engine_log(engine, 0) == 0);
    CHECK(bs_engine_run(engine, 500, &value) == 0);
    CHECK(bs_engine_log_take(engine, kept.intervals, 3, 1) == 0);
    bs_engine_close(engine);
}

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What the process does between the last run and the end of the log is no part of the last interval. */
static void cpu_time_ends_with_the_last_run(void)
{
    enum { SPENT = 80 * 1000 * 1000 };
    bs_engine *engine = open_engine("sync", 1, 0, 1, 1);
    bs_value value;
    CHECK(bs_engine_log(engine, 1000 * (uint64_t)INTERVAL) == 0);
    CHECK(bs_engine_run(engine, 1000, &value) == 0);
    for (uint64_t end = cpu_ns() + SPENT; cpu_ns() < end;)
        ;
    take_rest();
    CHECK(kept.n == 1);
    CHECK(kept.intervals[0].user_ns + kept.intervals[0].system_ns < SPENT / 2);
    bs_engine_close(engine);
}

/* A completion that comes after it was given up is filed in a log that nobody reads any more. */
static void a_late_completion_is_filed_somewhere(void)
{
    bs_engine *engine = open_engine("queued", 1, 1, 0, 1);
    bs_value value;
    engine->load.stall_ns = 200000000;
    CHECK(bs_engine_log(engine, INTERVAL) == 0);
    CHECK(bs_engine_run(engine, 20, &value) == 0);
    fake_faults.late_at = 50;
    CHECK(bs_engine_run(engine, UINT64_MAX / 2, &value) == -ETIMEDOUT);
    atomic_store(&fake_release, 1);
    take_rest();
    CHECK(bs_engine_log(engine, INTERVAL) == -ETIMEDOUT && bs_engine_log(engine, 0) == -ETIMEDOUT);
    nanosleep(&(struct timespec){0, 50 * 1000 * 1000}, NULL);
    bs_engine_close(engine);
}

int main(void)
{
    every_path();
    cpu_time_ends_with_the_last_run();
    a_late_completion_is_filed_somewhere();
    a_stall_is_seen();
    it_is_bounded_and_can_be_begun_again();
    return 0;
}
