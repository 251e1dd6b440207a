/* Driver sessions: sessions of the device, and the way requests go to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/shared/trial.h"
#include "cryptodev.h"

enum { TRIAL_SIZE = 65536 }; /* where requests may be larger still; a multiple of every block */

static const double EVIDENTLY = 0.9; /* of the threads' time, if the ring is to be taken */

int cryptodev_probe(const bs_params *params, char *text, size_t text_size)
{
    struct cryptodev_asked asked = {.params = params, .text = text, .text_size = text_size};
    struct cryptodev_session trial = {.line = {.fd = -1}};
    int error = cryptodev_check(&asked);
    if (!error)
        error = cryptodev_line_open(&asked, &trial.line);
    if (error)
        return error;
    cryptodev_learn(&trial, &trial.line);
    cryptodev_line_close(&trial.line);
    return cryptodev_preference(&trial);
}

/* ---- one at a time ---- */

static enum bs_outcome process_sync(void *session, bs_request *request, unsigned hints)
{
    struct cryptodev_session *s = session;
    (void)hints;
    int status = s->perform(s, &s->line, request);
    if (__builtin_expect(status == CRYPTODEV_REFUSED, 0))
        return BS_BUSY;
    request->status = status;
    return BS_COMPLETED;
}

static enum bs_outcome process_threads(void *session, bs_request *request, unsigned hints)
{
    (void)hints;
    callers_submit(((struct cryptodev_session *)session)->callers, request);
    return BS_QUEUED;
}

/* ---- the ring ---- */

static enum bs_outcome process_async(void *session, bs_request *request, unsigned hints)
{
    return cryptodev_ring_process(((struct cryptodev_session *)session)->ring, request, hints);
}

static int open_async(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    asked->text[0] = '\0';
    int error = cryptodev_ring_open(s, asked->params->depth, cryptodev_line_open, asked);
    if (error && !asked->text[0])
        bs_say(asked->text, asked->text_size, error, "out of memory");
    return error;
}

/* ---- a session ---- */

/* NULL, or why the ring cannot be used: it takes one operation, and only a module built for it has one. */
static const char *no_ring(const struct cryptodev_session *s, const struct cryptodev_asked *asked)
{
    int kind = asked->params->kind;
    if (kind != BS_CIPHER && kind != BS_DIGEST && kind != BS_HMAC)
        return "the device's ring takes no AEADs, and no pair, which is two operations";
    if (s->cut)
        return "the device writes a MAC whole, and its ring has no room beside the request's for the rest";
    if (asked->params->piece)
        return "the parts of a text must follow one another, and the device's ring takes any order";
    return cryptodev_has_async(s->line.fd) ? NULL : "the module was built without -DENABLE_ASYNC";
}

static int open_named(struct cryptodev_session *s, struct cryptodev_asked *asked, enum cryptodev_way way)
{
    s->way = way;
    s->process = way == CRYPTODEV_ASYNC ? process_async : process_threads;
    return way == CRYPTODEV_ASYNC ? open_async(s, asked) : cryptodev_threads_open(s, asked);
}

/* 0, or -EBUSY: a lost request may still come back to its line. */
static int close_way(struct cryptodev_session *s)
{
    if (s->callers && callers_close(s->callers))
        return -EBUSY;
    s->callers = NULL;
    if (s->ring)
        cryptodev_ring_close(s->ring);
    s->ring = NULL;
    for (unsigned i = 0; i < s->line_count; i++)
        cryptodev_line_close(&s->lines[i]);
    free(s->lines);
    s->lines = NULL;
    s->line_count = 0;
    return 0;
}

/* ---- trials ---- */

static int open_trial(struct trial *trial, const struct cryptodev_asked *asked)
{
    uint32_t size = asked->params->max_size;
    return trial_open(trial, asked->params, size < TRIAL_SIZE ? size : TRIAL_SIZE);
}

/* What becomes of the request does not matter: a forged tag is refused after the work. */
static int perform(void *session, bs_request *request)
{
    struct cryptodev_session *s = session;
    s->perform(s, &s->line, request);
    return 0;
}

/* 1 when requests sleep inside the kernel, waiting for a device. A program in user space needs no trial, and luck
 * could have it answer before there was time to sleep. -ENOMEM. */
