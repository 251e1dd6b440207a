/* Ciphers and AEADs in the place of libcrypto's, with the chosen bug in between. */
#include "shim.h"

#include <stdlib.h>

static unsigned long sessions, contexts;

unsigned long sessions_open(void)
{
    return contexts;
}

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
        if (!c->iv_size) /* without IVs each text is a request */
            begin_request(c, c->iv);
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
