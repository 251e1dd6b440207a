/* Params checked against what the library says, and sessions made of them: contexts with their keys,
 * so that a request needs no more than its IV. */
#include "libcrypto.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* What params name, found in the library. */
struct found {
    const struct libcrypto *lib;
    void *cipher, *digest; /* EVP_CIPHER and EVP_MD, NULL where params name none */
    unsigned long mode;
    bool aead;
};

static void release(struct found *found)
{
    bs_libcrypto_cipher_free(found->lib, found->cipher);
    bs_libcrypto_digest_free(found->lib, found->digest);
}

static bool wants_cipher(const bs_params *p)
{
    return p->kind == BS_CIPHER || p->kind == BS_AEAD || (p->kind == BS_AUTHENC && p->cipher != NULL);
}

static bool wants_digest(const bs_params *p)
{
    return p->kind == BS_DIGEST || p->kind == BS_HMAC || p->kind == BS_AUTHENC;
}

static int check_sizes(const bs_params *p, char *text, size_t text_size)
{
    if (p->max_size > INT_MAX || p->aad_len > INT_MAX)
        return bs_say(text, text_size, -EINVAL, "libcrypto takes at most %d bytes at once, not %u", INT_MAX,
                      p->max_size > INT_MAX ? p->max_size : p->aad_len);
    if ((p->kind == BS_DIGEST || p->kind == BS_HMAC) && p->op != BS_ENCRYPT)
        return bs_say(text, text_size, -EINVAL, "a digest is computed, not decrypted");
    if (p->salt_len != 0 && (p->kind != BS_AEAD || p->salt_len > p->key_len))
        return bs_say(text, text_size, -EINVAL,
                      "a salt of %u bytes needs an AEAD cipher, and a key "
                      "that ends in it",
                      p->salt_len);
    return 0;
}

/* A nonce (salt and IV) or a tag of a length the AEAD does not have, or a text too long for it. */
static int check_aead(const bs_params *p, unsigned long mode, char *text, size_t text_size)
{
    uint32_t nonce = p->salt_len + p->iv_len;
    uint32_t least = mode == MODE_GCM ? 1 : mode == MODE_CCM ? 7 : 12;
    uint32_t most = mode == MODE_GCM ? NONCE_MAX : mode == MODE_CCM ? 13 : 12;

    if (nonce < least || nonce > most)
        return bs_say(text, text_size, -EINVAL, "%s takes a nonce (salt and IV) of %u to %u bytes, not %u",
                      p->cipher, least, most, nonce);
    if (p->tag_len < (mode == MODE_CCM ? 4 : 1) || p->tag_len > 16 ||
        (mode == MODE_CCM && p->tag_len % 2 != 0))
        return bs_say(text, text_size, -EINVAL, "%s has no tag of %u bytes", p->cipher, p->tag_len);
    if (mode == MODE_CCM && nonce > 11 && p->max_size >> (8 * (15 - nonce)) != 0)
        return bs_say(text, text_size, -EINVAL, "%s with a nonce of %u bytes takes at most %u bytes, not %u",
                      p->cipher, nonce, (1u << (8 * (15 - nonce))) - 1, p->max_size);
    return 0;
}