static int requests_sleep(struct cryptodev_session *s, const struct cryptodev_asked *asked)
{
    struct trial trial;
    if (s->in_user_space)
        return 1;
    if (open_trial(&trial, asked))
        return -ENOMEM;
    int asleep = trial_sleeps(&trial, perform, s);
    trial_close(&trial);
    return asleep;
}

/* ns per request, or -errno. */
static double pace(const struct cryptodev_asked *asked, const struct trial_way *way)
{
    struct trial trial;
    if (open_trial(&trial, asked))
        return -ENOMEM;
    double found = trial_pace(&trial, way);
    trial_close(&trial);
    return found;
}

/* The ring of an open file performs one job after the other, so where requests sleep, waiting for a device, only
 * threads overlap. Where the work is done on a CPU it depends, so both ways show how quick they are. Every
 * process that measures opens its own session: what is nearly even must not come out now so, now so. */
static int open_quicker(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    int error = open_named(s, asked, CRYPTODEV_ASYNC);
    if (error)
        return error;
    s->ring_pace = pace(asked, &(struct trial_way){s->ring, cryptodev_ring_process, cryptodev_ring_poll});
    close_way(s);
    error = open_named(s, asked, CRYPTODEV_THREADS);
    if (error)
        return error;
    s->threads_pace = pace(asked, &(struct trial_way){s->callers, callers_process, callers_poll});
    if (s->threads_pace == -ETIMEDOUT)
        return bs_say(asked->text, asked->text_size, -ETIMEDOUT,
                      "the device took a request and has not answered for four seconds");
    callers_forget(s->callers);
    if (s->ring_pace <= 0 || (s->threads_pace > 0 && s->ring_pace > EVIDENTLY * s->threads_pace))
        return 0;
    close_way(s);
    return open_named(s, asked, CRYPTODEV_ASYNC);
}

static int open_way(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    enum cryptodev_way wanted = asked->setting.way;
    s->way = CRYPTODEV_SYNC;
    s->process = process_sync;
    if (asked->params->depth <= 1)
        return 0;
    const char *why = no_ring(s, asked);
    if (wanted == CRYPTODEV_ASYNC && why)
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP, "no way=async here: %s", why);
    s->sleeps = requests_sleep(s, asked);
    if (s->sleeps < 0)
        return bs_say(asked->text, asked->text_size, s->sleeps, "out of memory");
    cryptodev_line_close(&s->line);
    if (wanted == CRYPTODEV_UNDECIDED && !why && !s->sleeps)
        return open_quicker(s, asked);
    return open_named(s, asked, wanted == CRYPTODEV_ASYNC ? CRYPTODEV_ASYNC : CRYPTODEV_THREADS);
}

int cryptodev_poll(void *session, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct cryptodev_session *s = session;
    if (s->ring)
        return cryptodev_ring_poll(s->ring, done, max, wait_ns);
    return s->callers ? callers_poll(s->callers, done, max, wait_ns)
                      : 0; /* sync: nothing is ever outstanding */
}

int cryptodev_newsession(void *session, const bs_params *params, char *text, size_t text_size)
{
    struct cryptodev_asked asked = {.params = params, .text = text, .text_size = text_size};
    struct cryptodev_session *s = session;
    int error = cryptodev_check(&asked);
    if (error)
        return error;
    if ((asked.cipher && params->key_len && !params->key) ||
        (asked.mac && asked.mac->kind == BS_HMAC && !params->mac_key) ||
        (params->chained && params->iv_len && !params->first_iv))
        return bs_say(text, text_size, -EINVAL, "params carry no key, or no first IV");
    error = cryptodev_line_open(&asked, &s->line);
    if (error)
        return error;
    cryptodev_learn(s, &s->line);
    s->cut = asked.mac && params->tag_len < asked.mac->tag_len;
    cryptodev_prepare(s, params);
    s->no_stealing = asked.cipher && asked.cipher->id == CRYPTO_AES_XTS;
    error = open_way(s, &asked);
    if (error)
        cryptodev_freesession(s);
    return error;
}

void cryptodev_freesession(void *session)
{
    struct cryptodev_session *s = session;
    if (close_way(s) == 0)
        cryptodev_line_close(&s->line);
}
