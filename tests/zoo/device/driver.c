/* The driver `faulty`: sessions, the ring, and what finds them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"

extern const struct bs_driver bs_libcrypto_driver;

struct device zoo_device = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static const bs_option options[] = {
    {.name = "bug", .metavar = "BUG", .help = "which", .room = 64, .flags = BS_OPTION_FIRST},
    {.name = NULL},
};

static const struct bug none = {.name = "none"};

static const struct bug *bug_of(const char *setting)
{
    const struct bug *const tables[] = {zoo_completion_bugs, zoo_state_bugs, zoo_bytes_bugs, zoo_memory_bugs};
    char name[64];
    bs_setting_text(setting, "bug", name, sizeof name);
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct bug *bug = tables[t]; bug->name; bug++)
            if (strcmp(bug->name, name) == 0)
                return bug;
    return strcmp(name, none.name) == 0 ? &none : NULL;
}

/* ---- lists ---- */

void zoo_push(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    if (jobs->first)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
}

struct job *zoo_pop(struct jobs *jobs)
{
    struct job *job = jobs->first;
    if (job)
        jobs->first = job->next;
    return job;
}

struct job *zoo_job(struct session *s)
{
    struct job *job = s->unused;
    if (job) {
        s->unused = job->next;
        *job = (struct job){.session = s, .with = s};
    }
    return job;
}

void zoo_give_back(struct job *job)
{
    zoo_device.used -= job->in_ring != 0;
    job->in_ring = 0;
    job->next = job->session->unused;
    job->session->unused = job;
}

/* ---- libcrypto's sessions ---- */

bs_params zoo_params(const bs_params *params)
{
    bs_params own = *params;
    own.setting = "";
    return own;
}

int zoo_open_crypto(const bs_params *params, void **crypto, char *text, size_t text_size)
{
    size_t size = (bs_libcrypto_driver.session_size + 63) / 64 * 64;
    *crypto = aligned_alloc(64, size);
    if (!*crypto)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    memset(*crypto, 0, size);
    int error = bs_libcrypto_driver.newsession(*crypto, params, text, text_size);
    if (error) {
        free(*crypto);
        *crypto = NULL;
    }
    return error;
}

void zoo_close_crypto(void *crypto)
{
    bs_libcrypto_driver.freesession(crypto);
    free(crypto);
}

bs_process *zoo_compute_of(const void *crypto)
{
    return bs_libcrypto_driver.process_of(crypto);
}

/* ---- sessions ---- */

static int version(const char *setting, char *text, size_t text_size)
{
    char libcrypto[100];
    if (!bug_of(setting))
        return bs_say(text, text_size, -ENOENT, "the zoo has no such device");
    if (bs_libcrypto_driver.version("", libcrypto, sizeof libcrypto))
        return bs_say(text, text_size, -ENOENT, "%s", libcrypto);
    return bs_say(text, text_size, 0, "a faulty device, computed by %s", libcrypto);
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    bs_params own = zoo_params(params);
    if (!bug_of(params->setting))
        return bs_say(text, text_size, -ENOENT, "the zoo has no such device");
    int preference = bs_libcrypto_driver.probe(&own, text, text_size);
    return preference < 0 ? preference : BS_PREFER_HARDWARE;
}

static void start(void)
{
    pthread_condattr_t attributes;
    pthread_t thread;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&zoo_device.work, &attributes);
    pthread_cond_init(&zoo_device.done, &attributes);
    pthread_condattr_destroy(&attributes);
    zoo_device.idle_since_ns = bs_now_ns();
    pthread_create(&thread, NULL, zoo_engine, NULL);
    pthread_detach(thread);
}

static void fill(struct session *s, const bs_params *params)
{
    s->params = *params;
    s->params.setting = s->params.digest = NULL;
    s->params.key = s->params.mac_key = NULL;
    if (params->cipher)
        strncpy(s->cipher, params->cipher, sizeof s->cipher - 1);
    else if (params->digest)
        strncpy(s->cipher, params->digest, sizeof s->cipher - 1);
    s->params.cipher = s->cipher;
    if (params->chained && params->first_iv)
        memcpy(s->first_iv, params->first_iv, params->iv_len);
    s->params.first_iv = s->first_iv;
    s->opener = pthread_self();
    s->opened_ns = bs_now_ns();
}

