/* Bugs of resources: what is never given back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

static void *volatile leaked;

static void leak(size_t size)
{
    leaked = malloc(size);
    if (leaked)
        memset(leaked, 0x77, size);
}

static void leak_a_request(struct job *job)
{
    (void)job;
    leak(256);
}

static int leak_a_session(struct session *s, const bs_params *params)
{
    (void)s, (void)params;
    leak(65536);
    return 0;
}

/* What a forged tag needs is freed where the tag fits. */
static void leak_a_forgery(struct job *job)
{
    if (job->work.status)
        leak(4096);
}

static void leak_a_refusal(struct session *s)
{
    leak(4096);
    zoo_submit_held(s);
}

static int number_of_16384(struct session *s, const bs_params *params)
{
    static unsigned opened;
    (void)s, (void)params;
    return ++opened > 16384 ? -ENOSPC : 0;
}

static int number_of_2048(struct session *s, const bs_params *params)
{
    static unsigned opened;
    (void)s, (void)params;
    return ++opened > 2048 ? -ENOSPC : 0;
}

static int leak_a_descriptor(struct session *s, const bs_params *params)
{
    (void)s, (void)params;
    return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
}

const struct bug zoo_memory_bugs[] = {
    {.name = "leaks-a-request", .after = leak_a_request},
    {.name = "leaks-a-session", .opens = leak_a_session},
    {.name = "leaks-a-forgery", .after = leak_a_forgery},
    {.name = "leaks-a-refusal", .refuses = leak_a_refusal},
    {.name = "table-of-16384", .opens = number_of_16384},
    {.name = "table-of-2048", .opens = number_of_2048},
    {.name = "leaks-a-descriptor", .opens = leak_a_descriptor},
    {.name = NULL},
};
