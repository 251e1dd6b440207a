/* sim,clock=real: the same device behind a real thread. Its times pass in real time, its bytes are computed by
 * libcrypto, and completions come asynchronously: what a driver of such a device would be to the engine. The host's
 * costs are this machine's, not the model's.
 *
 * Sessions opened with the same setting share one device, as those of a card do. One lock guards a device;
 * bytes are computed without it. Where this machine computes them later than the device would have, completions
 * come late, and the facts say how often. */
#include "real.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct bs_driver bs_libcrypto_driver;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct real *list; /* of the devices that are open */

/* ---- opening and closing ---- */

static void open_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void close_device(struct real *real)
{
    pthread_mutex_destroy(&real->lock);
    pthread_cond_destroy(&real->work);
    sim_device_close(&real->device);
    free(real);
}

static struct real *open_device(const struct sim_model *model, const char *setting)
{
    struct real *real = calloc(1, sizeof *real + strlen(setting) + 1);
    if (!real)
        return NULL;
    real->origin_ns = bs_now_ns() - 1; /* a device's time begins with anything but 0 */
    if (sim_device_open(&real->device, model, sim_real_now(real))) {
        free(real);
        return NULL;
    }
    strcpy(real->setting, setting);
    pthread_mutex_init(&real->lock, NULL);
    open_condition(&real->work);
    if (pthread_create(&real->thread, NULL, sim_real_thread, real)) {
        close_device(real);
        return NULL;
    }
    real->next = list;
    list = real;
    return real;
}

static void leave_device(struct real *real)
{
    struct real **link = &list;
    pthread_mutex_lock(&real->lock);
    int last = --real->sessions == 0;
    real->leave = last;
    pthread_cond_signal(&real->work);
    pthread_mutex_unlock(&real->lock);
    if (!last)
        return;
    pthread_join(real->thread, NULL);
    while (*link != real)
        link = &(*link)->next;
    *link = real->next;
    close_device(real);
}

static int enter_device(struct session *session, const struct sim_model *model, const char *setting,
                        char *text, size_t text_size)
{
    struct real *real = list;
    while (real && strcmp(real->setting, setting) != 0)
        real = real->next;
    if (!real)
        real = open_device(model, setting);
    if (!real)
        return bs_say(text, text_size, -ENOMEM, "a simulated device has no memory, or no thread");
    pthread_mutex_lock(&real->lock);
    real->sessions++;
    int error = sim_device_add_session(&real->device, &session->ring, text, text_size);
    pthread_mutex_unlock(&real->lock);
    if (error)
        leave_device(real);
    else
        session->real = real;
    return error;
}

static bs_params for_libcrypto(const bs_params *params)
{
    bs_params own = *params;
    own.setting = "";
    return own;
}

static int open_crypto(struct session *session, const bs_params *params, char *text, size_t text_size)
{
    bs_params own = for_libcrypto(params);
    size_t size = (bs_libcrypto_driver.session_size + 63) / 64 * 64;
    session->crypto = aligned_alloc(64, size);
    if (!session->crypto)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    memset(session->crypto, 0, size);
    int error = bs_libcrypto_driver.newsession(session->crypto, &own, text, text_size);
    if (error) {
        free(session->crypto);
        return error;
    }
    session->kind = params->kind;
    session->compute = bs_libcrypto_driver.process_of(session->crypto);
    return 0;
}

static void close_crypto(struct session *session)
{
    bs_libcrypto_driver.freesession(session->crypto);
    explicit_bzero(session->crypto, bs_libcrypto_driver.session_size);
    free(session->crypto);
}

static int real_newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct session *session = state;
    struct sim_model model;
    int error = sim_model_read(&model, params->setting, text, text_size);
    if (!error)
        error = open_crypto(session, params, text, text_size);
    if (error)
        return error;
    model.submit = model.doorbell = 0; /* they take what they take here */
    open_condition(&session->done);
    pthread_mutex_lock(&list_lock);
    error = enter_device(session, &model, params->setting, text, text_size);
    pthread_mutex_unlock(&list_lock);
    if (error) {
        pthread_cond_destroy(&session->done);
        close_crypto(session);
    }
    return error;
}

static void real_freesession(void *state)
{
    struct session *session = state;
    struct real *real = session->real;
    struct sim_job *job;
    pthread_mutex_lock(&list_lock);
    pthread_mutex_lock(&real->lock);
    while ((job = sim_pop(&session->finished))) /* what came twice */
        sim_device_release(&real->device, job, sim_real_now(real));
    sim_device_remove_session(&real->device);
    pthread_mutex_unlock(&real->lock);
    leave_device(real);
    pthread_mutex_unlock(&list_lock);
    pthread_cond_destroy(&session->done);
    close_crypto(session);
}

