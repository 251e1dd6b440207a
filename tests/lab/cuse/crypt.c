#include "crypt.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The few functions used, by their own names: a build needs no headers of OpenSSL's. */
static void *(*EVP_CIPHER_fetch)(void *, const char *, const char *);
static void (*EVP_CIPHER_free)(void *);
static void *(*EVP_MD_fetch)(void *, const char *, const char *);
static void (*EVP_MD_free)(void *);
static void *(*EVP_CIPHER_CTX_new)(void);
static void (*EVP_CIPHER_CTX_free)(void *);
static int (*EVP_CIPHER_CTX_set_padding)(void *, int);
static int (*EVP_CIPHER_CTX_ctrl)(void *, int, int, void *);
static int (*EVP_CipherInit_ex)(void *, const void *, void *, const uint8_t *, const uint8_t *, int);
static int (*EVP_CipherUpdate)(void *, uint8_t *, int *, const uint8_t *, int);
static int (*EVP_CipherFinal_ex)(void *, uint8_t *, int *);
static int (*EVP_Digest)(const void *, size_t, uint8_t *, unsigned *, const void *, void *);
static uint8_t *(*HMAC)(const void *, const void *, int, const uint8_t *, size_t, uint8_t *, unsigned *);

enum { GET_TAG = 0x10, SET_TAG = 0x11 };

static const struct algorithm algorithms[] = {
    {1, "cbc(des)", "lab-cbc-des", CIPHER, "DES-EDE3-CBC", 8, 8, 0, {8}},
    {2, "cbc(des3_ede)", "lab-cbc-des3", CIPHER, "DES-EDE3-CBC", 8, 8, 0, {24}},
    {11, "cbc(aes)", "lab-cbc-aes", CIPHER, "AES-%d-CBC", 16, 16, 0, {16, 24, 32}},
    {16, "ecb(cipher_null)", "lab-null", CIPHER, NULL, 1, 0, 0, {0}},
    {21, "ctr(aes)", "lab-ctr-aes", CIPHER, "AES-%d-CTR", 1, 16, 0, {16, 24, 32}},
    {22, "xts(aes)", "lab-xts-aes", CIPHER, "AES-%d-XTS", 16, 16, 0, {32, 64}},
    {23, "ecb(aes)", "lab-ecb-aes", CIPHER, "AES-%d-ECB", 16, 0, 0, {16, 24, 32}},
    {50, "gcm(aes)", "lab-gcm-aes", AEAD, "AES-%d-GCM", 1, 12, 16, {16, 24, 32}},
    {13, "md5", "lab-md5", HASH, "MD5", 1, 0, 16, {0}},
    {14, "sha1", "lab-sha1", HASH, "SHA1", 1, 0, 20, {0}},
    {103, "sha224", "lab-sha224", HASH, "SHA224", 1, 0, 28, {0}},
    {104, "sha256", "lab-sha256", HASH, "SHA256", 1, 0, 32, {0}},
    {105, "sha384", "lab-sha384", HASH, "SHA384", 1, 0, 48, {0}},
    {106, "sha512", "lab-sha512", HASH, "SHA512", 1, 0, 64, {0}},
    {6, "hmac(md5)", "lab-hmac-md5", HMAC_HASH, "MD5", 1, 0, 16, {0}},
    {7, "hmac(sha1)", "lab-hmac-sha1", HMAC_HASH, "SHA1", 1, 0, 20, {0}},
    {107, "hmac(sha224)", "lab-hmac-sha224", HMAC_HASH, "SHA224", 1, 0, 28, {0}},
    {18, "hmac(sha256)", "lab-hmac-sha256", HMAC_HASH, "SHA256", 1, 0, 32, {0}},
    {19, "hmac(sha384)", "lab-hmac-sha384", HMAC_HASH, "SHA384", 1, 0, 48, {0}},
    {20, "hmac(sha512)", "lab-hmac-sha512", HMAC_HASH, "SHA512", 1, 0, 64, {0}},
};

const char *crypt_open(void)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW);
    if (!library)
        return "libcrypto.so.3 cannot be opened (Debian: apt install libssl3)";
#define FIND(name)                                 \
    do {                                           \
        void *found = dlsym(library, #name);       \
        if (!found)                                \
            return "libcrypto.so.3 has no " #name; \
        memcpy(&name, &found, sizeof found);       \
    } while (0)
    FIND(EVP_CIPHER_fetch);
    FIND(EVP_CIPHER_free);
    FIND(EVP_MD_fetch);
    FIND(EVP_MD_free);
    FIND(EVP_CIPHER_CTX_new);
    FIND(EVP_CIPHER_CTX_free);
    FIND(EVP_CIPHER_CTX_set_padding);
    FIND(EVP_CIPHER_CTX_ctrl);
    FIND(EVP_CipherInit_ex);
    FIND(EVP_CipherUpdate);
    FIND(EVP_CipherFinal_ex);
    FIND(EVP_Digest);
    FIND(HMAC);
#undef FIND
    return NULL;
}

