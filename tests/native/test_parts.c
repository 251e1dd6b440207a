/* The instruments: histogram, clock, cycle counter, eventcount, and OCF's queues in one thread. */
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "worker.h"
#include "fake.h"
#include "eventcount.h"
#include "ocf.h"
#include "size.h"

static void histogram_buckets(void)
{
    unsigned last = 0;
    for (uint64_t value = 0; value < 100000; value++) {
        unsigned bucket = bs_histogram_bucket(value);
        CHECK(bucket == last || bucket == last + 1);
        CHECK(value <= bs_histogram_upper(bucket));
        CHECK(bucket == 0 || value > bs_histogram_upper(bucket - 1));
        CHECK((double)(bs_histogram_upper(bucket) - value) <= (double)value / 64);
        last = bucket;
    }
    for (int bit = 0; bit < 64; bit++) {
        uint64_t value = (uint64_t)1 << bit;
        CHECK(bs_histogram_bucket(value) < BS_HISTOGRAM_BUCKETS);
        CHECK(bs_histogram_upper(bs_histogram_bucket(value)) >= value);
    }
    CHECK(bs_histogram_bucket(UINT64_MAX) == BS_HISTOGRAM_BUCKETS - 1);
    CHECK(bs_histogram_upper(BS_HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void ticks_advance_with_time(void)
{
    bs_clock_start();
    double by_ticks = 0, by_clock = 1;
    for (int again = 0; again < 50 && !(by_ticks > 0.9 * by_clock && by_ticks < 1.1 * by_clock); again++) {
        uint64_t ticks = bs_ticks(), ns = bs_now_ns(); /* on a busy machine much may lie between the two */
        usleep(20000);
        by_ticks = (double)(bs_ticks() - ticks) * bs_ns_per_tick();
        by_clock = (double)(bs_now_ns() - ns);
    }
    CHECK(by_ticks > 0.9 * by_clock && by_ticks < 1.1 * by_clock);
    CHECK(bs_timestamp_cost() > 0 && bs_timestamp_cost() < 1e6);
    CHECK(bs_clock_name()[0]);
    double hz = bs_cycle_counter_hz(20);
    if (bs_ticks_by_cpu) /* then it is the same counter */
        CHECK(hz * bs_ns_per_tick() > 0.9e9 && hz * bs_ns_per_tick() < 1.1e9);
    else
        CHECK(hz >= 0 && hz < 1e11);
}

static volatile uint64_t sink;

static void *burn(void *unused)
{
    for (uint64_t i = 0; i < 20000000; i++)
        sink += i;
    return unused;
}

/* Without perf events: the counter behind bs_ticks, under its own name. */
static const char *ticks_source(void)
{
    if (!bs_ticks_by_cpu)
        return "none";
    return strcmp(bs_clock_name(), "TSC") == 0 ? "tsc" : "cntvct";
}

/* A software event stands in for the cycle counter, which virtual machines often lack. */
static void cycle_counter_sees_later_threads(void)
{
    const char *source;
    int fd = bs_cycles_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, &source);
    if (fd < 0) {
        CHECK(strcmp(source, ticks_source()) == 0);
        puts("parts: no perf_event here, its reading is not tested");
    } else {
        uint64_t before = bs_cycles_read(fd, source);
        pthread_t thread;
        pthread_create(&thread, NULL, burn, NULL);
        pthread_join(thread, NULL);
        CHECK(bs_cycles_read(fd, source) - before > 1000000); /* ns of the thread's CPU time */
    }
    bs_cycles_close(fd);
    fd = bs_cycles_open(PERF_TYPE_MAX + 1000, 0, &source);
    CHECK(fd < 0 && strcmp(source, ticks_source()) == 0);
}

static _Atomic int work;

static int has_work(void *unused)
{
    (void)unused;
    return atomic_load(&work) > 0;
}

static struct bs_eventcount question, answer;
static _Atomic int answered;

static int has_answer(void *unused)
{
    (void)unused;
    return atomic_load(&answered);
}

enum { ROUNDS = 20000 };

static void *sleeper(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        while (!bs_eventcount_wait(&question, has_work, NULL, (unsigned)(i % 3) * 20, 1000000000))
            ;
        atomic_store(&work, 0);
        atomic_store(&answered, 1);
        bs_eventcount_signal(&answer);
    }
    return unused;
}

/* No wake-up is lost, however the two sides meet: a lost one would wait for a second, 20,000 times. */
static void eventcount_loses_no_wakeup(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, sleeper, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        atomic_store(&work, 1);
        bs_eventcount_signal(&question);
        while (!bs_eventcount_wait(&answer, has_answer, NULL, (unsigned)(i % 5) * 10, 1000000000))
            CHECK(!"a wake-up was lost");
        atomic_store(&answered, 0);
    }
    pthread_join(thread, NULL);
    CHECK(bs_eventcount_wait(&question, has_work, NULL, 10, 1000000) == 0); /* and it does time out */
}

