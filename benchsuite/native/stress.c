/* The stress run: threads that keep sessions busy, until the time is up or enough is wrong.
 *
 * A driver that has broken a rule of ownership may still write to what it has given back, so from then on
 * nothing it ever had is freed. */
#include <errno.h>
#include <stdlib.h>

#include "registry.h"
#include "stress_parts.h"

enum {
    IDLE_NS = 20 * 1000, /* a thread that found nothing to do sleeps, or lets poll wait, so long */
    WAIT_NS = 200 * 1000,
};

static _Atomic(struct stress_run *) abandoned; /* seen by a leak checker */
static struct stress_run *under_way;           /* the last one that began; NULL between two */
static pthread_mutex_t under_way_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- threads ---- */

static void nap(void)
{
    static const struct timespec pause = {0, IDLE_NS};
    nanosleep(&pause, NULL);
}

/* Polls that come when they come, beside the thread that submits. */
static void *poller(void *arg)
{
    struct stress_worker *worker = arg;
    uint64_t random = worker->run->load.seed + worker->index + 0x70;
    while (!atomic_load(&worker->leave)) {
        int any = 0;
        for (uint32_t s = 0; s < worker->run->load.sessions; s++)
            any += stress_session_poll(&worker->sessions[s], stress_some(&random), 0);
        if (any)
            continue;
        struct stress_session *one = &worker->sessions[bs_below(&random, worker->run->load.sessions)];
        if (!atomic_load(&one->outstanding) || !stress_session_poll(one, 1, IDLE_NS))
            nap();
    }
    return NULL;
}

/* Nothing could be submitted: whatever is outstanding gets time. */
static void rest(struct stress_worker *worker)
{
    uint32_t n = worker->run->load.sessions, at = bs_below(&worker->random, n);
    for (uint32_t i = 0; i < n && !worker->beside; i++) {
        struct stress_session *session = &worker->sessions[(at + i) % n];
        if (session->session && session->polled && atomic_load(&session->outstanding)) {
            stress_session_poll(session, 64, WAIT_NS);
            return;
        }
    }
    nap();
}

static void look_for_stalls(struct stress_worker *worker)
{
    uint64_t now = bs_now_ns();
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        stress_session_stalled(&worker->sessions[s], now);
}

static int one_step(struct stress_worker *worker)
{
    uint32_t n = worker->run->load.sessions;
    int moved = stress_session_step(&worker->sessions[bs_below(&worker->random, n)]);
    if (worker->beside || (moved && !bs_below(&worker->random, 2)))
        return moved;
    /* One draw a statement: in which order C evaluates the arguments of a call is the compiler's choice. */
    struct stress_session *other = &worker->sessions[bs_below(&worker->random, n)];
    unsigned most = stress_some(&worker->random);
    return moved | stress_session_poll(other, most, 0);
}

static void keep_busy(struct stress_worker *worker)
{
    struct stress_run *run = worker->run;
    uint32_t idle = 0;
    while (!stress_stopped(run)) {
        idle = one_step(worker) ? 0 : idle + 1;
        if (bs_now_ns() >= run->end_ns ||
            (run->load.requests && bs_count_read(&run->requests) >= run->load.requests))
            atomic_store(&run->stop, 1);
        if (idle <= 2 * run->load.sessions)
            continue;
        rest(worker);
        look_for_stalls(worker);
        idle = 0;
    }
}

static int all_ended(const struct stress_worker *worker)
{
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        if (worker->sessions[s].session && !worker->sessions[s].stalled)
            return 0;
    return 1;
}

static void wind_up(struct stress_worker *worker)
{
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        worker->sessions[s].draining = 1;
    while (!all_ended(worker)) {
        int moved = 0;
        for (uint32_t s = 0; s < worker->run->load.sessions; s++) {
            moved |= stress_session_step(&worker->sessions[s]);
            if (!worker->beside)
                moved |= stress_session_poll(&worker->sessions[s], 64, 0);
        }
        if (moved)
            continue;
        rest(worker);
        look_for_stalls(worker);
    }
}

static void *work(void *arg)
{
    struct stress_worker *worker = arg;
    keep_busy(worker);
    wind_up(worker);
    atomic_store(&worker->leave, 1);
    if (worker->beside)
        pthread_join(worker->poller, NULL);
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        if (worker->sessions[s].session) /* stalled */
            stress_let_go(&worker->sessions[s]);
    return NULL;
}

/* ---- the run ---- */

static int open_session(struct stress_worker *worker, uint32_t index, char *text, size_t text_size)
{
    struct stress_run *run = worker->run;
    struct stress_session *session = &worker->sessions[index];
    session->worker = worker;
    session->index = index;
    session->first = worker->index == 0 && index == 0;
    session->traffic = &run->traffic[(worker->index * run->load.sessions + index) % run->traffics];
    pthread_mutex_init(&session->polling, NULL);
    session->slots = calloc(run->load.q_len, sizeof *session->slots);
    int error = session->slots ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < run->load.q_len && !error; i++)
        error = known_slot_open(&session->slots[i], run->traffic, run->traffics, 0);
    if (error)
        return bs_say(text, text_size, error, "out of memory");
    return stress_session_open(session, text, text_size);
}

