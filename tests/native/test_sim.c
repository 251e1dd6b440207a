/* The simulated device by itself: open queues against theory, and what it keeps in any order of events. Then
 * both drivers under the engine: the same run for a seed, and every fault told for what it is. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "drivers/sim/device.h"
#include "worker.h"

#if defined(EMULATED)
enum { REQUESTS = 60 * 1000, DEVICES = 200 }; /* at a fiftieth of the speed */
static const double NEAR = 0.15;
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { REQUESTS = 400 * 1000, DEVICES = 2000 }; /* at a tenth: fewer, and not so near to the theory */
static const double NEAR = 0.04;
#else
enum { REQUESTS = 8 * 1000 * 1000, DEVICES = 2000 };
static const double NEAR = 0.01;
#endif

#define BASE "device=test\ntitle=test device\nconfidence=assumption\ncpus=1\nrings=1\ncoalesce=1\n"

static char text[512];

/* ---- open queues: Poisson arrivals at the device itself ---- */

static struct sim_model model_of(const char *lines)
{
    struct sim_model model;
    int error = sim_model_read(&model, lines, text, sizeof text);
    if (error)
        puts(text);
    CHECK(error == 0);
    return model;
}

static uint32_t collect(struct sim_device *device)
{
    uint32_t n = 0;
    for (struct sim_ring *ring; (ring = sim_device_raised(device)); sim_device_rearm(device, ring))
        while (sim_device_finished(ring)) {
            sim_device_release(device, sim_device_take(device, ring), device->now);
            n++;
        }
    return n;
}

static void until(struct sim_device *device, uint64_t now)
{
    while (sim_device_next(device) <= now) {
        sim_device_advance(device, now);
        collect(device);
    }
}

/* The mean time in the queue, of the mean service time, with `load` of what the units can do. */
static double mean_wait(const char *lines, double load, uint64_t seed)
{
    uint32_t requests = load > 0.6 ? REQUESTS : REQUESTS / 3; /* the more they wait, the more is chance */
    struct sim_model model = model_of(lines);
    struct sim_device device;
    bs_request request = {.size = 1};
    uint64_t now = 1000, arrivals = seed;
    uint32_t ring;
    CHECK(sim_device_open(&device, &model, now) == 0);
    CHECK(sim_device_add_session(&device, &ring, text, sizeof text) == 0);
    uint64_t between = (uint64_t)((double)model.setup / ((double)model.units * load) + 0.5);
    for (uint32_t i = 0; i < requests; i++) {
        uint64_t at = now += sim_exponential(&arrivals, between);
        until(&device, at);
        CHECK(sim_device_submit(&device, ring, NULL, &request, 0, &at) != NULL && at == now);
    }
    until(&device, UINT64_MAX - 1);
    CHECK(device.collected == requests && device.inside == 0 && device.backwards == 0);
    CHECK(fabs(device.area / device.sojourn - 1) < 1e-9); /* Little */
    double wait = (device.sojourn - (double)device.units.spent) / requests / (double)model.setup;
    sim_device_close(&device);
    return wait;
}

static int near(double found, double expected, const char *what)
{
    double off = found / expected - 1;
    printf("  %s: %.5f, theory %.5f (%+.2f %%)\n", what, found, expected, 100 * off);
    return fabs(off) <= NEAR;
}

/* Erlang's C: the chance to have to wait. */
static double erlang_c(int servers, double load)
{
    double offered = servers * load, term = 1, all = 1;
    for (int k = 1; k < servers; k++)
        all += term *= offered / k;
    term *= offered / servers / (1 - load);
    return term / (all + term);
}

static void open_queues_wait_as_theory_says(void)
{
    static const double loads[] = {0.3, 0.5, 0.7};
    static const int servers[] = {1, 2, 4, 16};
    char lines[400], what[60];
    for (int i = 0; i < 3; i++) {
        double load = loads[i];
        snprintf(what, sizeof what, "M/D/1, load %.1f", load);
        CHECK(near(mean_wait(BASE "depth=65536\nunits=1\nsetup=1000000000\n", load, 7 + (uint64_t)i),
                   load / (2 * (1 - load)), what));
        for (int c = 0; c < 4; c++) {
            double expected = erlang_c(servers[c], load) / (servers[c] * (1 - load));
            if (expected < 0.02) /* hardly anybody waits: nothing to measure */
                continue;
            snprintf(lines, sizeof lines,
                     BASE "depth=65536\nunits=%d\nsetup=1000000000\nexponential=1\nseed=%d\n", servers[c],
                     11 + c);
            snprintf(what, sizeof what, "M/M/%d, load %.1f", servers[c], load);
            CHECK(near(mean_wait(lines, load, 20 + (uint64_t)(4 * i + c)), expected, what));
        }
    }
}

