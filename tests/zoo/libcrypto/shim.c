/* The real library, the chosen bug, and the functions that need no bug.
 *
 * The file's name chooses: libzoo-NAME.so has the bug NAME, libzoo-NAME@1000.so from the 1000th
 * operation on. An operation is a text that goes through a cipher, or the end of a digest or HMAC. */
#include "shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- the real library, and the bug ---- */

void *real(const char *name)
{
    static void *library;
    void *symbol;

    if (!library)
        library = dlopen(LIBCRYPTO, RTLD_NOW | RTLD_LOCAL);
    symbol = library ? dlsym(library, name) : NULL;
    if (!symbol) {
        fprintf(stderr, "the real libcrypto has no %s\n", name);
        _exit(1);
    }
    return symbol;
}

static const struct bug sound; /* no hooks */
const struct bug *bug = &sound;
static unsigned long from; /* the operation that the bug begins at */
static unsigned long done;

static const struct bug *find(const char *name)
{
#define TABLE(kind) bugs_##kind,
    static const struct bug *const tables[] = {BUG_TABLES(TABLE)};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct bug *each = tables[i]; each->name; each++)
            if (strcmp(each->name, name) == 0)
                return each;
    return strcmp(name, "sound") == 0 ? &sound : NULL;
}

__attribute__((constructor)) static void choose(void)
{
    Dl_info self;
    char name[256] = "";
    const char *file = dladdr((void *)choose, &self) ? strrchr(self.dli_fname, '/') : NULL;
    char *end;

    if (!file || sscanf(file, "/libzoo-%255[^/]", name) != 1 || !(end = strrchr(name, '.')))
        return; /* the library as it was built, for nobody to use */
    *end = '\0';
    if ((end = strchr(name, '@'))) {
        *end = '\0';
        from = strtoul(end + 1, NULL, 10);
    }
    bug = find(name);
    if (!bug) {
        fprintf(stderr, "the zoo has no %s\n", name);
        _exit(1);
    }
}

unsigned long count(unsigned long *counter)
{
    return __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

unsigned long operations(void)
{
    return done;
}

uint64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void read_bytes(const uint8_t *at, size_t size)
{
    for (const volatile uint8_t *byte = at; byte < at + size; byte++)
        (void)*byte;
}

int begun(void)
{
    return done >= from;
}

int operation(void)
{
    count(&done);
    return HAS(operation) ? bug->operation() : 1;
}

/* ---- all else that the driver looks for ---- */

const char *OpenSSL_version(int what)
{
    REAL(const char *, OpenSSL_version, (int));
    return bug->version ? bug->version(call(what)) : call(what);
}

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
PASS_ON(unsigned long, EVP_CIPHER_get_flags, (const void *cipher), (cipher))
PASS_ON(int, EVP_MD_get_size, (const void *digest), (digest))
PASS_ON(void *, OSSL_LIB_CTX_new, (void), ())
PASS_ON_VOID(OSSL_LIB_CTX_free, (void *library), (library))
PASS_ON(void *, OSSL_PROVIDER_load, (void *library, const char *name), (library, name))
PASS_ON(void *, EVP_CIPHER_fetch, (void *library, const char *name, const char *query),
        (library, name, query))
PASS_ON_VOID(EVP_CIPHER_free, (void *cipher), (cipher))
PASS_ON(void *, EVP_MD_fetch, (void *library, const char *name, const char *query), (library, name, query))
PASS_ON_VOID(EVP_MD_free, (void *digest), (digest))
PASS_ON(void *, EVP_MAC_fetch, (void *library, const char *name, const char *query), (library, name, query))
PASS_ON_VOID(EVP_MAC_free, (void *mac), (mac))
