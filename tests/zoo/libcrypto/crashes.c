/* What ends the process, never ends, or fails. */
#include "zoo.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void touch_nothing(void)
{
    static uint8_t *volatile nowhere;
    *nowhere = 1;
}

static int crash(void)
{
    touch_nothing();
    return 1;
}

static int die(void)
{
    abort();
}

static int be_killed(void)
{
    return raise(SIGKILL);
}

static int hang(void)
{
    while (operations())
        sleep(1);
    return 1;
}

static int fail(void)
{
    return 0;
}

static int fail_once(void)
{
    return operations() % 3000 != 0;
}

static int crash_when_large(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    if (size > 65536)
        touch_nothing();
    return cipher_text(c, out, in, size);
}

static void note_forgery(struct cipher *c, int genuine)
{
    c->own[0] |= !genuine;
}

static void crash_at_end(struct cipher *c)
{
    if (c->own[0])
        touch_nothing();
}

static int hang_when_crowded(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    while (sessions_open() > 12)
        sleep(1);
    return cipher_text(c, out, in, size);
}

static const char *no_version(const char *real)
{
    (void)real;
    return "";
}

const struct bug bugs_crashes[] = {
    {.name = "crash", .operation = crash},
    {.name = "abort", .operation = die},
    {.name = "kill", .operation = be_killed},
    {.name = "hang", .operation = hang},
    {.name = "fail", .operation = fail},
    {.name = "fails-every-3000th", .operation = fail_once},
    {.name = "crash-when-large", .text = crash_when_large},
    {.name = "crash-on-closing-after-a-forgery", .ended = note_forgery, .closed = crash_at_end},
    {.name = "hang-when-crowded", .text = hang_when_crowded},
    {.name = "version-empty", .version = no_version},
    {.name = NULL},
};
