#include "faults.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lab_fault fault;
static uint64_t attempts, operations; /* since the fault was set */
static struct lab_counts counts;
static uint32_t inside;

void faults_set(const struct lab_fault *wanted)
{
    pthread_mutex_lock(&lock);
    fault = *wanted;
    attempts = operations = 0;
    pthread_mutex_unlock(&lock);
}

static int due(uint64_t number)
{
    return number > fault.after && fault.every && (number - fault.after - 1) % fault.every == 0;
}

int faults_refuse(void)
{
    pthread_mutex_lock(&lock);
    int error = 0;
    attempts++;
    if (fault.fault == FAULT_BUSY && attempts > fault.after && !due(attempts))
        error = EBUSY;
    else if (fault.fault == FAULT_INTR && due(attempts))
        error = EINTR;
    counts.faults += error != 0;
    pthread_mutex_unlock(&lock);
    return error;
}

struct verdict faults_next(void)
{
    struct verdict verdict = {0};
    pthread_mutex_lock(&lock);
    operations++;
    counts.operations++;
    int now = due(operations);
    if (fault.fault == FAULT_EIO && now)
        verdict.error = EIO;
    else if (fault.fault == FAULT_WRONG && now)
        verdict.wrong = 1;
    else if (fault.fault == FAULT_LATE && now)
        verdict.ms = fault.ms;
    else if (fault.fault == FAULT_LOST && now)
        verdict.lost = 1;
    else if (fault.fault == FAULT_HANG && operations > fault.after)
        verdict.lost = 1;
    counts.faults += verdict.error || verdict.wrong || verdict.ms || verdict.lost;
    pthread_mutex_unlock(&lock);
    return verdict;
}

struct lab_fault faults_now(void)
{
    pthread_mutex_lock(&lock);
    struct lab_fault now = fault;
    pthread_mutex_unlock(&lock);
    return now;
}

void count_fault(void)
{
    pthread_mutex_lock(&lock);
    counts.faults++;
    pthread_mutex_unlock(&lock);
}

void faults_sleep(unsigned ms)
{
    struct timespec pause = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (ms)
        nanosleep(&pause, NULL);
}

static void adjust(uint32_t *count, int by)
{
    pthread_mutex_lock(&lock);
    *count += (uint32_t)by;
    pthread_mutex_unlock(&lock);
}

void count_file(int by)
{
    adjust(&counts.open_files, by);
}

void count_session(int by)
{
    adjust(&counts.sessions, by);
    if (by > 0) {
        pthread_mutex_lock(&lock);
        counts.sessions_made += (uint64_t)by;
        pthread_mutex_unlock(&lock);
    }
}

static void raise_to(uint32_t *most, uint32_t now)
{
    if (now > *most)
        *most = now;
}

void count_inside(int by)
{
    pthread_mutex_lock(&lock);
    inside += (uint32_t)by;
    raise_to(&counts.most_inside, inside);
    pthread_mutex_unlock(&lock);
}

void count_queued(unsigned jobs)
{
    pthread_mutex_lock(&lock);
    raise_to(&counts.most_queued, jobs);
    pthread_mutex_unlock(&lock);
}

void count_copied(void)
{
    pthread_mutex_lock(&lock);
    counts.copied++;
    pthread_mutex_unlock(&lock);
}

struct lab_counts counts_now(void)
{
    pthread_mutex_lock(&lock);
    struct lab_counts now = counts;
    pthread_mutex_unlock(&lock);
    return now;
}