/* ---- whatever happens, nothing is lost that was not to be ---- */

static uint64_t below(uint64_t *random, uint64_t n)
{
    return bs_random(random) % n;
}

static struct sim_model any_model(uint64_t *random)
{
    struct sim_model m = model_of(BASE "depth=1\nunits=1\nsetup=0\n");
    m.rings = 1 + below(random, 3);
    m.depth = 1 + below(random, 20);
    m.units = 1 + below(random, 5);
    m.setup = below(random, 3) * 1000;
    m.per_byte = (double)below(random, 3) * 7.5;
    m.bus_per_byte = (double)below(random, 3) * 3.3;
    m.crossings = 2;
    m.full_duplex = below(random, 2);
    m.bus_latency = below(random, 2) * 5000;
    m.mode = below(random, 2) ? SIM_POLL : SIM_INTERRUPT;
    m.period = 20000;
    m.coalesce = 1 + below(random, 4);
    m.coalesce_time = 30000;
    m.interrupt_latency = below(random, 2) * 2000;
    m.in_order = below(random, 2);
    m.serial = below(random, 2) * 700;
    m.submit = below(random, 2) * 100;
    m.doorbell = below(random, 2) * 300;
    m.exponential = below(random, 2);
    m.seed = below(random, 1000);
    m.session_limit = below(random, 2);
    m.beyond = SIM_EVICT;
    m.reload = 900;
    if (below(random, 2))
        m.faults = (struct sim_faults){.busy = 0.02,
                                       .error = 0.1,
                                       .late = 0.1,
                                       .late_by = 60000,
                                       .duplicate = 0.1,
                                       .reorder = 0.1,
                                       .lost = m.in_order ? 0 : 0.05};
    return m;
}

static void one_device(uint64_t seed)
{
    struct sim_device device;
    struct sim_model model = any_model(&seed);
    bs_request request = {.size = 1};
    uint64_t now = 1000, offered = 0, refused = 0;
    uint32_t rings[3], n = 0;
    CHECK(sim_device_open(&device, &model, now) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(sim_device_add_session(&device, &rings[i], text, sizeof text) == 0 && rings[i] < model.rings);
    for (int i = 0; i < 400; i++) {
        request.size = 1 + (uint32_t)below(&seed, 500);
        uint32_t ring = rings[below(&seed, 3)];
        int more = below(&seed, 3) == 0;
        uint64_t before = now, fit = device.rings[ring].used < model.depth,
                 storms = device.faults[BS_SIM_BUSY];
        int taken = sim_device_submit(&device, ring, &device, &request, more, &now) != NULL;
        CHECK(now >= before + model.submit && taken == (fit && device.faults[BS_SIM_BUSY] == storms));
        offered++;
        refused += !taken;
        now += below(&seed, 3000);
        while (sim_device_next(&device) <= now) {
            sim_device_advance(&device, now);
            n += collect(&device);
        }
    }
    for (int i = 0; i < 3; i++) /* the last of a burst comes without HINT_MORE */
        while (offered++, !sim_device_submit(&device, rings[i], &device, &request, 0, &now)) {
            refused++;
            now += 100000;
            until(&device, now);
            if (device.faults[BS_SIM_LOST] && device.rings[rings[i]].used == model.depth)
                break; /* nothing but what is lost */
        }
    until(&device, UINT64_MAX - 1);
    uint64_t lost = device.faults[BS_SIM_LOST];
    CHECK(device.submitted == device.collected + lost && device.inside == lost);
    CHECK(offered == device.submitted + refused);
    CHECK(device.backwards == 0);
    CHECK((double)device.units.spent <= (double)model.units * (double)(device.now - 1000));
    CHECK((double)device.bus.spent <= (double)(device.now - 1000));
    CHECK(device.sojourn <= device.area * (1 + 1e-9) && n <= device.collected);
    for (int i = 0; i < 3; i++)
        sim_device_remove_session(&device);
    sim_device_close(&device);
}

static void nothing_gets_lost_by_itself(void)
{
    for (uint64_t seed = 0; seed < DEVICES; seed++)
        one_device(seed);
}

/* ---- models that cannot be ---- */

static void bad_lines_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "depth",
        "depth=0\n",
        "depth=-1\n",
        "depth=65537\n",
        "depth=\n",
        "depth=1x\n",
        "depth=1\ndepth=1\n",
        "colour=1\n",
        "units=0\n",
        "per_byte=nan\n",
        "per_byte=inf\n",
        "per_byte=-0.5\n",
        "setup=1e3\n",
        "mode=3\n",
        "rings=1000000\n",
        "depth=1\nunits=1\ncoalesce=2\n",
        "depth=65536\nunits=1\nrings=1024\n",
        "error=1.5\n",
        "depth=1\nunits=1\nmode=1\n",
        "depth=1\nunits=1\nmode=2\nserial=5\n",
        "title=\n",
    };
    struct sim_model model;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char lines[600];
        snprintf(lines, sizeof lines, "%s%s", i < 10 ? "" : "device=x\ntitle=x\nconfidence=x\ncpus=1\n",
                 bad[i]);
        text[0] = '\0';
        CHECK(sim_model_read(&model, lines, text, sizeof text) == -EINVAL && text[0]);
    }
    char *many = malloc(200001);
    memset(many, 'x', 200000);
    many[200000] = '\0';
    CHECK(sim_model_read(&model, many, text, sizeof text) == -EINVAL && strlen(text) < sizeof text - 1);
    free(many);
}

