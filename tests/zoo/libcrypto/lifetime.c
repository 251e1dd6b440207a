/* Wrong after many requests, sessions or bytes, or after a rest; and what is never given back. */
#include "zoo.h"

#include <fcntl.h>
#include <stdlib.h>

/* ---- the how manieth ---- */

#define REQUESTS(name, condition)                                                         \
    static int name(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size) \
    {                                                                                     \
        (void)c, (void)out, (void)in, (void)size;                                         \
        return condition;                                                                 \
    }

REQUESTS(every, 1)
REQUESTS(number_256_of_session, c->requests == 256)
REQUESTS(number_4096_of_session, c->requests == 4096)
REQUESTS(number_65536_of_session, c->requests == 65536)
REQUESTS(every_5000th, operations() % 5000 == 0)
REQUESTS(every_100000th, operations() % 100000 == 0)

static int number_1000_of_hash(struct hash *h)
{
    return h->requests % 1000 == 0;
}

static int every_hash(struct hash *h)
{
    (void)h;
    return 1;
}

/* A tag is checked against the last one's, once in a while. */
static int forgery_1000(struct cipher *c)
{
    static unsigned long forgeries;

    (void)c;
    return count(&forgeries) % 300 == 0;
}

/* Bytes of a session, counted in 24 bits. */
static int sixteen_mib_of_session(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in;
    c->own_count += size;
    return (c->own_count - size) >> 24 != c->own_count >> 24;
}

/* ---- rests ---- */

static int after_rest(uint64_t least)
{
    static uint64_t last;
    uint64_t now = milliseconds();
    int rested = last && now - last >= least;

    last = now;
    return rested;
}

static int after_15_ms(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)c, (void)out, (void)in, (void)size;
    return after_rest(15);
}

static int after_500_ms(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)c, (void)out, (void)in, (void)size;
    return after_rest(500);
}

/* ---- never given back ---- */

/* Written to, so that it is really taken. */
static void lose(size_t size)
{
    volatile uint8_t *lost = malloc(size);

    for (size_t i = 0; lost && i < size; i += 256)
        lost[i] = 1;
}

static int loses_256(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    lose(256);
    return cipher_text(c, out, in, size);
}

static int loses_at_hash(struct hash *h)
{
    lose(512);
    return hash_begin(h);
}

static void loses_64_kib(struct cipher *c)
{
    (void)c;
    lose(64 * 1024);
}

static void loses_after_forgery(struct cipher *c, int genuine)
{
    (void)c;
    if (!genuine)
        lose(4096);
}

static void loses_a_descriptor(struct cipher *c)
{
    (void)c;
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
        abort();
}

/* Entries are taken when a key is set, and none is given back. */
static int table_runs_full(struct cipher *c, const uint8_t *key, const uint8_t *iv, unsigned long entries)
{
    static unsigned long taken;

    return (!key || count(&taken) <= entries) && cipher_begin(c, key, iv);
}

static int table_of_1000(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return table_runs_full(c, key, iv, 1000);
}

static int table_of_16384(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return table_runs_full(c, key, iv, 16384);
}

const struct bug bugs_lifetime[] = {
    {.name = "wrong-byte", .wrong = every, .wrong_hash = every_hash},
    {.name = "request-256-of-session", .wrong = number_256_of_session},
    {.name = "request-4096-of-session", .wrong = number_4096_of_session},
    {.name = "request-65536-of-session", .wrong = number_65536_of_session},
    {.name = "every-5000th", .wrong = every_5000th},
    {.name = "every-100000th", .wrong = every_100000th},
    {.name = "hash-1000-of-session", .wrong_hash = number_1000_of_hash},
    {.name = "forgery-300-accepted", .accepts = forgery_1000},
    {.name = "16-mib-of-session", .wrong = sixteen_mib_of_session},
    {.name = "after-15-ms", .wrong = after_15_ms},
    {.name = "after-500-ms", .wrong = after_500_ms},
    {.name = "loses-256-bytes-a-request", .text = loses_256},
    {.name = "loses-512-bytes-a-hash", .hash_begin = loses_at_hash},
    {.name = "loses-64-kib-a-session", .opened = loses_64_kib},
    {.name = "loses-memory-with-forgeries", .ended = loses_after_forgery},
    {.name = "loses-descriptors", .opened = loses_a_descriptor},
    {.name = "table-of-1000-sessions", .begin = table_of_1000},
    {.name = "table-of-16384-sessions", .begin = table_of_16384},
    {.name = NULL},
};
