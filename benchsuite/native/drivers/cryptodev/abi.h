/* The Linux ABI of /dev/crypto, as cryptodev-linux serves it: our own declarations, because the header is
 * installed nowhere where the module is not. Structures and numbers are those of a process of the
 * kernel's own word size; integers are the machine's. BSD's /dev/crypto differs. */
#ifndef BS_CRYPTODEV_ABI_H
#define BS_CRYPTODEV_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* CIOCGSESSION: a session for a cipher, a hash or HMAC, or both; its number comes back in ses. */
struct session_op {
    uint32_t cipher, mac; /* CRYPTO_*; 0: none */
    uint32_t keylen;
    const uint8_t *key;
    uint32_t mackeylen;
    const uint8_t *mackey;
    uint32_t ses;
};

struct alg_info {
    char cra_name[64], cra_driver_name[64];
};

/* CIOCGSESSINFO: which kernel drivers serve a session. */
struct session_info_op {
    uint32_t ses;
    struct alg_info cipher_info, hash_info; /* untouched where the session has none */
    uint16_t alignmask;                     /* address & alignmask must be 0, or data are copied */
    uint32_t flags;
};

#define SIOP_FLAG_KERNEL_DRIVER_ONLY 1u /* hardware that user space cannot reach by itself */

/* CIOCCRYPT, CIOCASYNCCRYPT, CIOCASYNCFETCH. With a cipher and a hash in one session the hash is over the
 * plain text, so that encrypt-then-MAC takes two sessions. */
struct crypt_op {
    uint32_t ses;
    uint16_t op, flags;
    uint32_t len;
    const uint8_t *src;
    uint8_t *dst; /* unused by a hash */
    uint8_t *mac; /* of a hash: the digest, whole */
    uint8_t *iv;  /* read whole, and written with COP_FLAG_WRITE_IV */
};

/* CIOCAUTHCRYPT. The tag lies behind the text: in dst on encryption, in src (and len) on decryption. */
struct crypt_auth_op {
    uint32_t ses;
    uint16_t op, flags;
    uint32_t len, auth_len;
    const uint8_t *auth_src, *src;
    uint8_t *dst, *tag;
    uint32_t tag_len; /* 0: the longest */
    const uint8_t *iv;
    uint32_t iv_len;
};

enum { COP_ENCRYPT = 0, COP_DECRYPT = 1 };

enum {
    COP_FLAG_UPDATE = 1,   /* hash: more follows */
    COP_FLAG_FINAL = 2,    /* hash: this is the last part */
    COP_FLAG_WRITE_IV = 4, /* the next request's IV comes back */
    COP_FLAG_NO_ZC = 8,    /* data are copied; the device sets it when it could not do without */
    COP_FLAG_RESET = 0x40, /* hash: begin anew. Without any flag that goes without saying */
};

enum {
    CRYPTO_DES_CBC = 1,
    CRYPTO_3DES_CBC = 2,
    CRYPTO_MD5_HMAC = 6,
    CRYPTO_SHA1_HMAC = 7,
    CRYPTO_AES_CBC = 11,
    CRYPTO_MD5 = 13,
    CRYPTO_SHA1 = 14,
    CRYPTO_NULL = 16,
    CRYPTO_SHA2_256_HMAC = 18,
    CRYPTO_SHA2_384_HMAC = 19,
    CRYPTO_SHA2_512_HMAC = 20,
    CRYPTO_AES_CTR = 21,
    CRYPTO_AES_XTS = 22,
    CRYPTO_AES_ECB = 23,
    CRYPTO_AES_GCM = 50,
    CRYPTO_SHA2_224 = 103,
    CRYPTO_SHA2_256 = 104,
    CRYPTO_SHA2_384 = 105,
    CRYPTO_SHA2_512 = 106,
    CRYPTO_SHA2_224_HMAC = 107,
};

#define CRIOGET       _IOWR('c', 101, uint32_t) /* a descriptor of the same open file; not needed on Linux */
#define CIOCGSESSION  _IOWR('c', 102, struct session_op)
#define CIOCFSESSION  _IOW('c', 103, uint32_t)
#define CIOCCRYPT     _IOWR('c', 104, struct crypt_op)
#define CIOCASYMFEAT  _IOR('c', 106, uint32_t) /* features of public-key operations: none */
#define CIOCGSESSINFO _IOWR('c', 107, struct session_info_op)
#define CIOCAUTHCRYPT _IOWR('c', 109, struct crypt_auth_op)
/* Only in a module built with -DENABLE_ASYNC. The ring of an open file holds 64 jobs: EBUSY when it
 * is full, and from FETCH when nothing is done. A failed job's errno is FETCH's own, which then fills nothing in. */
#define CIOCASYNCCRYPT _IOW('c', 110, struct crypt_op)
#define CIOCASYNCFETCH _IOR('c', 111, struct crypt_op)

enum { CRYPTODEV_RING = 64 };

#if UINTPTR_MAX > 0xffffffffu
_Static_assert(sizeof(struct session_op) == 48, "session_op");
_Static_assert(sizeof(struct crypt_op) == 48, "crypt_op");
_Static_assert(sizeof(struct crypt_auth_op) == 72, "crypt_auth_op");
#if defined(__x86_64__) || defined(__aarch64__) /* where _IOC has its usual shape */
_Static_assert(CIOCGSESSION == 0xc0306366u && CIOCCRYPT == 0xc0306368u, "ioctl numbers");
_Static_assert(CIOCAUTHCRYPT == 0xc048636du, "ioctl numbers");
_Static_assert(CIOCASYNCCRYPT == 0x4030636eu && CIOCASYNCFETCH == 0x8030636fu, "ioctl numbers");
#endif
#endif
_Static_assert(sizeof(struct session_info_op) == 268, "session_info_op");
_Static_assert(offsetof(struct session_info_op, alignmask) == 260, "session_info_op");
_Static_assert(offsetof(struct session_info_op, flags) == 264, "session_info_op");
#if defined(__x86_64__) || defined(__aarch64__)
_Static_assert(CRIOGET == 0xc0046365u && CIOCFSESSION == 0x40046367u, "ioctl numbers");
_Static_assert(CIOCASYMFEAT == 0x8004636au && CIOCGSESSINFO == 0xc10c636bu, "ioctl numbers");
#endif

#endif