static int check_cipher(const bs_params *p, const struct found *f, char *text, size_t text_size)
{
    int key = f->lib->EVP_CIPHER_get_key_length(f->cipher), iv = f->lib->EVP_CIPHER_get_iv_length(f->cipher);

    if (f->aead != (p->kind == BS_AEAD))
        return bs_say(text, text_size, -EINVAL, "%s is %s AEAD cipher", p->cipher, f->aead ? "an" : "no");
    if (p->key_len - p->salt_len != (uint32_t)key)
        return bs_say(text, text_size, -EINVAL, "%s takes a key of %d bytes, not %u", p->cipher, key,
                      p->key_len - p->salt_len);
    if (f->aead)
        return f->mode == MODE_GCM || f->mode == MODE_CCM || f->mode == MODE_STREAM
                   ? check_aead(p, f->mode, text, text_size)
                   : bs_say(text, text_size, -EOPNOTSUPP,
                            "%s is not served: GCM, CCM and ChaCha20-Poly1305 are", p->cipher);
    if (p->iv_len != (uint32_t)iv)
        return bs_say(text, text_size, -EINVAL, "%s takes an IV of %d bytes, not %u", p->cipher, iv,
                      p->iv_len);
    if (f->mode == MODE_XTS && p->max_size > 1u << 24)
        return bs_say(text, text_size, -EINVAL, "%s takes at most 16 MiB in one data unit, not %u bytes",
                      p->cipher, p->max_size);
    return 0;
}

static int check_digest(const bs_params *p, const struct found *f, char *text, size_t text_size)
{
    int size = f->lib->EVP_MD_get_size(f->digest);

    if (size <= 0 || size > (int)MAC_MAX || (p->kind == BS_DIGEST && p->tag_len != (uint32_t)size))
        return bs_say(text, text_size, -EINVAL, "%s makes %d bytes, not %u", p->digest, size, p->tag_len);
    if (p->tag_len < 1 || p->tag_len > (uint32_t)size)
        return bs_say(text, text_size, -EINVAL, "HMAC with %s has 1 to %d bytes, not %u", p->digest, size,
                      p->tag_len);
    if (p->kind != BS_DIGEST && (p->mac_key_len == 0 || p->mac_key_len > INT_MAX))
        return bs_say(text, text_size, -EINVAL, "HMAC takes a key of 1 to %d bytes, not %u", INT_MAX,
                      p->mac_key_len);
    return 0;
}

/* Chained requests are updates of one endless message, as `openssl speed` does: only what streams,
 * and can be decrypted without a tag, can do that. */
static int check_chained(const bs_params *p, const struct found *f, char *text, size_t text_size)
{
    bool plain = p->kind == BS_CIPHER && (f->mode == MODE_ECB || f->mode == MODE_CBC || f->mode == MODE_CTR);
    bool aead = p->kind == BS_AEAD && p->op == BS_ENCRYPT && f->mode != MODE_CCM;

    if (!p->chained || plain || aead)
        return 0;
    return bs_say(text, text_size, -EOPNOTSUPP,
                  "a chained IV is for ECB, CBC and CTR, and for encryption "
                  "with GCM or ChaCha20-Poly1305, not for %s%s",
                  p->cipher != NULL ? p->cipher : p->digest,
                  p->kind == BS_AUTHENC ? " with a MAC"
                  : p->op == BS_DECRYPT ? " decryption"
                                        : "");
}

/* XTS is one data unit, and CCM must know the whole text first. */
static int check_piece(const bs_params *p, const struct found *f, char *text, size_t text_size)
{
    bool whole = f->cipher != NULL && (f->mode == MODE_XTS || f->mode == MODE_CCM);

    if (p->piece == 0 || (!whole && !p->chained))
        return 0;
    return bs_say(
        text, text_size, -EOPNOTSUPP,
        whole ? "%s takes its text whole, not in pieces"
              : "%s: the requests of a chained session are updates already, and are not cut in pieces",
        p->cipher != NULL ? p->cipher : p->digest);
}

