/* The contract with drivers: FreeBSD opencrypto's verbs, fio's three outcomes.
 *
 * A new driver is a folder drivers/NAME (or one file) that defines a `const struct bs_driver`, with the options of
 * its setting, plus one line in drivers.c. drivers/null.c is the smallest example. tests/native/test_drivers.c holds every
 * driver to the rules below. */
#ifndef BS_DRIVER_H
#define BS_DRIVER_H

#include "core.h"

/* More requests of this session follow at once: submission (doorbell, syscall) may be held back until its next
 * process without it, or until BUSY. */
#define BS_HINT_MORE 1u

enum bs_outcome {
    BS_COMPLETED, /* done: request->status is set */
    BS_QUEUED,    /* taken: poll will return it, exactly once */
    BS_BUSY,      /* not taken; everything HINT_MORE held back has been submitted. Offered again
                     after poll has returned something, or found nothing outstanding */
};

typedef enum bs_outcome bs_process(void *session, bs_request *request, unsigned hints);

struct bs_driver {
    const char *name;
    const char *names;        /* whose algorithm names params carry: a file of algorithms/names/, or "" */
    const char *backend;      /* what users call it in profiles */
    const char *about;        /* one line for them: what it is and what its setting means */
    uint32_t flags;           /* BS_FLAG_* */
    const bs_option *options; /* of its setting, ended by one without a name; NULL: it takes none */
    size_t session_size;      /* the engine allocates, zeroes and wipes so much (64-byte aligned) */

    /* What is measured, one line ("OpenSSL 3.0.19 27 Jan 2026"). -errno and a sentence why not:
     * such a backend is unavailable, and an empty version refuses to measure. */
    int (*version)(const char *setting, char *text, size_t text_size);

    /* Can these params be served? BS_PREFER_*, or -errno and a sentence saying why not. Opens
     * nothing that stays open. */
    int (*probe)(const bs_params *params, char *text, size_t text_size);

    /* 0, or -errno and a sentence; on failure nothing is left behind. But -ETIMEDOUT says that a request on trial
     * was lost and may come back: everything stays, this memory too. */
    int (*newsession)(void *session, const bs_params *params, char *text, size_t text_size);

    /* One request, of request->size bytes and request->aad_len of AAD: at most the params', and every one may have
     * its own. An operation's own error goes into request->status, never into the outcome. Does not allocate, print or sleep. Never called twice at the same time on one session, but
     * poll may run beside it. */
    bs_process *process;

    /* Optional: the function that serves this session in particular, where a driver has one per kind
     * of operation. It stands in for process, and saves every request the way through it. */
    bs_process *(*process_of)(const void *session);

    /* Public keys will have `kprocess` here, as OCF has: a request of another shape (numbers in, numbers out), with
     * process's outcomes, and the same poll. */

    /* Up to max finished requests into done[]; waits at most wait_ns (0: not at all) for the
     * first. Returns how many. NULL for a SYNC driver. Does not allocate or print. */
    int (*poll)(void *session, bs_request **done, unsigned max, uint64_t wait_ns);

    /* Optional: see bs_session_facts. Called while nothing is outstanding. */
    void (*facts)(const void *session, char *text, size_t text_size);

    /* Nothing is outstanding: a session that lost a request is left as it is. */
    void (*freesession)(void *session);

    const struct bs_virtual *virtual_clock; /* BS_FLAG_VIRTUAL: virtual.h; else NULL */
};

/* The array, ended by NULL (drivers.c). */
extern const struct bs_driver *const bs_drivers[];

/* The value of an option in the lines of a setting, with its length: no null byte ends it. NULL: not given. */
const char *bs_setting_find(const char *setting, const char *name, size_t *length);

/* Copies an option's value, cut to what there is room for; "" where it was not given. */
void bs_setting_text(const char *setting, const char *name, char *value, size_t room);

/* Which of its words the value of an option is, from 1; 0: it was not given, or is none of them. */
unsigned bs_setting_word(const char *setting, const bs_option *option);

/* For version, probe and newsession: formats the sentence and returns `error`. */
int bs_say(char *text, size_t text_size, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
