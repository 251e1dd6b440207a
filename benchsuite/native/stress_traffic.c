/* Which known request comes next. One draw for each, whatever becomes of the one before. */
#include <errno.h>
#include <stdlib.h>

#include "stress_parts.h"

enum {
    SMALL = 256, /* payloads of a phase at full speed */
    PACKET = 2048,
    LARGE = 65536,
    LARGE_SLOTS = 16, /* of a session, with the first: so many are enough to be outstanding at once */
};

static const uint32_t limits[STRESS_ROOMS] = {
    [STRESS_ANY] = UINT32_MAX, [STRESS_LARGE] = LARGE, [STRESS_PACKETS] = PACKET};

enum stress_room stress_room_of(uint32_t slot)
{
    return slot == 0 ? STRESS_ANY : slot < LARGE_SLOTS ? STRESS_LARGE : STRESS_PACKETS;
}

/* Stable, so that it is the same everywhere; and short. */
static void sort(const bs_traffic *traffic, uint32_t *order)
{
    for (uint32_t i = 0; i < traffic->count; i++) {
        uint32_t at = i;
        for (; at > 0 && traffic->known[order[at - 1]].size > traffic->known[i].size; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* At least one: the smallest. */
static uint32_t up_to(const bs_traffic *traffic, const uint32_t *order, uint32_t size)
{
    uint32_t count = 1;
    while (count < traffic->count && traffic->known[order[count]].size <= size)
        count++;
    return count;
}

/* Of the known requests that a slot of this kind takes, the largest. */
static uint32_t largest_in(const bs_traffic *traffic, const uint32_t *order, uint32_t fitting)
{
    return traffic->known[order[fitting - 1]].size;
}

static int open_draw(struct stress_run *run, uint32_t t)
{
    const bs_traffic *traffic = &run->traffic[t];
    struct stress_draw *draw = &run->draws[t];
    draw->order = malloc(traffic->count * sizeof *draw->order);
    if (!draw->order)
        return -ENOMEM;
    sort(traffic, draw->order);
    draw->small = up_to(traffic, draw->order, SMALL);
    for (int room = 0; room < STRESS_ROOMS; room++) {
        draw->fitting[room] = up_to(traffic, draw->order, limits[room]);
        uint32_t largest = largest_in(traffic, draw->order, draw->fitting[room]);
        run->rooms[room] = largest > run->rooms[room] ? largest : run->rooms[room];
    }
    return 0;
}

int stress_draws_open(struct stress_run *run)
{
    run->draws = calloc(run->traffics, sizeof *run->draws);
    int error = run->draws ? 0 : -ENOMEM;
    for (uint32_t t = 0; t < run->traffics && !error; t++)
        error = open_draw(run, t);
    return error;
}

void stress_draws_close(struct stress_run *run)
{
    for (uint32_t t = 0; run->draws && t < run->traffics; t++)
        free(run->draws[t].order);
    free(run->draws);
}

const bs_known *stress_draw(struct stress_session *session, enum stress_room room)
{
    const struct stress_run *run = session->worker->run;
    const bs_traffic *traffic = session->traffic;
    const struct stress_draw *draw = &run->draws[traffic - run->traffic];
    if (traffic->params->chained)
        return &traffic->known[session->position++];
    uint32_t most = session->worker->small ? draw->small : draw->fitting[room];
    return &traffic->known[draw->order[bs_below(&session->worker->random, most)]];
}

uint64_t bs_stress_memory(const bs_traffic *traffic, uint32_t traffics, const bs_stress_load *load)
{
    struct stress_run run = {.traffic = traffic, .traffics = traffics};
    uint64_t bytes = 0;
    int error = stress_draws_open(&run);
    for (uint32_t i = 0; i < load->q_len && !error; i++)
        bytes += known_slot_room(traffic, traffics, run.rooms[stress_room_of(i)]);
    stress_draws_close(&run);
    return error ? UINT64_MAX : bytes * load->sessions * load->workers;
}
