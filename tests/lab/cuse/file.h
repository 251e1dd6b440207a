/* What device.c and ring.c share. */
#ifndef LAB_FILE_H
#define LAB_FILE_H

#include "device.h"

struct session {
    uint32_t id;
    const struct algorithm *cipher, *hash;
    uint8_t key[SIZE_MAX_KEY], hash_key[SIZE_MAX_HASH_KEY], iv[16];
    size_t key_size, hash_key_size, pending_size;
    uint8_t *pending; /* hashed so far */
    uint64_t number;  /* of its operations */
    pthread_mutex_t lock;
    struct session *next;
};

struct jobs {
    struct job *first, *last;
};

struct file {
    pthread_mutex_t lock;
    struct session *sessions;

    pthread_mutex_t ring_lock;
    pthread_cond_t work;
    struct jobs todo, done;
    unsigned held; /* submitted and not fetched */
    int started, leave;
    pthread_t worker;
    void (*tell)(void *);
    void *tell_context;
};

void sessions_end(struct file *file);

#endif
