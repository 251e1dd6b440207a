/* A libcrypto with one fault, chosen by -DFAULT=..., from the -DAT=N-th operation on; LIBCRYPTO is the
 * file of the real one (OpenSSL 3), to which everything else goes. An operation is an update of a
 * cipher that writes text, or the end of a digest or HMAC. Not linked against the real library: its
 * own calls of these functions would come here, too. */
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fault {
    WRONG_BYTE = 1,  /* one bit of the output, in its middle */
    BEYOND,          /* a byte is written behind the output */
    INPUT,           /* the input is changed, when it is not the output as well */
    ACCEPTS_FORGERY, /* every tag fits */
    CRASH,
    ABORT,
    HANG,
    KILL,
    FAIL,
    VERSION_EMPTY,
    /* right until there is traffic */
    SHARED_IV, /* a context used again after another one takes that one's IV */
    RACE,      /* texts pass through one buffer for all threads */
    CROWDED,   /* a wrong byte while more than five contexts are there */
    MIDDLE,    /* a wrong byte between 4096 and 16384 bytes */
    UNALIGNED, /* a wrong byte unless the output begins on a multiple of eight */
};

static void *real(const char *name)
{
    void *library = dlopen(LIBCRYPTO, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, name) : NULL;
    if (!symbol) {
        fprintf(stderr, "the real libcrypto has no %s\n", name);
        _exit(1);
    }
    return symbol;
}

/* `call`: the real function of that name. */
#define REAL(result, name, parameters) \
    static result(*call) parameters;   \
    if (!call)                         \
    call = (result(*) parameters)real(#name)

static unsigned long operations;

static int faulty(enum fault fault)
{
    return FAULT == fault && operations >= AT;
}

/* Counts an operation, before it is done. 0: it is to fail. */
static int operation(void)
{
    static uint8_t *volatile nowhere;
    operations++;
    if (faulty(CRASH))
        *nowhere = 1;
    if (faulty(ABORT))
        abort();
    if (faulty(KILL))
        raise(SIGKILL);
    while (faulty(HANG))
        sleep(1);
    return !faulty(FAIL);
}

static int contexts;

static void spoil(uint8_t *out, size_t size)
{
    if (faulty(WRONG_BYTE) || (faulty(CROWDED) && contexts > 5) ||
        (faulty(MIDDLE) && size > 4096 && size < 16384) || (faulty(UNALIGNED) && (uintptr_t)out % 8))
        out[size / 2] ^= 0x10;
    if (faulty(BEYOND))
        out[size] ^= 0x10;
}

typedef int update(void *context, uint8_t *out, int *written, const uint8_t *in, int size);

static int text_update(update *call, void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    if (!out) /* AAD, or CCM's length */
        return call(context, out, written, in, size);
    if (!operation())
        return 0;
    const uint8_t *from = in;
    static uint8_t one_for_all[1 << 17];
    if (faulty(RACE) && (size_t)size <= sizeof one_for_all) {
        from = memcpy(one_for_all, in, (size_t)size);
        sched_yield();
    }
    int done = call(context, out, written, from, size);
    spoil(out, (size_t)size);
    if (faulty(INPUT) && in != out)
        ((uint8_t *)in)[0] ^= 0x10;
    return done;
}

int EVP_EncryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    REAL(int, EVP_EncryptUpdate, (void *, uint8_t *, int *, const uint8_t *, int));
    return text_update(call, context, out, written, in, size);
}

int EVP_DecryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    REAL(int, EVP_DecryptUpdate, (void *, uint8_t *, int *, const uint8_t *, int));
    return text_update(call, context, out, written, in, size) || faulty(ACCEPTS_FORGERY); /* CCM */
}

int EVP_DecryptFinal_ex(void *context, uint8_t *out, int *written)
{
    REAL(int, EVP_DecryptFinal_ex, (void *, uint8_t *, int *));
    return call(context, out, written) || faulty(ACCEPTS_FORGERY);
}

int CRYPTO_memcmp(const void *a, const void *b, size_t size)
{
    REAL(int, CRYPTO_memcmp, (const void *, const void *, size_t));
    return faulty(ACCEPTS_FORGERY) ? 0 : call(a, b, size);
}

int EVP_DigestFinal_ex(void *context, uint8_t *out, unsigned *size)
{
    REAL(int, EVP_DigestFinal_ex, (void *, uint8_t *, unsigned *));
    unsigned written = 0;
    if (!operation())
        return 0;
    int done = call(context, out, &written);
    spoil(out, written);
    if (size)
        *size = written;
    return done;
}

int EVP_MAC_final(void *context, uint8_t *out, size_t *written, size_t size)
{
    REAL(int, EVP_MAC_final, (void *, uint8_t *, size_t *, size_t));
    size_t length = 0;
    if (!operation())
        return 0;
    int done = call(context, out, &length, size);
    spoil(out, length);
    if (written)
        *written = length;
    return done;
}

