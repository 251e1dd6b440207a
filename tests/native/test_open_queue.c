/* What the open loop makes of arrivals: who waits, who is dropped, and what is counted as latency and as lateness. On
 * times that are only numbers, against lists of events; then with a driver that writes down what it did, against that. */
#include <string.h>

#include "check.h"
#include "open_loop.h"
#include "random.h"
#include "scripted.h"

enum { MOST = 1500, TRIES = 20 };

static char text[256];

/* most: of the queues. cbimm 0: a thread runs the callbacks. */
static bs_engine *open_with(const char *driver, uint32_t q_len, uint32_t most, uint32_t cbimm)
{
    bs_params params = {.kind = BS_CIPHER, .setting = "", .iv_len = 16, .max_size = 16};
    bs_load load = {.request_size = 16,
                    .q_len = q_len,
                    .cbimm = cbimm,
                    .workers = 1,
                    .crypto_q_max = most,
                    .in_place = 1,
                    .stall_ns = 20000000000u};
    bs_engine *engine = bs_engine_open(driver, &params, &load, text, sizeof text);
    CHECK(engine != NULL);
    return engine;
}

static bs_engine *open_engine(const char *driver, uint32_t q_len)
{
    return open_with(driver, q_len, 1000, 1);
}

static uint64_t filed(const struct bs_worker *worker, enum bs_latency which)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < BS_HISTOGRAM_BUCKETS; i++)
        all += worker->latency[which].count[i];
    return all;
}

/* When those of the last run were to come. */
static void schedule(const struct bs_worker *worker, uint64_t *came, uint32_t n)
{
    const struct bs_open_loop *open = worker->open;
    struct bs_arrivals arrivals;
    bs_arrivals_begin(&arrivals, &open->offer, 0, 1, open->runs - 1, open->ticks_per_ns);
    for (uint32_t i = 0; i < n; i++)
        came[i] = open->epoch + bs_arrivals_take(&arrivals);
}

/* Who of `came` finds a place, where the n-th that did was done at done[n]. Returns how many; accepted: which. */
static uint32_t places(const uint64_t *came, uint32_t n, const uint64_t *done, uint64_t room,
                       uint64_t *accepted)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t there = 0;
        for (uint32_t j = 0; j < count; j++)
            there += done[j] > came[i];
        if (there < room)
            accepted[count++] = came[i];
    }
    return count;
}

/* ---- numbers ---- */

static uint64_t came[MOST], done[MOST], accepted[MOST], all[MOST];

static void begin(struct bs_worker *worker, const bs_offer *offer, uint32_t held)
{
    bs_engine *engine = worker->engine;
    CHECK(bs_engine_offer(engine, offer) == 0);
    memset(worker->latency, 0, sizeof worker->latency);
    worker->target = MOST;
    worker->performed = worker->dropped = worker->lost = 0;
    engine->epoch = 0;
    engine->last_call = UINT64_MAX;
    bs_open_begin(worker, held, 1);
}

static void check_numbers(struct bs_worker *worker, uint32_t n, uint64_t room)
{
    uint64_t latency = 0;
    for (uint32_t i = 0; i < n; i++)
        latency += done[i] - came[i];
    schedule(worker, all, MOST);
    CHECK(places(all, MOST, done, room, accepted) == n);
    CHECK(memcmp(accepted, came, n * sizeof came[0]) == 0);
    bs_open_end(worker);
    CHECK(worker->dropped == MOST - n && worker->performed == n);
    CHECK(worker->open->latency == latency);
    CHECK(filed(worker, BS_LAT) == n && filed(worker, BS_LATE) == MOST);
}

