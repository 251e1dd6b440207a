/* The thread of a simulated device in real time: it computes the bytes, lets the device's events happen when their
 * time has come, and hands over what is finished. */
#include "real.h"

#include <sys/prctl.h>

#include "cpus.h"

/* A sleep may take so much too long: the last of a wait is spent looking, where there is a CPU for it. */
enum { SPIN_PS = 60 * 1000 * 1000 };

void sim_real_wait(struct real *real, pthread_cond_t *condition, uint64_t until)
{
    uint64_t ns = until / 1000 + real->origin_ns;
    struct timespec time = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
    pthread_cond_timedwait(condition, &real->lock, &time);
}

static uint8_t *wrong_byte(const struct session *session, const bs_request *request)
{
    int hash = session->kind == BS_DIGEST || session->kind == BS_HMAC;
    return hash ? request->tag : request->dst + request->size / 2;
}

void sim_real_compute(const struct session *session, bs_request *request, int32_t status, int wrong)
{
    session->compute(session->crypto, request, 0);
    if (wrong)
        *wrong_byte(session, request) ^= 1;
    if (status)
        request->status = status;
}

static struct sim_job *next_to_do(struct real *real)
{
    struct sim_job *job = real->to_do;
    if (job)
        real->to_do = job->to_do;
    return job;
}

/* What the ring has interrupted for goes to its sessions, up to one whose bytes are not there yet. */
static void hand_over(struct real *real, struct sim_ring *ring)
{
    struct sim_job *job;
    while ((job = sim_device_finished(ring))) {
        struct session *session = job->session;
        if (!job->computed) {
            real->late += !job->late;
            job->late = 1;
            return;
        }
        sim_device_take(&real->device, ring);
        sim_push(&session->finished, job);
        pthread_cond_signal(&session->done);
    }
    sim_device_rearm(&real->device, ring);
}

static void let_happen(struct real *real)
{
    struct sim_device *device = &real->device;
    uint64_t now = sim_real_now(real);
    do {
        sim_device_advance(device, now);
        while (sim_device_raised(device))
            ;
        for (uint32_t i = 0; i < device->rings_open; i++)
            if (device->rings[i].raised)
                hand_over(real, &device->rings[i]);
    } while (sim_device_next(device) <= now);
}

static void pause_until(struct real *real, uint64_t next, int spin)
{
    if (next == UINT64_MAX) {
        pthread_cond_wait(&real->work, &real->lock);
    } else if (!spin || next > sim_real_now(real) + SPIN_PS) {
        sim_real_wait(real, &real->work, spin ? next - SPIN_PS : next);
    } else {
        pthread_mutex_unlock(&real->lock);
        bs_relax();
        pthread_mutex_lock(&real->lock);
    }
}

void *sim_real_thread(void *argument)
{
    struct real *real = argument;
    int spin = bs_usable_cpus() > 1;
    prctl(PR_SET_TIMERSLACK, 1UL);
    pthread_mutex_lock(&real->lock);
    while (!real->leave) {
        struct sim_job *job = next_to_do(real);
        if (job) {
            pthread_mutex_unlock(&real->lock);
            sim_real_compute(job->session, job->request, job->status, job->wrong);
            pthread_mutex_lock(&real->lock);
            job->computed = 1;
        }
        let_happen(real);
        if (!real->to_do && !real->leave)
            pause_until(real, sim_device_next(&real->device), spin);
    }
    pthread_mutex_unlock(&real->lock);
    return NULL;
}
