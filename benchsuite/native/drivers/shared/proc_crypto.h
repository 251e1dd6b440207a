/* What the kernel says of its crypto drivers: /proc/crypto, and where their modules lie. */
#ifndef BS_PROC_CRYPTO_H
#define BS_PROC_CRYPTO_H

#include <stddef.h>

struct kernel_driver {
    char name[128], driver[128], module[64], type[16];
    int priority, references;
    int iv_size, digest_size; /* bytes; -1: not told */
    int asynchronous;         /* as registered: such a driver may still answer at once */
    int usable;               /* passed its self-test, and not internal */
};

/* Calls visit for every entry until it returns nonzero. 0, what visit returned, or -errno of opening. */
int proc_crypto_each(int (*visit)(void *context, const struct kernel_driver *driver), void *context);

/* The usable entry of that driver name; 0 or -ENOENT, or -errno of opening. */
int proc_crypto_driver(const char *driver, struct kernel_driver *found);

/* The usable entry with the highest priority that serves that algorithm name as one of these types
 * ("skcipher", "aead", "hash"). 0, -ENOENT, or -errno of opening. */
int proc_crypto_best(const char *name, const char *type, struct kernel_driver *found);

/* BS_PREFER_*. Hardware: its module lies in the kernel's drivers/. Accelerated: in arch/, or in crypto/
 * with a priority above the 100 of generic code. A template's instance is as good as the best driver named
 * in it. */
int proc_crypto_preference(const struct kernel_driver *driver);

/* "hash" covers ahash and shash, as AF_ALG's type does. */
int proc_crypto_is_type(const struct kernel_driver *driver, const char *type);

#endif
