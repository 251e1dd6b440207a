/* The driver `afalg`: see afalg.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "afalg.h"

enum { SYNC_POLL_NS = 1000000 };

static const char *const ways[] = {[AFALG_SYNC] = "sync", [AFALG_AIO] = "aio", [AFALG_THREADS] = "threads"};

/* ---- what there is ---- */

static int no_sockets(int error, char *text, size_t text_size)
{
    const char *cure = "";
    if (error == -EAFNOSUPPORT)
        cure =
            ": this kernel has no AF_ALG (CONFIG_CRYPTO_USER_API_SKCIPHER, _AEAD and _HASH); `benchsuite lab "
            "run` tries another kernel";
    else if (error == -EPERM || error == -EACCES)
        cure = ": sockets of this kind are forbidden here, by a container's seccomp filter perhaps";
    return bs_say(text, text_size, error, "no AF_ALG socket (%s)%s", strerror(-error), cure);
}

static int sockets_there(char *text, size_t text_size)
{
    int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return no_sockets(-errno, text, text_size);
    close(fd);
    return 0;
}

static int version(const char *setting, char *text, size_t text_size)
{
    (void)setting;
    struct utsname system;
    int error = sockets_there(text, text_size);
    if (error)
        return error;
    if (uname(&system))
        return bs_say(text, text_size, -errno, "uname: %s", strerror(errno));
    return bs_say(text, text_size, 0, "Linux %s, AF_ALG", system.release);
}

/* ---- which driver ---- */

/* What the session's socket would be bound to. An algorithm's own name is bound to find out whether the
 * kernel has it; a template that nobody has made yet (pcrypt(...)) is not: it would serve the whole system
 * from then on. */
static int find_driver(const char *type, const char *algorithm, const char *driver,
                       struct kernel_driver *found, char *text, size_t text_size)
{
    int error = driver[0] ? proc_crypto_driver(driver, found) : proc_crypto_best(algorithm, type, found);
    if (error == -ENOENT && !strchr(driver, '(')) {
        int fd = afalg_bind(type, driver[0] ? driver : algorithm); /* loads its module */
        if (fd < 0)
            return bs_say(text, text_size, fd, "the kernel has no %s %s (%s)", type,
                          driver[0] ? driver : algorithm, strerror(-fd));
        close(fd);
        error = driver[0] ? proc_crypto_driver(driver, found) : proc_crypto_best(algorithm, type, found);
    }
    return error;
}

static int serves(const struct kernel_driver *found, const char *type, const char *algorithm, char *text,
                  size_t text_size)
{
    if (strcmp(found->name, algorithm) == 0 && proc_crypto_is_type(found, type))
        return 0;
    return bs_say(text, text_size, -ENOENT, "the kernel's driver %s is for %s (%s), not for %s (%s)",
                  found->driver, found->name, found->type, algorithm, type);
}

/* Of an HMAC fewer bytes may be asked for: the kernel computes all of them and copies so many. What lengths of an
 * AEAD's tag it takes, it says when it is told (ALG_SET_AEAD_AUTHSIZE). */
static int lengths(const struct kernel_driver *found, const bs_params *params, char *text, size_t text_size)
{
    int tag = (int)params->tag_len, whole = found->digest_size;
    int ccm = params->kind == BS_AEAD &&
              strncmp(found->name, "ccm(", 4) == 0; /* its IV has the nonce in it */
    if (params->kind == BS_DIGEST && whole >= 0 && tag != whole)
        return bs_say(text, text_size, -EINVAL, "%s makes %d bytes, not %d", found->name, whole, tag);
    if (params->kind == BS_HMAC && whole >= 0 && (tag < 1 || tag > whole))
        return bs_say(text, text_size, -EINVAL, "%s has 1 to %d bytes, not %d", found->name, whole, tag);
    if (ccm && (params->iv_len < 7 || params->iv_len > 13))
        return bs_say(text, text_size, -EINVAL, "%s takes a nonce of 7 to 13 bytes, not %u", found->name,
                      params->iv_len);
    if (!ccm && found->iv_size >= 0 && (int)params->iv_len != found->iv_size)
        return bs_say(text, text_size, -EINVAL, "the kernel's %s takes an IV of %d bytes, not %u",
                      found->name, found->iv_size, params->iv_len);
    return 0;
}