static int newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct session *s = state;
    bs_params own = zoo_params(params);
    uint32_t depth = params->depth ? params->depth : 1;
    s->bug = bug_of(params->setting);
    if (!s->bug)
        return bs_say(text, text_size, -ENOENT, "the zoo has no such device");
    pthread_once(&started, start);
    int error = zoo_open_crypto(&own, &s->crypto, text, text_size);
    if (error)
        return error;
    s->compute = zoo_compute_of(s->crypto);
    depth += SPARE;
    s->jobs = calloc(depth, sizeof *s->jobs);
    for (uint32_t i = 0; s->jobs && i < depth; i++) {
        s->jobs[i].next = s->unused;
        s->unused = &s->jobs[i];
    }
    fill(s, params);
    pthread_mutex_lock(&zoo_device.lock);
    error = !s->jobs ? -ENOMEM : s->bug->opens ? s->bug->opens(s, params) : 0;
    if (!error) {
        s->next = zoo_device.sessions;
        zoo_device.sessions = s;
        zoo_device.opened++;
    }
    pthread_mutex_unlock(&zoo_device.lock);
    if (error) {
        zoo_close_crypto(s->crypto);
        free(s->jobs);
        return bs_say(text, text_size, error, "the device has no room for a session: %s", strerror(-error));
    }
    return 0;
}

static void freesession(void *state)
{
    struct session *s = state, **link = &zoo_device.sessions;
    struct job *job;
    pthread_mutex_lock(&zoo_device.lock);
    if (s->bug->closes)
        s->bug->closes(s);
    while ((job = zoo_pop(&s->finished))) /* what came twice */
        zoo_give_back(job);
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    zoo_device.opened--;
    pthread_mutex_unlock(&zoo_device.lock);
    if (s->crypto)
        zoo_close_crypto(s->crypto);
    free(s->jobs);
}

/* ---- requests ---- */

void zoo_submit_held(struct session *s)
{
    struct job *job;
    zoo_device.doorbells += s->held.first != NULL;
    while ((job = zoo_pop(&s->held)))
        zoo_push(&zoo_device.queue, job);
    pthread_cond_signal(&zoo_device.work);
}

static enum bs_outcome take(struct session *s, bs_request *r, unsigned hints)
{
    int outcome = s->bug->takes ? s->bug->takes(s, r, hints) : NOTHING;
    if (outcome != NOTHING)
        return (enum bs_outcome)outcome;
    struct job *job = zoo_device.used < RING ? zoo_job(s) : NULL;
    if (!job) {
        s->bug->refuses ? s->bug->refuses(s) : zoo_submit_held(s);
        return BS_BUSY;
    }
    job->request = r;
    job->thread = pthread_self();
    job->at_ns = bs_now_ns();
    job->in_ring = 1;
    zoo_device.used++;
    s->number++;
    zoo_push(&s->held, job);
    if (s->bug->taken)
        s->bug->taken(job);
    if (!(hints & BS_HINT_MORE))
        zoo_submit_held(s);
    return BS_QUEUED;
}

static enum bs_outcome process(void *state, bs_request *r, unsigned hints)
{
    pthread_mutex_lock(&zoo_device.lock);
    enum bs_outcome outcome = take(state, r, hints);
    pthread_mutex_unlock(&zoo_device.lock);
    return outcome;
}

static int collect(struct session *s, bs_request **done, unsigned max)
{
    int n = 0;
    struct job *job;
    while ((unsigned)n < max && (job = zoo_pop(&s->finished))) {
        done[n++] = job->request;
        zoo_give_back(job);
    }
    return s->bug->polls ? s->bug->polls(s, done, n, max) : n;
}

static int poll(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *s = state;
    uint64_t until = wait_ns ? bs_now_ns() + wait_ns : 0;
    struct timespec time = {(time_t)(until / 1000000000u), (long)(until % 1000000000u)};
    pthread_mutex_lock(&zoo_device.lock);
    int n = collect(s, done, max);
    while (!n && wait_ns && bs_now_ns() < until) {
        pthread_cond_timedwait(&zoo_device.done, &zoo_device.lock, &time);
        n = collect(s, done, max);
    }
    pthread_mutex_unlock(&zoo_device.lock);
    return n;
}

const struct bs_driver zoo_driver = {
    .name = "faulty",
    .names = "libcrypto",
    .backend = "faulty",
    .about = "a device of the zoo with one bug",
    .flags = BS_FLAG_HARDWARE | BS_FLAG_ORDERED | BS_FLAG_PIECES,
    .options = options,
    .session_size = sizeof(struct session),
    .version = version,
    .probe = probe,
    .newsession = newsession,
    .process = process,
    .poll = poll,
    .freesession = freesession,
};
