/* Which kernel drivers serve a session, and what kind they are. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cryptodev.h"
#include "drivers/shared/proc_crypto.h"

/* The entry of /proc/crypto. The device may be served by what is not listed there. */
static int listed(const struct cryptodev_served *served, struct kernel_driver *found)
{
    return served->driver[0] && proc_crypto_driver(served->driver, found) == 0;
}

static int own_preference(const struct cryptodev_served *served)
{
    struct kernel_driver found;
    if (served->hardware)
        return BS_PREFER_HARDWARE;
    return listed(served, &found) ? proc_crypto_preference(&found) : BS_PREFER_SOFTWARE;
}

/* A pair is as good as the worse of its halves: the other has to wait for it. */
int cryptodev_preference(const struct cryptodev_session *s)
{
    int cipher = own_preference(&s->cipher_served), mac = own_preference(&s->mac_served);
    if (!s->mac_served.driver[0])
        return cipher;
    if (!s->cipher_served.driver[0])
        return mac;
    return cipher < mac ? cipher : mac;
}

/* ---- lines of text ---- */

struct lines {
    char *text;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct lines *lines, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int written = vsnprintf(lines->text, lines->size, format, args);
    va_end(args);
    size_t used = written < 0 ? 0 : (size_t)written < lines->size ? (size_t)written : lines->size - 1;
    lines->text += used;
    lines->size -= used;
}

static const char *yes(int flag)
{
    return flag ? "yes" : "no";
}

/* Priority and kind as the kernel registered them; nothing is said of what it does not list. */
static void add_listed(struct lines *lines, const struct kernel_driver *found, int count)
{
    if (!count)
        return;
    add(lines, "kernel_priority: %d", found[0].priority);
    if (count > 1)
        add(lines, " + %d", found[1].priority);
    add(lines, "\nkernel_async: %s\n", yes(found[0].asynchronous || (count > 1 && found[1].asynchronous)));
}

static void add_drivers(struct lines *lines, const struct cryptodev_session *s)
{
    const struct cryptodev_served *served[2];
    struct kernel_driver found[2];
    int count = 0, known = 0, hardware = 0;
    if (s->cipher_served.driver[0])
        served[count++] = &s->cipher_served;
    if (s->mac_served.driver[0])
        served[count++] = &s->mac_served;
    if (!count)
        return;
    add(lines, "kernel_driver: %s", served[0]->driver);
    if (count > 1)
        add(lines, " + %s", served[1]->driver);
    add(lines, "\n");
    for (int i = 0; i < count; i++) {
        known += listed(served[i], &found[known]);
        hardware |= served[i]->hardware;
    }
    if (known == count)
        add_listed(lines, found, count);
    add(lines, "hardware: %s\n", yes(hardware));
}

static void add_copying(struct lines *lines, const struct cryptodev_session *s)
{
    if (s->in_user_space)
        add(lines, "zero_copy: no (a device in user space)\n");
    else if (atomic_load(&s->copied))
        add(lines, "zero_copy: no (addresses must be multiples of %u)\n", s->alignmask + 1);
    else
        add(lines, "zero_copy: yes\n");
}

static void add_pace(struct lines *lines, const char *way, double pace)
{
    if (pace < 0)
        add(lines, "tried_%s: %s\n", way, strerror((int)-pace));
    else
        add(lines, "tried_%s: %.1f us per request\n", way, pace / 1e3);
}

static unsigned in_flight(const struct cryptodev_session *s)
{
    return s->callers ? callers_most(s->callers) : s->ring ? cryptodev_ring_most(s->ring) : 1;
}

void cryptodev_facts(const void *session, char *text, size_t text_size)
{
    static const char *const ways[] = {"", "sync", "async", "threads"};
    const struct cryptodev_session *s = session;
    struct lines lines = {text, text_size};
    uint64_t refused = bs_count_read(&s->refused);
    add_drivers(&lines, s);
    add_copying(&lines, s);
    add(&lines, "way: %s\nin_flight: %u\n", ways[s->way], in_flight(s));
    if (s->way != CRYPTODEV_SYNC)
        add(&lines, "sleeps: %s\n", yes(s->sleeps));
    if (s->ring)
        add(&lines, "ring: %u open, each performs one job at a time\n", cryptodev_ring_files(s->ring));
    if (s->ring_pace) {
        add_pace(&lines, "ring", s->ring_pace);
        add_pace(&lines, "threads", s->threads_pace);
    }
    if (refused)
        add(&lines, "refused: %llu\n", (unsigned long long)refused);
}
