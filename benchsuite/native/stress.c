/* The stress run: threads that keep sessions busy, until the time is up or enough is wrong.
 *
 * A driver that has broken a rule of ownership may still write to what it has given back, so from then on
 * nothing it ever had is freed. */
#include <errno.h>
#include <stdlib.h>

#include "registry.h"
#include "stress_parts.h"

enum {
    FENCED_EVERY = 8,  /* slots */
    MOST_FENCED = 512, /* of a run: a process cannot have ever more mappings */
};

static _Atomic(struct stress_run *) abandoned; /* seen by a leak checker */
static struct stress_run *under_way;           /* the last one that began; NULL between two */
static pthread_mutex_t under_way_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- threads ---- */

/* Polls that come when they come, beside the thread that submits. */
static void *poller(void *arg)
{
    struct stress_worker *worker = arg;
    uint64_t random = worker->run->load.seed + worker->index + 0x70;
    while (!atomic_load(&worker->leave)) {
        int any = 0;
        for (uint32_t s = 0; s < worker->run->load.sessions; s++)
            any += stress_session_poll_beside(&worker->sessions[s], stress_some(&random), 0);
        if (any)
            continue;
        struct stress_session *one = &worker->sessions[bs_below(&random, worker->run->load.sessions)];
        if (!atomic_load(&one->outstanding) || !stress_session_poll_beside(one, 1, STRESS_IDLE_NS))
            stress_nap(STRESS_IDLE_NS);
    }
    return NULL;
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
        if (!moved)
            stress_wait(worker);
    }
}

static void *work(void *arg)
{
    struct stress_worker *worker = arg;
    stress_keep_busy(worker);
    wind_up(worker);
    atomic_store(&worker->leave, 1);
    if (worker->beside)
        pthread_join(worker->poller, NULL);
    for (uint32_t s = 0; s < worker->run->load.sessions; s++)
        if (worker->sessions[s].session) /* stalled */
            stress_let_go(&worker->sessions[s]);
    stress_ended(worker);
    return NULL;
}

/* ---- the run ---- */

/* All in turn, one further for each worker, so that not all that live for the whole run encrypt; and not a chained one
 * for the first, which is to live. */
static const bs_traffic *first_traffic(const struct stress_run *run, uint32_t worker, uint32_t session)
{
    uint32_t at = worker * (run->load.sessions + 1) + session, tries = session ? 1 : run->traffics;
    for (uint32_t i = 0; i + 1 < tries && run->traffic[at % run->traffics].params->chained; i++)
        at++;
    return &run->traffic[at % run->traffics];
}

/* Some have fences; not all, because theirs are few places in a page. */
static int open_slot(struct stress_session *session, uint32_t i)
{
    struct stress_run *run = session->worker->run;
    int fenced = (session->index + i) % FENCED_EVERY == FENCED_EVERY / 2 && run->fenced < MOST_FENCED;
    run->fenced += (uint32_t)fenced;
    return known_slot_open(&session->slots[i], run->traffic, run->traffics, run->rooms[stress_room_of(i)],
                           fenced);
}

static int open_session(struct stress_worker *worker, uint32_t index, char *text, size_t text_size)
{
    struct stress_run *run = worker->run;
    struct stress_session *session = &worker->sessions[index];
    session->worker = worker;
    session->index = index;
    session->first = worker->index == 0 && index == 0;
    session->traffic = first_traffic(run, worker->index, index);
    pthread_mutex_init(&session->polling, NULL);
    session->slots = calloc(run->load.q_len, sizeof *session->slots);
    int error = session->slots ? 0 : -ENOMEM;
    for (uint32_t i = 0; i < run->load.q_len && !error; i++)
        error = open_slot(session, i);
    if (error)
        return error == -ENOMEM
                   ? bs_say(text, text_size, error, "out of memory")
                   : bs_say(text, text_size, error, "no memory for the requests: %s", strerror(-error));
    return stress_session_open(session, text, text_size);
}

static int open_run(struct stress_run *run, char *text, size_t text_size)
{
    run->workers = calloc(run->load.workers, sizeof *run->workers);
    int error = run->workers ? stress_draws_open(run) : -ENOMEM;
    if (error)
        return bs_say(text, text_size, error, "out of memory");
    for (uint32_t w = 0; w < run->load.workers && !error; w++) {
        struct stress_worker *worker = &run->workers[w];
        worker->run = run;
        worker->index = w;
        worker->random = run->load.seed + ((uint64_t)w << 32);
        worker->layout = BS_LAY_IN_PLACE | BS_LAY_APART;
        worker->before_traffic = worker->before_known = -1;
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
    stress_draws_close(run);
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
    int error = stress_watch_open(run);
    while (started < run->load.workers && !error) {
        error = start(&run->workers[started]);
        started += !error;
    }
    for (uint32_t w = started; w < run->load.workers; w++)
        stress_gate_leave(&run->gate);
    if (error)
        atomic_store(&run->stop, 1);
    stress_wait_for_workers(run, started);
    stress_watch_close(run);
    return error ? bs_say(text, text_size, error, "a thread cannot be started: %s", strerror(-error)) : 0;
}

static void tell(const struct stress_run *run, bs_stress_result *result)
{
    *result = (bs_stress_result){.requests = stress_requests(run),
                                 .sessions = stress_sessions(run),
                                 .high_water = atomic_load(&run->high_water),
                                 .wall_ns = bs_now_ns() - run->begin_ns};
    if (!result->high_water && result->requests)
        result->high_water = 1; /* inside process */
    for (uint32_t w = 0; w < run->load.workers; w++) {
        const struct stress_worker *worker = &run->workers[w];
        uint32_t longest = atomic_load(&worker->longest);
        result->bytes += bs_count_read(&worker->bytes);
        result->refused += bs_count_read(&worker->refused_rightly);
        result->busy += bs_count_read(&worker->busy);
        result->drains += bs_count_read(&worker->drains);
        result->rests += bs_count_read(&worker->rests);
        result->longest = longest > result->longest ? longest : result->longest;
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
        if (!traffic[t].count)
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
                      "a stress run needs traffic, and every number of its load but churn, requests, seed, "
                      "rest and soak");
    struct stress_run *run = calloc(1, sizeof *run);
    if (!run)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    run->driver = found;
    run->traffic = traffic;
    run->traffics = traffics;
    run->load = *load;
    if (run->load.rest_ns >= run->load.time_ns) /* no room for it */
        run->load.rest_ns = 0;
    run->evidence = evidence;
    run->facts = text;
    run->facts_size = text_size;
    pthread_mutex_init(&run->lock, NULL);
    stress_gate_open(&run->gate, load->workers);
    stress_memory_open(&run->memory);
    text[0] = '\0';
    int error = open_run(run, text, text_size);
    if (!error) {
        run->begin_ns = bs_now_ns();
        run->end_ns = run->begin_ns + load->time_ns;
        set_under_way(run);
        bs_interrupt_catch(&run->interrupt);
        error = perform(run, text, text_size);
        bs_interrupt_release(&run->interrupt);
        set_under_way(NULL);
        tell(run, result);
        result->resident = stress_memory_growth(&run->memory);
        if (!error && bs_halted(&run->interrupt))
            error = -EINTR;
    }
    stress_memory_close(&run->memory);
    close_run(run);
    return error;
}
