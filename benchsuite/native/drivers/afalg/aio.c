/* Requests outstanding through Linux AIO (raw system calls; libaio is not needed for four of them): one op
 * socket per request. sendmsg hands the text over, io_submit starts the operation, io_getevents fetches
 * what is done. Kernels that compute inside io_submit exist: what was truly outstanding is counted when it
 * returns. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "kernel_wait.h"
#include "afalg.h"

/* The kernel maps its ring of events at the context's address; io_getevents reads the same. */
struct event_ring {
    unsigned id, nr, head, tail, magic;
};

enum {
    EVENTS = 64,
    WAKE_NS = 1000000,
    AGAIN_NS = 100 * 1000, /* before io_submit is asked again, where the kernel lacks something, */
    AGAIN = 200, /* and so often in a row: 20 ms. Until it takes one, every other request fails at once */
};

static const unsigned RING_MAGIC = 0xa10a10a1;

struct place {
    struct afalg_op op;
    struct iocb iocb;
    bs_request *request;
    struct place *next_free;
};

struct afalg_aio {
    const struct afalg_transform *transform;
    aio_context_t context;
    unsigned depth;
    struct place *places;

    pthread_mutex_t lock;
    struct place *free_places;
    struct iocb **held; /* prepared, not submitted: process alone touches them */
    unsigned held_count, again;
    bs_request *refused; /* by io_submit itself; linked by cookie */
    unsigned in_kernel, most;
};

static struct place *take_place(struct afalg_aio *aio)
{
    pthread_mutex_lock(&aio->lock);
    struct place *place = aio->free_places;
    if (place)
        aio->free_places = place->next_free;
    pthread_mutex_unlock(&aio->lock);
    return place;
}

static void give_back(struct afalg_aio *aio, struct place *place) /* under the lock */
{
    place->next_free = aio->free_places;
    aio->free_places = place;
}

/* ---- submitting ---- */

static unsigned events_waiting(const struct afalg_aio *aio)
{
    const volatile struct event_ring *ring = (const struct event_ring *)(uintptr_t)aio->context;
    if (ring->magic != RING_MAGIC)
        return 0;
    unsigned tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE), head = ring->head, nr = ring->nr;
    return tail >= head ? tail - head : nr - head + tail;
}

/* in_kernel includes what is done and not fetched: that is not outstanding. */
static void count_outstanding(struct afalg_aio *aio, unsigned submitted)
{
    pthread_mutex_lock(&aio->lock);
    aio->in_kernel += submitted;
    unsigned done = events_waiting(aio);
    unsigned now = aio->in_kernel > done ? aio->in_kernel - done : 0;
    if (now > aio->most)
        aio->most = now;
    pthread_mutex_unlock(&aio->lock);
}

static void refuse(struct afalg_aio *aio, struct iocb *iocb, int error)
{
    struct place *place = (struct place *)(uintptr_t)iocb->aio_data;
    afalg_renew(&place->op, aio->transform); /* its text has been sent */
    pthread_mutex_lock(&aio->lock);
    place->request->status = error;
    place->request->cookie = (uint64_t)(uintptr_t)aio->refused;
    aio->refused = place->request;
    give_back(aio, place);
    pthread_mutex_unlock(&aio->lock);
}

/* How many the kernel took, at least one, or -errno. EAGAIN is want of memory, or of room for events, and may pass. */
static long submit(struct afalg_aio *aio, unsigned count, struct iocb **next)
{
    static const struct timespec pause = {0, AGAIN_NS};
    long n;
    while ((n = syscall(SYS_io_submit, aio->context, (long)count, next)) < 0) {
        int error = errno;
        if ((error != EAGAIN && error != EINTR) || aio->again == AGAIN)
            return -error;
        aio->again++;
        nanosleep(&pause, NULL);
    }
    aio->again = 0;
    return n ? n : -EIO;
}

static void submit_held(struct afalg_aio *aio)
{
    struct iocb **next = aio->held;
    for (unsigned left = aio->held_count; left;) {
        long n = submit(aio, left, next);
        if (n < 0) {
            refuse(aio, *next, (int)n);
            n = 1;
        } else {
            count_outstanding(aio, (unsigned)n);
        }
        next += n;
        left -= (unsigned)n;
    }
    aio->held_count = 0;
}

static void fill(struct place *place)
{
    place->iocb = (struct iocb){
        .aio_data = (uint64_t)(uintptr_t)place,
        .aio_fildes = (uint32_t)place->op.fd,
        .aio_lio_opcode = place->op.in_count == 1 ? IOCB_CMD_PREAD : IOCB_CMD_PREADV,
    };
    if (place->op.in_count == 1) {
        place->iocb.aio_buf = (uint64_t)(uintptr_t)place->op.in[0].iov_base;
        place->iocb.aio_nbytes = place->op.in[0].iov_len;
    } else {
        place->iocb.aio_buf = (uint64_t)(uintptr_t)place->op.in;
        place->iocb.aio_nbytes = (uint64_t)place->op.in_count;
    }
}

