/* What the parts of the crowd share: crowd_cipher.c has the toy cipher, crowd_faults.c a request with its fault,
 * crowd.c the drivers. */
#ifndef CROWD_PARTS_H
#define CROWD_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "crowd.h"

enum { ROOM = 256, KEY = 8, IV = 16, TAG = 16, BOUNCE = 64, LINE = 64 };

struct crowd_request { /* as it was taken */
    bs_request *request;
    uint64_t number; /* of its session's, from 1 */
    uint8_t before[LINE], behind[LINE];
};

struct session {
    pthread_mutex_t lock;
    _Atomic int in_process;
    bs_params params;
    uint8_t key[KEY], chain[IV];
    struct crowd_request ring[ROOM];
    uint32_t first, visible, taken;
    uint64_t offers, requests;
    struct crowd_request unfinished;
};

struct crowd {
    enum crowd_fault fault;
    uint32_t every;
    _Atomic uint32_t performed, offers, opened, refused, trace;
    _Atomic uint8_t iv[IV], chain[IV], bounce[BOUNCE], stale_key[KEY];
    _Atomic int closed, polled_badly;
    _Atomic(bs_request *) stray;
    _Atomic(struct session *) stray_of;
    _Atomic(uint8_t *) late;
    _Atomic int interrupt_lost; /* until the next request */
    _Atomic uint32_t last_ms;   /* of the last request */
    _Atomic uint32_t key_len;   /* of the request before */
};

extern struct crowd crowd;

static inline int crowd_is(enum crowd_fault fault)
{
    return crowd.fault == fault;
}

/* The request of this number is one of those that have it. */
static inline int crowd_has(enum crowd_fault fault, uint64_t number)
{
    return crowd_is(fault) && number % crowd.every == crowd.every - 1;
}

uint64_t crowd_mix(uint64_t z);
void crowd_serve(const bs_params *p, const uint8_t *key, const uint8_t *iv, bs_request *r);

/* Before it is queued or performed. */
void crowd_take(struct session *s, bs_request *request, struct crowd_request *taken);
void crowd_perform(struct session *s, struct crowd_request *taken, uint32_t outstanding);
void crowd_set_chain(struct session *s, const uint8_t *iv);
void crowd_leak(enum crowd_fault fault, size_t size);

#endif