/* ---- under the engine ---- */

#define DEVICE                                                                                                 \
    BASE                                                                                                       \
        "depth=16\nunits=2\nsetup=1000000\nper_byte=500\nsubmit=200000\ndoorbell=300000\ndispatch=100000\n"    \
        "completion=100000\ncallback=100000\ninterrupt=500000\nwake_dispatcher=900000\nwake_callback=900000\n" \
        "bus_per_byte=80\ncrossings=2\nbus_latency=100000\n"

static const uint8_t key[16];

enum { MOST_WORKERS = 4 };

static bs_engine *open_engine(const char *driver, const char *lines, uint32_t q_len, uint32_t batch,
                              uint32_t cbimm, uint32_t workers, uint64_t stall_ns)
{
    bs_params params = {.kind = BS_CIPHER,
                        .setting = lines,
                        .cipher = "AES-128-CBC",
                        .key = key,
                        .key_len = 16,
                        .iv_len = 16,
                        .max_size = 256};
    bs_load load = {.request_size = 256,
                    .q_len = q_len,
                    .batch = batch,
                    .cbimm = cbimm,
                    .workers = workers,
                    .crypto_q_max = 1000,
                    .in_place = 1,
                    .seed = 1,
                    .stall_ns = stall_ns};
    bs_params all[MOST_WORKERS];
    CHECK(workers <= MOST_WORKERS);
    for (uint32_t i = 0; i < workers; i++)
        all[i] = params;
    bs_engine *engine = bs_engine_open(driver, all, &load, text, sizeof text);
    if (!engine)
        puts(text);
    CHECK(engine != NULL);
    return engine;
}

struct outcome {
    int status;
    bs_value value;
    bs_counters counters;
    bs_simulation simulation;
};

static struct outcome run(const char *driver, const char *lines, uint32_t q_len, uint32_t batch,
                          uint32_t cbimm, uint32_t workers, uint64_t requests, uint64_t stall_ns)
{
    struct outcome o;
    bs_engine *engine = open_engine(driver, lines, q_len, batch, cbimm, workers, stall_ns);
    o.status = bs_engine_run(engine, requests, &o.value);
    bs_engine_counters(engine, &o.counters);
    int virtual_clock = bs_engine_simulation(engine, &o.simulation) == 0;
    CHECK(virtual_clock == (strcmp(driver, "sim") == 0));
    bs_engine_close(engine);
    return o;
}

#define STALL 5000000000u

