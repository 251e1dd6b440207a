/* Wrong with many sessions, or with many threads. */
#include "zoo.h"

#include <pthread.h>
#include <sched.h>

/* ---- tables of sessions ---- */

static int more_than_five(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)c, (void)out, (void)in, (void)size;
    return sessions_open() > 5;
}

/* Keys in a table by the session's number, of which so many bits count. */
static uint8_t keys[1024][LONGEST_KEY];

static int key_from_table(struct cipher *c, const uint8_t *key, const uint8_t *iv, unsigned entries)
{
    uint8_t *entry = keys[c->number % entries];

    if (key)
        memcpy(entry, key, c->key_size);
    return cipher_begin(c, iv ? entry : key, iv);
}

static int table_of_256(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return key_from_table(c, key, iv, 256);
}

static int table_of_1024(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return key_from_table(c, key, iv, 1024);
}

/* Slots are taken by sessions that are open, and the seventeenth shares one. */
enum { SLOTS = 16 };
static struct cipher *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take_slot(struct cipher *c)
{
    size_t i = 0;

    pthread_mutex_lock(&lock);
    while (i < SLOTS - 1 && slots[i])
        i++;
    c->own[0] = (uint8_t)i;
    c->own[1] = slots[i] != NULL; /* what is in it is lost */
    slots[i] = c;
    pthread_mutex_unlock(&lock);
}

static void leave_slot(struct cipher *c)
{
    pthread_mutex_lock(&lock);
    if (slots[c->own[0]] == c)
        slots[c->own[0]] = NULL;
    pthread_mutex_unlock(&lock);
}

static int slot_was_taken(struct cipher *c, const uint8_t *out, const uint8_t *in, size_t size)
{
    (void)out, (void)in, (void)size;
    return slots[c->own[0]] != c;
}

/* ---- threads ---- */

/* Texts pass through one buffer for all threads. */
static uint8_t bounce[1 << 17];

static int bounced(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (size > sizeof bounce)
        return cipher_text(c, out, in, size);
    memcpy(bounce, in, size);
    sched_yield();
    return cipher_text(c, out, bounce, size);
}

/* So do small ones, in a hurry. */
static int bounced_small(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (size > 256)
        return cipher_text(c, out, in, size);
    memcpy(bounce, in, size);
    return cipher_text(c, out, bounce, size);
}

/* The IV that a request was begun with is read from one place for all threads. */
static uint8_t iv_of_all[LONGEST_NONCE];

static int one_iv(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    if (!iv)
        return cipher_begin(c, key, iv);
    memcpy(iv_of_all, iv, c->iv_size);
    for (volatile int i = 0; i < 20; i++)
        ;
    return cipher_begin(c, key, iv_of_all);
}

/* The vector unit has one user; the other path forgets the rest of the last block. */
static unsigned long inside;

static int second_path(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    int busy = count(&inside) > 1;
    int done = cipher_text(c, out, in, size);

    __atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
    if (busy && size % BLOCK)
        out[size - 1] ^= 0x10;
    return done;
}

/* A hash's block is gathered in one buffer for all threads. */
static int gathered(struct hash *h, const uint8_t *data, size_t size)
{
    if (size > 4096)
        return hash_text(h, data, size);
    memcpy(bounce, data, size);
    sched_yield();
    return hash_text(h, bounce, size);
}

const struct bug bugs_crowds[] = {
    {.name = "crowded", .wrong = more_than_five},
    {.name = "seventeenth-session", .opened = take_slot, .closed = leave_slot, .wrong = slot_was_taken},
    {.name = "session-number-of-8-bits", .begin = table_of_256},
    {.name = "session-number-of-10-bits", .begin = table_of_1024},
    {.name = "race", .text = bounced},
    {.name = "race-of-small-texts", .text = bounced_small},
    {.name = "race-for-the-iv", .begin = one_iv},
    {.name = "race-of-hashes", .hash_text = gathered},
    {.name = "second-path-when-busy", .text = second_path},
    {.name = NULL},
};
