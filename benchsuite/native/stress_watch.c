/* A thread that has bytes beside an output, and looks at the input, while the driver has both: bytes that share a
 * cache line with an output are somebody's, who changes them meanwhile, and an input is somebody's, who reads it.
 * A driver that writes back a whole line undoes the one, and one that changes its input and restores it afterwards
 * spoils the other. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "stress_parts.h"

enum {
    BYTES = 4,       /* beside an output */
    FAR = 7,         /* bytes from it, all in its guards */
    LOOKED_AT = 128, /* bytes of an input, from its beginning and its end */
    TURNS = 5,       /* until another thread may have the CPU; odd, so that the last value is another one */
    PATIENCE_NS = 5 * 1000 * 1000, /* until it has had a turn, at most */
    ONE = 0x55,
    OTHER = 0xAA,
};

struct beside {
    uint8_t *at, was, last; /* was: before anything was written */
    int undone;
    uint8_t got;
};

struct stress_watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int awake, leave;

    _Atomic int inside; /* a spinning lock of what follows: a request takes no longer */
    struct known_slot *slot;
    struct beside beside[BYTES];
    uint32_t turns;
    int reads, changed;
    int64_t changed_at;
    uint8_t got;
};

static void enter(struct stress_watch *watch)
{
    int nobody = 0;
    while (!atomic_compare_exchange_weak(&watch->inside, &nobody, 1)) {
        nobody = 0;
        sched_yield();
    }
}

static void leave(struct stress_watch *watch)
{
    atomic_store(&watch->inside, 0);
}

/* ---- the other thread ---- */