static int looked;

static int never(void *unused)
{
    (void)unused;
    looked++;
    return 0;
}

/* A futex that is handed the wrong shape of a time returns at once, and the wait becomes a loop. */
static void eventcount_sleeps(void)
{
    uint64_t begin = bs_now_ns();
    CHECK(bs_eventcount_wait(&question, never, NULL, 0, 300000000) == 0);
    CHECK(bs_now_ns() - begin >= 300000000 && looked < 20);
}

/* Who waits for another thread sleeps now and then, or under SCHED_FIFO on one CPU that thread would never run. */
static void waiting_sleeps(void)
{
    struct rusage before, after;
    unsigned looks = 0;
    getrusage(RUSAGE_THREAD, &before);
    while (looks < 64 * 1024)
        bs_await(++looks);
    getrusage(RUSAGE_THREAD, &after);
    CHECK(after.ru_nvcsw - before.ru_nvcsw >= 4);
}

/* What would be a small size on a 32-bit machine is none that any allocation has. */
static void sizes_do_not_wrap(void)
{
    CHECK(bs_plus(1, 2) == 3 && bs_plus(SIZE_MAX, 1) == SIZE_MAX &&
          bs_plus(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1) == SIZE_MAX);
    CHECK(bs_times(3, 4) == 12 && bs_times(SIZE_MAX / 2, 3) == SIZE_MAX && bs_times(0, SIZE_MAX) == 0);
    CHECK(bs_up(1, 64) == 64 && bs_up(64, 64) == 64 && bs_up(SIZE_MAX - 62, 64) == SIZE_MAX);
    CHECK(bs_up(SIZE_MAX - 63, 64) == SIZE_MAX - 63);
}

struct record {
    struct ocf ocf;
    struct ocf_session session;
    bs_request *done[64];
    int callbacks, wakes[OCF_CONTEXTS];
};

static void on_callback(void *context, bs_request *request)
{
    struct record *record = context;
    record->done[record->callbacks++] = request;
}

static void on_wake(void *context, enum ocf_context whom)
{
    ((struct record *)context)->wakes[whom]++;
}

static struct record *open_ocf(const char *driver, uint32_t batch, uint32_t cbimm)
{
    bs_params params = {.setting = "", .max_size = 16};
    char text[200];
    bs_session *session = bs_session_open(driver, &params, text, sizeof text);
    CHECK(session);
    struct record *record = aligned_alloc(64, (sizeof *record + 63) / 64 * 64);
    memset(record, 0, sizeof *record);
    record->session = (struct ocf_session){.process = session->process, .state = session->state};
    record->ocf = (struct ocf){.driver = session->driver,
                               .sessions = &record->session,
                               .session_count = 1,
                               .synchronous = (session->driver->flags & BS_FLAG_SYNC) != 0,
                               .batch = batch,
                               .cbimm = cbimm,
                               .crypto_q_max = 1000,
                               .callback = on_callback,
                               .wake = on_wake,
                               .context = record};
    ocf_init(&record->ocf);
    free(session); /* its state lives on, until close_ocf */
    return record;
}

static void close_ocf(struct record *record)
{
    record->ocf.driver->freesession(record->session.state);
    free(record->session.state);
    ocf_destroy(&record->ocf);
    free(record);
}

static uint8_t bytes[16];
static bs_request requests[8];

static void fresh_requests(void)
{
    for (int i = 0; i < 8; i++)
        requests[i] = (bs_request){.src = bytes, .dst = bytes, .size = 16};
}

/* Batch on, cbimm off: nothing happens in the caller's context, and both queues keep the order. */
static void ocf_queues_keep_order(void)
{
    fake_reset(64);
    fresh_requests();
    struct record *record = open_ocf("sync", 1, 0);
    for (int i = 0; i < 8; i++)
        CHECK(ocf_dispatch(&record->ocf, &requests[i]) == 0);
    CHECK(atomic_load(&fake_counts.processed) == 0 && record->wakes[OCF_DISPATCHER] == 8);
    for (int i = 0; i < 8; i++)
        CHECK(ocf_proc_step(&record->ocf) == 1);
    CHECK(ocf_proc_step(&record->ocf) == 0 && record->callbacks == 0);
    while (ocf_ret_step(&record->ocf))
        ;
    CHECK(record->callbacks == 8);
    for (int i = 0; i < 8; i++)
        CHECK(record->done[i] == &requests[i]);
    close_ocf(record);
}

