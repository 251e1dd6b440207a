/* What the kernel is handed by waits, and by AIO when it lacks something, with a kernel that is played: on a 32-bit
 * machine either of its two shapes of a time, whatever the C library's is. */
#include <errno.h>
#include <linux/futex.h>
#include <linux/posix_types.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

/* Compiled in here, with the played kernel in the place of the C library's: to put another `syscall` in everybody's
 * way would hit the sanitizers and the C library, too. */
static long played(long number, ...);
#define syscall played
#include "drivers/afalg/aio.c"
#include "kernel_wait.c"
#undef syscall

static struct {
    int old_only, filtered;   /* no call with 64-bit times: ENOSYS, or EPERM */
    unsigned refuse, submits; /* io_submit says EAGAIN so many times yet; was called */
    unsigned calls;           /* with a time, that were answered */
    int64_t seconds, nanoseconds;
    struct iocb *taken;
} kernel;

static long fail(int error)
{
    errno = error;
    return -1;
}

static void take_old(const __kernel_long_t *time)
{
    kernel.seconds = time[0];
    kernel.nanoseconds = time[1];
    kernel.calls++;
}

#ifdef SYS_futex_time64
static long take_new(const int64_t *time)
{
    if (kernel.old_only || kernel.filtered)
        return fail(kernel.filtered ? EPERM : ENOSYS);
    kernel.seconds = time[0];
    kernel.nanoseconds = time[1];
    kernel.calls++;
    return 0;
}
#endif

static long give(struct io_event *events)
{
    if (!kernel.taken)
        return 0;
    *events = (struct io_event){.data = kernel.taken->aio_data, .res = 16};
    kernel.taken = NULL;
    return 1;
}

static long take(struct iocb **iocbs)
{
    kernel.submits++;
    if (kernel.refuse) {
        kernel.refuse--;
        return fail(EAGAIN);
    }
    kernel.taken = iocbs[0];
    return 1;
}

static const unsigned ring[8]; /* its magic is wrong: not looked into */

static long played(long number, ...)
{
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    switch (number) {
#ifdef SYS_futex
    case SYS_futex:
        CHECK((int)a[1] == (FUTEX_WAIT | FUTEX_PRIVATE_FLAG) && *(uint32_t *)a[0] == (uint32_t)a[2]);
        take_old((const __kernel_long_t *)a[3]);
        return 0;
#endif
#ifdef SYS_futex_time64
    case SYS_futex_time64:
        CHECK((int)a[1] == (FUTEX_WAIT | FUTEX_PRIVATE_FLAG) && *(uint32_t *)a[0] == (uint32_t)a[2]);
        return take_new((const int64_t *)a[3]);
    case SYS_io_pgetevents_time64:
        CHECK(a[5] == 0); /* no signal mask */
        return take_new((const int64_t *)a[4]) ? -1 : give((struct io_event *)a[3]);
#endif
#ifdef SYS_io_getevents
    case SYS_io_getevents:
        take_old((const __kernel_long_t *)a[4]);
        return give((struct io_event *)a[3]);
#endif
    case SYS_io_setup:
        *(aio_context_t *)a[1] = (aio_context_t)(uintptr_t)ring;
        return 0;
    case SYS_io_submit:
        return take((struct iocb **)a[2]);
    default:
        return 0; /* io_destroy */
    }
}

/* ---- the rest of the driver, as far as afalg/aio.c calls it ---- */

static unsigned renewed;

int afalg_op_open(struct afalg_op *op, const struct afalg_transform *transform, size_t max_size, char *text,
                  size_t text_size)
{
    (void)transform, (void)max_size, (void)text, (void)text_size;
    *op = (struct afalg_op){.fd = 7, .in_count = 1};
    return 0;
}

void afalg_op_close(struct afalg_op *op)
{
    op->fd = -1;
}

int afalg_prepare(struct afalg_op *op, const struct afalg_transform *transform, const bs_request *request)
{
    (void)transform;
    op->in[0] = (struct iovec){request->dst, request->size};
    return 0;
}

int afalg_send(struct afalg_op *op, int flags)
{
    (void)op, (void)flags;
    return 0;
}

int32_t afalg_status(const struct afalg_op *op, long result)
{
    return (size_t)result == op->in[0].iov_len ? 0 : -EIO;
}

void afalg_renew(struct afalg_op *op, const struct afalg_transform *transform)
{
    (void)op, (void)transform;
    renewed++;
}

/* ---- tests ---- */

static void a_time_arrives_whole(void)
{
    _Atomic uint32_t word = 1;
    bs_futex_wait(&word, 1, 3000000007u);
    CHECK(kernel.calls == 1 && kernel.seconds == 3 && kernel.nanoseconds == 7);
    bs_futex_wait(&word, 1, 999999999);
    CHECK(kernel.calls == 2 && kernel.seconds == 0 && kernel.nanoseconds == 999999999);
    bs_futex_wait(&word, 1, UINT64_MAX); /* and does not become one that is over */
    CHECK(kernel.calls == 3 && kernel.seconds >= 1000000000 && kernel.seconds <= INT32_MAX);
}

/* One request there and back; its status. */
static int32_t one_request(struct afalg_aio *aio, unsigned refuse)
{
    uint8_t bytes[16] = {0};
    bs_request request = {.src = bytes, .dst = bytes, .size = sizeof bytes, .status = 1}, *done = NULL;
    kernel.refuse = refuse;
    kernel.submits = kernel.calls = 0;
    CHECK(afalg_aio_process(aio, &request, 0) == BS_QUEUED);
    CHECK(afalg_aio_poll(aio, &done, 1, 5000000) == 1 && done == &request);
    return request.status;
}

/* What the kernel lacks for a moment is waited for; what it lacks for good fails the request, and no more. */
static void io_submit_is_not_repeated_for_ever(void)
{
    struct afalg_transform transform = {.fd = 3};
    struct afalg_aio *aio;
    char text[100];
    CHECK(afalg_aio_open(&aio, &transform, 2, 16, text, sizeof text) == 0);
    CHECK(one_request(aio, 0) == 0 && kernel.submits == 1);
    CHECK(kernel.calls == 1 && kernel.seconds == 0 && kernel.nanoseconds == 1000000);
    CHECK(one_request(aio, 5) == 0 && kernel.submits == 6 && renewed == 0);
    CHECK(one_request(aio, 1000000) == -EAGAIN && kernel.submits > 100 && kernel.submits < 1000 &&
          renewed == 1);
    CHECK(one_request(aio, 1000000) == -EAGAIN && kernel.submits == 1 && renewed == 2);
    CHECK(one_request(aio, 0) == 0 && kernel.submits == 1);
    afalg_aio_close(aio);
}

int main(void)
{
    for (int kind = 0; kind < 3; kind++) {
        memset(&kernel, 0, sizeof kernel);
        kernel.old_only = kind == 1;
        kernel.filtered = kind == 2;
        renewed = 0;
        a_time_arrives_whole();
        io_submit_is_not_repeated_for_ever();
    }
    return 0;
}
