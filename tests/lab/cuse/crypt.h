/* The server's crypto: OpenSSL 3's libcrypto, opened when the server starts. One call, one operation. */
#ifndef LAB_CRYPT_H
#define LAB_CRYPT_H

#include <stddef.h>
#include <stdint.h>

/* A line of the table of what the device offers. Sizes are bytes; 0 where there is none. */
struct algorithm {
    uint32_t id;
    const char *algorithm, *driver; /* as GSESSINFO tells */
    enum { CIPHER, AEAD, HASH, HMAC_HASH } kind;
    const char *name; /* libcrypto's; a %d in it is the key's bits */
    unsigned block, iv_size, digest_size;
    unsigned key_sizes[3];
};

/* 0, or the sentence why not. */
const char *crypt_open(void);

/* NULL: the device does not offer it. */
const struct algorithm *crypt_find(uint32_t id, int is_hash);
int crypt_key_fits(const struct algorithm *algorithm, size_t key_size);

/* All return 0 or an errno. Buffers may be the same. iv becomes the next request's. */
int crypt_cipher(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, int decrypt,
                 uint8_t *iv, const uint8_t *in, uint8_t *out, size_t size);

/* size: of the text, without its tag. EBADMSG: the tag is wrong. */
int crypt_aead(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, int decrypt,
               const uint8_t *iv, const uint8_t *aad, size_t aad_size, const uint8_t *in, uint8_t *out,
               size_t size, uint8_t *tag, size_t tag_size);

int crypt_hash(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, const uint8_t *in,
               size_t size, uint8_t *digest);

#endif
