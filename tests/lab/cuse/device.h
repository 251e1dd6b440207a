/* The device without its node: open files with their sessions, operations, and the ring of jobs. All
 * functions may be called from several threads. Those that return int return 0 or an errno. */
#ifndef LAB_DEVICE_H
#define LAB_DEVICE_H

#include <pthread.h>
#include <sys/types.h>

#include "abi.h"
#include "crypt.h"

enum { SIZE_MAX_KEY = 64, SIZE_MAX_HASH_KEY = 512 };

struct device_options {
    int async;    /* SUBMIT and FETCH are there */
    int hardware; /* as INFO tells */
    unsigned alignment_mask;
    unsigned ring; /* jobs that an open file holds */
};

extern struct device_options device_options;

struct file;

/* One CRYPT, with the caller's bytes: data in, then data out. */
struct job {
    struct abi_crypt call;
    unsigned iv_size, digest_size; /* digest_size: bytes that the caller gets, set by the operation */
    int has_data_out;
    int result;
    pid_t fetcher; /* the thread that is being given this job */
    uint8_t iv[16], digest[64];
    uint8_t *data;
    struct job *next;
};

struct file *file_open(void);
void file_close(struct file *file);

int session_new(struct file *file, struct abi_session *call, const uint8_t *key, const uint8_t *hash_key);
int session_end(struct file *file, uint32_t id);
int session_info(struct file *file, struct abi_info *info);

/* How many bytes a CRYPT reads and writes beside itself: EINVAL for an unknown session or a bad size. */
int session_shape(struct file *file, const struct abi_crypt *call, struct job *shape);
int session_nonce_size(struct file *file, uint32_t id, unsigned *size);

int job_perform(struct file *file, struct job *job);

/* in: size bytes of source; out: room for size + tag bytes; *out_size is set. */
int authcrypt_perform(struct file *file, struct abi_authcrypt *call, const uint8_t *nonce, const uint8_t *aad,
                      const uint8_t *in, uint8_t *out, size_t *out_size);

/* ---- the ring ---- */

int ring_submit(struct file *file, struct job *job);       /* EBUSY: full. On success the job is the ring's */
struct job *ring_reserve(struct file *file, pid_t thread); /* a done job for that thread, or NULL */
void ring_take(struct file *file, struct job *job);        /* out of the ring: it is the caller's */
void job_free(struct job *job);

int file_readable(struct file *file);
int file_writable(struct file *file);

/* Called whenever a job is done. */
void file_on_done(struct file *file, void (*tell)(void *), void *context);

#endif
