/* What the files of the libcrypto driver share: load.c finds the library and its
 * algorithms, session.c checks params and makes sessions, op.c performs requests, pieces.c those whose texts are
 * handed over in several updates, libcrypto.c is the driver. */
#ifndef BS_LIBCRYPTO_H
#define BS_LIBCRYPTO_H

#include "driver.h"
#include "functions.h"

/* Values of OpenSSL's ABI, the same in 1.1.1, 3 and 4. */
enum {
    CTRL_AEAD_SET_IVLEN = 0x9,
    CTRL_AEAD_GET_TAG = 0x10,
    CTRL_AEAD_SET_TAG = 0x11,
    MODE_MASK = 0xf0007, /* of EVP_CIPHER_get_flags */
    MODE_STREAM = 0,
    MODE_ECB = 1,
    MODE_CBC = 2,
    MODE_CTR = 5,
    MODE_GCM = 6,
    MODE_CCM = 7,
    MODE_XTS = 0x10001,
    FLAG_AEAD = 0x200000,
    PARAM_UNSIGNED_INTEGER = 2,
    PARAM_UTF8_STRING = 4,
};

/* One loaded libcrypto. Lives as long as the process: OpenSSL cannot be unloaded safely. */
struct libcrypto {
#define FIELD(need, result, name, older, arguments) result(*name) arguments;
    BS_LIBCRYPTO_FUNCTIONS(FIELD)
#undef FIELD
    struct libcrypto *next;
    void *legacy; /* OSSL_LIB_CTX with the legacy provider, once it was needed */
    char path[];  /* "": the system's */
};

/* The longest nonce (salt and IV) and the longest MAC served. */
#define NONCE_MAX 64u
#define MAC_MAX   64u

/* A session. What every request reads comes first: two cache lines hold all of it. */
struct session {
    bs_process *perform;
    void *cipher; /* EVP_CIPHER_CTX */
    int (*update)(void *context, uint8_t *out, int *written, const uint8_t *in, int size);
    int (*begin)(void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv);
    int (*final)(void *context, uint8_t *out, int *written);
    int written;         /* what libcrypto says it wrote: here, a request has no need of a stack frame */
    uint32_t block_mask; /* block size - 1 */
    const struct libcrypto *lib;
    uint64_t left; /* of a chained AEAD message, in bytes */
    uint32_t salt_len, iv_len, tag_len;
    void *digest;             /* EVP_MD_CTX */
    void *mac;                /* EVP_MAC_CTX, or HMAC_CTX where there is no EVP_MAC */
    uint8_t nonce[NONCE_MAX]; /* salt, then the IV; a chained session's first one */
    uint32_t piece;           /* bytes of an update, whole blocks; 0: texts go whole */
};

extern const bs_option bs_libcrypto_options[];

/* load.c. The table for a setting, loaded at its first use; NULL, *error and a sentence. */
const struct libcrypto *bs_libcrypto_load(const char *setting, int *error, char *text, size_t text_size);

/* An EVP_CIPHER or EVP_MD by name, to be given back with the _free function; NULL and a sentence. */
void *bs_libcrypto_cipher(const struct libcrypto *lib, const char *name, char *text, size_t text_size);
void *bs_libcrypto_digest(const struct libcrypto *lib, const char *name, char *text, size_t text_size);
void bs_libcrypto_cipher_free(const struct libcrypto *lib, void *cipher);
void bs_libcrypto_digest_free(const struct libcrypto *lib, void *digest);

/* session.c. */
int bs_libcrypto_probe(const bs_params *params, char *text, size_t text_size);
int bs_libcrypto_newsession(void *session, const bs_params *params, char *text, size_t text_size);
void bs_libcrypto_freesession(void *session);

/* op.c. Which function performs the requests of a session opened for these params; `mode` is
 * the cipher's; cut: tag_len is less than the whole MAC. */
bs_process *bs_libcrypto_perform(const bs_params *params, unsigned long mode, int cut);

/* pieces.c. The same for params with a piece. */
bs_process *bs_libcrypto_in_pieces(const bs_params *params);

#endif