/* A driver of `held` requests, and a thread that looks now and then only. Each takes up to `longest` ticks. */
static void now_and_then(bs_engine *engine, const bs_offer *offer, uint32_t held, uint64_t longest,
                         uint64_t look)
{
    struct bs_worker *worker = &engine->workers[0];
    uint64_t random = 5;
    uint32_t n = 0, back = 0, busy[8], busy_count = 0;
    begin(worker, offer, held);
    for (uint64_t now = worker->open->epoch; back < n || !bs_open_over(worker->open);
         now += 1 + bs_random(&random) % look) {
        for (;;) { /* what is done by now, the earliest first */
            uint32_t first = 0;
            for (uint32_t i = 1; i < busy_count; i++)
                first = done[busy[i]] < done[busy[first]] ? i : first;
            if (!busy_count || done[busy[first]] > now)
                break;
            bs_open_completed(worker, came[busy[first]], done[busy[first]]);
            busy[first] = busy[--busy_count];
            back++;
        }
        while (busy_count < held && bs_open_take(worker, now, &came[n])) {
            done[n] = now + 1 + bs_random(&random) % longest;
            busy[busy_count++] = n++;
        }
    }
    uint64_t room = offer->backlog == UINT32_MAX ? UINT64_MAX : (uint64_t)held + offer->backlog;
    check_numbers(worker, n, room);
}

static void a_queue_is_a_queue(void)
{
    static const uint32_t backlogs[] = {0, 1, 5, 40, UINT32_MAX};
    static const uint32_t helds[] = {1, 2, 8};
    bs_engine *engine = open_engine("at once", 8);
    for (uint32_t arrival = BS_CONSTANT; arrival <= BS_BURST; arrival++)
        for (int b = 0; b < 5; b++)
            for (int h = 0; h < 3; h++)
                for (uint64_t look = 1000; look <= 100000; look *= 10)
                    for (uint64_t longest = 4000; longest <= 40000; longest *= 10) {
                        bs_offer offer = {1e6, arrival, 6, backlogs[b], longest};
                        now_and_then(engine, &offer, helds[h], longest, look);
                    }
    bs_engine_close(engine);
}

/* As on the direct path: the thread is late by late_ns whenever it waits. Each takes `service` gaps. */
static uint64_t one_by_one(bs_engine *engine, const bs_offer *offer, double service, double late_ns)
{
    struct bs_worker *worker = &engine->workers[0];
    begin(worker, offer, 1);
    struct bs_open_loop *open = worker->open;
    uint64_t takes = (uint64_t)(service * 1e9 / offer->rate * open->ticks_per_ns);
    uint64_t late = (uint64_t)(late_ns * open->ticks_per_ns);
    uint64_t now = open->epoch, waits = 0;
    uint32_t n = 0;
    while (!bs_open_over(open)) {
        if (bs_open_take(worker, now, &came[n])) {
            now = open->free_since = done[n] = now + takes;
            bs_open_completed(worker, came[n], now);
            n++;
        } else if (!bs_open_over(open)) {
            now = open->next + late;
            waits++;
        }
    }
    check_numbers(worker, n, offer->backlog == UINT32_MAX ? UINT64_MAX : 1 + (uint64_t)offer->backlog);
    CHECK(worker->latency[BS_LATE].max <= late);
    if (offer->arrival == BS_CONSTANT) /* others may come while this one is late */
        CHECK(worker->latency[BS_LATE].count[bs_histogram_bucket(late)] == (late ? waits : MOST));
    return worker->dropped;
}

static void capacity_is_where_drops_begin(void)
{
    bs_offer offer = {1e5, BS_CONSTANT, 1, 0, 1};
    bs_engine *engine = open_engine("at once", 1);
    CHECK(one_by_one(engine, &offer, 0.9, 0) == 0);
    CHECK(one_by_one(engine, &offer, 0.9, 100) == 0);
    CHECK(one_by_one(engine, &offer, 1.5, 0) == MOST / 2); /* every second finds it busy */
    CHECK(one_by_one(engine, &offer, 2.5, 0) == MOST / 3 * 2);
    offer.backlog = 10;
    uint64_t dropped = one_by_one(engine, &offer, 2, 0);
    CHECK(dropped > MOST / 2 - 15 && dropped < MOST / 2);
    offer.backlog = UINT32_MAX;
    CHECK(one_by_one(engine, &offer, 2, 0) == 0); /* however long it takes */
    bs_engine_close(engine);
}