/* Everything that can be said about params without making a context. On failure nothing is held. */
static int find(const bs_params *p, struct found *f, char *text, size_t text_size)
{
    int error = check_sizes(p, text, text_size);

    *f = (struct found){0};
    if (error != 0)
        return error;
    if (p->kind < BS_CIPHER || p->kind > BS_AUTHENC || (wants_cipher(p) && p->cipher == NULL) ||
        (wants_digest(p) && p->digest == NULL))
        return bs_say(text, text_size, -EINVAL, "params name no algorithm");
    f->lib = bs_libcrypto_load(p->setting, &error, text, text_size);
    if (f->lib == NULL)
        return error;
    if (wants_cipher(p)) {
        f->cipher = bs_libcrypto_cipher(f->lib, p->cipher, text, text_size);
        if (f->cipher == NULL)
            return -EOPNOTSUPP;
        f->mode = f->lib->EVP_CIPHER_get_flags(f->cipher) & MODE_MASK;
        f->aead = (f->lib->EVP_CIPHER_get_flags(f->cipher) & FLAG_AEAD) != 0;
        error = check_cipher(p, f, text, text_size);
    }
    if (error == 0 && wants_digest(p)) {
        f->digest = bs_libcrypto_digest(f->lib, p->digest, text, text_size);
        error = f->digest == NULL ? -EOPNOTSUPP : check_digest(p, f, text, text_size);
    }
    if (error == 0)
        error = check_chained(p, f, text, text_size);
    if (error == 0)
        error = check_piece(p, f, text, text_size);
    if (error != 0)
        release(f);
    return error;
}

int bs_libcrypto_probe(const bs_params *params, char *text, size_t text_size)
{
    struct found found;
    int error = find(params, &found, text, text_size);

    if (error != 0)
        return error;
    release(&found);
    return BS_PREFER_SOFTWARE;
}

/* Padding matters to Final, which is never called for a block cipher, and to decryption, which would
 * hold the last block back. In OpenSSL 3 the context is told by a parameter, once:
 * EVP_CIPHER_CTX_set_padding would make every Init tell the provider again, at 100 ns a request. */
static bool padding_off(const struct libcrypto *lib, void *cipher)
{
    unsigned off = 0;
    const struct ossl_param params[2] = {
        {"padding", PARAM_UNSIGNED_INTEGER, &off, sizeof off, (size_t)-1},
        {NULL, 0, NULL, 0, 0},
    };

    return lib->EVP_CIPHER_CTX_set_params != NULL ? lib->EVP_CIPHER_CTX_set_params(cipher, params) == 1
                                                  : lib->EVP_CIPHER_CTX_set_padding(cipher, 0) == 1;
}

/* Key, lengths and, when chained, the first IV into a new EVP_CIPHER_CTX. */
static bool make_cipher(struct session *s, const bs_params *p, const struct found *f)
{
    const struct libcrypto *lib = s->lib;
    bool encrypt = p->op == BS_ENCRYPT;
    uint32_t nonce = p->salt_len + p->iv_len;

    s->block_mask = (uint32_t)lib->EVP_CIPHER_get_block_size(f->cipher) - 1;
    s->piece = (s->piece + s->block_mask) & ~s->block_mask;
    s->begin = encrypt ? lib->EVP_EncryptInit_ex : lib->EVP_DecryptInit_ex;
    s->update = encrypt ? lib->EVP_EncryptUpdate : lib->EVP_DecryptUpdate;
    s->final = encrypt ? lib->EVP_EncryptFinal_ex : lib->EVP_DecryptFinal_ex;
    s->cipher = lib->EVP_CIPHER_CTX_new();
    if (s->cipher == NULL || s->begin(s->cipher, f->cipher, NULL, NULL, NULL) != 1)
        return false;
    if (f->aead && lib->EVP_CIPHER_CTX_ctrl(s->cipher, CTRL_AEAD_SET_IVLEN, (int)nonce, NULL) != 1)
        return false;
    if (f->mode == MODE_CCM &&
        lib->EVP_CIPHER_CTX_ctrl(s->cipher, CTRL_AEAD_SET_TAG, (int)p->tag_len, NULL) != 1)
        return false;
    if (!encrypt && lib->EVP_CIPHER_get_block_size(f->cipher) > 1 && !padding_off(lib, s->cipher))
        return false;
    if (p->salt_len != 0)
        memcpy(s->nonce, p->key + p->key_len - p->salt_len, p->salt_len);
    if (p->chained && p->iv_len != 0)
        memcpy(s->nonce + p->salt_len, p->first_iv, p->iv_len);
    s->left = BS_CHAIN_LIMIT;
    return s->begin(s->cipher, NULL, NULL, p->key, p->chained && nonce != 0 ? s->nonce : NULL) == 1;
}

