/* A libcrypto with one bug: what a bug is, and what it sees of sessions and requests.
 *
 * shim*.c have the functions that the driver looks for, and pass every call on to the real library;
 * where the chosen bug has a hook, the hook is called instead, and may pass the call on itself. A
 * file of bugs has one kind of them, and its table is named in BUG_TABLES. */
#ifndef ZOO_H
#define ZOO_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden) /* what is looked for in a libcrypto is in shim*.c alone */

enum mode { POLY1305 = 0, ECB = 1, CBC = 2, CTR = 5, GCM = 6, CCM = 7, XTS = 0x10001 };

enum { BLOCK = 16, LONGEST_KEY = 64, LONGEST_NONCE = 64 };

/* A session of a cipher: an EVP_CIPHER_CTX. */
struct cipher {
    void *real;
    const void *algorithm;
    enum mode mode;
    int encrypt, aead;
    size_t key_size, iv_size, tag_size;
    uint8_t key[LONGEST_KEY];
    unsigned long number; /* of the session in this process, from 1 */

    /* the request: begun with an IV, or without IVs each text */
    unsigned long requests; /* so far, this one included */
    uint8_t iv[LONGEST_NONCE];
    const uint8_t *aad;
    size_t aad_size, text_size; /* so far */
    uint8_t *out;               /* where its text begins */
    int updates;                /* texts since the IV was given */
    const uint8_t *given_tag;   /* by the caller, for decryption */
    int written;

    uint8_t own[64]; /* a bug's own, zero at first */
    unsigned long own_count;
};

/* A session of a digest, or of an HMAC when `mac`. */
struct hash {
    void *real;
    int mac;
    size_t block_size, key_size; /* the block is an HMAC's, too */
    unsigned long requests;
    size_t text_size; /* of the request so far */
    int updates;
    const uint8_t *last; /* the last part of the text */
    size_t last_size;
    uint8_t own[64];
    unsigned long own_count;
};

/* All hooks may be NULL. The ones that do something return 1, or 0 for a failure, as libcrypto does. */
struct bug {
    const char *name;

    /* a request's outcome */
    int (*wrong)(struct cipher *c, const uint8_t *out, const uint8_t *in,
                 size_t size);          /* a bit of the text */
    int (*wrong_tag)(struct cipher *c); /* a bit of the tag; decryption refuses */
    int (*wrong_hash)(struct hash *h);  /* a bit of a digest or HMAC */
    int (*accepts)(struct cipher *c);   /* a forgery is taken for genuine */
    int (*refuses)(struct cipher *c);   /* a genuine text is taken for a forgery */
    int (*differs)(const uint8_t *a, const uint8_t *b, size_t size); /* CRYPTO_memcmp */

    /* a step */
    void (*opened)(struct cipher *c);
    void (*closed)(struct cipher *c);
    int (*begin)(struct cipher *c, const uint8_t *key, const uint8_t *iv); /* either may be NULL */
    int (*aad)(struct cipher *c, const uint8_t *data, size_t size);
    int (*text)(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size);
    void (*ended)(struct cipher *c, int genuine); /* an AEAD's request */
    int (*get_tag)(struct cipher *c, uint8_t *tag, size_t size);
    int (*set_tag)(struct cipher *c, uint8_t *tag, size_t size);
    int (*block_size)(int real);

    int (*hash_key)(struct hash *h, const uint8_t *key, size_t size, const void *params);
    int (*hash_begin)(struct hash *h);
    int (*hash_text)(struct hash *h, const uint8_t *data, size_t size);
    int (*hash_end)(struct hash *h, uint8_t *out, size_t *written, size_t room);

    int (*operation)(void); /* before every text, and every end of a hash; 0: it fails */
    const char *(*version)(const char *real);
};

/* The sound steps. */
int cipher_begin(struct cipher *c, const uint8_t *key, const uint8_t *iv);
int cipher_aad(struct cipher *c, const uint8_t *data, size_t size);
int cipher_text(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size);
int cipher_get_tag(struct cipher *c, uint8_t *tag, size_t size);
int cipher_set_tag(struct cipher *c, uint8_t *tag, size_t size);
int hash_key(struct hash *h, const uint8_t *key, size_t size, const void *params);
int hash_begin(struct hash *h);
int hash_text(struct hash *h, const uint8_t *data, size_t size);
int hash_end(struct hash *h, uint8_t *out, size_t *written, size_t room);

/* The direction of the real context, whatever the session's is. */
int cipher_turn(struct cipher *c, const uint8_t *key, const uint8_t *iv, int encrypt);
/* The tag that a decryption with GCM or ChaCha20-Poly1305 should have been given; 0: not to be had. */
int genuine_tag(struct cipher *c, uint8_t tag[BLOCK]);

unsigned long operations(void);              /* of the process so far */
unsigned long sessions_open(void);           /* of ciphers */
unsigned long count(unsigned long *counter); /* one more, in any thread; the new value */
uint64_t milliseconds(void);
void read_bytes(const uint8_t *at, size_t size); /* really, whatever the compiler thinks */

/* Every file's bugs, ended by one without a name. */
#define BUG_TABLES(T) \
    T(sizes)          \
    T(counters)       \
    T(tags)           \
    T(aad)            \
    T(memory)         \
    T(placement)      \
    T(state)          \
    T(crowds)         \
    T(lifetime)       \
    T(data)           \
    T(empty)          \
    T(hashes)         \
    T(chains)         \
    T(crashes)

#define DECLARE(kind) extern const struct bug bugs_##kind[];
BUG_TABLES(DECLARE)
#undef DECLARE

#pragma GCC visibility pop

#endif