static void the_same_run_for_a_seed(void)
{
    for (uint32_t batch = 0; batch < 3; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++)
            for (uint32_t workers = 1; workers < 4; workers++) {
                static const char *const three = DEVICE "exponential=1\nseed=3\n";
                static const char *const four = DEVICE "exponential=1\nseed=4\n";
                struct outcome a = run("sim", three, 7, batch, cbimm, workers, 5000, STALL);
                struct outcome b = run("sim", three, 7, batch, cbimm, workers, 5000, STALL);
                struct outcome c = run("sim", four, 7, batch, cbimm, workers, 5000, STALL);
                CHECK(a.status == 0 && a.value.requests >= 5000 && a.counters.completed == a.value.requests);
                CHECK(memcmp(&a.value, &b.value, sizeof a.value) == 0);
                CHECK(memcmp(&a.simulation, &b.simulation, sizeof a.simulation) == 0);
                CHECK(a.value.wall_ns != c.value.wall_ns);
                CHECK(a.simulation.backwards == 0 && a.counters.sampled == a.value.requests);
            }
}

/* Nothing arrives by itself on a virtual clock; what is closed goes on as before. */
static void an_open_loop_needs_a_real_clock(void)
{
    static const bs_offer offer = {1e5, BS_CONSTANT, 1, UINT32_MAX, 1};
    bs_value value;
    bs_engine *engine = open_engine("sim", DEVICE, 7, 0, 1, 2, STALL);
    CHECK(bs_engine_offer(engine, &offer) == -ENOTSUP);
    CHECK(bs_engine_run(engine, 100, &value) == 0 && value.requests >= 100 && value.offered == 0);
    CHECK(bs_engine_offer(engine, NULL) == 0);
    bs_engine_close(engine);
}

/* A log in virtual time: what is done comes evenly, but for the filling and the emptying of the queue, and neither
 * requests nor CPU time are counted twice or forgotten. It changes nothing. */
static void a_log_in_virtual_time(void)
{
    enum { INTERVAL = 1000 * 1000 };
    for (uint32_t workers = 1; workers < 4; workers += 2) {
        static bs_interval found[200];
        bs_engine *engine = open_engine("sim", DEVICE, 7, 1, 0, workers, STALL);
        bs_value value, without;
        double requests = 0;
        int64_t user = 0, system = 0;
        CHECK(bs_engine_run(engine, 100, &value) == 0);
        CHECK(bs_engine_log(engine, INTERVAL) == 0);
        CHECK(bs_engine_run(engine, 5000, &value) == 0);
        size_t n = bs_engine_log_take(engine, found, 200, 1);
        CHECK(n == (value.wall_ns + INTERVAL - 1) / INTERVAL && n > 3 && n < 200);
        for (size_t i = 0; i < n; i++) {
            requests += found[i].requests;
            user += found[i].user_ns;
            system += found[i].system_ns;
            CHECK(found[i].begin_ns == i * INTERVAL && found[i].lasts_ns <= INTERVAL);
            if (i > 0 && i + 1 < n) {
                CHECK(fabs(found[i].requests / found[1].requests - 1) < 0.01);
                CHECK(found[i].p99_ns >= found[i].p50_ns && found[i].p50_ns > 0);
            }
        }
        CHECK(fabs(requests - (double)value.requests) < 0.01);
        CHECK(llabs(user - (int64_t)value.user_ns) < 100 && llabs(system - (int64_t)value.system_ns) < 1000);
        bs_engine_close(engine);
        engine = open_engine("sim", DEVICE, 7, 1, 0, workers, STALL);
        CHECK(bs_engine_run(engine, 100, &without) == 0 && bs_engine_run(engine, 5000, &without) == 0);
        CHECK(memcmp(&without, &value, sizeof value) == 0);
        bs_engine_close(engine);
    }
}

/* Whoever does not read for too long is told nothing of what there was no room for, instead of zeros; and what comes
 * after it is whole again. */
