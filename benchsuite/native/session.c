/* One session, by hand. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker.h"
#include "registry.h"

/* Sessions that lost a request: what their driver may still write to stays, and a leak checker sees why. */
static _Atomic(bs_session *) abandoned;

static void abandon(bs_session *session)
{
    session->next_abandoned = atomic_exchange(&abandoned, session);
}

static void *session_memory(const struct bs_driver *driver)
{
    size_t size = (driver->session_size + 63) / 64 * 64;
    void *memory = aligned_alloc(64, size ? size : 64);
    if (memory)
        memset(memory, 0, size ? size : 64);
    return memory;
}

bs_session *bs_session_open(const char *driver, const bs_params *params, char *text, size_t text_size)
{
    bs_clock_start();
    const struct bs_driver *found = bs_driver_find(driver, text, text_size);
    if (!found)
        return NULL;
    text[0] = '\0';
    bs_session *session = calloc(1, sizeof *session);
    void *state = session_memory(found);
    int error = 0;
    if (!session || !state) {
        bs_say(text, text_size, 0, "out of memory");
    } else if ((error = bs_driver_refuses(found, params, text, text_size)) == 0 &&
               (error = found->newsession(state, params, text, text_size)) == 0) {
        session->driver = found;
        session->state = state;
        session->process = found->process_of ? found->process_of(state) : found->process;
        session->params = *params;
        session->params.setting = session->params.cipher = session->params.digest = NULL;
        session->params.key = session->params.mac_key = session->params.first_iv = NULL;
        return session;
    } else if (error == -ETIMEDOUT) {
        session->state = state;
        abandon(session);
        return NULL;
    } else {
        explicit_bzero(state, found->session_size);
    }
    free(state);
    free(session);
    return NULL;
}

enum { DONE = -1, MOST_STRAYS = 64 };

/* What came although it was not asked for: the last one again, or one that nobody here knows. */
static int stray(const bs_session *session, const bs_request *came)
{
    return came == session->last ? BS_FOUND_TWICE : BS_FOUND_STRANGER;
}

/* Not all that come: a faulty driver's may have no end. */
int bs_session_strays(bs_session *session, uint64_t wait_ns)
{
    int found = DONE;
    for (int i = 0; i < MOST_STRAYS && session->driver->poll; i++) {
        bs_request *came;
        int n = session->driver->poll(session->state, &came, 1, i ? 0 : wait_ns);
        if (n == 0)
            break;
        if (n != 1)
            return BS_FOUND_POLL;
        found = found == BS_FOUND_TWICE ? found : stray(session, came);
    }
    return found;
}

/* As its flags say. */
static int may_queue(const bs_session *session)
{
    uint32_t flags = session->driver->flags;
    int alone = flags & BS_FLAG_SYNC_ALONE && session->params.depth <= 1;
    return session->driver->poll && !(flags & BS_FLAG_SYNC) && !alone;
}

/* Until the driver takes it; DONE: it did. */
static int offer(bs_session *session, bs_request *request, uint64_t until, enum bs_outcome *outcome)
{
    unsigned looks = 0;
    while ((*outcome = session->process(session->state, request, 0)) == BS_BUSY) {
        int found = bs_session_strays(session, 0);
        if (found != DONE)
            return found;
        if (bs_now_ns() >= until)
            return BS_FOUND_REFUSED;
        bs_await(++looks);
    }
    if (*outcome == BS_COMPLETED || (*outcome == BS_QUEUED && may_queue(session)))
        return DONE;
    session->lost = 1; /* it may be the driver's */
    return BS_FOUND_OUTCOME;
}

/* Until it is back, whatever else comes: then nothing is outstanding. */
static int collect(bs_session *session, bs_request *request, uint64_t until)
{
    int found = DONE;
    for (;;) {
        bs_request *finished;
        uint64_t now = bs_now_ns();
        if (now >= until) {
            session->lost = 1;
            return found == BS_FOUND_POLL ? found : BS_FOUND_LOST;
        }
        uint64_t wait = until - now < 10000000 ? until - now : 10000000;
        int n = session->driver->poll(session->state, &finished, 1, wait);
        if (n == 1 && finished == request)
            return found;
        if (n)
            found = n == 1 ? stray(session, finished) : BS_FOUND_POLL;
    }
}

int bs_session_perform(bs_session *session, bs_request *request, uint64_t timeout_ns)
{
    uint64_t until = bs_now_ns() + timeout_ns;
    enum bs_outcome outcome = BS_COMPLETED;
    session->by_hand++;
    int found = offer(session, request, until, &outcome);
    if (found == DONE && outcome == BS_QUEUED)
        found = collect(session, request, until);
    session->last = request;
    return found;
}

int bs_session_do(bs_session *session, bs_request *request, uint64_t timeout_ns)
{
    if (session->lost)
        return -ETIMEDOUT;
    if (request->size > session->params.max_size || request->aad_len > session->params.aad_len)
        return -EMSGSIZE; /* a driver has no buffers for it */
    int found = bs_session_strays(session, 0);
    request->status = -EINPROGRESS;
    if (found == DONE)
        found = bs_session_perform(session, request, timeout_ns);
    if (found == DONE)
        return request->status;
    session->broke = found;
    return session->lost || found == BS_FOUND_REFUSED ? -ETIMEDOUT : -EPROTO;
}

int bs_session_broke(const bs_session *session)
{
    return session->broke;
}

void bs_session_facts(bs_session *session, char *text, size_t text_size)
{
    text[0] = '\0';
    if (session->driver->facts && !session->lost)
        session->driver->facts(session->state, text, text_size);
}

void bs_session_close(bs_session *session)
{
    if (!session)
        return;
    if (session->lost) {
        abandon(session);
        return;
    }
    session->driver->freesession(session->state);
    explicit_bzero(session->state, session->driver->session_size);
    free(session->state);
    free(session);
}
