/* The functions that the driver looks for in a libcrypto (OpenSSL 3's names), with the chosen bug in
 * between. Not linked against the real library: its own calls of these functions would come here, too.
 *
 * The file's name chooses: libzoo-NAME.so has the bug NAME, libzoo-NAME@1000.so from the 1000th
 * operation on. An operation is a text that goes through a cipher, or the end of a digest or HMAC. */
#include "zoo.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- the real library, and the bug ---- */

static void *real(const char *name)
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

/* `call`: the real function of that name. */
#define REAL(result, name, parameters) \
    static result(*call) parameters;   \
    if (!call)                         \
    call = (result(*) parameters)real(#name)

/* A second one in the same function, under a name of its own. */
#define REAL_NEXT(result, called, name, parameters) \
    static result(*called) parameters;              \
    if (!called)                                    \
    called = (result(*) parameters)real(#name)

static const struct bug sound; /* no hooks */
static const struct bug *bug = &sound;
static unsigned long from; /* the operation that the bug begins at */
static unsigned long done, sessions, contexts;

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

/* Whether the bug has this hook, and has begun. */
#define HAS(hook) (bug->hook && done >= from)

unsigned long count(unsigned long *counter)
{
    return __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

unsigned long operations(void)
{
    return done;
}

unsigned long sessions_open(void)
{
    return contexts;
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

static int operation(void)
{
    count(&done);
    return HAS(operation) ? bug->operation() : 1;
}

/* ---- ciphers ---- */

int cipher_turn(struct cipher *c, const uint8_t *key, const uint8_t *iv, int encrypt)
{
    REAL(int, EVP_CipherInit_ex, (void *, const void *, void *, const uint8_t *, const uint8_t *, int));
    return call(c->real, NULL, NULL, key, iv, encrypt);
}

int cipher_begin(struct cipher *c, const uint8_t *key, const uint8_t *iv)
{
    return cipher_turn(c, key, iv, c->encrypt);
}

int cipher_text(struct cipher *c, uint8_t *out, const uint8_t *in, size_t size)
{
    REAL(int, EVP_CipherUpdate, (void *, uint8_t *, int *, const uint8_t *, int));
    return call(c->real, out, &c->written, in, (int)size);
}

int cipher_aad(struct cipher *c, const uint8_t *data, size_t size)
{
    return cipher_text(c, NULL, data, size);
}

static int control(struct cipher *c, int type, int size, void *data)
{
    REAL(int, EVP_CIPHER_CTX_ctrl, (void *, int, int, void *));
    return call(c->real, type, size, data);
}

enum { SET_IVLEN = 0x9, GET_TAG = 0x10, SET_TAG = 0x11 };

int cipher_get_tag(struct cipher *c, uint8_t *tag, size_t size)
{
    return control(c, GET_TAG, (int)size, tag);
}

int cipher_set_tag(struct cipher *c, uint8_t *tag, size_t size)
{
    return control(c, SET_TAG, (int)size, tag);
}

static int finish(struct cipher *c, uint8_t *out, int *written)
{
    REAL(int, EVP_CipherFinal_ex, (void *, uint8_t *, int *));
    return call(c->real, out, written);
}

static void *new_real(void)
{
    REAL(void *, EVP_CIPHER_CTX_new, (void));
    return call();
}

static void free_real(void *context)
{
    REAL(void, EVP_CIPHER_CTX_free, (void *));
    call(context);
}

static int set_up(struct cipher *c, const void *algorithm, int encrypt)
{
    REAL(int, EVP_CipherInit_ex, (void *, const void *, void *, const uint8_t *, const uint8_t *, int));
    return call(c->real, algorithm, NULL, NULL, NULL, encrypt);
}

int genuine_tag(struct cipher *c, uint8_t tag[BLOCK])
{
    struct cipher other = {.encrypt = 1, .real = new_real()};
    uint8_t rest[BLOCK], *text = malloc(c->text_size + 1);
    int size;
    int known = c->mode != CCM && c->updates <= 1 && other.real && text && set_up(&other, c->algorithm, 1) &&
                control(&other, SET_IVLEN, (int)c->iv_size, NULL) && cipher_begin(&other, c->key, c->iv) &&
                (!c->aad_size || cipher_aad(&other, c->aad, c->aad_size)) &&
                cipher_text(&other, text, c->out, c->text_size) && finish(&other, rest, &size) &&
                cipher_get_tag(&other, tag, BLOCK);

    free(text);
    free_real(other.real);
    return known;
}

/* What a request with a new IV forgets of the one before it. */
static void begin_request(struct cipher *c, const uint8_t *iv)
{
    memcpy(c->iv, iv, c->iv_size);
    c->requests++;
    c->aad = c->out = NULL;
    c->aad_size = c->text_size = 0;
    c->updates = 0;
}

static int init(struct cipher *c, const void *algorithm, const uint8_t *key, const uint8_t *iv, int encrypt)
{
    REAL(unsigned long, EVP_CIPHER_get_flags, (const void *));
    REAL_NEXT(int, key_size, EVP_CIPHER_get_key_length, (const void *));
    REAL_NEXT(int, iv_size, EVP_CIPHER_get_iv_length, (const void *));

    if (algorithm) {
        c->algorithm = algorithm;
        c->mode = (enum mode)(call(algorithm) & 0xF0007);
        c->aead = (call(algorithm) & 0x200000) != 0;
        c->key_size = (size_t)key_size(algorithm);
        c->iv_size = (size_t)iv_size(algorithm);
        c->encrypt = encrypt;
        return set_up(c, algorithm, encrypt);
    }
    if (key)
        memcpy(c->key, key, c->key_size);
    if (iv)
        begin_request(c, iv);
    return HAS(begin) ? bug->begin(c, key, iv) : cipher_begin(c, key, iv);
}

int EVP_EncryptInit_ex(void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv)
{
    (void)engine;
    return init(context, cipher, key, iv, 1);
}

int EVP_DecryptInit_ex(void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv)
{
    (void)engine;
    return init(context, cipher, key, iv, 0);
}

static void end_request(struct cipher *c, int genuine)
{
    if (HAS(ended))
        bug->ended(c, genuine);
}

/* The verdict on a text with a tag. */
static int verdict(struct cipher *c, int genuine)
{
    int said = genuine;

    if (!genuine && HAS(accepts) && bug->accepts(c))
        said = 1;
    if (genuine && ((HAS(refuses) && bug->refuses(c)) || (HAS(wrong_tag) && bug->wrong_tag(c))))
        said = 0;
    end_request(c, genuine);
    return said;
}

static int update(struct cipher *c, uint8_t *out, int *written, const uint8_t *in, int length)
{
    size_t size = (size_t)length;
    int fine;

    if (!out && !in) { /* CCM's length */
        fine = cipher_text(c, NULL, NULL, size);
    } else if (!out) {
        c->aad = c->aad ? c->aad : in;
        c->aad_size += size;
        fine = HAS(aad) ? bug->aad(c, in, size) : cipher_aad(c, in, size);
    } else {
        if (!operation())
            return 0;
        c->out = c->updates++ ? c->out : out;
        c->text_size += size;
        fine = HAS(text) ? bug->text(c, out, in, size) : cipher_text(c, out, in, size);
        if (size && HAS(wrong) && bug->wrong(c, out, in, size))
            out[size / 2] ^= 0x10;
        if (c->mode == CCM && !c->encrypt)
            fine = verdict(c, fine == 1);
    }
    *written = c->written;
    return fine;
}

int EVP_EncryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    return update(context, out, written, in, size);
}

int EVP_DecryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    return update(context, out, written, in, size);
}

int EVP_EncryptFinal_ex(void *context, uint8_t *out, int *written)
{
    return finish(context, out, written);
}

int EVP_DecryptFinal_ex(void *context, uint8_t *out, int *written)
{
    struct cipher *c = context;
    int genuine = finish(c, out, written) == 1;

    return c->aead ? verdict(c, genuine) : genuine;
}

int EVP_CIPHER_CTX_ctrl(void *context, int type, int size, void *data)
{
    struct cipher *c = context;
    int fine;

    if (type == SET_IVLEN)
        c->iv_size = (size_t)size;
    if (type == GET_TAG) {
        fine = HAS(get_tag) ? bug->get_tag(c, data, (size_t)size) : cipher_get_tag(c, data, (size_t)size);
        if (HAS(wrong_tag) && bug->wrong_tag(c))
            ((uint8_t *)data)[0] ^= 0x10;
        end_request(c, 1);
        return fine;
    }
    if (type == SET_TAG) {
        c->tag_size = (size_t)size;
        c->given_tag = data;
        if (data && HAS(set_tag))
            return bug->set_tag(c, data, (size_t)size);
    }
    return control(c, type, size, data);
}

void *EVP_CIPHER_CTX_new(void)
{
    struct cipher *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->real = new_real();
    c->number = count(&sessions);
    count(&contexts);
    if (HAS(opened))
        bug->opened(c);
    return c;
}

void EVP_CIPHER_CTX_free(void *context)
{
    struct cipher *c = context;

    if (!c)
        return;
    if (HAS(closed))
        bug->closed(c);
    __atomic_sub_fetch(&contexts, 1, __ATOMIC_RELAXED);
    free_real(c->real);
    free(c);
}

int EVP_CIPHER_CTX_set_padding(void *context, int on)
{
    REAL(int, EVP_CIPHER_CTX_set_padding, (void *, int));
    return call(((struct cipher *)context)->real, on);
}

int EVP_CIPHER_CTX_set_params(void *context, const void *params)
{
    REAL(int, EVP_CIPHER_CTX_set_params, (void *, const void *));
    return call(((struct cipher *)context)->real, params);
}

int EVP_CIPHER_get_block_size(const void *cipher)
{
    REAL(int, EVP_CIPHER_get_block_size, (const void *));
    return HAS(block_size) ? bug->block_size(call(cipher)) : call(cipher);
}

int CRYPTO_memcmp(const void *a, const void *b, size_t size)
{
    REAL(int, CRYPTO_memcmp, (const void *, const void *, size_t));
    return HAS(differs) ? bug->differs(a, b, size) : call(a, b, size);
}

/* ---- digests and HMAC ---- */

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