static int impossible(const bs_params *params, char *text, size_t text_size)
{
    if (params->chained && params->kind != BS_CIPHER)
        return bs_say(text, text_size, -EOPNOTSUPP,
                      "AF_ALG has no AEAD message that goes on: use iv = \"per-request\"");
    if (params->chained && params->max_size % 16 && params->cipher && strncmp(params->cipher, "ctr(", 4) == 0)
        return bs_say(text, text_size, -EOPNOTSUPP,
                      "chained CTR needs a request_size that is a multiple of 16 here");
    if (params->salt_len && params->aad_len != 8 && params->aad_len != 12)
        return bs_say(text, text_size, -EOPNOTSUPP, "the kernel's %s takes an AAD of 8 or 12 bytes, not %u",
                      params->cipher, params->aad_len);
    return 0;
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    struct afalg_setting setting;
    struct kernel_driver found;
    const char *type = afalg_type(params->kind);
    int error = sockets_there(text, text_size);
    if (!error)
        error = impossible(params, text, text_size);
    if (error)
        return error;
    afalg_read(params->setting, &setting);
    error = find_driver(type, params->cipher, setting.driver, &found, text, text_size);
    if (error == -ENOENT && strncmp(setting.driver, "pcrypt(", 7) == 0)
        return bs_say(text, text_size, error,
                      "%s does not exist yet; `modprobe tcrypt alg=\"pcrypt(ALGORITHM)\" type=3` "
                      "makes one, and it serves everybody from then on",
                      setting.driver);
    if (error == -ENOENT && strchr(setting.driver, '('))
        return BS_PREFER_SOFTWARE; /* made when it is bound, because it was asked for */
    if (!error)
        error = serves(&found, type, params->cipher, text, text_size);
    if (!error)
        error = lengths(&found, params, text, text_size);
    return error ? error : proc_crypto_preference(&found);
}

/* ---- sessions ---- */

static int bind_session(struct afalg_session *session, const struct afalg_setting *setting,
                        const bs_params *params, char *text, size_t text_size)
{
    struct kernel_driver found;
    session->by_driver = setting->driver[0] != '\0';
    snprintf(session->bound, sizeof session->bound, "%s",
             session->by_driver ? setting->driver : params->cipher);
    int fd = afalg_bind(session->type, session->bound);
    if (fd == -EAFNOSUPPORT || fd == -EPERM)
        return no_sockets(fd, text, text_size);
    if (fd < 0)
        return bs_say(text, text_size, fd, "the kernel has no %s %s (%s)", session->type, session->bound,
                      strerror(-fd));
    int error = 0;
    if (session->by_driver && proc_crypto_driver(session->bound, &found) == 0)
        error = serves(&found, session->type, params->cipher, text, text_size);
    if (!error && proc_crypto_best(params->cipher, session->type, &found) == 0)
        error = lengths(&found, params, text, text_size);
    if (!error)
        error = afalg_transform_open(&session->transform, fd, params, text, text_size);
    if (error)
        close(fd);
    return error;
}

static void freesession(void *memory)
{
    struct afalg_session *session = memory;
    if (afalg_threads_close(session))
        return; /* a request was lost inside the kernel: its thread may come back to all this */
    if (session->aio)
        afalg_aio_close(session->aio);
    for (unsigned i = 0; i < session->op_count; i++)
        afalg_op_close(&session->ops[i]);
    free(session->ops);
    close(session->transform.fd);
}

static int newsession(void *memory, const bs_params *params, char *text, size_t text_size)
{
    struct afalg_session *session = memory;
    struct afalg_setting setting;
    int error = impossible(params, text, text_size);
    afalg_read(params->setting, &setting);
    session->type = afalg_type(params->kind);
    session->depth = params->depth ? params->depth : 1;
    if (!error)
        error = bind_session(session, &setting, params, text, text_size);
    if (error)
        return error;
    session->ops = calloc(1, sizeof *session->ops);
    if (!session->ops)
        error = bs_say(text, text_size, -ENOMEM, "out of memory");
    else
        error = afalg_op_open(&session->ops[0], &session->transform, params->max_size, text, text_size);
    session->op_count = !error;
    if (!error)
        error = afalg_choose(session, setting.way, params, text, text_size);
    if (error)
        freesession(session);
    return error;
}

/* ---- requests ---- */

static enum bs_outcome process_sync(void *memory, bs_request *request, unsigned hints)
{
    struct afalg_session *session = memory;
    (void)hints;
    afalg_perform(session->ops, &session->transform, request);
    return BS_COMPLETED;
}

static enum bs_outcome process_aio(void *memory, bs_request *request, unsigned hints)
{
    return afalg_aio_process(((struct afalg_session *)memory)->aio, request, hints);
}

