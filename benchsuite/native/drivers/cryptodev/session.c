/* Driver sessions: sessions of the device, and the way requests go to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "cpus.h"
#include "cryptodev.h"

enum {
    MOST_CALLERS = 256,
    PAUSE_NS = 50000, /* before a busy device is asked again */
};

static const uint64_t PATIENCE_NS = 2000000000; /* with a device that stays busy */
static const double EVIDENTLY = 0.9;            /* of the threads' time, if the ring is to be taken */

/* ---- lines ---- */

void cryptodev_line_close(struct cryptodev_line *line)
{
    if (line->fd < 0)
        return;
    if (line->has_cipher)
        cryptodev_ioctl(line->fd, CIOCFSESSION, &line->cipher);
    if (line->has_mac)
        cryptodev_ioctl(line->fd, CIOCFSESSION, &line->mac);
    close(line->fd);
    *line = (struct cryptodev_line){.fd = -1};
}

static int open_cipher(const struct cryptodev_asked *asked, struct cryptodev_line *line)
{
    const bs_params *p = asked->params;
    struct session_op op = {.cipher = asked->cipher->id, .keylen = p->key_len - p->salt_len, .key = p->key};
    int error = cryptodev_new(line->fd, &op, asked->cipher->name, asked->text, asked->text_size);
    line->has_cipher = !error;
    line->cipher = op.ses;
    return error;
}

static int open_mac(const struct cryptodev_asked *asked, struct cryptodev_line *line)
{
    const bs_params *p = asked->params;
    struct session_op op = {.mac = asked->mac->id};
    if (asked->mac->kind == BS_HMAC) {
        op.mackeylen = p->mac_key_len;
        op.mackey = p->mac_key;
    }
    int error = cryptodev_new(line->fd, &op, asked->mac->name, asked->text, asked->text_size);
    line->has_mac = !error;
    line->mac = op.ses;
    return error;
}

/* A descriptor of its own with the sessions that were asked for. */
static int open_line(void *context, struct cryptodev_line *line)
{
    struct cryptodev_asked *asked = context;
    *line = (struct cryptodev_line){.fd = cryptodev_open(asked->setting.path, asked->text, asked->text_size)};
    int error = line->fd < 0 ? line->fd : 0;
    if (!error && asked->cipher)
        error = open_cipher(asked, line);
    if (!error && asked->mac)
        error = open_mac(asked, line);
    if (error)
        cryptodev_line_close(line);
    return error;
}

static void learn(struct cryptodev_session *s, const struct cryptodev_line *line)
{
    char ignored[128];
    cryptodev_describe(line->fd, &s->in_user_space, ignored, sizeof ignored);
    if (line->has_cipher)
        cryptodev_info(line->fd, line->cipher, &s->cipher_served, NULL);
    if (line->has_mac)
        cryptodev_info(line->fd, line->mac, NULL, &s->mac_served);
    s->alignmask = s->cipher_served.alignmask | s->mac_served.alignmask;
}

int cryptodev_probe(const bs_params *params, char *text, size_t text_size)
{
    struct cryptodev_asked asked = {.params = params, .text = text, .text_size = text_size};
    struct cryptodev_session trial = {.line = {.fd = -1}};
    int error = cryptodev_check(&asked);
    if (!error)
        error = open_line(&asked, &trial.line);
    if (error)
        return error;
    learn(&trial, &trial.line);
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

/* ---- threads ---- */

static void serve(void *session, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct cryptodev_session *s = session;
    uint64_t until = bs_now_ns() + PATIENCE_NS;
    int status;
    (void)n; /* a group is one request */
    while ((status = s->perform(s, &s->lines[caller], requests[0])) == CRYPTODEV_REFUSED) {
        bs_count_note(&s->refused, 1);
        if (bs_now_ns() > until) {
            status = -EBUSY;
            break;
        }
        nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
    requests[0]->status = status;
}

static enum bs_outcome process_threads(void *session, bs_request *request, unsigned hints)
{
    (void)hints;
    callers_submit(((struct cryptodev_session *)session)->callers, request);
    return BS_QUEUED;
}

/* As many as can be of use: requests that sleep in the kernel need a thread each, those that keep a CPU
 * busy only as many as there are CPUs, of which the polling thread has one. */
static struct callers_plan plan(const struct cryptodev_session *s, unsigned depth)
{
    unsigned cpus = bs_usable_cpus();
    if (s->sleeps)
        return (struct callers_plan){.threads = depth < MOST_CALLERS ? depth : MOST_CALLERS, .group = 1};
    return (struct callers_plan){
        .threads = (depth < cpus ? depth : cpus) - 1, .group = 1, .poller_serves = 1};
}

static int open_threads(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    struct callers_plan wanted = plan(s, asked->params->depth);
    unsigned lines = wanted.threads + (wanted.poller_serves != 0);
    int error = 0;
    s->lines = calloc(lines, sizeof *s->lines);
    if (!s->lines)
        return bs_say(asked->text, asked->text_size, -ENOMEM, "out of memory");
    while (s->line_count < lines && !error) {
        error = open_line(asked, &s->lines[s->line_count]);
        s->line_count += !error;
    }
    if (error)
        return error;
    error = callers_open(&s->callers, &wanted, serve, s);
    if (error)
        bs_say(asked->text, asked->text_size, error, "%u threads cannot be started: %s", wanted.threads,
               strerror(-error));
    return error;
}

/* ---- the ring ---- */

static enum bs_outcome process_async(void *session, bs_request *request, unsigned hints)
{
    (void)hints;
    return cryptodev_ring_process(((struct cryptodev_session *)session)->ring, request);
}

static int open_async(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    asked->text[0] = '\0';
    int error = cryptodev_ring_open(s, asked->params->depth, open_line, asked);
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
    return cryptodev_has_async(s->line.fd) ? NULL : "the module was built without -DENABLE_ASYNC";
}

static int open_named(struct cryptodev_session *s, struct cryptodev_asked *asked, enum cryptodev_way way)
{
    s->way = way;
    s->process = way == CRYPTODEV_ASYNC ? process_async : process_threads;
    return way == CRYPTODEV_ASYNC ? open_async(s, asked) : open_threads(s, asked);
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

/* The ring of an open file performs one job after the other, so where requests sleep, waiting for a device, only
 * threads overlap. Where the work is done on a CPU it depends, so both ways show how quick they are. Every
 * process that measures opens its own session: what is nearly even must not come out now so, now so. */
static int open_quicker(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    int error = open_named(s, asked, CRYPTODEV_ASYNC);
    if (error)
        return error;
    s->ring_pace = cryptodev_pace(s, asked->params);
    close_way(s);
    error = open_named(s, asked, CRYPTODEV_THREADS);
    if (error)
        return error;
    s->threads_pace = cryptodev_pace(s, asked->params);
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
    s->sleeps = cryptodev_sleeps(s, asked->params);
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
    error = open_line(&asked, &s->line);
    if (error)
        return error;
    learn(s, &s->line);
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
