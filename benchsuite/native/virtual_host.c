#include "virtual_host.h"

#include <errno.h>
#include <stdlib.h>

static void append(struct host_line *line, struct host_context *c)
{
    c->next = NULL;
    if (line->first)
        line->last->next = c;
    else
        line->first = c;
    line->last = c;
}

static void put_first(struct host_line *line, struct host_context *c)
{
    c->next = line->first;
    if (!line->first)
        line->last = c;
    line->first = c;
}

static struct host_context *take(struct host_line *line)
{
    struct host_context *c = line->first;
    if (c)
        line->first = c->next;
    return c;
}

static uint64_t waking_cost(const struct bs_host_costs *costs, enum host_role role)
{
    switch (role) {
    case HOST_INTERRUPT:
        return costs->interrupt;
    case HOST_DISPATCHER:
        return costs->wake_dispatcher;
    case HOST_CALLBACK:
        return costs->wake_callback;
    case HOST_CALLER:
    case HOST_ROLES:
        break;
    }
    return 0;
}

static void occupy(struct host *host, struct host_context **cpu, struct host_context *c, uint64_t now)
{
    *cpu = c;
    c->state = HOST_RUNNING;
    c->effect = HOST_NOTHING;
    c->begin = c->begin > now ? c->begin : now;
    c->woken = c->waking ? waking_cost(host->costs, c->role) : 0;
    c->end = c->begin + c->woken;
    c->waking = 0;
}

static void give_away(struct host *host, struct host_context **cpu, uint64_t now)
{
    struct host_context *c = take(&host->interrupts);
    if (!c)
        c = take(&host->threads);
    *cpu = NULL;
    if (c)
        occupy(host, cpu, c, now);
}

void host_wake(struct host *host, struct host_context *c, uint64_t at, uint64_t now)
{
    c->waking = 1;
    c->begin = at;
    for (uint32_t i = 0; i < host->cpu_count; i++)
        if (!host->cpus[i]) {
            occupy(host, &host->cpus[i], c, now);
            return;
        }
    c->state = HOST_READY;
    append(c->role == HOST_INTERRUPT ? &host->interrupts : &host->threads, c);
}

struct host_context **host_soonest(const struct host *host)
{
    struct host_context **first = NULL;
    for (uint32_t i = 0; i < host->cpu_count; i++)
        if (host->cpus[i] && (!first || host->cpus[i]->end < (*first)->end))
            first = &host->cpus[i];
    return first;
}

int host_yield(struct host *host, struct host_context **cpu, uint64_t now)
{
    struct host_context *c = *cpu;
    if (c->role == HOST_INTERRUPT || !host->interrupts.first)
        return 0;
    c->state = HOST_READY;
    c->begin = now;
    put_first(&host->threads, c);
    give_away(host, cpu, now);
    return 1;
}

void host_sleep(struct host *host, struct host_context **cpu, uint64_t now)
{
    (*cpu)->state = HOST_ASLEEP;
    give_away(host, cpu, now);
}

int host_open(struct host *host, const struct bs_host_costs *costs, uint32_t contexts)
{
    host->costs = costs;
    host->cpu_count = costs->cpus < contexts ? costs->cpus : contexts;
    host->cpus = calloc(host->cpu_count, sizeof *host->cpus);
    return host->cpus ? 0 : -ENOMEM;
}

void host_close(struct host *host)
{
    free(host->cpus);
}
