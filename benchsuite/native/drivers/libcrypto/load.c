/* Finding libcrypto at run time, and algorithms in it. */
#include "libcrypto.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No setting means the system's library: the newest that loads. The name without a number comes
 * last, because only development packages and unusual builds have it. */
static const char *const system_names[] = {
    "libcrypto.so.4", "libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", NULL,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards `loaded` and every `legacy` */
static struct libcrypto *loaded;

/* dlsym of something named like libssl.so also finds what the libraries it needs define. */
static bool defined_in(void *handle, void *symbol)
{
    struct link_map *file = NULL;
    Dl_info owner;

    return dlinfo(handle, RTLD_DI_LINKMAP, &file) == 0 && dladdr(symbol, &owner) != 0 &&
           owner.dli_fname != NULL && strcmp(owner.dli_fname, file->l_name) == 0;
}

/* Fills the table; the name of the function that is missing, or NULL when none is. */
static const char *resolve(struct libcrypto *lib, void *handle)
{
    enum { MAY, MUST };
    static const struct {
        const char *name, *older;
        size_t offset;
        int need;
    } functions[] = {
#define ROW(need, result, name, older, arguments) {#name, older, offsetof(struct libcrypto, name), need},
        BS_LIBCRYPTO_FUNCTIONS(ROW)
#undef ROW
    };

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *symbol = dlsym(handle, functions[i].name);

        if (symbol == NULL && functions[i].older != NULL)
            symbol = dlsym(handle, functions[i].older);
        if (functions[i].need == MUST && (symbol == NULL || !defined_in(handle, symbol)))
            return functions[i].name;
        memcpy((char *)lib + functions[i].offset, &symbol, sizeof symbol);
    }
    if (lib->EVP_CIPHER_fetch == NULL && lib->EVP_get_cipherbyname == NULL)
        return "EVP_CIPHER_fetch";
    if (lib->EVP_MD_fetch == NULL && lib->EVP_get_digestbyname == NULL)
        return "EVP_MD_fetch";
    if (lib->EVP_MAC_fetch == NULL && lib->HMAC_CTX_new == NULL)
        return "EVP_MAC_fetch";
    return NULL;
}

/* dlopen one file into `lib`: 0, or -errno and a sentence. */
static int open_file(struct libcrypto *lib, const char *file, char *text, size_t text_size)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const char *missing;

    if (handle == NULL) {
        const char *why = dlerror();
        FILE *readable = strchr(file, '/') != NULL ? fopen(file, "rb") : NULL;

        if (readable == NULL)
            return bs_say(text, text_size, -ENOENT,
                          "%s cannot be opened (%s): name a libcrypto that is "
                          "there",
                          file, why);
        fclose(readable);
        return bs_say(text, text_size, -ELIBBAD,
                      "%s is no libcrypto that can be loaded here (%s): "
                      "name a libcrypto.so built for this machine",
                      file, why);
    }
    missing = resolve(lib, handle);
    if (missing == NULL)
        return 0;
    dlclose(handle);
    return bs_say(text, text_size, -ELIBBAD,
                  "%s is no libcrypto that can be used: it has no function %s; "
                  "name a libcrypto.so of OpenSSL 1.1.1 or newer",
                  file, missing);
}

static int open_path(struct libcrypto *lib, char *text, size_t text_size)
{
    char why[256] = "";

    if (lib->path[0] != '\0')
        return open_file(lib, lib->path, text, text_size);
    for (int i = 0; system_names[i] != NULL; i++)
        if (open_file(lib, system_names[i], why, sizeof why) == 0)
            return 0;
    return bs_say(text, text_size, -ENOENT,
                  "no libcrypto of OpenSSL 1.1.1, 3 or 4 on this system (%s): "
                  "install one (Debian: apt install openssl), or name one "
                  "(software:/path/to/libcrypto.so)",
                  why);
}

const bs_option bs_libcrypto_options[] = {
    {.name = "path",
     .metavar = "PATH",
     .help = "a libcrypto.so; without one the system's",
     .room = PATH_MAX,
     .flags = BS_OPTION_FIRST | BS_OPTION_COMMAS | BS_OPTION_FILE},
    {.name = NULL},
};

