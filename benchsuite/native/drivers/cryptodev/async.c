/* The device's ring: jobs are handed over by one ioctl and come back by another, with poll(2) to wait
 * for them. A job has no number of its own. What comes back is known by its addresses; a job that failed
 * comes back as an errno and nothing else, and is taken for the oldest, because the device performs the jobs of an
 * open file in their order. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "size.h"
#include "cryptodev.h"

struct file {
    struct cryptodev_line line;
    unsigned count;
    bs_request *jobs[CRYPTODEV_RING]; /* oldest first */
};

struct cryptodev_ring {
    struct cryptodev_session *session;
    pthread_mutex_t lock; /* of jobs and counts: process and poll may run at once */
    unsigned file_count, outstanding, turn;
    _Atomic unsigned most;
    struct pollfd *polled;
    struct file files[];
};

/* ---- jobs ---- */

static int append(struct cryptodev_ring *ring, struct file *file, bs_request *request)
{
    pthread_mutex_lock(&ring->lock);
    int room = file->count < CRYPTODEV_RING;
    if (room)
        file->jobs[file->count++] = request;
    pthread_mutex_unlock(&ring->lock);
    return room;
}

/* Takes job i of a file out. Under the lock. */
static bs_request *take_out(struct file *file, unsigned i)
{
    bs_request *request = file->jobs[i];
    file->count--;
    memmove(&file->jobs[i], &file->jobs[i + 1], (file->count - i) * sizeof *file->jobs);
    return request;
}

/* The job that was just appended has been refused. 0: poll has taken it out meanwhile, for the error of a device
 * that is gone, and returns it. */
static int take_back(struct cryptodev_ring *ring, struct file *file, const bs_request *request)
{
    int found = 0;
    pthread_mutex_lock(&ring->lock);
    for (unsigned i = file->count; i-- > 0;)
        if (file->jobs[i] == request) {
            take_out(file, i);
            found = 1;
            break;
        }
    pthread_mutex_unlock(&ring->lock);
    return found;
}

static void note_taken(struct cryptodev_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    unsigned held = ++ring->outstanding;
    pthread_mutex_unlock(&ring->lock);
    if (held > atomic_load_explicit(&ring->most, memory_order_relaxed))
        atomic_store_explicit(&ring->most, held, memory_order_relaxed);
}

/* Whose job this is, or NULL; of a failed one (op NULL) the oldest. */
static bs_request *whose(struct cryptodev_ring *ring, struct file *file, const struct crypt_op *op)
{
    bs_request *found = NULL;
    pthread_mutex_lock(&ring->lock);
    for (unsigned i = 0; i < file->count && !found; i++) {
        const bs_request *job = file->jobs[i];
        if (!op || (job->src == op->src && (op->mac ? job->tag == op->mac : job->dst == op->dst)))
            found = take_out(file, i);
    }
    if (found)
        ring->outstanding--;
    pthread_mutex_unlock(&ring->lock);
    return found;
}

/* ---- the driver's side ---- */

/* 1: addresses that the device would have to copy from. It does not do that for a job of the ring,
 * which it performs outside of the process. */
static int must_be_copied(const struct cryptodev_session *s, const struct crypt_op *op)
{
    return (((uintptr_t)op->src | (uintptr_t)op->dst) & s->alignmask) != 0;
}

static enum bs_outcome perform_here(struct cryptodev_ring *ring, bs_request *request)
{
    struct cryptodev_session *s = ring->session;
    int status = s->perform(s, &ring->files[0].line, request);
    if (status == CRYPTODEV_REFUSED)
        return BS_BUSY;
    request->status = status;
    return BS_COMPLETED;
}

enum bs_outcome cryptodev_ring_process(void *opened, bs_request *request, unsigned hints)
{
    struct cryptodev_ring *ring = opened;
    (void)hints;
    for (unsigned tried = 0; tried < ring->file_count; tried++) {
        struct file *file = &ring->files[ring->turn];
        struct crypt_op op;
        cryptodev_fill(ring->session, &file->line, request, &op);
        if (must_be_copied(ring->session, &op))
            return perform_here(ring, request);
        if (append(ring, file, request)) { /* first: it may be back before the ioctl returns */
            int error = cryptodev_ioctl(file->line.fd, CIOCASYNCCRYPT, &op);
            if (!error || !take_back(ring, file, request)) {
                note_taken(ring);
                return BS_QUEUED;
            }
            if (error != -EBUSY && error != -EAGAIN) {
                request->status = error;
                return BS_COMPLETED;
            }
        }
        ring->turn = (ring->turn + 1) % ring->file_count;
    }
    return BS_BUSY;
}

/* What one open file has done. */
static unsigned fetch(struct cryptodev_ring *ring, struct file *file, bs_request **done, unsigned max)
{
    unsigned n = 0;
    while (n < max) {
        struct crypt_op op = {0};
        int error = cryptodev_ioctl(file->line.fd, CIOCASYNCFETCH, &op);
        if (error == -EBUSY || error == -EAGAIN)
            break;
        bs_request *request = whose(ring, file, error ? NULL : &op);
        if (request) {
            if (!error)
                cryptodev_note_flags(ring->session, op.flags);
            request->status = cryptodev_status(ring->session, request, error);
            done[n++] = request;
        } else if (error) {
            break; /* not a job's error, then */
        }
    }
    return n;
}

static unsigned fetch_all(struct cryptodev_ring *ring, bs_request **done, unsigned max)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ring->file_count && n < max; i++)
        n += fetch(ring, &ring->files[i], done + n, max - n);
    return n;
}

int cryptodev_ring_poll(void *opened, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct cryptodev_ring *ring = opened;
    unsigned n = fetch_all(ring, done, max);
    if (n || !wait_ns)
        return (int)n;
    struct timespec wait = {(time_t)(wait_ns / 1000000000), (long)(wait_ns % 1000000000)};
    if (ppoll(ring->polled, ring->file_count, &wait, NULL) > 0)
        n = fetch_all(ring, done, max);
    return (int)n;
}

unsigned cryptodev_ring_most(const struct cryptodev_ring *ring)
{
    return atomic_load(&ring->most);
}

unsigned cryptodev_ring_files(const struct cryptodev_ring *ring)
{
    return ring->file_count;
}

/* ---- open and close ---- */

void cryptodev_ring_close(struct cryptodev_ring *ring)
{
    for (unsigned i = 0; i < ring->file_count; i++)
        cryptodev_line_close(&ring->files[i].line);
    pthread_mutex_destroy(&ring->lock);
    free(ring->polled);
    free(ring);
}

int cryptodev_ring_open(struct cryptodev_session *session, unsigned depth,
                        int (*open_line)(void *, struct cryptodev_line *), void *context)
{
    unsigned files = depth / CRYPTODEV_RING + (depth % CRYPTODEV_RING != 0);
    struct cryptodev_ring *ring = calloc(1, bs_plus(sizeof *ring, bs_times(files, sizeof *ring->files)));
    struct pollfd *polled = calloc(files, sizeof *polled);
    if (!ring || !polled) {
        free(ring);
        free(polled);
        return -ENOMEM;
    }
    pthread_mutex_init(&ring->lock, NULL);
    ring->session = session;
    ring->polled = polled;
    for (; ring->file_count < files; ring->file_count++) {
        int error = open_line(context, &ring->files[ring->file_count].line);
        if (error) {
            cryptodev_ring_close(ring);
            return error;
        }
        polled[ring->file_count] = (struct pollfd){.fd = ring->files[ring->file_count].line.fd,
                                                   .events = POLLIN};
    }
    session->ring = ring;
    return 0;
}