/* Batch off, cbimm on: all of it in the caller's context. */
static void ocf_direct_dispatch(void)
{
    fake_reset(64);
    fresh_requests();
    struct record *record = open_ocf("sync", 0, 1);
    CHECK(ocf_dispatch(&record->ocf, &requests[0]) == 0);
    CHECK(record->callbacks == 1 && record->done[0] == &requests[0]);
    close_ocf(record);
}

/* BUSY: the refused request is first again, those behind it wait, nothing overtakes. */
static void ocf_busy_keeps_the_head(void)
{
    fake_reset(2);
    fresh_requests();
    struct record *record = open_ocf("queued", 0, 1);
    struct ocf *ocf = &record->ocf;
    for (int i = 0; i < 5; i++)
        CHECK(ocf_dispatch(ocf, &requests[i]) == 0);
    CHECK(atomic_load(&fake_counts.processed) == 2 && bs_count_read(&ocf->busy) == 1);
    CHECK(!ocf_proc_ready(ocf) && ocf_proc_step(ocf) == 0); /* blocked */
    CHECK(ocf_poll(ocf, 0) == 2);
    CHECK(ocf_proc_ready(ocf));
    CHECK(ocf_proc_step(ocf) == 1 && ocf_proc_step(ocf) == 1 && ocf_proc_step(ocf) == 0);
    CHECK(bs_count_read(&ocf->busy) == 2 && ocf_poll(ocf, 0) == 2 && ocf_proc_step(ocf) == 1 &&
          ocf_poll(ocf, 0) == 1);
    CHECK(record->callbacks == 5);
    for (int i = 0; i < 5; i++)
        CHECK(record->done[i] == &requests[i]);
    CHECK(ocf_poll(ocf, 0) == 0 && bs_count_read(&ocf->empty_polls) == 1);
    CHECK(atomic_load(&ocf->high_water) == 2);
    close_ocf(record);
}

/* Once the dispatcher has retried the refused one, a new request goes behind those that wait. */
static void ocf_nobody_overtakes(void)
{
    fake_reset(2);
    fresh_requests();
    struct record *record = open_ocf("queued", 0, 1);
    struct ocf *ocf = &record->ocf;
    for (int i = 0; i < 5; i++)
        CHECK(ocf_dispatch(ocf, &requests[i]) == 0);
    CHECK(ocf_poll(ocf, 0) == 2 && ocf_proc_step(ocf) == 1);
    CHECK(ocf_dispatch(ocf, &requests[5]) == 0);
    while (record->callbacks < 6) {
        while (ocf_proc_step(ocf))
            ;
        CHECK(ocf_poll(ocf, 0) > 0);
    }
    for (int i = 0; i < 6; i++)
        CHECK(record->done[i] == &requests[i]);
    close_ocf(record);
}

/* A session by hand: refused, queued, and given up. */
static void session_gives_a_lost_request_up(void)
{
    bs_params params = {.setting = "", .max_size = 16};
    char text[200];
    fake_reset(64);
    fresh_requests();
    fake_faults.busy_every = 2;
    bs_session *session = bs_session_open("queued", &params, text, sizeof text);
    for (int i = 0; i < 5; i++)
        CHECK(bs_session_do(session, &requests[i], 1000000000) == 0);
    fake_faults.lose_at = 6;
    CHECK(bs_session_do(session, &requests[5], 20000000) == -ETIMEDOUT);
    CHECK(bs_session_do(session, &requests[6], 20000000) == -ETIMEDOUT);
    CHECK(atomic_load(&fake_counts.processed) == 6); /* it is not used again */
    bs_session_close(session);
}

/* Drivers have buffers for what the session was opened for, and no more. */
static void session_refuses_what_it_was_not_opened_for(void)
{
    bs_params params = {.setting = "", .max_size = 16, .aad_len = 4};
    char text[200];
    fake_reset(64);
    fresh_requests();
    bs_session *session = bs_session_open("queued", &params, text, sizeof text);
    requests[0].size = 17;
    requests[1].aad_len = 5;
    CHECK(bs_session_do(session, &requests[0], 1000000000) == -EMSGSIZE);
    CHECK(bs_session_do(session, &requests[1], 1000000000) == -EMSGSIZE);
    CHECK(atomic_load(&fake_counts.processed) == 0);
    requests[1].aad_len = 4;
    requests[1].aad = bytes;
    CHECK(bs_session_do(session, &requests[1], 1000000000) == 0);
    bs_session_close(session);
}

