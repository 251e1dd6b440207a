/* The Linux kernel's crypto through AF_ALG sockets. socket.c binds and prepares messages,
 * op.c performs a request on an op socket, aio.c keeps many outstanding through io_submit,
 * threads.c through threads, choose.c finds out what the kernel overlaps, afalg.c is the driver. */
#ifndef BS_AFALG_H
#define BS_AFALG_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "driver.h"
#include "drivers/shared/callers.h"
#include "drivers/shared/proc_crypto.h"

enum {
    AFALG_NAME = 128, /* bytes of a driver's name, with its end */
    AFALG_IV = 16,    /* longest IV that the kernel's modes take */
    AFALG_GROUP = 16, /* most requests in one message */
    /* Most segments of a text: for each the kernel takes memory from the socket's net.core.optmem_max, which
     * holds about thirty. The last one has the rest of the text. */
    AFALG_SEGMENTS = 16,
    AFALG_GROUP_BYTES = 65536,
};

_Static_assert(AFALG_GROUP <= AFALG_SEGMENTS, "room for a group's texts");

enum afalg_way {
    AFALG_UNDECIDED, /* the others in the order of their words in afalg_options */
    AFALG_SYNC,      /* one op socket, the caller waits inside the kernel */
    AFALG_AIO,       /* one op socket per request outstanding, io_submit */
    AFALG_THREADS,   /* op sockets served by threads */
};

/* What a backend's setting says. */
struct afalg_setting {
    char driver[AFALG_NAME]; /* "": the kernel's choice */
    enum afalg_way way;
};

/* A bound socket (the kernel's transform) with its key, and the shape of its requests. */
struct afalg_transform {
    int fd;
    int kind, encrypt, chained;
    int iv_in_text; /* RFC 4106: the IV is sent behind the AAD as well */
    int ccm;        /* the kernel's IV is built from the nonce */
    uint32_t iv_len, kernel_iv_len, tag_len;
    uint32_t aad_len;           /* the longest */
    uint8_t first_iv[AFALG_IV]; /* where a chained message starts */
    uint32_t piece;             /* of a hash: bytes a send; else of a segment, both ways; 0: texts go whole */
    uint32_t chunk; /* a message of several requests holds multiples of so many bytes; 0: one each */
};

/* An op socket with its messages. Used by one thread at a time. */
struct afalg_op {
    int fd;
    int begun; /* chained: the first IV has been set */
    struct msghdr message;
    struct iovec out[AFALG_SEGMENTS + 3], in[AFALG_SEGMENTS + 2]; /* or a group's texts */
    int in_count;
    size_t out_size, in_size;            /* bytes of the prepared request, both ways */
    size_t room;                         /* that the socket's buffers hold */
    uint8_t *kernel_iv, *kernel_aad_len; /* inside control */
    uint8_t *returned_aad;               /* the kernel hands the AAD back: nobody wants it */
    size_t control_size, control_size_without_iv;
    _Alignas(8) uint8_t control[CMSG_SPACE(4) + CMSG_SPACE(4) + CMSG_SPACE(4 + AFALG_IV)];
};

struct afalg_aio;

struct afalg_session {
    struct afalg_transform transform;
    const char *type;       /* of AF_ALG: "skcipher", "aead", "hash" */
    char bound[AFALG_NAME]; /* what the socket was bound to */
    int by_driver;          /* bound by driver name, not by algorithm */
    uint32_t depth;
    enum afalg_way way;
    struct afalg_op *ops; /* sync: one; threads: one per caller */
    unsigned op_count, group;
    struct callers *callers;
    struct afalg_aio *aio;
    char aio_found[96]; /* what a trial of io_submit showed */
};

/* ---- socket.c ---- */

extern const bs_option afalg_options[];
void afalg_read(const char *setting, struct afalg_setting *read);

const char *afalg_type(int kind);

/* A socket bound to that algorithm or driver name: its descriptor or -errno. */
int afalg_bind(const char *type, const char *name);

/* Sets key and tag length of a bound socket and fills the transform in. 0 or -errno and a sentence. */
int afalg_transform_open(struct afalg_transform *transform, int fd, const bs_params *params, char *text,
                         size_t text_size);

/* An op socket for messages up to max_size bytes of payload. 0 or -errno and a sentence. */
int afalg_op_open(struct afalg_op *op, const struct afalg_transform *transform, size_t max_size, char *text,
                  size_t text_size);
void afalg_op_close(struct afalg_op *op);

/* Socket buffers for `needed` bytes both ways: 0 or -EMSGSIZE. */
int afalg_make_room(int fd, size_t needed);

/* ---- op.c ---- */

/* Points the op's message and receive vectors at the request. 0, or -EOPNOTSUPP: a tag to be checked over neither
 * text nor AAD returns no bytes, and the kernel computes only when it is asked for some. */
int afalg_prepare(struct afalg_op *op, const struct afalg_transform *transform, const bs_request *request);

/* Hands the prepared message to the kernel: 0 or -errno. */
int afalg_send(struct afalg_op *op, int flags);

/* The status of a request of which the kernel answered `result` bytes or -errno. */
int32_t afalg_status(const struct afalg_op *op, long result);

/* A new socket in the op's place, under the same number. */
void afalg_renew(struct afalg_op *op, const struct afalg_transform *transform);

/* One request from beginning to end; sets its status. */
void afalg_perform(struct afalg_op *op, const struct afalg_transform *transform, bs_request *request);

/* Several requests with their text in one message: one operation and one IV each. */
void afalg_perform_group(struct afalg_op *op, const struct afalg_transform *transform,
                         bs_request *const *requests, unsigned n);

/* ---- aio.c ---- */

/* Up to depth requests outstanding. 0, or -errno and a sentence. */
int afalg_aio_open(struct afalg_aio **aio, const struct afalg_transform *transform, unsigned depth,
                   size_t max_size, char *text, size_t text_size);
bs_process afalg_aio_process; /* these two: as a driver's, the session is the aio */
int afalg_aio_poll(void *aio, bs_request **done, unsigned max, uint64_t wait_ns);
unsigned afalg_aio_most(const struct afalg_aio *aio); /* most that were outstanding when io_submit returned */
void afalg_aio_forget(struct afalg_aio *aio);         /* that figure begins anew */
void afalg_aio_close(struct afalg_aio *aio);

/* ---- threads.c ---- */

/* An op socket for each of the plan's callers, in the place of the session's. 0, or -errno and a sentence. */
int afalg_threads_open(struct afalg_session *session, const struct callers_plan *plan, size_t max_size,
                       char *text, size_t text_size);
int afalg_threads_close(
    struct afalg_session *session); /* 0, or -EBUSY: one may still come back to its socket */

/* ---- choose.c ---- */

/* Opens what keeps session->depth requests outstanding: AIO or threads, whichever this kernel overlaps
 * for this driver; `wanted` overrides. 0, or -errno and a sentence. */
int afalg_choose(struct afalg_session *session, enum afalg_way wanted, const bs_params *params, char *text,
                 size_t text_size);

#endif
