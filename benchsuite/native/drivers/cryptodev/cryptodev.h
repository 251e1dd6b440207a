/* The kernel's crypto through /dev/crypto. abi.h declares the interface, device.c
 * opens the device and sessions on it, params.c checks params, session.c makes a driver
 * session, trial.c finds out how it serves, facts.c tells who, op.c
 * performs a request, async.c keeps many in the device's ring, cryptodev.c is the driver. */
#ifndef BS_CRYPTODEV_H
#define BS_CRYPTODEV_H

#include <limits.h>
#include <stdatomic.h>

#include "count.h"
#include "driver.h"
#include "drivers/shared/callers.h"
#include "abi.h"

enum { CRYPTODEV_NONCE = 16, CRYPTODEV_MAC = 64 }; /* the longest there are, bytes */

enum cryptodev_way {
    CRYPTODEV_UNDECIDED,
    CRYPTODEV_SYNC,    /* the caller waits inside the device; the others in the order of cryptodev_options */
    CRYPTODEV_ASYNC,   /* the ring of an open file, filled and emptied by ioctl and poll */
    CRYPTODEV_THREADS, /* open files served by threads */
};

/* What a backend's setting says. */
struct cryptodev_setting {
    char path[PATH_MAX];
    enum cryptodev_way way;
};

/* An open file with its sessions. The device performs one request at a time per session. */
struct cryptodev_line {
    int fd;
    uint32_t cipher, mac; /* session numbers, any of which may be valid; a pair has both */
    int has_cipher, has_mac;
};

/* Which kernel driver serves, as far as the device tells. */
struct cryptodev_served {
    char driver[64]; /* "": not told */
    uint32_t alignmask;
    int hardware; /* SIOP_FLAG_KERNEL_DRIVER_ONLY */
};

struct cryptodev_ring;

/* What a perform function returns when the device took nothing: offer the request again. */
enum { CRYPTODEV_REFUSED = 1 };

struct cryptodev_session {
    /* 0, CRYPTODEV_REFUSED, or the status. May be called by several threads, each with its own line. */
    int (*perform)(struct cryptodev_session *session, const struct cryptodev_line *line, bs_request *request);
    bs_process *process;
    struct cryptodev_line line; /* of the sync way */
    uint16_t op, flags;         /* of a cipher request */
    int chained;
    int no_stealing; /* XTS: the module has whole blocks only */
    int cut;         /* of a MAC only the beginning is wanted, tag_len bytes */
    uint32_t salt_len, iv_len, tag_len;
    uint32_t piece;                 /* of a hash: bytes of an update; 0: texts go whole */
    uint32_t alignmask;             /* of cipher and hash together */
    _Atomic int copied;             /* the device said so of the last request: no zero copy */
    bs_count refused;               /* by the device, inside a caller */
    uint8_t nonce[CRYPTODEV_NONCE]; /* salt, then a request's IV goes here; chained: the next IV */

    enum cryptodev_way way;
    struct cryptodev_ring *ring;
    struct callers *callers;
    struct cryptodev_line *lines; /* one per caller */
    unsigned line_count;
    struct cryptodev_served cipher_served, mac_served;
    int sleeps;                     /* requests do, inside the kernel; tried where depth is above 1 */
    double ring_pace, threads_pace; /* ns per request; 0: not tried, below 0: -errno */
    int in_user_space;              /* the device is a CUSE server: every byte is copied */
};

/* ---- device.c ---- */

extern const bs_option cryptodev_options[];
void cryptodev_read(const char *setting, struct cryptodev_setting *read);

/* A descriptor of the device, checked to be one of cryptodev's, or -errno and a sentence with the cure. */
int cryptodev_open(const char *path, char *text, size_t text_size);

/* What serves that descriptor: "cryptodev-linux 1.14, Linux 6.1.0". 1 in *in_user_space for a CUSE server. */
void cryptodev_describe(int fd, int *in_user_space, char *text, size_t text_size);