/* Requests per second between the edges of a run, by the last one's count and by its list of completions. */
static double carried(const struct bs_worker *worker)
{
    uint32_t n = (uint32_t)worker->performed, last = n - 1;
    while (last && came[last - 1] == came[last]) /* the first of its burst */
        last--;
    CHECK(worker->steady == last);
    double ns = (double)(done[last] - done[0]) / worker->open->ticks_per_ns;
    CHECK(ns - (double)worker->steady_ns < 2 && (double)worker->steady_ns - ns < 2);
    return (double)last / ns * 1e9;
}

static int near(double a, double b, double by)
{
    return a > b * (1 - by) && a < b * (1 + by);
}

/* As many as arrive and find a place, as long as that can be done; else as many as can be done. Neither the wait for the
 * first nor what is left when the last has come counts: the whole run of an overload lasts as long as all that is left. */
static void carried_is_what_arrives_or_what_can_be_done(void)
{
    static const uint32_t backlogs[] = {0, 10, UINT32_MAX};
    bs_engine *engine = open_engine("at once", 1);
    const struct bs_worker *worker = &engine->workers[0];
    for (uint32_t arrival = BS_CONSTANT; arrival <= BS_BURST; arrival++)
        for (int b = 0; b < 3; b++) {
            bs_offer offer = {1e5, arrival, 6, backlogs[b], 1};
            uint64_t found_a_place = MOST - one_by_one(engine, &offer, 0.6, 100);
            CHECK(near(carried(worker), (double)found_a_place / (double)worker->offered_ns * 1e9, 0.01));
            if (!backlogs[b])
                continue; /* one that is done leaves the driver idle until another one comes */
            one_by_one(engine, &offer, 2, 100);
            CHECK(near(carried(worker), offer.rate / 2, 0.02));
        }
    bs_engine_close(engine);
}

/* ---- the clock ---- */

enum { SOME = 200 };

