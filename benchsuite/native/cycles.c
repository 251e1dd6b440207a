/* CPU cycles of all this process's threads: by perf_event where the machine counts them, else the
 * counter behind bs_ticks, which counts at a fixed rate whatever the CPU's clock does. */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker.h"

#if defined(__aarch64__)
static const char ticks_name[] = "cntvct"; /* of some MHz: nothing near to cycles */
#else
static const char ticks_name[] = "tsc";
#endif

static int open_event(uint32_t type, uint64_t config, int user_only)
{
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = type;
    attr.config = config;
    attr.inherit = 1; /* threads made later count too */
    attr.exclude_hv = 1;
    attr.exclude_kernel = user_only ? 1 : 0;
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

int bs_cycles_open(uint32_t type, uint64_t config, const char **source)
{
    int fd = open_event(type, config, 0);
    *source = "perf";
    if (fd < 0 && (errno == EACCES || errno == EPERM)) {
        fd = open_event(type, config, 1);
        *source = "perf-user";
    }
    if (fd < 0) {
        bs_clock_start();
        *source = bs_ticks_by_cpu ? ticks_name : "none";
    }
    return fd;
}

int bs_cycles_open_cpu(const char **source)
{
    return bs_cycles_open(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, source);
}

const char *bs_cycles_available(void)
{
    const char *source;
    bs_cycles_close(bs_cycles_open_cpu(&source));
    return source;
}

uint64_t bs_cycles_read(int fd, const char *source)
{
    struct {
        uint64_t value, enabled, running;
    } count;
    if (fd < 0)
        return strcmp(source, ticks_name) == 0 ? bs_ticks() : 0;
    if (read(fd, &count, sizeof count) != (ssize_t)sizeof count || !count.running)
        return 0;
    if (count.running == count.enabled)
        return count.value;
    return (uint64_t)((double)count.value * (double)count.enabled / (double)count.running);
}

void bs_cycles_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
