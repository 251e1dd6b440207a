/* The contract with drivers that run on a virtual clock (BS_FLAG_VIRTUAL): what the executor in virtual.c
 * needs to know of a simulated machine. Nobody sleeps there and nothing is measured: time is a number, and
 * passes from one event to the next. All times are picoseconds, from any beginning but 0. */
#ifndef BS_VIRTUAL_H
#define BS_VIRTUAL_H

#include "core.h"

#define BS_NEVER UINT64_MAX

/* What the host's part of a request costs one of its CPUs. What process costs, it adds to `now` itself. */
struct bs_host_costs {
    uint32_t cpus;                           /* that share the work below; at least 1 */
    uint64_t dispatch;                       /* crypto_dispatch, per request */
    uint64_t callback;                       /* the consumer's, per request */
    uint64_t interrupt;                      /* per interrupt, or per look of a polled device */
    uint64_t completion;                     /* per request that is collected */
    uint64_t wake_dispatcher, wake_callback; /* per wake-up of the thread */
};

/* A device and its host's costs. A driver embeds it in its own. */
struct bs_machine {
    uint64_t now; /* the executor sets it; process moves it on by what the calling CPU spends in there */
    struct bs_host_costs host;
    uint32_t rings;
    uint64_t period; /* the host looks so often instead of being interrupted; 0: it is */

    /* Lets happen what comes at `until` or before. 1: but stopped after an interrupt. */
    int (*advance)(struct bs_machine *machine, uint64_t until);
    /* An interrupt that nobody has taken yet: 1, its ring and its time; 0: none. A ring interrupts once, until
     * rearm. */
    int (*interrupt)(struct bs_machine *machine, uint32_t *ring, uint64_t *at);
    /* The owner of the session whose request is first among the ring's finished ones (own), or NULL. */
    void *(*finished)(const struct bs_machine *machine, uint32_t ring);
    void (*rearm)(struct bs_machine *machine, uint32_t ring); /* nothing is finished: interrupt again */
    void (*tell)(const struct bs_machine *machine, bs_simulation *simulation); /* the device's part of it */
    uint64_t (*worked)(
        const struct bs_machine *machine); /* by CPUs of the host that are the device's units */
};

/* Sessions of such a driver. poll does not wait. */
struct bs_virtual {
    struct bs_machine *(*machine)(void *session);
    /* Gives the session's own machine up for that of another session of the same engine: 0, or -errno and
     * a sentence. */
    int (*join)(void *session, void *other, char *text, size_t text_size);
    void (*own)(void *session, void *owner);
};

#endif