/* 2000 a second, of some 0.1 ms each; but every fiftieth takes 20 ms, in which forty arrive. */
static bs_value pausing(bs_engine *engine, uint32_t backlog)
{
    bs_offer offer = {2000, BS_CONSTANT, 1, backlog, 1};
    bs_value value;
    scripted_reset();
    for (uint32_t i = 0; i < SOME; i++)
        scripted_ns[i] = i % 50 == 49 ? 20000000 : 50000;
    CHECK(bs_engine_offer(engine, &offer) == 0);
    bs_engine_forget_latency(engine);
    CHECK(bs_engine_run(engine, SOME, &value) == 0);
    CHECK(value.offered == SOME && value.requests + value.dropped == SOME);
    CHECK(value.requests == scripted_count && value.offered_ns == SOME * 500000u);
    schedule(&engine->workers[0], all, SOME);
    return value;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Latency is counted from when a request was to come: forty that came in a pause have waited, though only one was slow.
 * The driver knows when each was done, and when the next one began; the engine looked at the clock in between. */
static void latency_begins_with_the_arrival(const char *driver)
{
    static uint64_t least[SOME], upper[4096], count[4096], longest;
    bs_engine *engine = open_engine(driver, 1);
    const struct bs_worker *worker = &engine->workers[0];
    bs_value value = pausing(engine, UINT32_MAX);
    uint64_t sum = 0, idle = 0, below = 0, p99 = 0;
    CHECK(value.requests == SOME);
    for (uint32_t i = 0; i < SOME; i++) {
        CHECK(scripted_begun[i] >= all[i]); /* not before it came */
        sum += least[i] = scripted_ended[i] - all[i];
        idle += i + 1 < SOME ? scripted_begun[i + 1] - scripted_ended[i] : 0;
    }
    uint64_t after_the_last = worker->latency[BS_LAT].max; /* nothing begins that would bound it */
    CHECK(worker->open->latency >= sum && worker->open->latency <= sum + idle + after_the_last);
    double ns = (double)worker->open->latency / worker->open->ticks_per_ns;
    CHECK(ns - (double)value.latency_ns < 2 && (double)value.latency_ns - ns < 2);
    const struct bs_open_loop *open = worker->open; /* from the first completion to the last: */
    CHECK(open->first_done >= scripted_ended[0] && open->first_done <= scripted_begun[1]);
    CHECK(open->steady_until >= scripted_ended[SOME - 1]);
    double between = (double)(open->steady_until - open->first_done) / open->ticks_per_ns;
    CHECK(near((double)value.carried_ns, between * SOME / (SOME - 1), 1e-6));
    CHECK(ns > 3 * 39 * 10e6); /* that those behind the first three pauses have waited, on any machine */

    qsort(least, SOME, sizeof least[0], ascending);
    size_t n = bs_engine_latency(engine, BS_LAT, upper, count, 4096, &longest);
    for (size_t i = 0; i < n && below < SOME - SOME / 100; i++) {
        below += count[i];
        p99 = upper[i];
    }
    double least_p99 = (double)least[SOME - SOME / 100 - 1] / worker->open->ticks_per_ns;
    CHECK((double)p99 >= least_p99 * 0.999 && least_p99 > 15e6);
    CHECK(filed(worker, BS_LAT) == SOME && filed(worker, BS_LATE) == SOME);
    bs_engine_close(engine);
}

/* A machine that took the CPU away just between the driver's look at the clock and the engine's may have the two differ
 * about one arrival: then again. */
static void the_clock_drops_whom_the_list_drops(const char *driver, uint32_t backlog)
{
    bs_engine *engine = open_engine(driver, 1);
    int polled = strcmp(driver, "polled") == 0, agree = 0;
    for (int i = 0; i < TRIES && !agree; i++) {
        bs_value value = pausing(engine, backlog);
        uint32_t n = places(all, SOME, scripted_ended, 1 + (uint64_t)backlog, accepted);
        agree = n == value.requests &&
                (!polled || memcmp(accepted, scripted_came, n * sizeof accepted[0]) == 0);
        CHECK(value.dropped > 0); /* of the forty */
    }
    CHECK(agree);
    bs_engine_close(engine);
}

/* Two at most are held, of four slots, and none waits. One that comes while the driver has this thread finds the place
 * of one that another thread has brought back meanwhile. */
static void a_place_is_free_when_its_request_is_done(void)
{
    enum { FEW = 40, SEVERAL = 5 }; /* by chance, a wrong one agrees, too, now and then */
    bs_offer offer = {250, BS_CONSTANT, 1, 0, 1};
    bs_engine *engine = open_with("at once", 4, 2, 0);
    int agree = 0;
    CHECK(bs_engine_offer(engine, &offer) == 0);
    for (int i = 0; i < TRIES && agree < SEVERAL; i++) {
        bs_value value;
        scripted_reset();
        /* Gaps of 4 ms: the third comes with both there, the fourth when the first is done, the fifth with two. */
        for (uint32_t j = 0; j < FEW; j += 10) {
            scripted_ns[j] = 10000000;
            scripted_ns[j + 1] = 8000000;
        }
        CHECK(bs_engine_run(engine, FEW, &value) == 0 && value.requests == scripted_count);
        schedule(&engine->workers[0], all, FEW);
        agree += places(all, FEW, scripted_ended, 2, accepted) == value.requests && value.dropped > 0;
    }
    CHECK(agree == SEVERAL);
    bs_engine_close(engine);
}

int main(void)
{
    a_queue_is_a_queue();
    capacity_is_where_drops_begin();
    carried_is_what_arrives_or_what_can_be_done();
    latency_begins_with_the_arrival("at once");
    latency_begins_with_the_arrival("polled");
    for (uint32_t backlog = 0; backlog < 10; backlog += 9) {
        the_clock_drops_whom_the_list_drops("at once", backlog);
        the_clock_drops_whom_the_list_drops("polled", backlog);
    }
    a_place_is_free_when_its_request_is_done();
    puts("open queue: ok");
    return 0;
}
