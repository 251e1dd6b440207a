#include "fake.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "worker.h"

enum { ROOM = 1024 };

uint32_t fake_depth;
struct fake_faults fake_faults;
struct fake_counts fake_counts;
uint32_t fake_q_len;
_Atomic int fake_release;
void *fake_lost_session;

struct session {
    pthread_mutex_t lock;
    _Atomic int in_process;
    bs_request *ring[ROOM];
    uint32_t first, visible, taken; /* visible to poll; taken also counts what HINT_MORE held back */
    uint32_t batch;
    uint64_t offers;
    bs_request *late;
    struct bs_slot *first_slot;
    uint64_t turn;
};

void fake_reset(uint32_t depth)
{
    fake_depth = depth;
    memset(&fake_faults, 0, sizeof fake_faults);
    memset(&fake_counts, 0, sizeof fake_counts);
    fake_q_len = 0;
    atomic_store(&fake_release, 0);
}

static int version(const char *setting, char *text, size_t text_size)
{
    if (strcmp(setting, "mute") == 0)
        return 0;
    return bs_say(text, text_size, 0, "fake 1");
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    (void)params, (void)text, (void)text_size;
    return BS_PREFER_SOFTWARE;
}

static int newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct session *session = state;
    if (params->setting && strcmp(params->setting, "refuse") == 0)
        return bs_say(text, text_size, -ENOTSUP, "refused as asked");
    if (params->setting && strcmp(params->setting, "lose") == 0) {
        fake_lost_session = state;
        return bs_say(text, text_size, -ETIMEDOUT, "lost as asked");
    }
    pthread_mutex_init(&session->lock, NULL);
    return 0;
}

static void freesession(void *state)
{
    pthread_mutex_destroy(&((struct session *)state)->lock);
}

static void perform(bs_request *request, uint64_t number)
{
    for (uint32_t i = 0; i < request->size; i++)
        request->dst[i] = request->src[i] ^ 0xff;
    request->status = number == fake_faults.fail_at ? -EIO : 0;
}

static int refused(struct session *session)
{
    session->offers++;
    return fake_faults.busy_every && session->offers % fake_faults.busy_every == 0;
}

static void take_turn(struct session *session, bs_request *request)
{
    if (!fake_q_len || !request->slot)
        return;
    if (!session->first_slot)
        session->first_slot = request->slot;
    if (request->slot != session->first_slot + session->turn % fake_q_len)
        atomic_fetch_add(&fake_counts.out_of_turn, 1);
    session->turn++;
}

static enum bs_outcome process_sync(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    (void)hints;
    if (atomic_exchange(&session->in_process, 1))
        atomic_fetch_add(&fake_counts.overlaps, 1);
    enum bs_outcome outcome = BS_BUSY;
    if (!refused(session)) {
        struct timespec nap = {0, (long)fake_faults.slow_ns};
        if (nap.tv_nsec)
            nanosleep(&nap, NULL);
        take_turn(session, request);
        perform(request, atomic_fetch_add(&fake_counts.processed, 1) + 1);
        outcome = BS_COMPLETED;
    }
    atomic_store(&session->in_process, 0);
    return outcome;
}

static void kick(struct session *session)
{
    session->visible = session->taken;
    session->batch = 0;
    atomic_fetch_add(&fake_counts.kicks, 1);
}

static enum bs_outcome process_queued(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    enum bs_outcome outcome = BS_QUEUED;
    if (atomic_exchange(&session->in_process, 1))
        atomic_fetch_add(&fake_counts.overlaps, 1);
    pthread_mutex_lock(&session->lock);
    if (refused(session) || session->taken == fake_depth) {
        kick(session);
        outcome = BS_BUSY;
    } else {
        uint64_t number = atomic_fetch_add(&fake_counts.processed, 1) + 1;
        take_turn(session, request);
        perform(request, number);
        if (number == fake_faults.late_at)
            session->late = request;
        else if (number != fake_faults.lose_at) {
            session->ring[(session->first + session->taken++) % ROOM] = request;
        }
        if (session->taken > fake_counts.most_outstanding)
            fake_counts.most_outstanding = session->taken;
        session->batch++;
        if (session->batch > fake_counts.longest_batch)
            fake_counts.longest_batch = session->batch;
        if (hints & BS_HINT_MORE)
            atomic_fetch_add(&fake_counts.held_back, 1);
        else
            kick(session);
    }
    pthread_mutex_unlock(&session->lock);
    atomic_store(&session->in_process, 0);
    return outcome;
}

static int poll_queued(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *session = state;
    unsigned n = 0;
    pthread_mutex_lock(&session->lock);
    if (session->late && atomic_load(&fake_release)) {
        done[n++] = session->late;
        session->late = NULL;
    }
    while (n < max && session->visible) {
        done[n++] = session->ring[session->first];
        session->first = (session->first + 1) % ROOM;
        session->visible--;
        session->taken--;
    }
    pthread_mutex_unlock(&session->lock);
    atomic_fetch_add(&fake_counts.polled, n);
    if (!n && wait_ns) { /* a device would raise an interrupt; a short nap will do here */
        struct timespec nap = {0, wait_ns < 20000 ? (long)wait_ns : 20000};
        nanosleep(&nap, NULL);
    }
    return (int)n;
}

/* Some complete at once, others later: what a driver with an inline fast path does. */
static enum bs_outcome process_mixed(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    if (session->offers % 3)
        return process_queued(state, request, hints);
    enum bs_outcome outcome = process_sync(state, request, hints);
    if (outcome == BS_BUSY || !(hints & BS_HINT_MORE)) {
        pthread_mutex_lock(&session->lock);
        kick(session);
        pthread_mutex_unlock(&session->lock);
    }
    return outcome;
}

#define FAKE(variable, its_name, its_flags, its_process, its_poll)                    \
    static const struct bs_driver variable = {.name = its_name,                       \
                                              .backend = its_name,                    \
                                              .about = "fake",                        \
                                              .names = "",                            \
                                              .flags = its_flags,                     \
                                              .session_size = sizeof(struct session), \
                                              .version = version,                     \
                                              .probe = probe,                         \
                                              .newsession = newsession,               \
                                              .process = its_process,                 \
                                              .poll = its_poll,                       \
                                              .freesession = freesession}

FAKE(sync_driver, "sync", BS_FLAG_SYNC | BS_FLAG_ORDERED, process_sync, NULL);
FAKE(queued_driver, "queued", BS_FLAG_ORDERED, process_queued, poll_queued);
FAKE(mixed_driver, "mixed", 0, process_mixed, poll_queued);

const struct bs_driver *const bs_drivers[] = {&sync_driver, &queued_driver, &mixed_driver, NULL};