enum bs_outcome afalg_aio_process(void *opened, bs_request *request, unsigned hints)
{
    struct afalg_aio *aio = opened;
    struct place *place = take_place(aio);
    enum bs_outcome outcome = place ? BS_QUEUED : BS_BUSY;
    if (place) {
        int error = afalg_prepare(&place->op, aio->transform, request);
        if (!error)
            error = afalg_send(&place->op, 0);
        place->request = request;
        if (error) {
            request->status = error;
            afalg_renew(&place->op, aio->transform);
            pthread_mutex_lock(&aio->lock);
            give_back(aio, place);
            pthread_mutex_unlock(&aio->lock);
            outcome = BS_COMPLETED;
        } else {
            fill(place);
            aio->held[aio->held_count++] = &place->iocb;
        }
    }
    if (aio->held_count && (!(hints & BS_HINT_MORE) || outcome == BS_BUSY))
        submit_held(aio);
    return outcome;
}

/* ---- completions ---- */

static unsigned take_refused(struct afalg_aio *aio, bs_request **done, unsigned max)
{
    unsigned n = 0;
    pthread_mutex_lock(&aio->lock);
    for (; n < max && aio->refused; n++) {
        done[n] = aio->refused;
        aio->refused = (bs_request *)(uintptr_t)done[n]->cookie;
    }
    pthread_mutex_unlock(&aio->lock);
    return n;
}

static void finish(struct afalg_aio *aio, const struct io_event *events, long n, bs_request **done)
{
    pthread_mutex_lock(&aio->lock);
    for (long i = 0; i < n; i++) {
        struct place *place = (struct place *)(uintptr_t)events[i].data;
        place->request->status = afalg_status(&place->op, (long)events[i].res);
        if (__builtin_expect(place->request->status && place->request->status != -EBADMSG, 0))
            afalg_renew(&place->op, aio->transform);
        done[i] = place->request;
        give_back(aio, place);
    }
    aio->in_kernel -= (unsigned)n;
    pthread_mutex_unlock(&aio->lock);
}

int afalg_aio_poll(void *opened, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct afalg_aio *aio = opened;
    struct io_event events[EVENTS];
    unsigned n = take_refused(aio, done, max);
    uint64_t until = wait_ns ? bs_now_ns() + wait_ns : 0;
    if (n)
        return (int)n;
    max = max < EVENTS ? max : EVENTS;
    for (;;) { /* in short sleeps: a refused request wakes nobody */
        long got = bs_aio_events(aio->context, events, (long)max, wait_ns < WAKE_NS ? wait_ns : WAKE_NS);
        if (got > 0) {
            finish(aio, events, got, done);
            return (int)got;
        }
        n = take_refused(aio, done, max);
        if (n || !wait_ns || bs_now_ns() >= until)
            return (int)n;
    }
}

unsigned afalg_aio_most(const struct afalg_aio *aio)
{
    return aio->most;
}

void afalg_aio_forget(struct afalg_aio *aio)
{
    aio->most = 0;
}

/* ---- open and close ---- */

int afalg_aio_open(struct afalg_aio **opened, const struct afalg_transform *transform, unsigned depth,
                   size_t max_size, char *text, size_t text_size)
{
    struct afalg_aio *aio = calloc(1, sizeof *aio);
    if (!aio)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    pthread_mutex_init(&aio->lock, NULL);
    aio->transform = transform;
    aio->places = calloc(depth, sizeof *aio->places);
    aio->held = calloc(depth, sizeof *aio->held);
    int error = aio->places && aio->held ? 0 : bs_say(text, text_size, -ENOMEM, "out of memory");
    if (!error && syscall(SYS_io_setup, (long)depth, &aio->context)) {
        error = -errno;
        bs_say(text, text_size, error, "this kernel gives no AIO context: %s", strerror(-error));
    }
    for (; !error && aio->depth < depth; aio->depth += !error) {
        struct place *place = &aio->places[aio->depth];
        error = afalg_op_open(&place->op, transform, max_size, text, text_size);
        if (!error)
            give_back(aio, place);
    }
    if (error) {
        afalg_aio_close(aio);
        return error;
    }
    *opened = aio;
    return 0;
}

void afalg_aio_close(struct afalg_aio *aio)
{
    if (aio->context)
        syscall(SYS_io_destroy, aio->context);
    for (unsigned i = 0; i < aio->depth; i++)
        afalg_op_close(&aio->places[i].op);
    pthread_mutex_destroy(&aio->lock);
    free(aio->places);
    free(aio->held);
    free(aio);
}