static int open_run(struct stress_run *run, char *text, size_t text_size)
{
    run->workers = calloc(run->load.workers, sizeof *run->workers);
    int error = run->workers ? 0 : bs_say(text, text_size, -ENOMEM, "out of memory");
    for (uint32_t w = 0; w < run->load.workers && !error; w++) {
        struct stress_worker *worker = &run->workers[w];
        worker->run = run;
        worker->index = w;
        worker->random = run->load.seed + ((uint64_t)w << 32);
        worker->sessions = calloc(run->load.sessions, sizeof *worker->sessions);
        if (!worker->sessions)
            return bs_say(text, text_size, -ENOMEM, "out of memory");
        for (uint32_t s = 0; s < run->load.sessions && !error; s++)
            error = open_session(worker, s, text, text_size);
    }
    return error;
}

static void close_run(struct stress_run *run)
{
    if (atomic_load(&run->distrust)) {
        run->next_abandoned = atomic_exchange(&abandoned, run);
        return;
    }
    for (uint32_t w = 0; run->workers && w < run->load.workers; w++) {
        struct stress_session *sessions = run->workers[w].sessions;
        for (uint32_t s = 0; sessions && s < run->load.sessions; s++) {
            bs_session_close(sessions[s].session);
            for (uint32_t i = 0; sessions[s].slots && i < run->load.q_len; i++)
                known_slot_close(&sessions[s].slots[i]);
            free(sessions[s].slots);
        }
        free(sessions);
    }
    free(run->workers);
    free(run);
}

static int start(struct stress_worker *worker)
{
    if (worker->index % 2 && worker->run->driver->poll)
        worker->beside = pthread_create(&worker->poller, NULL, poller, worker) == 0;
    int error = pthread_create(&worker->thread, NULL, work, worker);
    if (error && worker->beside) {
        atomic_store(&worker->leave, 1);
        pthread_join(worker->poller, NULL);
    }
    return -error;
}

static int perform(struct stress_run *run, char *text, size_t text_size)
{
    uint32_t started = 0;
    int error = 0;
    uint64_t now = bs_now_ns();
    run->end_ns = now + run->load.time_ns;
    while (started < run->load.workers && !error) {
        error = start(&run->workers[started]);
        started += !error;
    }
    if (error)
        atomic_store(&run->stop, 1);
    for (uint32_t w = 0; w < started; w++)
        pthread_join(run->workers[w].thread, NULL);
    return error ? bs_say(text, text_size, error, "a thread cannot be started: %s", strerror(-error)) : 0;
}

static void tell(const struct stress_run *run, bs_stress_result *result)
{
    *result = (bs_stress_result){.requests = bs_count_read(&run->requests),
                                 .bytes = bs_count_read(&run->bytes),
                                 .refused = bs_count_read(&run->refused_rightly),
                                 .high_water = atomic_load(&run->high_water),
                                 .wall_ns = bs_now_ns() - run->begin_ns};
    for (uint32_t w = 0; w < run->load.workers; w++) {
        result->busy += bs_count_read(&run->workers[w].busy);
        result->sessions += bs_count_read(&run->workers[w].opened);
    }
}

int bs_stress_progress(bs_stress_result *so_far)
{
    pthread_mutex_lock(&under_way_lock);
    int is = under_way != NULL;
    if (is)
        tell(under_way, so_far);
    pthread_mutex_unlock(&under_way_lock);
    return is;
}

static void set_under_way(struct stress_run *run)
{
    pthread_mutex_lock(&under_way_lock);
    under_way = run;
    pthread_mutex_unlock(&under_way_lock);
}

static int impossible(const bs_traffic *traffic, uint32_t traffics, const bs_stress_load *load)
{
    if (!traffics || !load->workers || !load->sessions || !load->q_len || !load->time_ns || !load->stall_ns)
        return 1;
    for (uint32_t t = 0; t < traffics; t++)
        if (!traffic[t].count || traffic[t].params->chained)
            return 1;
    return 0;
}

int bs_stress(const char *driver, const bs_traffic *traffic, uint32_t traffics, const bs_stress_load *load,
              bs_stress_result *result, bs_evidence *evidence, char *text, size_t text_size)
{
    const struct bs_driver *found = bs_driver_find(driver, text, text_size);
    if (!found)
        return -ENODEV;
    if (!evidence->max_findings || impossible(traffic, traffics, load))
        return bs_say(text, text_size, -EINVAL,
                      "a stress run needs traffic that is not chained, and every "
                      "number of its load but churn, requests, seed, rest and soak");
    struct stress_run *run = calloc(1, sizeof *run);
    if (!run)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    run->driver = found;
    run->traffic = traffic;
    run->traffics = traffics;
    run->load = *load;
    run->evidence = evidence;
    run->facts = text;
    run->facts_size = text_size;
    pthread_mutex_init(&run->lock, NULL);
    text[0] = '\0';
    int error = open_run(run, text, text_size);
    if (!error) {
        run->begin_ns = bs_now_ns();
        set_under_way(run);
        bs_interrupt_catch(&run->interrupt);
        error = perform(run, text, text_size);
        bs_interrupt_release(&run->interrupt);
        set_under_way(NULL);
        tell(run, result);
        if (!error && bs_halted(&run->interrupt))
            error = -EINTR;
    }
    close_run(run);
    return error;
}
