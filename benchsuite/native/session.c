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

/* Until the driver takes it. What poll would return here can only be another request of ours: none. */
static enum bs_outcome offer(bs_session *session, bs_request *request, uint64_t until)
{
    const struct bs_driver *driver = session->driver;
    enum bs_outcome outcome;
    bs_request *none;
    unsigned looks = 0;
    while ((outcome = session->process(session->state, request, 0)) == BS_BUSY && bs_now_ns() < until) {
        if (driver->poll)
            driver->poll(session->state, &none, 1, 0);
        bs_await(++looks);
    }
    return outcome;
}

/* Until it is back, whatever else comes: then nothing is outstanding. */
static int collect(bs_session *session, bs_request *request, uint64_t until)
{
    int strange = 0;
    for (;;) {
        bs_request *finished;
        uint64_t now = bs_now_ns();
        if (now >= until) {
            session->lost = 1;
            return -ETIMEDOUT;
        }
        uint64_t wait = until - now < 10000000 ? until - now : 10000000;
        if (session->driver->poll(session->state, &finished, 1, wait) != 1)
            continue;
        if (finished == request)
            return strange ? -EPROTO : request->status;
        strange = 1;
    }
}

int bs_session_do(bs_session *session, bs_request *request, uint64_t timeout_ns)
{
    uint64_t until = bs_now_ns() + timeout_ns;
    if (session->lost)
        return -ETIMEDOUT;
    if (request->size > session->params.max_size || request->aad_len > session->params.aad_len)
        return -EMSGSIZE; /* a driver has no buffers for it */
    bs_request *stray;    /* an earlier request a second time, perhaps at this one's address */
    int strays = 0;
    while (session->driver->poll && session->driver->poll(session->state, &stray, 1, 0) > 0)
        strays++;
    if (strays)
        return -EPROTO;
    request->status = -EINPROGRESS;
    session->by_hand++;
    switch (offer(session, request, until)) {
    case BS_COMPLETED:
        return request->status;
    case BS_QUEUED:
        return collect(session, request, until);
    case BS_BUSY:
        break;
    }
    return -ETIMEDOUT;
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