const struct libcrypto *bs_libcrypto_load(const char *setting, int *error, char *text, size_t text_size)
{
    struct libcrypto *lib;
    char path[PATH_MAX];

    bs_setting_text(setting, "path", path, sizeof path);

    pthread_mutex_lock(&lock);
    for (lib = loaded; lib != NULL && strcmp(lib->path, path) != 0; lib = lib->next)
        ;
    if (lib == NULL) {
        lib = calloc(1, sizeof *lib + strlen(path) + 1);
        if (lib == NULL) {
            *error = bs_say(text, text_size, -ENOMEM, "out of memory");
        } else {
            strcpy(lib->path, path);
            *error = open_path(lib, text, text_size);
            if (*error == 0) {
                lib->next = loaded;
                loaded = lib;
            } else { /* not remembered: the user may put it right */
                free(lib);
                lib = NULL;
            }
        }
    }
    pthread_mutex_unlock(&lock);
    return lib;
}

/* A library context holding the legacy provider, where OpenSSL 3 keeps DES-CBC; NULL when this
 * libcrypto has none. A context of our own, so that nobody else's choice of algorithms changes. */
static void *legacy_context(struct libcrypto *lib)
{
    void *context;

    if (lib->legacy != NULL || lib->OSSL_PROVIDER_load == NULL || lib->OSSL_LIB_CTX_new == NULL ||
        lib->OSSL_LIB_CTX_free == NULL)
        return lib->legacy;
    context = lib->OSSL_LIB_CTX_new();
    if (context == NULL)
        return NULL;
    if (lib->OSSL_PROVIDER_load(context, "legacy") != NULL)
        lib->legacy = context;
    else
        lib->OSSL_LIB_CTX_free(context);
    return lib->legacy;
}

void *bs_libcrypto_cipher(const struct libcrypto *lib, const char *name, char *text, size_t text_size)
{
    void *cipher, *legacy = NULL;

    if (lib->EVP_CIPHER_fetch == NULL) {
        cipher = lib->EVP_get_cipherbyname(name);
    } else {
        cipher = lib->EVP_CIPHER_fetch(NULL, name, NULL);
        if (cipher == NULL) {
            pthread_mutex_lock(&lock);
            legacy = legacy_context((struct libcrypto *)lib);
            pthread_mutex_unlock(&lock);
            if (legacy != NULL)
                cipher = lib->EVP_CIPHER_fetch(legacy, name, NULL);
        }
    }
    lib->ERR_clear_error();
    if (cipher == NULL)
        bs_say(text, text_size, 0, "this libcrypto (%s) has no %s%s", lib->OpenSSL_version(0), name,
               lib->EVP_CIPHER_fetch == NULL || legacy != NULL
                   ? ""
                   : ": its default provider does not, and its legacy provider could not be loaded");
    return cipher;
}

void *bs_libcrypto_digest(const struct libcrypto *lib, const char *name, char *text, size_t text_size)
{
    void *digest;

    if (lib->EVP_MD_fetch != NULL) {
        digest = lib->EVP_MD_fetch(NULL, name, NULL);
    } else { /* 1.1.1 says SHA256 where OpenSSL 3 says SHA2-256 */
        char old[32] = "";

        if (strncmp(name, "SHA2-", 5) == 0)
            snprintf(old, sizeof old, "SHA%s", name + 5);
        digest = lib->EVP_get_digestbyname(old[0] != '\0' ? old : name);
    }
    lib->ERR_clear_error();
    if (digest == NULL)
        bs_say(text, text_size, 0, "this libcrypto (%s) has no %s", lib->OpenSSL_version(0), name);
    return digest;
}

void bs_libcrypto_cipher_free(const struct libcrypto *lib, void *cipher)
{
    if (cipher != NULL && lib->EVP_CIPHER_fetch != NULL)
        lib->EVP_CIPHER_free(cipher);
}

void bs_libcrypto_digest_free(const struct libcrypto *lib, void *digest)
{
    if (digest != NULL && lib->EVP_MD_fetch != NULL)
        lib->EVP_MD_free(digest);
}