static bool make_digest(struct session *s, const struct found *f)
{
    s->digest = s->lib->EVP_MD_CTX_new();
    return s->digest != NULL && s->lib->EVP_DigestInit_ex(s->digest, f->digest, NULL) == 1;
}

static bool make_mac(struct session *s, const bs_params *p, const struct found *f)
{
    const struct libcrypto *lib = s->lib;
    char name[64];
    struct ossl_param params[2] = {
        {"digest", PARAM_UTF8_STRING, name, 0, (size_t)-1},
        {NULL, 0, NULL, 0, 0},
    };
    void *hmac;

    if (lib->EVP_MAC_fetch == NULL) {
        s->mac = lib->HMAC_CTX_new();
        return s->mac != NULL &&
               lib->HMAC_Init_ex(s->mac, p->mac_key, (int)p->mac_key_len, f->digest, NULL) == 1;
    }
    if (strlen(p->digest) >= sizeof name)
        return false;
    strcpy(name, p->digest);
    params[0].data_size = strlen(name);
    hmac = lib->EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (hmac == NULL)
        return false;
    s->mac = lib->EVP_MAC_CTX_new(hmac);
    lib->EVP_MAC_free(hmac);
    return s->mac != NULL && lib->EVP_MAC_init(s->mac, p->mac_key, p->mac_key_len, params) == 1;
}

int bs_libcrypto_newsession(void *session, const bs_params *p, char *text, size_t text_size)
{
    struct session *s = session;
    struct found found;
    int error = find(p, &found, text, text_size);
    const char *why;
    bool made = true;

    if (error != 0)
        return error;
    *s = (struct session){.lib = found.lib,
                          .salt_len = p->salt_len,
                          .iv_len = p->iv_len,
                          .tag_len = p->tag_len,
                          .piece = p->piece < INT_MAX ? p->piece : INT_MAX};
    if ((found.cipher != NULL && p->key == NULL) || (p->kind >= BS_HMAC && p->mac_key == NULL) ||
        (p->chained && p->iv_len != 0 && p->first_iv == NULL)) {
        release(&found);
        return bs_say(text, text_size, -EINVAL, "params carry no key, or no first IV");
    }
    s->perform = bs_libcrypto_perform(p, found.mode,
                                      found.digest != NULL &&
                                          p->tag_len < (uint32_t)found.lib->EVP_MD_get_size(found.digest));
    if (found.cipher != NULL)
        made = make_cipher(s, p, &found);
    if (made && found.digest != NULL)
        made = p->kind == BS_DIGEST ? make_digest(s, &found) : make_mac(s, p, &found);
    release(&found);
    if (made)
        return 0;
    why = s->lib->ERR_reason_error_string(s->lib->ERR_peek_last_error());
    error = bs_say(text, text_size, -EIO, "libcrypto refused %s%s%s: %s", p->cipher != NULL ? p->cipher : "",
                   p->cipher != NULL && p->digest != NULL ? " with " : "", p->digest != NULL ? p->digest : "",
                   why != NULL ? why : "it gives no reason");
    s->lib->ERR_clear_error();
    bs_libcrypto_freesession(s);
    return error;
}

void bs_libcrypto_freesession(void *session)
{
    struct session *s = session;

    s->lib->EVP_CIPHER_CTX_free(s->cipher);
    s->lib->EVP_MD_CTX_free(s->digest);
    if (s->lib->EVP_MAC_fetch != NULL)
        s->lib->EVP_MAC_CTX_free(s->mac);
    else
        s->lib->HMAC_CTX_free(s->mac);
    *s = (struct session){.lib = s->lib};
}