static void a_full_log_has_a_gap(void)
{
    enum { ROOM = BS_LOG_ROOM, MAX = 3 * ROOM };
    bs_engine *engine = open_engine("sim", DEVICE, 7, 1, 0, 1, STALL);
    bs_interval *found = calloc(MAX, sizeof *found);
    bs_value value;
    CHECK(found && bs_engine_run(engine, 1000, &value) == 0);
    uint64_t interval = value.wall_ns / ROOM;
    CHECK(interval > 0 && bs_engine_log(engine, interval) == 0);
    CHECK(bs_engine_run(engine, 2000, &value) == 0);
    size_t n = bs_engine_log_take(engine, found, MAX, 0);
    CHECK(n == ROOM && found[n - 1].begin_ns == (ROOM - 1) * interval);
    uint64_t first = (value.wall_ns / interval) * interval; /* under way, so there is room for it now */
    CHECK(first > ROOM * interval);
    CHECK(bs_engine_run(engine, 500, &value) == 0);
    n = bs_engine_log_take(engine, found, MAX, 1);
    CHECK(n > 10 && found[0].begin_ns == first);
    double requests = 0;
    for (size_t i = 0; i < n; i++) {
        CHECK(found[i].begin_ns == first + i * interval && found[i].lasts_ns > 0);
        requests += found[i].requests;
    }
    CHECK(fabs(requests - 500) < 3);
    free(found);
    bs_engine_close(engine);
}

/* What one request takes by itself is the sum of what it meets. */
static void one_at_a_time_is_the_sum(void)
{
    struct outcome o = run("sim", DEVICE, 1, 0, 1, 1, 1000, STALL);
    /* ps: dispatch, submit, doorbell; twice the bus; the unit; interrupt, completion, callback */
    uint64_t each = 100000 + 200000 + 300000 + 2 * (100000 + 256 * 80) + 1000000 + 256 * 500 + 500000 +
                    2 * 100000;
    CHECK(o.value.wall_ns == each);
    o = run("sim", DEVICE, 1, 1, 1, 1, 1000, STALL);
    CHECK(o.value.wall_ns == each + 900000 && o.counters.wakeups == 1000);
    o = run("sim", DEVICE, 1, 1, 0, 1, 1000, STALL);
    CHECK(o.value.wall_ns == each + 1800000 && o.counters.wakeups == 2000);
}

/* A seed of its own makes it a device of its own: one that hangs stays so for whoever comes after. */
static struct outcome run_faulty(const char *driver, const char *fault, uint32_t batch, uint32_t cbimm,
                                 uint64_t requests, uint64_t stall_ns)
{
    static unsigned seed;
    char lines[700];
    snprintf(lines, sizeof lines, "%s%s\nseed=%u\n", DEVICE, fault, ++seed);
    return run(driver, lines, 8, batch, cbimm, 1, requests, stall_ns);
}

/* In real time a slow machine may have nothing behind what is to be overtaken: then it is tried again. */
static void faults_on(const char *driver, uint64_t requests, uint64_t short_stall)
{
    for (uint32_t batch = 0; batch < 2; batch++)
        for (uint32_t cbimm = 0; cbimm < 2; cbimm++) {
            struct outcome o = run_faulty(driver, "error=0.01", batch, cbimm, requests, STALL);
            CHECK(o.status == -EIO && o.counters.failed > 0 && o.counters.first_error == -EIO);
            CHECK(o.counters.completed + o.counters.failed == requests);

            o = run_faulty(driver, "busy=0.01", batch, cbimm, requests, STALL);
            CHECK(o.status == 0 && o.counters.busy > 0 && o.counters.completed == requests);

            o = run_faulty(driver, "duplicate=0.01", batch, cbimm, requests, STALL);
            CHECK(o.status == -EPROTO && o.counters.twice > 0 && o.counters.completed == requests);

            int times = strcmp(driver, "sim") ? 50 : 1;
            do {
                o = run_faulty(driver, "reorder=0.01", batch, cbimm, requests, STALL);
                CHECK(o.status == 0 && o.counters.completed == requests);
            } while (!o.counters.reordered && --times);
            CHECK(o.counters.reordered > 0);

            o = run_faulty(driver, "late=0.01\nlate_by=2000000", batch, cbimm, requests, STALL);
            CHECK(o.status == 0 && o.counters.lost == 0 && o.counters.completed == requests);

            o = run_faulty(driver, "lost=0.01", batch, cbimm, requests, short_stall);
            CHECK(o.status == -ETIMEDOUT && o.counters.lost > 0 && o.counters.completed < requests);
            CHECK(o.counters.lost + o.counters.completed == o.counters.submitted);

            o = run_faulty(driver, "hang_after=100", batch, cbimm, requests, short_stall);
            CHECK(o.status == -ETIMEDOUT && o.counters.lost == 8 && o.counters.completed == 100);
        }
}