/* The driver has no business here, and may be writing all the same. */
static uint8_t read_byte(const uint8_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void write_beside(struct beside *b)
{
    uint8_t there = read_byte(b->at);
    if (b->undone)
        return;
    if (there != b->last) {
        b->undone = 1;
        b->got = there;
        return;
    }
    b->last = (uint8_t)(b->last == (b->was ^ ONE) ? b->was ^ OTHER : b->was ^ ONE);
    __atomic_store_n(b->at, b->last, __ATOMIC_RELAXED);
}

static void compare(struct stress_watch *watch, uint32_t from, uint32_t to)
{
    const struct known_slot *slot = watch->slot;
    for (uint32_t i = from; i < to && !watch->changed; i++) {
        uint8_t there = read_byte(slot->request.src + i);
        if (there == slot->known->src[i])
            continue;
        watch->changed = 1;
        watch->changed_at = i;
        watch->got = there;
    }
}

static void look_at_input(struct stress_watch *watch)
{
    uint32_t size = watch->slot->known->size, part = size < LOOKED_AT ? size : LOOKED_AT / 2;
    compare(watch, 0, part);
    compare(watch, size - part, size);
}

static void take_turns(struct stress_watch *watch)
{
    enter(watch);
    for (int i = 0; i < TURNS && watch->slot; i++) {
        for (int b = 0; b < BYTES; b++)
            write_beside(&watch->beside[b]);
        if (watch->reads)
            look_at_input(watch);
        watch->turns++;
    }
    leave(watch);
}

static void *watching(void *arg)
{
    struct stress_watch *watch = arg;
    pthread_mutex_lock(&watch->lock);
    while (!watch->leave) {
        if (!watch->awake) {
            pthread_cond_wait(&watch->moved, &watch->lock);
            continue;
        }
        pthread_mutex_unlock(&watch->lock);
        take_turns(watch);
        sched_yield();
        pthread_mutex_lock(&watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* ---- its life ---- */

int stress_watch_open(struct stress_run *run)
{
    struct stress_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return -ENOMEM;
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->moved, NULL);
    int error = pthread_create(&watch->thread, NULL, watching, watch);
    if (error)
        free(watch);
    else
        run->watch = watch;
    return -error;
}

static void set(struct stress_watch *watch, int awake, int ends)
{
    pthread_mutex_lock(&watch->lock);
    watch->awake = awake;
    watch->leave = ends;
    pthread_cond_signal(&watch->moved);
    pthread_mutex_unlock(&watch->lock);
}

void stress_watch_close(struct stress_run *run)
{
    if (!run->watch)
        return;
    set(run->watch, 0, 1);
    pthread_join(run->watch->thread, NULL);
    free(run->watch);
    run->watch = NULL;
}

void stress_watch_wake(struct stress_run *run)
{
    set(run->watch, 1, 0);
}

void stress_watch_sleep(struct stress_run *run)
{
    set(run->watch, 0, 0);
}

/* ---- a request ---- */

/* What the driver writes of it, in the slot's memory. */
static void output_of(const struct known_slot *slot, uint8_t **from, uint8_t **to)
{
    const bs_params *p = slot->traffic->params;
    int text = p->kind != BS_DIGEST && p->kind != BS_HMAC;
    *from = slot->request.dst + (text ? 0 : slot->known->size);
    *to = slot->request.dst + slot->known->size + (p->op == BS_ENCRYPT ? p->tag_len : 0);
}

void stress_watch_turn(struct stress_worker *worker)
{
    struct stress_watch *watch = worker->run->watch;
    uint64_t until = bs_now_ns() + PATIENCE_NS;
    enter(watch);
    uint32_t before = watch->turns, turns = before;
    leave(watch);
    while (turns == before && bs_now_ns() < until) {
        sched_yield();
        enter(watch);
        turns = watch->turns;
        leave(watch);
    }
}

void stress_watch_begin(struct stress_worker *worker, struct known_slot *slot)
{
    struct stress_watch *watch = worker->run->watch;
    uint8_t *from, *to;
    output_of(slot, &from, &to);
    uint8_t *const at[BYTES] = {from - 1, from - 1 - FAR, to, to + FAR};
    worker->watched = slot;
    enter(watch);
    for (int i = 0; i < BYTES; i++)
        watch->beside[i] = (struct beside){.at = at[i], .was = *at[i], .last = *at[i]};
    watch->turns = 0;
    watch->changed = 0;
    watch->reads = slot->request.src != slot->request.dst;
    watch->slot = slot;
    leave(watch);
    stress_watch_turn(worker);
}

/* Something that was there before, or somebody else's byte? */
static int kind_of(const struct beside *b)
{
    int old = b->got == b->was || b->got == (b->was ^ ONE) || b->got == (b->was ^ OTHER);
    return old ? BS_FOUND_WRITTEN_BACK : BS_FOUND_BESIDE_OUTPUT;
}

/* Afterwards the byte is what it was. */
static int settle(const struct known_slot *slot, struct beside *b, bs_finding *fault)
{
    uint8_t there = *b->at;
    *b->at = b->was;
    if (!b->undone && there == b->last)
        return 1;
    if (!b->undone)
        b->got = there;
    *fault = (bs_finding){.kind = kind_of(b),
                          .status = slot->request.status,
                          .expected_status = slot->known->status,
                          .at = b->at - slot->request.dst,
                          .expected = b->last,
                          .got = b->got,
                          .extent = 1};
    return 0;
}

int stress_watch_end(struct stress_worker *worker, bs_finding *fault)
{
    struct stress_watch *watch = worker->run->watch;
    struct known_slot *slot = worker->watched;
    int right = 1;
    worker->watched = NULL;
    enter(watch);
    watch->slot = NULL;
    leave(watch);
    for (int i = 0; i < BYTES; i++)
        right &= settle(slot, &watch->beside[i], fault);
    if (!right || !watch->changed)
        return right;
    *fault = (bs_finding){.kind = BS_FOUND_MEANWHILE,
                          .status = slot->request.status,
                          .expected_status = slot->known->status,
                          .at = watch->changed_at,
                          .expected = slot->known->src[watch->changed_at],
                          .got = watch->got,
                          .extent = 1};
    return 0;
}
