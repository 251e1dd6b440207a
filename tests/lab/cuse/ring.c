/* Open files, and the ring of each: one worker performs its jobs, one after the other. */
#include <errno.h>
#include <stdlib.h>

#include "faults.h"
#include "file.h"

struct device_options device_options;

void job_free(struct job *job)
{
    if (job)
        free(job->data);
    free(job);
}

static void append(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    if (jobs->first)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
}

static struct job *pop(struct jobs *jobs)
{
    struct job *job = jobs->first;
    if (job)
        jobs->first = job->next;
    return job;
}

static struct job *next_job(struct file *file)
{
    pthread_mutex_lock(&file->ring_lock);
    while (!file->todo.first && !file->leave)
        pthread_cond_wait(&file->work, &file->ring_lock);
    struct job *job = file->leave ? NULL : pop(&file->todo);
    pthread_mutex_unlock(&file->ring_lock);
    return job;
}

/* A job that is lost keeps its place in the ring. */
static void finish(struct file *file, struct job *job)
{
    if (job->result < 0) {
        job_free(job);
        return;
    }
    pthread_mutex_lock(&file->ring_lock);
    append(&file->done, job);
    if (file->tell)
        file->tell(file->tell_context);
    pthread_mutex_unlock(&file->ring_lock);
}

static void *work(void *arg)
{
    struct file *file = arg;
    for (struct job *job; (job = next_job(file)) != NULL;) {
        count_inside(1);
        job->result = job_perform(file, job);
        if (!job->result && job->call.flags & FLAG_NO_ZERO_COPY)
            job->result = EFAULT; /* there is no process to copy from */
        count_inside(-1);
        finish(file, job);
    }
    return NULL;
}

int ring_submit(struct file *file, struct job *job)
{
    int error = 0;
    pthread_mutex_lock(&file->ring_lock);
    if (!file->started)
        file->started = pthread_create(&file->worker, NULL, work, file) == 0;
    if (!file->started)
        error = ENOMEM;
    else if (file->held >= device_options.ring)
        error = EBUSY;
    if (!error) {
        count_queued(++file->held);
        append(&file->todo, job);
        pthread_cond_signal(&file->work);
    }
    pthread_mutex_unlock(&file->ring_lock);
    return error;
}

/* A fetch asks twice: once for where the bytes go, once to get them. The thread gets the same job. */
struct job *ring_reserve(struct file *file, pid_t thread)
{
    struct job *free_one = NULL, *own = NULL;
    pthread_mutex_lock(&file->ring_lock);
    for (struct job *job = file->done.first; job; job = job->next) {
        if (job->fetcher == thread && !own)
            own = job;
        if (!job->fetcher && !free_one)
            free_one = job;
    }
    if (!own && free_one) {
        free_one->fetcher = thread;
        own = free_one;
    }
    pthread_mutex_unlock(&file->ring_lock);
    return own;
}

void ring_take(struct file *file, struct job *wanted)
{
    pthread_mutex_lock(&file->ring_lock);
    struct jobs others = {NULL, NULL};
    for (struct job *job; (job = pop(&file->done)) != NULL;)
        if (job != wanted)
            append(&others, job);
    file->done = others;
    file->held--;
    if (file->tell)
        file->tell(file->tell_context);
    pthread_mutex_unlock(&file->ring_lock);
}

int file_readable(struct file *file)
{
    pthread_mutex_lock(&file->ring_lock);
    int any = file->done.first != NULL;
    pthread_mutex_unlock(&file->ring_lock);
    return any;
}

int file_writable(struct file *file)
{
    pthread_mutex_lock(&file->ring_lock);
    int room = file->held < device_options.ring;
    pthread_mutex_unlock(&file->ring_lock);
    return room;
}

void file_on_done(struct file *file, void (*tell)(void *), void *context)
{
    pthread_mutex_lock(&file->ring_lock);
    file->tell = tell;
    file->tell_context = context;
    pthread_mutex_unlock(&file->ring_lock);
}

struct file *file_open(void)
{
    struct file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    pthread_mutex_init(&file->lock, NULL);
    pthread_mutex_init(&file->ring_lock, NULL);
    pthread_cond_init(&file->work, NULL);
    count_file(1);
    return file;
}

void file_close(struct file *file)
{
    pthread_mutex_lock(&file->ring_lock);
    file->leave = 1;
    pthread_cond_signal(&file->work);
    pthread_mutex_unlock(&file->ring_lock);
    if (file->started)
        pthread_join(file->worker, NULL);
    for (struct job *job; (job = pop(&file->todo)) != NULL;)
        job_free(job);
    for (struct job *job; (job = pop(&file->done)) != NULL;)
        job_free(job);
    sessions_end(file);
    pthread_cond_destroy(&file->work);
    pthread_mutex_destroy(&file->ring_lock);
    pthread_mutex_destroy(&file->lock);
    free(file);
    count_file(-1);
}
