#include "kernel_wait.h"
#include "clock.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/posix_types.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BILLION = 1000000000 };

static const uint64_t LONGEST_NS = (uint64_t)1000000000 *
                                   BILLION; /* thirty years, which 32 bits of seconds hold */

struct old_time {
    __kernel_long_t seconds, nanoseconds;
};

#ifdef SYS_futex_time64 /* and io_pgetevents_time64: a 32-bit kernel's */
struct time64 {
    int64_t seconds, nanoseconds;
};

/* One before 5.1 does not know them, and a container's filter may forbid them. */
static int not_there(long result)
{
    return result < 0 && (errno == ENOSYS || errno == EPERM);
}
#endif

static long futex(_Atomic uint32_t *word, int op, uint32_t value, uint64_t ns)
{
    long result = -1;
    ns = ns < LONGEST_NS ? ns : LONGEST_NS;
#ifdef SYS_futex_time64
    struct time64 time = {(int64_t)(ns / BILLION), (int64_t)(ns % BILLION)};
    result = syscall(SYS_futex_time64, (uint32_t *)word, op | FUTEX_PRIVATE_FLAG, value, &time, NULL, 0);
    if (!not_there(result))
        return result;
#endif
#ifdef SYS_futex
    struct old_time old = {(__kernel_long_t)(ns / BILLION), (__kernel_long_t)(ns % BILLION)};
    result = syscall(SYS_futex, (uint32_t *)word, op | FUTEX_PRIVATE_FLAG, value, &old, NULL, 0);
#endif
    return result;
}

void bs_futex_wait(_Atomic uint32_t *word, uint32_t value, uint64_t ns)
{
    futex(word, FUTEX_WAIT, value, ns);
}

void bs_futex_wake(_Atomic uint32_t *word)
{
    futex(word, FUTEX_WAKE, 1, 0); /* the time is not looked at */
}

long bs_aio_events(aio_context_t context, struct io_event *events, long max, uint64_t ns)
{
    long least = ns ? 1 : 0, result = -1;
    ns = ns < LONGEST_NS ? ns : LONGEST_NS;
#ifdef SYS_futex_time64
    struct time64 time = {(int64_t)(ns / BILLION), (int64_t)(ns % BILLION)};
    result = syscall(SYS_io_pgetevents_time64, context, least, max, events, &time, NULL);
    if (!not_there(result))
        return result < 0 ? -errno : result;
#endif
#ifdef SYS_io_getevents
    struct old_time old = {(__kernel_long_t)(ns / BILLION), (__kernel_long_t)(ns % BILLION)};
    result = syscall(SYS_io_getevents, context, least, max, events, &old);
#endif
    return result < 0 ? -errno : result;
}

void bs_await(unsigned looks)
{
    static const struct timespec nap = {0, 100 * 1000};
    if (looks % (16 * 1024) == 0)
        nanosleep(&nap, NULL);
    else if (looks % 1024 == 0)
        sched_yield();
    else
        bs_relax();
}