/* A driver that lost a request on trial may still write to what it was given. */
static void session_that_lost_its_trial_stays(void)
{
    bs_params params = {.setting = "lose", .max_size = 16};
    char text[200];
    CHECK(!bs_session_open("queued", &params, text, sizeof text) && strstr(text, "lost as asked"));
    *(uint8_t *)fake_lost_session = 1;
}

/* HINT_MORE is one-request look-ahead, at most batch - 1 of them in a row, never on the last. */
static void ocf_hints(uint32_t batch, uint64_t held_back, uint64_t kicks)
{
    fake_reset(64);
    fresh_requests();
    struct record *record = open_ocf("queued", batch, 1);
    for (int i = 0; i < 8; i++)
        ocf_dispatch(&record->ocf, &requests[i]);
    while (ocf_proc_step(&record->ocf))
        ;
    CHECK(atomic_load(&fake_counts.held_back) == held_back);
    CHECK(atomic_load(&fake_counts.kicks) == kicks);
    CHECK(ocf_poll(&record->ocf, 0) == 8);
    close_ocf(record);
}

static void ocf_refuses_beyond_crypto_q_max(void)
{
    fake_reset(64);
    fresh_requests();
    struct record *record = open_ocf("queued", 1, 1);
    record->ocf.crypto_q_max = 3;
    record->ocf.count_outstanding = 1;
    for (int i = 0; i < 3; i++)
        CHECK(ocf_dispatch(&record->ocf, &requests[i]) == 0);
    CHECK(ocf_dispatch(&record->ocf, &requests[3]) == -ENOMEM);
    while (ocf_proc_step(&record->ocf))
        ;
    CHECK(ocf_poll(&record->ocf, 0) == 3 && record->callbacks == 3); /* none for the refused one */
    CHECK(ocf_dispatch(&record->ocf, &requests[3]) == 0);
    while (ocf_proc_step(&record->ocf))
        ;
    CHECK(ocf_poll(&record->ocf, 0) == 1 && bs_count_read(&record->ocf.drops) == 1);
    close_ocf(record);
}

static void settings_are_read_line_by_line(void)
{
    const bs_option way = {.name = "way", .words = "sync|aio|threads"};
    char value[8];
    size_t length;
    const char *setting = "path=/a=b,c\nway=aio\nwa=threads\nlast=";

    bs_setting_text(setting, "path", value, sizeof value);
    CHECK(strcmp(value, "/a=b,c") == 0);
    bs_setting_text(setting, "path", value, 4);
    CHECK(strcmp(value, "/a=") == 0);
    bs_setting_text(setting, "pat", value, sizeof value);
    CHECK(strcmp(value, "") == 0);
    CHECK(bs_setting_find(setting, "last", &length) && length == 0);
    CHECK(!bs_setting_find("", "path", &length) && !bs_setting_find("path", "path", &length));
    CHECK(bs_setting_word(setting, &way) == 2);
    CHECK(bs_setting_word("way=threads", &way) == 3 && bs_setting_word("way=sync\n", &way) == 1);
    CHECK(bs_setting_word("way=ai", &way) == 0 && bs_setting_word("way=", &way) == 0);
    CHECK(bs_setting_word("way=sync|aio", &way) == 0 && bs_setting_word("x=sync", &way) == 0);
}

/* A driver that has no words for a text in pieces never sees one. */
static void pieces_are_refused_for_a_driver_without_them(void)
{
    bs_params params = {.max_size = 64, .piece = 16};
    char text[300] = "";
    CHECK(bs_probe("queued", &params, text, sizeof text) == -EOPNOTSUPP);
    CHECK(strstr(text, "queued takes a text whole"));
    text[0] = '\0';
    CHECK(!bs_session_open("queued", &params, text, sizeof text));
    CHECK(strstr(text, "queued takes a text whole"));
    params.piece = 0;
    bs_session *session = bs_session_open("queued", &params, text, sizeof text);
    CHECK(session);
    bs_session_close(session);
}

int main(void)
{
    pieces_are_refused_for_a_driver_without_them();
    settings_are_read_line_by_line();
    histogram_buckets();
    ticks_advance_with_time();
    cycle_counter_sees_later_threads();
    eventcount_loses_no_wakeup();
    eventcount_sleeps();
    waiting_sleeps();
    sizes_do_not_wrap();
    ocf_queues_keep_order();
    ocf_direct_dispatch();
    ocf_busy_keeps_the_head();
    ocf_nobody_overtakes();
    session_gives_a_lost_request_up();
    session_refuses_what_it_was_not_opened_for();
    session_that_lost_its_trial_stays();
    ocf_hints(1, 7, 1);
    ocf_hints(2, 4, 4);
    ocf_hints(3, 5, 3);
    ocf_refuses_beyond_crypto_q_max();
    puts("parts: ok");
    return 0;
}