static int real_version(const char *setting, char *text, size_t text_size)
{
    struct sim_model model;
    char libcrypto[100];
    int error = sim_model_read(&model, setting, text, text_size);
    if (!error && bs_libcrypto_driver.version("", libcrypto, sizeof libcrypto))
        return bs_say(text, text_size, -ENOENT, "a simulated device in real time computes with libcrypto: %s",
                      libcrypto);
    return error ? error
                 : bs_say(text, text_size, 0, "simulated %s, in real time, computed by %s", model.title,
                          libcrypto);
}

static int real_probe(const bs_params *params, char *text, size_t text_size)
{
    struct sim_model model;
    bs_params own = for_libcrypto(params);
    int error = sim_model_read(&model, params->setting, text, text_size);
    return error ? error : bs_libcrypto_driver.probe(&own, text, text_size);
}

static void real_facts(const void *state, char *text, size_t text_size)
{
    const struct session *session = state;
    struct real *real = session->real;
    sim_model_facts(&real->device.model, "real", text, text_size);
    size_t used = strlen(text);
    pthread_mutex_lock(&real->lock);
    snprintf(text + used, text_size - used, "late: %llu of %llu requests, because of this machine\n",
             (unsigned long long)real->late, (unsigned long long)real->device.submitted);
    sim_faults_facts(&real->device, text, text_size);
    pthread_mutex_unlock(&real->lock);
}

/* ---- requests ---- */

/* The CPU does the work itself, or waits for it; not asleep, as such drivers do. */
static enum bs_outcome serve(struct session *session, bs_request *request)
{
    struct real *real = session->real;
    uint64_t until = sim_real_now(real);
    int32_t status;
    pthread_mutex_lock(&real->lock);
    int taken = sim_device_serve(&real->device, request->size, &until, &status);
    pthread_mutex_unlock(&real->lock);
    if (!taken)
        return BS_BUSY;
    sim_real_compute(session, request, status, 0);
    while (sim_real_now(real) < until)
        bs_relax();
    return BS_COMPLETED;
}

static void add_to_do(struct real *real, struct sim_job *job)
{
    job->to_do = NULL;
    if (real->to_do)
        real->to_do_last->to_do = job;
    else
        real->to_do = job;
    real->to_do_last = job;
}

static enum bs_outcome real_process(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    struct real *real = session->real;
    uint64_t now = sim_real_now(real);
    if (real->device.model.mode == SIM_SYNC)
        return serve(session, request);
    pthread_mutex_lock(&real->lock);
    int more = hints & BS_HINT_MORE;
    struct sim_job *job = sim_device_submit(&real->device, session->ring, session, request, more, &now);
    if (job && job->fate != SIM_HUNG)
        add_to_do(real, job);
    pthread_cond_signal(&real->work);
    pthread_mutex_unlock(&real->lock);
    return job ? BS_QUEUED : BS_BUSY;
}

/* The lock is held. Returns how many came. */
static unsigned collect(struct session *session, bs_request **done, unsigned max)
{
    unsigned n = 0;
    struct sim_job *job;
    while (n < max && (job = session->finished.first)) {
        if (job->twice && n && n + 1 == max)
            break; /* both in one poll: the second must not meet the request's next use */
        done[n++] = job->request;
        if (job->twice) { /* stays, and comes again */
            job->twice = 0;
            continue;
        }
        sim_pop(&session->finished);
        sim_device_release(&session->real->device, job, sim_real_now(session->real));
    }
    return n;
}

static int real_poll(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *session = state;
    struct real *real = session->real;
    uint64_t until = wait_ns ? sim_real_now(real) + wait_ns * 1000 : 0;
    pthread_mutex_lock(&real->lock);
    unsigned n = collect(session, done, max);
    while (!n && wait_ns && sim_real_now(real) < until) {
        sim_real_wait(real, &session->done, until);
        n = collect(session, done, max);
    }
    pthread_mutex_unlock(&real->lock);
    return (int)n;
}

const struct bs_driver bs_sim_realtime_driver = {
    .name = "sim-realtime",
    .names = "libcrypto",
    .backend = "sim",
    .about =
        "a simulated device: sim:DEVICE[,clock=real][,KEY=VALUE...], DEVICE of `benchsuite list devices` "
        "or a TOML file",
    .flags = BS_FLAG_PIECES, /* libcrypto's */
    .session_size = sizeof(struct session),
    .version = real_version,
    .probe = real_probe,
    .newsession = real_newsession,
    .process = real_process,
    .poll = real_poll,
    .facts = real_facts,
    .freesession = real_freesession,
};