const struct algorithm *crypt_find(uint32_t id, int is_hash)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (algorithms[i].id == id && (algorithms[i].kind >= HASH) == (is_hash != 0))
            return &algorithms[i];
    return NULL;
}

int crypt_key_fits(const struct algorithm *algorithm, size_t key_size)
{
    if (algorithm->kind == HMAC_HASH)
        return key_size <= 512;
    for (int i = 0; i < 3; i++)
        if (algorithm->key_sizes[i] == key_size)
            return 1;
    return 0;
}

/* A cipher context with its key, or NULL. DES is triple DES with one key three times: libcrypto
 * keeps the plain one apart. */
static void *context_of(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, int decrypt)
{
    char name[32];
    uint8_t thrice[24];
    int bits = (int)key_size * 8 / (algorithm->id == 22 ? 2 : 1);
    snprintf(name, sizeof name, algorithm->name, bits);
    for (int i = 0; key_size == 8 && i < 3; i++)
        memcpy(thrice + 8 * i, key, 8);
    void *cipher = EVP_CIPHER_fetch(NULL, name, NULL), *context = EVP_CIPHER_CTX_new();
    int good = cipher && context &&
               EVP_CipherInit_ex(context, cipher, NULL, key_size == 8 ? thrice : key, NULL, !decrypt) == 1 &&
               EVP_CIPHER_CTX_set_padding(context, 0) == 1;
    EVP_CIPHER_free(cipher); /* the context has its own hold on it */
    if (good)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* What a chain goes on with. XTS has no such thing. */
static void next_iv(const struct algorithm *algorithm, uint8_t *iv, const uint8_t *ciphertext, size_t size)
{
    unsigned n = algorithm->iv_size;
    if (algorithm->id == 21) {
        for (size_t blocks = (size + 15) / 16; blocks > 0; blocks--)
            for (unsigned i = n; i-- > 0 && ++iv[i] == 0;)
                ;
    } else if (algorithm->id != 22 && n && size >= n) {
        memcpy(iv, ciphertext + size - n, n);
    }
}

int crypt_cipher(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, int decrypt,
                 uint8_t *iv, const uint8_t *in, uint8_t *out, size_t size)
{
    uint8_t before[16] = {0}; /* the last block of ciphertext, before it may be overwritten */
    unsigned n = algorithm->iv_size;
    int written;
    if (!algorithm->name) {
        memmove(out, in, size);
        return 0;
    }
    if (size >= n)
        memcpy(before, in + size - n, n);
    void *context = context_of(algorithm, key, key_size, decrypt);
    if (!context)
        return EINVAL;
    int good = EVP_CipherInit_ex(context, NULL, NULL, NULL, iv, !decrypt) == 1 &&
               EVP_CipherUpdate(context, out, &written, in, (int)size) == 1 && written == (int)size;
    EVP_CIPHER_CTX_free(context);
    if (good && algorithm->id != 21 && decrypt && size >= n)
        memcpy(iv, algorithm->id == 22 ? iv : before, n);
    else if (good)
        next_iv(algorithm, iv, out, size);
    return good ? 0 : EIO;
}

int crypt_aead(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, int decrypt,
               const uint8_t *iv, const uint8_t *aad, size_t aad_size, const uint8_t *in, uint8_t *out,
               size_t size, uint8_t *tag, size_t tag_size)
{
    uint8_t nothing[16];
    int written, last;
    void *context = context_of(algorithm, key, key_size, decrypt);
    if (!context)
        return EINVAL;
    int good = EVP_CipherInit_ex(context, NULL, NULL, NULL, iv, !decrypt) == 1 &&
               (!decrypt || EVP_CIPHER_CTX_ctrl(context, SET_TAG, (int)tag_size, tag) == 1) &&
               (!aad_size || EVP_CipherUpdate(context, NULL, &written, aad, (int)aad_size) == 1) &&
               (!size || EVP_CipherUpdate(context, out, &written, in, (int)size) == 1);
    last = good && EVP_CipherFinal_ex(context, nothing, &written) == 1;
    good = good && (decrypt || (last && EVP_CIPHER_CTX_ctrl(context, GET_TAG, (int)tag_size, tag) == 1));
    EVP_CIPHER_CTX_free(context);
    return !good ? EIO : last ? 0 : EBADMSG;
}

int crypt_hash(const struct algorithm *algorithm, const uint8_t *key, size_t key_size, const uint8_t *in,
               size_t size, uint8_t *digest)
{
    void *md = EVP_MD_fetch(NULL, algorithm->name, NULL);
    unsigned written = 0;
    int good = md != NULL;
    if (good && algorithm->kind == HMAC_HASH)
        good = HMAC(md, key, (int)key_size, in, size, digest, &written) != NULL;
    else if (good)
        good = EVP_Digest(in, size, digest, &written, md, NULL) == 1;
    EVP_MD_free(md);
    return good && written == algorithm->digest_size ? 0 : EIO;
}
