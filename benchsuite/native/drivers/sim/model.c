/* A model as text: a line `key=value` for every field, times in picoseconds. Python writes it from a device's
 * file and checks what a person may have got wrong (benchsuite/sim); here stands what the device cannot do
 * without. */
#include "sim.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum shape { TEXT, COUNT, REAL };

#define MOST_TIME                       1e16 /* ps: hours, and sums of many still fit */
#define FIELD(shape, name, least, most) {#name, shape, offsetof(struct sim_model, name), least, most}
#define FAULT(shape, name, most)        {#name, shape, offsetof(struct sim_model, faults.name), 0, most}

static const struct key {
    const char *name;
    enum shape shape;
    size_t offset;
    double least, most; /* of a text: its room */
} keys[] = {
    FIELD(TEXT, device, 1, sizeof((struct sim_model *)0)->device),
    FIELD(TEXT, title, 1, sizeof((struct sim_model *)0)->title),
    FIELD(TEXT, confidence, 1, sizeof((struct sim_model *)0)->confidence),
    FIELD(COUNT, cpus, 1, 1024),
    FIELD(COUNT, dispatch, 0, MOST_TIME),
    FIELD(COUNT, submit, 0, MOST_TIME),
    FIELD(COUNT, doorbell, 0, MOST_TIME),
    FIELD(COUNT, interrupt, 0, MOST_TIME),
    FIELD(COUNT, completion, 0, MOST_TIME),
    FIELD(COUNT, callback, 0, MOST_TIME),
    FIELD(COUNT, wake_dispatcher, 0, MOST_TIME),
    FIELD(COUNT, wake_callback, 0, MOST_TIME),
    FIELD(COUNT, rings, 1, 1024),
    FIELD(COUNT, depth, 1, 65536),
    FIELD(COUNT, units, 1, 65536),
    FIELD(COUNT, unit_cpus, 0, 1),
    FIELD(COUNT, setup, 0, MOST_TIME),
    FIELD(REAL, per_byte, 0, MOST_TIME),
    FIELD(REAL, bus_per_byte, 0, MOST_TIME),
    FIELD(REAL, crossings, 0, 64),
    FIELD(COUNT, bus_latency, 0, MOST_TIME),
    FIELD(COUNT, full_duplex, 0, 1),
    FIELD(COUNT, mode, SIM_INTERRUPT, SIM_SYNC),
    FIELD(COUNT, coalesce, 1, 65536),
    FIELD(COUNT, coalesce_time, 0, MOST_TIME),
    FIELD(COUNT, interrupt_latency, 0, MOST_TIME),
    FIELD(COUNT, period, 0, MOST_TIME),
    FIELD(COUNT, in_order, 0, 1),
    FIELD(COUNT, serial, 0, MOST_TIME),
    FIELD(COUNT, session_limit, 0, 1e9),
    FIELD(COUNT, beyond, SIM_REFUSE, SIM_SLOW),
    FIELD(COUNT, reload, 0, MOST_TIME),
    FIELD(REAL, slowdown, 0, 1e6),
    FIELD(COUNT, sessions, 0, 1e9),
    FIELD(COUNT, exponential, 0, 1),
    FIELD(COUNT, seed, 0, 9e15),
    FAULT(REAL, busy, 1),
    FAULT(REAL, error, 1),
    FAULT(REAL, wrong, 1),
    FAULT(REAL, lost, 1),
    FAULT(REAL, late, 1),
    FAULT(REAL, duplicate, 1),
    FAULT(REAL, reorder, 1),
    FAULT(COUNT, late_by, MOST_TIME),
    FAULT(COUNT, hang_after, 1e15),
};

enum { KEYS = sizeof keys / sizeof *keys };

static const struct key *find(const char *line, size_t size)
{
    for (int i = 0; i < KEYS; i++)
        if (strlen(keys[i].name) == size && memcmp(keys[i].name, line, size) == 0)
            return &keys[i];
    return NULL;
}

/* 1: the field has the value. */
static int set(struct sim_model *model, const struct key *key, const char *value, size_t size)
{
    char text[40], *end;
    void *field = (char *)model + key->offset;
    if (key->shape == TEXT) {
        if (size < (size_t)key->least || size >= (size_t)key->most)
            return 0;
        memcpy(field, value, size);
        ((char *)field)[size] = '\0';
        return 1;
    }
    if (!size || size >= sizeof text || !isdigit((unsigned char)value[0]))
        return 0;
    memcpy(text, value, size);
    text[size] = '\0';
    errno = 0;
    double number = strtod(text, &end);
    if (*end || errno || !(number >= key->least && number <= key->most))
        return 0;
    if (key->shape == REAL) {
        *(double *)field = number;
        return 1;
    }
    *(uint64_t *)field = strtoull(text, &end, 10);
    return !*end;
}

static int read_line(struct sim_model *model, const char *line, size_t size, uint64_t *seen)
{
    const char *equals = memchr(line, '=', size);
    const struct key *key = equals ? find(line, (size_t)(equals - line)) : NULL;
    if (!key || *seen & 1ull << (key - keys))
        return 0;
    *seen |= 1ull << (key - keys);
    return set(model, key, equals + 1, size - (size_t)(equals + 1 - line));
}

/* What the fields mean together. NULL, or what is wrong. */
static const char *contradiction(const struct sim_model *m)
{
    if (!m->device[0] || !m->title[0] || !m->confidence[0])
        return "no device, title or confidence is named";
    if (!m->cpus || !m->rings || !m->depth || !m->units || !m->coalesce)
        return "a number of CPUs, rings, entries, units or completions is missing";
    if (m->rings * m->depth > 1u << 22)
        return "more than 4194304 ring entries";
    if (m->mode == SIM_POLL && m->period <= m->interrupt)
        return "a look takes longer than the period between two";
    if (m->mode == SIM_INTERRUPT && m->coalesce > 1 && !m->coalesce_time)
        return "interrupts wait for several completions, and no time ends the wait";
    if (m->mode == SIM_SYNC && m->unit_cpus)
        return "the CPU that submits does the work, and no other";
    if (m->mode == SIM_SYNC && (m->bus_per_byte > 0 || m->bus_latency || m->serial || m->in_order))
        return "a device that the CPU waits for has no bus and no completions";
    return NULL;
}

int sim_model_read(struct sim_model *model, const char *setting, char *text, size_t text_size)
{
    uint64_t seen = 0;
    _Static_assert(KEYS <= 64, "a bit for every key");
    memset(model, 0, sizeof *model);
    for (const char *line = setting, *end; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        if (!read_line(model, line, (size_t)(end - line), &seen))
            return bs_say(text, text_size, -EINVAL,
                          "\"%.*s\" is no line of a simulated device that can be used",
                          (int)(end - line < 100 ? end - line : 100), line);
    }
    const char *wrong = contradiction(model);
    return wrong ? bs_say(text, text_size, -EINVAL, "a simulated device cannot be so: %s", wrong) : 0;
}

void sim_model_facts(const struct sim_model *model, const char *clock, char *text, size_t text_size)
{
    snprintf(text, text_size, "simulated: yes\ndevice: %s\nconfidence: %s\nclock: %s\n", model->device,
             model->confidence, clock);
}