static enum bs_outcome process_threads(void *memory, bs_request *request, unsigned hints)
{
    (void)hints;
    callers_submit(((struct afalg_session *)memory)->callers, request);
    return BS_QUEUED;
}

static bs_process *process_of(const void *memory)
{
    switch (((const struct afalg_session *)memory)->way) {
    case AFALG_AIO:
        return process_aio;
    case AFALG_THREADS:
        return process_threads;
    default:
        return process_sync;
    }
}

static enum bs_outcome process(void *memory, bs_request *request, unsigned hints)
{
    return process_of(memory)(memory, request, hints);
}

static int poll_session(void *memory, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct afalg_session *session = memory;
    if (session->way == AFALG_AIO)
        return afalg_aio_poll(session->aio, done, max, wait_ns);
    if (session->way == AFALG_THREADS)
        return callers_poll(session->callers, done, max, wait_ns);
    if (wait_ns) /* nothing is ever outstanding: who asks all the same, beside process, is not to spin */
        nanosleep(&(struct timespec){0, wait_ns < SYNC_POLL_NS ? (long)wait_ns : SYNC_POLL_NS}, NULL);
    return 0;
}

/* ---- facts ---- */

struct references {
    const char *name, *type;
    struct kernel_driver best; /* the one whose count is compared */
    int before[64], count, rose;
};

/* Those that serve the name, in the file's order: which one's reference count rises with a second socket? */
static int note_before(void *context, const struct kernel_driver *entry)
{
    struct references *all = context;
    if (strcmp(entry->name, all->name) == 0 && proc_crypto_is_type(entry, all->type) && all->count < 64)
        all->before[all->count++] = entry->references;
    return 0;
}

static int note_after(void *context, const struct kernel_driver *entry)
{
    struct references *all = context;
    if (strcmp(entry->name, all->name) != 0 || !proc_crypto_is_type(entry, all->type) || all->count >= 64)
        return 0;
    if (entry->references > all->before[all->count++]) {
        all->best = *entry;
        all->rose++;
    }
    return 0;
}

/* Who serves: the driver bound by name, or the one that a second socket takes hold of. */
static int who_serves(const struct afalg_session *session, struct kernel_driver *found)
{
    struct references all = {.name = session->bound, .type = session->type};
    if (session->by_driver)
        return proc_crypto_driver(session->bound, found);
    proc_crypto_each(note_before, &all);
    int fd = afalg_bind(session->type, session->bound), count = all.count;
    if (fd >= 0) {
        all.count = 0;
        proc_crypto_each(note_after, &all);
        close(fd);
    }
    if (all.rose != 1 || all.count != count) /* others come and go: by the kernel's rule, then */
        return proc_crypto_best(session->bound, session->type, found);
    *found = all.best;
    return 0;
}

static unsigned in_flight(const struct afalg_session *session)
{
    if (session->way == AFALG_AIO && afalg_aio_most(session->aio)) /* else each was done inside io_submit */
        return afalg_aio_most(session->aio);
    return session->way == AFALG_THREADS ? callers_most(session->callers) : 1;
}

static void facts(const void *memory, char *text, size_t text_size)
{
    const struct afalg_session *session = memory;
    struct kernel_driver found;
    size_t used = 0;
    if (who_serves(session, &found) == 0)
        used = (size_t)snprintf(text, text_size,
                                "kernel_driver: %s\nkernel_priority: %d\nkernel_async: %s\n"
                                "kernel_module: %s\n",
                                found.driver, found.priority, found.asynchronous ? "yes" : "no",
                                found.module);
    if (used < text_size)
        used += (size_t)snprintf(text + used, text_size - used, "way: %s\nin_flight: %u\n",
                                 ways[session->way], in_flight(session));
    if (session->aio_found[0] && used < text_size)
        used += (size_t)snprintf(text + used, text_size - used, "aio: %s\n", session->aio_found);
    if (session->way == AFALG_THREADS && used < text_size)
        snprintf(text + used, text_size - used, "requests_per_message: %u\n", session->group);
}

const struct bs_driver bs_afalg_driver = {
    .name = "afalg",
    .names = "afalg",
    .backend = "afalg",
    .options = afalg_options,
    .about = "the kernel through AF_ALG; afalg:DRIVER for one of /proc/crypto; ,way=aio|threads|sync",
    .flags = BS_FLAG_SYNC_ALONE | BS_FLAG_PIECES,
    .session_size = sizeof(struct afalg_session),
    .version = version,
    .probe = probe,
    .newsession = newsession,
    .process = process,
    .process_of = process_of,
    .poll = poll_session,
    .facts = facts,
    .freesession = freesession,
};
