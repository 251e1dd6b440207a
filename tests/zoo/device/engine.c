/* The engine behind the ring: one request after another, then the interrupt. */
#include <string.h>

#include "clock.h"
#include "device.h"

void zoo_interrupt(void)
{
    zoo_device.finished = 0;
    for (struct session *s = zoo_device.sessions; s; s = s->next) {
        struct job *job;
        while ((job = zoo_pop(&s->hidden)))
            zoo_push(&s->finished, job);
    }
    pthread_cond_broadcast(&zoo_device.done);
}

void zoo_finish(struct job *job)
{
    job->request->status = job->work.status;
    zoo_push(&job->session->hidden, job);
    zoo_device.finished++;
}

static void perform(struct job *job)
{
    const struct bug *bug = job->session->bug;
    zoo_device.requests++;
    job->work = *job->request;
    if (bug->before)
        bug->before(job);
    pthread_mutex_unlock(&zoo_device.lock);
    job->with->compute(job->with->crypto, &job->work, 0);
    pthread_mutex_lock(&zoo_device.lock);
    if (bug->after)
        bug->after(job);
    if (!bug->completes || bug->completes(job) == NOTHING)
        zoo_finish(job);
    if (zoo_device.queue.first && zoo_device.finished < COALESCE)
        return;
    if (!bug->interrupts || bug->interrupts())
        zoo_interrupt();
}

void *zoo_engine(void *unused)
{
    pthread_mutex_lock(&zoo_device.lock);
    for (;;) {
        struct job *job = zoo_pop(&zoo_device.queue);
        if (job) {
            perform(job);
            zoo_device.idle_since_ns = bs_now_ns();
        } else {
            pthread_cond_wait(&zoo_device.work, &zoo_device.lock);
        }
    }
    return unused;
}

/* ---- what bugs do ---- */

int zoo_is_hash(const struct session *s)
{
    return s->params.kind == BS_DIGEST || s->params.kind == BS_HMAC;
}

void zoo_spoil_from(struct job *job, uint32_t at)
{
    if (zoo_is_hash(job->session))
        job->work.tag[0] ^= 0x40;
    else if (at < job->work.size)
        job->work.dst[at] ^= 0x40;
}

void zoo_spoil(struct job *job)
{
    zoo_spoil_from(job, job->work.size / 2);
}

int zoo_crosses_page(const void *at, size_t size)
{
    return size && (uintptr_t)at / 4096 != ((uintptr_t)at + size - 1) / 4096;
}

int zoo_alike(const struct session *a, const struct session *b)
{
    const bs_params *p = &a->params, *q = &b->params;
    return p->kind == q->kind && p->op == q->op && p->iv_len == q->iv_len && p->tag_len == q->tag_len &&
           p->piece == q->piece && strcmp(a->cipher, b->cipher) == 0;
}
