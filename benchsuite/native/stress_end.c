/* How far a run is, and when it ends. */
#include <time.h>

#include "stress_parts.h"

enum {
    NAP_NS = 5 * 1000 * 1000, /* a rest is so many of these, so that it can be ended */
    AFTER_FAULT_MS = 100,     /* for more faults, which show a pattern */
};

int stress_stopped(struct stress_run *run)
{
    return atomic_load_explicit(&run->stop, memory_order_relaxed) || bs_halted(&run->interrupt);
}

uint64_t stress_requests(const struct stress_run *run)
{
    uint64_t requests = 0;
    for (uint32_t w = 0; w < run->load.workers; w++)
        requests += bs_count_read(&run->workers[w].requests);
    return requests;
}

uint64_t stress_sessions(const struct stress_run *run)
{
    uint64_t sessions = 0;
    for (uint32_t w = 0; w < run->load.workers; w++)
        sessions += bs_count_read(&run->workers[w].opened);
    return sessions;
}

void stress_end_in_time(struct stress_run *run)
{
    uint64_t now = bs_now_ns();
    if (now >= run->end_ns || (run->load.requests && stress_requests(run) >= run->load.requests) ||
        (atomic_load(&run->found) &&
         (uint32_t)(stress_in_ms(now) - atomic_load(&run->found_ms)) >= AFTER_FAULT_MS))
        atomic_store(&run->stop, 1);
}

/* Of the requests, or of the time without the long rest. */
int stress_past_half(struct stress_run *run)
{
    const bs_stress_load *load = &run->load;
    uint64_t rest = run->rested ? 0 : load->rest_ns;
    if (load->requests)
        return stress_requests(run) * 2 >= load->requests;
    return run->begin_ns && bs_now_ns() >= run->end_ns - rest - (load->time_ns - load->rest_ns) / 2;
}

void stress_nap(uint64_t ns)
{
    struct timespec pause = {0, (long)ns};
    nanosleep(&pause, NULL);
}

void stress_sleep(struct stress_run *run, uint64_t ns)
{
    uint64_t until = bs_now_ns() + ns;
    for (uint64_t now = bs_now_ns(); now < until && !stress_stopped(run); now = bs_now_ns())
        stress_nap(until - now < NAP_NS ? until - now : NAP_NS);
}