static void every_fault_is_told_for_what_it_is(void)
{
    faults_on("sim", 2000, STALL);
    struct outcome o = run("sim", DEVICE "busy=1\n", 8, 0, 1, 1, 10, STALL);
    CHECK(o.status == -ETIMEDOUT && o.counters.lost == 0 && o.counters.busy > 1000);
}

/* Of another machine there may be no libcrypto, which computes the bytes in real time. */
static int computes(void)
{
#ifdef EMULATED
    if (bs_version("sim-realtime", DEVICE, text, sizeof text)) {
        printf("sim: not tried in real time: %s\n", text);
        return 0;
    }
#endif
    return 1;
}

/* A table of two sessions, and three workers: refused, loaded again, or slower. */
static void sessions_beyond_the_table(void)
{
    bs_params params = {.kind = BS_CIPHER,
                        .cipher = "AES-128-CBC",
                        .key = key,
                        .key_len = 16,
                        .iv_len = 16,
                        .max_size = 256,
                        .setting = DEVICE "session_limit=2\nbeyond=0\n"};
    bs_load load = {.request_size = 256,
                    .q_len = 4,
                    .cbimm = 1,
                    .workers = 3,
                    .crypto_q_max = 1000,
                    .in_place = 1,
                    .stall_ns = STALL};
    static const char *const drivers[] = {"sim", "sim-realtime"};
    const bs_params all[] = {params, params, params};
    for (int i = 0; i < 1 + computes(); i++) {
        load.workers = 3;
        CHECK(!bs_engine_open(drivers[i], all, &load, text, sizeof text) && strstr(text, "table"));
        load.workers = 2;
        bs_engine *engine = bs_engine_open(drivers[i], all, &load, text, sizeof text);
        CHECK(engine != NULL);
        bs_engine_close(engine);
    }
    struct outcome fits = run("sim", DEVICE "session_limit=3\nbeyond=1\nreload=5000000\n", 4, 0, 1, 3, 900,
                              STALL);
    struct outcome evicts = run("sim", DEVICE "session_limit=2\nbeyond=1\nreload=5000000\n", 4, 0, 1, 3, 900,
                                STALL);
    CHECK(fits.simulation.misses == 0);
    double share = (double)evicts.simulation.misses / (double)evicts.simulation.submitted;
    CHECK(share > 0.28 && share < 0.39); /* a third of the sessions is not there */
    CHECK(evicts.value.wall_ns > fits.value.wall_ns);
    struct outcome slow = run("sim", DEVICE "session_limit=2\nbeyond=2\nslowdown=2\n", 4, 0, 1, 3, 900,
                              STALL);
    CHECK(slow.simulation.unit_ns / (double)slow.simulation.submitted > 1.99 * 1128);
}

/* The last output of every slot is its last input encrypted, computed behind the device's thread. */
static void real_time_computes_bytes(void)
{
    static const uint32_t loads[][3] = {{1, 0, 1}, {9, 0, 1}, {9, 1, 1}, {9, 3, 0}, {9, 0, 0}};
    for (int i = 0; i < 5; i++)
        for (uint32_t workers = 1; workers < 3; workers++) {
            const uint32_t *load = loads[i];
            bs_engine *engine = open_engine("sim-realtime", DEVICE, load[0], load[1], load[2], workers,
                                            STALL);
            bs_value value;
            bs_finding damage;
            CHECK(bs_engine_run(engine, 300, &value) == 0 && value.requests >= 300);
            CHECK(bs_engine_last_round(engine) == 0 && bs_engine_guards(engine, &damage) == 0);
            for (uint32_t w = 0; w < workers; w++)
                for (uint32_t slot = 0; slot < loads[i][0]; slot++) {
                    bs_request before;
                    uint64_t done;
                    const bs_request *r = bs_engine_slot(engine, w, slot, &before, &done);
                    CHECK(memcmp(r->dst, before.src, r->size) != 0 && r->status == 0);
                }
            bs_session_facts(bs_engine_session(engine, 0, 0), text, sizeof text);
            CHECK(strstr(text, "simulated: yes") && strstr(text, "clock: real"));
            bs_engine_close(engine);
        }
}