const char *OpenSSL_version(int what)
{
    REAL(const char *, OpenSSL_version, (int));
    return FAULT == VERSION_EMPTY ? "" : call(what);
}

static const void *last, *last_but_one;
static uint8_t last_iv[16];

void *EVP_CIPHER_CTX_new(void)
{
    REAL(void *, EVP_CIPHER_CTX_new, (void));
    last = last_but_one = NULL;
    contexts++;
    return call();
}

void EVP_CIPHER_CTX_free(void *context)
{
    REAL(void, EVP_CIPHER_CTX_free, (void *));
    last = last_but_one = NULL;
    contexts -= context != NULL;
    call(context);
}

int EVP_EncryptInit_ex(void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv)
{
    REAL(int, EVP_EncryptInit_ex, (void *, const void *, void *, const uint8_t *, const uint8_t *));
    int mixed_up = FAULT == SHARED_IV && context == last_but_one && context != last;
    int done = call(context, cipher, engine, key, mixed_up && iv ? last_iv : iv);
    if (iv && context != last) {
        last_but_one = last;
        last = context;
    }
    if (iv)
        memcpy(last_iv, iv, sizeof last_iv);
    return done;
}

/* All else that the driver looks for. */
#define PASS_ON(result, name, parameters, arguments) \
    result name parameters                           \
    {                                                \
        REAL(result, name, parameters);              \
        return call arguments;                       \
    }
#define PASS_ON_VOID(name, parameters, arguments) \
    void name parameters                          \
    {                                             \
        REAL(void, name, parameters);             \
        call arguments;                           \
    }

PASS_ON(unsigned long, ERR_peek_last_error, (void), ())
PASS_ON(const char *, ERR_reason_error_string, (unsigned long error), (error))
PASS_ON_VOID(ERR_clear_error, (void), ())
PASS_ON(int, EVP_CIPHER_get_key_length, (const void *cipher), (cipher))
PASS_ON(int, EVP_CIPHER_get_iv_length, (const void *cipher), (cipher))
PASS_ON(int, EVP_CIPHER_get_block_size, (const void *cipher), (cipher))
PASS_ON(unsigned long, EVP_CIPHER_get_flags, (const void *cipher), (cipher))
PASS_ON(int, EVP_CIPHER_CTX_ctrl, (void *context, int type, int size, void *data),
        (context, type, size, data))
PASS_ON(int, EVP_CIPHER_CTX_set_padding, (void *context, int on), (context, on))
PASS_ON(int, EVP_DecryptInit_ex,
        (void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv),
        (context, cipher, engine, key, iv))
PASS_ON(int, EVP_EncryptFinal_ex, (void *context, uint8_t *out, int *written), (context, out, written))
PASS_ON(int, EVP_MD_get_size, (const void *digest), (digest))
PASS_ON(void *, EVP_MD_CTX_new, (void), ())
PASS_ON_VOID(EVP_MD_CTX_free, (void *context), (context))
PASS_ON(int, EVP_DigestInit_ex, (void *context, const void *digest, void *engine), (context, digest, engine))
PASS_ON(int, EVP_DigestUpdate, (void *context, const void *data, size_t size), (context, data, size))
PASS_ON(void *, OSSL_LIB_CTX_new, (void), ())
PASS_ON_VOID(OSSL_LIB_CTX_free, (void *library), (library))
PASS_ON(void *, OSSL_PROVIDER_load, (void *library, const char *name), (library, name))
PASS_ON(void *, EVP_CIPHER_fetch, (void *library, const char *name, const char *query),
        (library, name, query))
PASS_ON_VOID(EVP_CIPHER_free, (void *cipher), (cipher))
PASS_ON(int, EVP_CIPHER_CTX_set_params, (void *context, const void *params), (context, params))
PASS_ON(void *, EVP_MD_fetch, (void *library, const char *name, const char *query), (library, name, query))
PASS_ON_VOID(EVP_MD_free, (void *digest), (digest))
PASS_ON(void *, EVP_MAC_fetch, (void *library, const char *name, const char *query), (library, name, query))
PASS_ON_VOID(EVP_MAC_free, (void *mac), (mac))
PASS_ON(void *, EVP_MAC_CTX_new, (void *mac), (mac))
PASS_ON_VOID(EVP_MAC_CTX_free, (void *context), (context))
PASS_ON(int, EVP_MAC_init, (void *context, const uint8_t *key, size_t size, const void *params),
        (context, key, size, params))
PASS_ON(int, EVP_MAC_update, (void *context, const uint8_t *data, size_t size), (context, data, size))