/* One session: 0 and its number in op->ses, or -errno and a sentence. */
int cryptodev_new(int fd, struct session_op *op, const char *name, char *text, size_t text_size);

/* Which drivers serve it. Empty where the device does not say. */
void cryptodev_info(int fd, uint32_t ses, struct cryptodev_served *cipher, struct cryptodev_served *mac);

/* The device has CIOCASYNCCRYPT. */
int cryptodev_has_async(int fd);

/* ioctl, again when a signal interrupted it: 0 or -errno. */
int cryptodev_ioctl(int fd, unsigned long request, void *argument);

/* ---- params.c ---- */

struct cryptodev_algorithm {
    const char *name;
    uint32_t id;
    int kind; /* BS_CIPHER, BS_AEAD, BS_DIGEST or BS_HMAC */
    uint32_t iv_len, tag_len;
    int can_chain; /* a request's last IV is the next one's first */
};

/* What params ask for, found. */
struct cryptodev_asked {
    struct cryptodev_setting setting;
    const struct cryptodev_algorithm *cipher, *mac; /* NULL where params name none */
    const bs_params *params;
    char *text; /* for a sentence */
    size_t text_size;
};

/* params, text and text_size are given; fills the rest in. 0, or -errno and a sentence. */
int cryptodev_check(struct cryptodev_asked *asked);

/* ---- line.c ---- */

/* A descriptor of its own with the sessions that were asked for: 0, or -errno and a sentence. */
int cryptodev_line_open(void *asked, struct cryptodev_line *line);
void cryptodev_line_close(struct cryptodev_line *line);

/* Who serves it, to be found in the session from now on. */
void cryptodev_learn(struct cryptodev_session *session, const struct cryptodev_line *line);

/* ---- threads.c ---- */

/* session->callers, with a line for each: 0, or -errno and a sentence. */
int cryptodev_threads_open(struct cryptodev_session *session, struct cryptodev_asked *asked);

/* ---- session.c ---- */

int cryptodev_probe(const bs_params *params, char *text, size_t text_size);
int cryptodev_newsession(void *session, const bs_params *params, char *text, size_t text_size);
int cryptodev_poll(void *session, bs_request **done, unsigned max, uint64_t wait_ns);
void cryptodev_freesession(void *session);

/* ---- facts.c ---- */

/* How good the drivers are that serve a session: BS_PREFER_*. */
int cryptodev_preference(const struct cryptodev_session *session);
void cryptodev_facts(const void *session, char *text, size_t text_size);

/* ---- op.c ---- */

/* Sets what a request's structures say always, and the function that performs it. */
void cryptodev_prepare(struct cryptodev_session *session, const bs_params *params);

/* What a request's flags say when it is done: the device may have had to copy, because of an address. */
void cryptodev_note_flags(struct cryptodev_session *session, unsigned flags);

/* A request's status for the device's answer: -EOPNOTSUPP for a size that it does not serve. */
int32_t cryptodev_status(const struct cryptodev_session *session, const bs_request *request, int error);

/* The one operation that a request is, as the ring takes it. Not for AEADs and pairs. */
void cryptodev_fill(struct cryptodev_session *session, const struct cryptodev_line *line,
                    const bs_request *request, struct crypt_op *op);

/* ---- async.c ---- */

/* session->ring: room for `depth` requests, in as many open files as that takes; open_line opens one, and
 * they are closed with the ring. 0, -ENOMEM, or what open_line returned. */
int cryptodev_ring_open(struct cryptodev_session *session, unsigned depth,
                        int (*open_line)(void *context, struct cryptodev_line *line), void *context);
bs_process cryptodev_ring_process; /* these two: as a driver's, the session is the ring */
int cryptodev_ring_poll(void *ring, bs_request **done, unsigned max, uint64_t wait_ns);
unsigned cryptodev_ring_most(const struct cryptodev_ring *ring); /* most the device held at once */
unsigned cryptodev_ring_files(const struct cryptodev_ring *ring);
void cryptodev_ring_close(struct cryptodev_ring *ring);

#endif
