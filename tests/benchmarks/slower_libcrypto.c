/* A libcrypto that takes a little longer: everything goes to the real one, which this is linked against, and after
 * each request so many rounds of a multiplication are done that nothing else can overlap. How many says a table
 * (-DTABLE="file"), lines `NAME SIZE ROUNDS`, ROUNDS in 1/256; none where there is no line. NAME is what was
 * fetched, as e(AES-128-CBC) of encryption, d(AES-128-CBC) of decryption, h(SHA256), m(HMAC). A table without
 * lines makes the other side, which goes the same way. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINES = 256, NAME_ROOM = 64, AT_ONCE = 32 };

static struct line {
    char name[NAME_ROOM];
    long size;
    uint64_t rounds;
} table[MOST_LINES];
static int lines;

static char fetched[NAME_ROOM]; /* the cipher; else the digest or MAC */
static char kind;               /* 'e' and 'd' are told apart by the call */
static size_t size_before;      /* of a digest or MAC: what its update had */
static uint64_t left;           /* parts of a round, carried over */

__attribute__((constructor)) static void read_table(void)
{
    FILE *file = fopen(TABLE, "r");
    if (!file)
        abort();
    while (lines < MOST_LINES &&
           fscanf(file, "%63s %ld %lu", table[lines].name, &table[lines].size, &table[lines].rounds) == 3)
        lines++;
    fclose(file);
}

static void *real(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        abort();
    return symbol;
}

/* Nothing before it may still be under way, nor anything after it begin. */
__attribute__((noinline)) static void take(uint64_t rounds)
{
    uint64_t x = rounds | 1;
    __asm__ volatile("" ::: "memory");
#ifdef __x86_64__
    __asm__ volatile("lfence" ::: "memory");
#endif
    for (; rounds; rounds--) {
        x *= 6364136223846793005u;
        __asm__ volatile("" : "+r"(x) : : "memory");
    }
#ifdef __x86_64__
    __asm__ volatile("lfence" ::: "memory");
#endif
}

static const struct line *found;
static size_t found_size;
static char found_kind;

static void after(char of, size_t size)
{
    if (size != found_size || of != found_kind) {
        char name[NAME_ROOM + 3];
        snprintf(name, sizeof name, "%c(%s)", of, fetched);
        found = NULL;
        found_size = size;
        found_kind = of;
        for (int i = 0; i < lines; i++)
            if (table[i].size == (long)size && strcmp(table[i].name, name) == 0)
                found = &table[i];
    }
    if (found) {
        left += found->rounds;
        if (left >> 8 >= AT_ONCE) { /* of small requests only some take longer: the fences cost as well */
            take(left >> 8);
            left &= 255;
        }
    }
}

#define REAL(result, name, parameters) \
    static result(*call) parameters;   \
    if (!call)                         \
    call = (result(*) parameters)real(#name)

static void fetch(char of, const char *name)
{
    if (kind == 'c' && of != 'c')
        return; /* the MAC of a pair: its cipher pays */
    if (kind == 'm' && of == 'h')
        return; /* the digest of an HMAC */
    kind = of;
    snprintf(fetched, sizeof fetched, "%s", name);
    found_size = 0;
    found_kind = 0;
}

void *EVP_CIPHER_fetch(void *context, const char *name, const char *query)
{
    REAL(void *, EVP_CIPHER_fetch, (void *, const char *, const char *));
    fetch('c', name);
    return call(context, name, query);
}

void *EVP_MD_fetch(void *context, const char *name, const char *query)
{
    REAL(void *, EVP_MD_fetch, (void *, const char *, const char *));
    fetch('h', name);
    return call(context, name, query);
}

void *EVP_MAC_fetch(void *context, const char *name, const char *query)
{
    REAL(void *, EVP_MAC_fetch, (void *, const char *, const char *));
    fetch('m', name);
    return call(context, name, query);
}

int EVP_EncryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    REAL(int, EVP_EncryptUpdate, (void *, uint8_t *, int *, const uint8_t *, int));
    int done = call(context, out, written, in, size);
    if (out) /* else AAD */
        after('e', (size_t)size);
    return done;
}

int EVP_DecryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    REAL(int, EVP_DecryptUpdate, (void *, uint8_t *, int *, const uint8_t *, int));
    int done = call(context, out, written, in, size);
    if (out)
        after('d', (size_t)size);
    return done;
}

int EVP_DigestUpdate(void *context, const void *data, size_t size)
{
    REAL(int, EVP_DigestUpdate, (void *, const void *, size_t));
    size_before = size;
    return call(context, data, size);
}

int EVP_DigestFinal_ex(void *context, uint8_t *out, unsigned *size)
{
    REAL(int, EVP_DigestFinal_ex, (void *, uint8_t *, unsigned *));
    int done = call(context, out, size);
    if (kind == 'h')
        after('h', size_before);
    return done;
}

int EVP_MAC_update(void *context, const uint8_t *data, size_t size)
{
    REAL(int, EVP_MAC_update, (void *, const uint8_t *, size_t));
    size_before = size;
    return call(context, data, size);
}

int EVP_MAC_final(void *context, uint8_t *out, size_t *written, size_t size)
{
    REAL(int, EVP_MAC_final, (void *, uint8_t *, size_t *, size_t));
    int done = call(context, out, written, size);
    if (kind == 'm')
        after('m', size_before);
    return done;
}
