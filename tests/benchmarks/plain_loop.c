/* The floor: libcrypto called in a plain loop, operation for operation as `openssl speed` calls it (3.0.19,
 * traced), or as our driver does. Built by the benchmarks, loaded into the process of our engine, so that
 * both sides call one libcrypto, from one process, milliseconds apart. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SET_IVLEN = 0x9, GET_TAG = 0x10, IV_SIZE = 12, TAG_SIZE = 16 };

static struct {
    void *(*EVP_CIPHER_fetch)(void *, const char *, const char *);
    void *(*EVP_CIPHER_CTX_new)(void);
    int (*EVP_CIPHER_CTX_ctrl)(void *, int, int, void *);
    int (*EVP_EncryptInit_ex)(void *, const void *, void *, const uint8_t *, const uint8_t *);
    int (*EVP_CipherInit_ex)(void *, const void *, void *, const uint8_t *, const uint8_t *, int);
    int (*EVP_EncryptUpdate)(void *, uint8_t *, int *, const uint8_t *, int);
    int (*EVP_EncryptFinal_ex)(void *, uint8_t *, int *);
    void *(*EVP_MD_fetch)(void *, const char *, const char *);
    int (*EVP_Digest)(const void *, size_t, uint8_t *, unsigned *, const void *, void *);
    void *(*EVP_MD_CTX_new)(void);
    int (*EVP_DigestInit_ex)(void *, const void *, void *);
    int (*EVP_DigestUpdate)(void *, const void *, size_t);
    int (*EVP_DigestFinal_ex)(void *, uint8_t *, unsigned *);
} lib;

static volatile int going = 1; /* openssl speed looks at such a flag before every operation */
static void *cipher_context, *digest, *digest_context;
static uint8_t *buffer, key[32], iv[16], tag[64];
static int size;

static int resolve(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return 0;
#define FIND(name) (*(void **)&lib.name = dlsym(handle, #name)) &&
    return FIND(EVP_CIPHER_fetch) FIND(EVP_CIPHER_CTX_new) FIND(EVP_CIPHER_CTX_ctrl) FIND(EVP_EncryptInit_ex)
        FIND(EVP_CipherInit_ex) FIND(EVP_EncryptUpdate) FIND(EVP_EncryptFinal_ex) FIND(EVP_MD_fetch)
            FIND(EVP_Digest) FIND(EVP_MD_CTX_new) FIND(EVP_DigestInit_ex) FIND(EVP_DigestUpdate)
                FIND(EVP_DigestFinal_ex) 1;
#undef FIND
}

/* 0, or -1. Keys are of the cipher's own size, taken from 32 zero bytes. */
int plain_open(const char *library, const char *cipher, const char *hash, int bytes)
{
    size = bytes;
    buffer = aligned_alloc(64, ((size_t)bytes + 127) / 64 * 64);
    if (!buffer || !resolve(library))
        return -1;
    memset(buffer, 1, (size_t)bytes);
    if (cipher) {
        cipher_context = lib.EVP_CIPHER_CTX_new();
        return lib.EVP_EncryptInit_ex(cipher_context, lib.EVP_CIPHER_fetch(NULL, cipher, NULL), NULL, key,
                                      iv) -
               1;
    }
    digest = lib.EVP_MD_fetch(NULL, hash, NULL);
    digest_context = lib.EVP_MD_CTX_new();
    return lib.EVP_DigestInit_ex(digest_context, digest, NULL) - 1;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Nanoseconds for n operations; 0 when one failed. */
#define LOOP(name, operation)                                 \
    uint64_t plain_##name(uint64_t n)                         \
    {                                                         \
        int written;                                          \
        uint64_t begin = now();                               \
        (void)written;                                        \
        for (uint64_t count = 0; going && count < n; count++) \
            if (!(operation))                                 \
                return 0;                                     \
        return now() - begin;                                 \
    }

/* openssl speed -evp CIPHER, and our chained sessions */
LOOP(update, lib.EVP_EncryptUpdate(cipher_context, buffer, &written, buffer, size) == 1)

/* openssl speed -evp DIGEST: a new context inside every call */
LOOP(digest, lib.EVP_Digest(buffer, (size_t)size, tag, NULL, digest, NULL) == 1)

/* our digest sessions: the context is kept */
LOOP(digest_kept, lib.EVP_DigestInit_ex(digest_context, NULL, NULL) == 1 &&
                      lib.EVP_DigestUpdate(digest_context, buffer, (size_t)size) == 1 &&
                      lib.EVP_DigestFinal_ex(digest_context, tag, (unsigned *)&written) == 1)

/* openssl speed -evp GCM: key and IV anew, no tag */
LOOP(gcm, lib.EVP_CIPHER_CTX_ctrl(cipher_context, SET_IVLEN, IV_SIZE, NULL) == 1 &&
              lib.EVP_CipherInit_ex(cipher_context, NULL, NULL, key, iv, -1) == 1 &&
              lib.EVP_EncryptUpdate(cipher_context, buffer, &written, buffer, size) == 1 &&
              lib.EVP_EncryptFinal_ex(cipher_context, buffer, &written) == 1)

static void count_iv(void)
{
    uint64_t count;
    memcpy(&count, iv, sizeof count);
    count++;
    memcpy(iv, &count, sizeof count);
}

/* our GCM sessions: the key is kept, the IV is new, the tag is fetched */
LOOP(gcm_kept, (count_iv(), lib.EVP_EncryptInit_ex(cipher_context, NULL, NULL, NULL, iv)) == 1 &&
                   lib.EVP_EncryptUpdate(cipher_context, buffer, &written, buffer, size) == 1 &&
                   lib.EVP_EncryptFinal_ex(cipher_context, tag, &written) == 1 &&
                   lib.EVP_CIPHER_CTX_ctrl(cipher_context, GET_TAG, TAG_SIZE, tag) == 1)
