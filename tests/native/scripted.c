#include "scripted.h"

#include <string.h>
#include <time.h>

#include "clock.h"
#include "driver.h"

uint64_t scripted_ns[SCRIPTED_ROOM];
uint64_t scripted_begun[SCRIPTED_ROOM], scripted_ended[SCRIPTED_ROOM];
uint64_t scripted_came[SCRIPTED_ROOM];
uint32_t scripted_count;

struct session {
    bs_request *taken; /* one at a time */
};

void scripted_reset(void)
{
    memset(scripted_ns, 0, sizeof scripted_ns);
    scripted_count = 0;
}

static int version(const char *setting, char *text, size_t text_size)
{
    (void)setting;
    return bs_say(text, text_size, 0, "scripted");
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    (void)params, (void)text, (void)text_size;
    return BS_PREFER_SOFTWARE;
}

static int newsession(void *session, const bs_params *params, char *text, size_t text_size)
{
    (void)session, (void)params, (void)text, (void)text_size;
    return 0;
}

static void freesession(void *session)
{
    (void)session;
}

static void perform(bs_request *request)
{
    uint32_t number = scripted_count++;
    scripted_begun[number] = bs_ticks();
    if (scripted_ns[number])
        nanosleep(&(struct timespec){0, (long)scripted_ns[number]}, NULL);
    request->status = 0;
    scripted_ended[number] = bs_ticks();
}

static enum bs_outcome process(void *session, bs_request *request, unsigned hints)
{
    (void)session, (void)hints;
    perform(request);
    return BS_COMPLETED;
}

static enum bs_outcome process_queued(void *state, bs_request *request, unsigned hints)
{
    struct session *session = state;
    (void)hints;
    if (session->taken)
        return BS_BUSY;
    scripted_came[scripted_count] = request->dispatched;
    session->taken = request;
    return BS_QUEUED;
}

/* The request is performed in here. */
static int poll(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *session = state;
    (void)max, (void)wait_ns;
    if (!session->taken)
        return 0;
    perform(session->taken);
    done[0] = session->taken;
    session->taken = NULL;
    return 1;
}

#define SCRIPTED(variable, its_name, its_flags, its_process, its_poll)                \
    static const struct bs_driver variable = {.name = its_name,                       \
                                              .backend = its_name,                    \
                                              .about = "scripted",                    \
                                              .names = "",                            \
                                              .flags = its_flags,                     \
                                              .session_size = sizeof(struct session), \
                                              .version = version,                     \
                                              .probe = probe,                         \
                                              .newsession = newsession,               \
                                              .process = its_process,                 \
                                              .poll = its_poll,                       \
                                              .freesession = freesession}

SCRIPTED(at_once, "at once", BS_FLAG_SYNC | BS_FLAG_ORDERED, process, NULL);
SCRIPTED(polled, "polled", BS_FLAG_ORDERED, process_queued, poll);

const struct bs_driver *const bs_drivers[] = {&at_once, &polled, NULL};