/* ---- to be compared with another machine's (make cross) ---- */

static void print_number(const char *name, double number)
{
    printf(" %s %.17g", name, number);
}

static uint32_t latency_sum(bs_engine *engine, int which)
{
    static uint64_t upper[4096], number[4096];
    uint64_t sum = 0, max;
    size_t n = bs_engine_latency(engine, which, upper, number, 4096, &max);
    for (size_t i = 0; i < n; i++)
        sum = (sum + upper[i]) * 31 + number[i];
    sum = sum * 31 + max;
    return (uint32_t)(sum ^ sum >> 32);
}

static void print_run(const char *what, const char *lines, uint32_t q_len, uint32_t batch, uint32_t cbimm,
                      uint32_t workers)
{
    bs_engine *engine = open_engine("sim", lines, q_len, batch, cbimm, workers, STALL);
    bs_value value;
    bs_counters c;
    bs_simulation s;
    int status = bs_engine_run(engine, 3000, &value);
    bs_engine_counters(engine, &c);
    CHECK(bs_engine_simulation(engine, &s) == 0);
    printf(
        "sim %s q_len %u batch %u cbimm %u workers %u: status %d requests %llu wall %llu user %llu system %llu busy "
        "%llu failed %llu lost %llu twice %llu reordered %llu wakeups %llu high %llu",
        what, q_len, batch, cbimm, workers, status, (unsigned long long)value.requests,
        (unsigned long long)value.wall_ns, (unsigned long long)value.user_ns,
        (unsigned long long)value.system_ns, (unsigned long long)c.busy, (unsigned long long)c.failed,
        (unsigned long long)c.lost, (unsigned long long)c.twice, (unsigned long long)c.reordered,
        (unsigned long long)c.wakeups, (unsigned long long)c.high_water);
    print_number("elapsed", s.elapsed_ns);
    print_number("unit", s.unit_ns);
    print_number("bus", s.bus_ns);
    print_number("serial", s.serial_ns);
    print_number("area", s.area_ns);
    print_number("sojourn", s.sojourn_ns);
    printf(" interrupts %llu misses %llu events %llu latency %08x %08x %08x\n",
           (unsigned long long)s.interrupts, (unsigned long long)s.misses, (unsigned long long)s.events,
           latency_sum(engine, BS_SLAT), latency_sum(engine, BS_CLAT), latency_sum(engine, BS_LAT));
    bs_engine_close(engine);
}

static void print_figures(void)
{
    static const char *const models[][2] = {
        {"plain", DEVICE},
        {"exponential", DEVICE "exponential=1\nseed=5\n"},
        {"polled", DEVICE "mode=1\nperiod=2500000\nexponential=1\nfull_duplex=1\nseed=6\n"},
        {"in-order", DEVICE "in_order=1\nserial=123456\nexponential=1\nseed=7\n"},
        {"reloading", DEVICE "session_limit=2\nsessions=3\nbeyond=1\nreload=777777\nseed=8\n"},
        {"slower", DEVICE "session_limit=2\nsessions=7\nbeyond=2\nslowdown=0.3\n"},
        {"faulty",
         DEVICE "error=0.01\nbusy=0.01\nduplicate=0.01\nreorder=0.02\nlate=0.01\nlate_by=2000000\nseed=9\n"},
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (uint32_t batch = 0; batch < 3; batch++)
            for (uint32_t workers = 1; workers < 3; workers++)
                print_run(models[i][0], models[i][1], 7, batch, batch != 1, workers);
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "figures") == 0) {
        print_figures();
        return 0;
    }
    bad_lines_are_refused();
    nothing_gets_lost_by_itself();
    open_queues_wait_as_theory_says();
    the_same_run_for_a_seed();
    an_open_loop_needs_a_real_clock();
    a_log_in_virtual_time();
    a_full_log_has_a_gap();
    one_at_a_time_is_the_sum();
    every_fault_is_told_for_what_it_is();
    sessions_beyond_the_table();
    if (computes()) {
        faults_on("sim-realtime", 600, 100000000);
        real_time_computes_bytes();
    }
    puts("sim: ok");
    return 0;
}
