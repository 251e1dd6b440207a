/* Digests and HMAC in the place of libcrypto's, with the chosen bug in between. */
#include "shim.h"

#include <stdlib.h>

static void begin_hash(struct hash *h)
{
    h->requests++;
    h->text_size = 0;
    h->updates = 0;
    h->last = NULL;
    h->last_size = 0;
}

static int digest_init(struct hash *h, const void *digest)
{
    REAL(int, EVP_DigestInit_ex, (void *, const void *, void *));
    return call(h->real, digest, NULL);
}

static int mac_init(struct hash *h, const uint8_t *key, size_t size, const void *params)
{
    REAL(int, EVP_MAC_init, (void *, const uint8_t *, size_t, const void *));
    return call(h->real, key, size, params);
}

int hash_key(struct hash *h, const uint8_t *key, size_t size, const void *params)
{
    return mac_init(h, key, size, params);
}

int hash_begin(struct hash *h)
{
    return h->mac ? mac_init(h, NULL, 0, NULL) : digest_init(h, NULL);
}

int hash_text(struct hash *h, const uint8_t *data, size_t size)
{
    REAL(int, EVP_DigestUpdate, (void *, const void *, size_t));
    REAL_NEXT(int, mac_update, EVP_MAC_update, (void *, const void *, size_t));
    return h->mac ? mac_update(h->real, data, size) : call(h->real, data, size);
}

int hash_end(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    REAL(int, EVP_DigestFinal_ex, (void *, uint8_t *, unsigned *));
    REAL_NEXT(int, mac_final, EVP_MAC_final, (void *, uint8_t *, size_t *, size_t));
    unsigned size = 0;
    int fine = h->mac ? mac_final(h->real, out, written, room) : call(h->real, out, &size);

    if (!h->mac)
        *written = size;
    return fine;
}

static int begin(struct hash *h)
{
    begin_hash(h);
    return HAS(hash_begin) ? bug->hash_begin(h) : hash_begin(h);
}

static int more(struct hash *h, const uint8_t *data, size_t size)
{
    h->last = data;
    h->last_size = size;
    h->text_size += size;
    h->updates++;
    return HAS(hash_text) ? bug->hash_text(h, data, size) : hash_text(h, data, size);
}

static int end(struct hash *h, uint8_t *out, size_t *written, size_t room)
{
    int fine;

    if (!operation())
        return 0;
    fine = HAS(hash_end) ? bug->hash_end(h, out, written, room) : hash_end(h, out, written, room);
    if (HAS(wrong_hash) && bug->wrong_hash(h))
        out[*written / 2] ^= 0x10;
    return fine;
}

void *EVP_MD_CTX_new(void)
{
    REAL(void *, EVP_MD_CTX_new, (void));
    struct hash *h = calloc(1, sizeof *h);

    if (h)
        h->real = call();
    return h;
}

void EVP_MD_CTX_free(void *context)
{
    REAL(void, EVP_MD_CTX_free, (void *));
    if (context)
        call(((struct hash *)context)->real);
    free(context);
}

int EVP_DigestInit_ex(void *context, const void *digest, void *engine)
{
    REAL(int, EVP_MD_get_block_size, (const void *));
    struct hash *h = context;

    (void)engine;
    if (!digest)
        return begin(h);
    h->block_size = (size_t)call(digest);
    return digest_init(h, digest);
}

int EVP_DigestUpdate(void *context, const void *data, size_t size)
{
    return more(context, data, size);
}

int EVP_DigestFinal_ex(void *context, uint8_t *out, unsigned *size)
{
    size_t written = 0;
    int fine = end(context, out, &written, 64);

    if (size)
        *size = (unsigned)written;
    return fine;
}

void *EVP_MAC_CTX_new(void *mac)
{
    REAL(void *, EVP_MAC_CTX_new, (void *));
    struct hash *h = calloc(1, sizeof *h);

    if (!h)
        return NULL;
    h->real = call(mac);
    h->mac = 1;
    return h;
}

void EVP_MAC_CTX_free(void *context)
{
    REAL(void, EVP_MAC_CTX_free, (void *));
    if (context)
        call(((struct hash *)context)->real);
    free(context);
}

int EVP_MAC_init(void *context, const uint8_t *key, size_t size, const void *params)
{
    REAL(size_t, EVP_MAC_CTX_get_block_size, (void *));
    struct hash *h = context;
    int fine;

    if (!key)
        return begin(h);
    h->key_size = size;
    fine = HAS(hash_key) ? bug->hash_key(h, key, size, params) : hash_key(h, key, size, params);
    h->block_size = fine == 1 ? call(h->real) : 0;
    return fine;
}

int EVP_MAC_update(void *context, const uint8_t *data, size_t size)
{
    return more(context, data, size);
}

int EVP_MAC_final(void *context, uint8_t *out, size_t *written, size_t room)
{
    size_t size = 0;
    int fine = end(context, out, &size, room);

    if (written)
        *written = size;
    return fine;
}
