/* Requests: one function per kind of session, chosen when the session is opened. */
#include "steps.h"

/* The whole payload through the cipher. A part of a block would stay in the context: process refuses
 * it here, so that what Update writes need not be looked at. */
static inline int payload(struct session *s, bs_request *r)
{
    return LIKELY((r->size & s->block_mask) == 0 &&
                  s->update(s->cipher, r->dst, &s->written, r->src, (int)r->size) == 1);
}

static inline int aad(struct session *s, const bs_request *r)
{
    return r->aad_len == 0 || s->update(s->cipher, NULL, &s->written, r->aad, (int)r->aad_len) == 1;
}

/* Chained, or ECB: one update and nothing else, as `openssl speed -evp` does for plain ciphers. The
 * session is kept in the request's cookie, so that one register is saved around the call, not two. */
static enum bs_outcome cipher_go_on(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    r->cookie = (uint64_t)(uintptr_t)s;
    if (payload(s, r))
        return BS_COMPLETED;
    return failed((struct session *)(uintptr_t)r->cookie, r, -EIO);
}

static enum bs_outcome cipher(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return begin(s, r->iv) && payload(s, r) ? BS_COMPLETED : failed(s, r, -EIO);
}

/* The message begins anew, with the session's first IV. */
__attribute__((cold, noinline)) static enum bs_outcome aead_begin(struct session *s, bs_request *r)
{
    s->left = 0;
    if (!begin(s, s->nonce))
        return failed(s, r, -EIO);
    s->left = BS_CHAIN_LIMIT - r->size;
    return cipher_go_on(s, r, 0);
}

/* One subtraction and its borrow: a comparison before it would cost 2% of a request of 16 bytes. */
static enum bs_outcome aead_go_on(void *session, bs_request *r, unsigned hints)
{
    struct session *s = session;

    if (__builtin_expect(__builtin_sub_overflow(s->left, r->size, &s->left), 0))
        return aead_begin(s, r);
    return cipher_go_on(s, r, hints);
}

static enum bs_outcome aead_encrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return begin(s, nonce(s, r)) && aad(s, r) && payload(s, r) && finish(s) && tag(s, CTRL_AEAD_GET_TAG, r)
               ? BS_COMPLETED
               : failed(s, r, -EIO);
}

/* Only the last step can find a wrong tag, and it can fail for no other reason. dst then holds what
 * nobody vouches for. */
static enum bs_outcome aead_decrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    if (!(begin(s, nonce(s, r)) && tag(s, CTRL_AEAD_SET_TAG, r) && aad(s, r) && payload(s, r)))
        return failed(s, r, -EIO);
    return finish(s) ? BS_COMPLETED : failed(s, r, -EBADMSG);
}

/* CCM must know the length of the text first, and checks the tag while it decrypts. */
static inline int ccm_length(struct session *s, const bs_request *r)
{
    return s->update(s->cipher, NULL, &s->written, NULL, (int)r->size) == 1;
}

static enum bs_outcome ccm_encrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return begin(s, nonce(s, r)) && ccm_length(s, r) && aad(s, r) && payload(s, r) && finish(s) &&
                   tag(s, CTRL_AEAD_GET_TAG, r)
               ? BS_COMPLETED
               : failed(s, r, -EIO);
}

static enum bs_outcome ccm_decrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    if (!(begin(s, nonce(s, r)) && tag(s, CTRL_AEAD_SET_TAG, r) && ccm_length(s, r) && aad(s, r)))
        return failed(s, r, -EIO);
    return payload(s, r) ? BS_COMPLETED : failed(s, r, -EBADMSG);
}

static enum bs_outcome digest(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);
    const struct libcrypto *lib = s->lib;
    unsigned written;

    return LIKELY(lib->EVP_DigestInit_ex(s->digest, NULL, NULL) == 1 &&
                  lib->EVP_DigestUpdate(s->digest, r->src, r->size) == 1 &&
                  lib->EVP_DigestFinal_ex(s->digest, r->tag, &written) == 1)
               ? BS_COMPLETED
               : failed(s, r, -EIO);
}

/* HMAC of aad (where there is one) and text, whole: out has `room` for it. A NULL key goes on with the one the
 * context has. */
static inline int mac(struct session *s, const bs_request *r, const uint8_t *text, uint8_t *out, size_t room)
{
    const struct libcrypto *lib = s->lib;
    size_t written;
    unsigned old_written;

    if (LIKELY(lib->EVP_MAC_init != NULL))
        return lib->EVP_MAC_init(s->mac, NULL, 0, NULL) == 1 &&
               (r->aad_len == 0 || lib->EVP_MAC_update(s->mac, r->aad, r->aad_len) == 1) &&
               lib->EVP_MAC_update(s->mac, text, r->size) == 1 &&
               lib->EVP_MAC_final(s->mac, out, &written, room) == 1;
    return lib->HMAC_Init_ex(s->mac, NULL, 0, NULL, NULL) == 1 &&
           (r->aad_len == 0 || lib->HMAC_Update(s->mac, r->aad, r->aad_len) == 1) &&
           lib->HMAC_Update(s->mac, text, r->size) == 1 && lib->HMAC_Final(s->mac, out, &old_written) == 1;
}

static enum bs_outcome hmac(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return mac(s, r, r->src, r->tag, s->tag_len) ? BS_COMPLETED : failed(s, r, -EIO);
}

/* A truncated MAC, as ESP's: libcrypto writes the whole one, so not to where only the beginning belongs. */
static inline int cut_mac(struct session *s, bs_request *r, const uint8_t *text)
{
    uint8_t whole[MAC_MAX];

    if (!mac(s, r, text, whole, sizeof whole))
        return 0;
    memcpy(r->tag, whole, s->tag_len);
    return 1;
}

static enum bs_outcome hmac_cut(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return cut_mac(s, r, r->src) ? BS_COMPLETED : failed(s, r, -EIO);
}

/* The cipher of an authenc pair; without one (the NULL cipher) the text is carried over. */
static inline int pair_payload(struct session *s, bs_request *r)
{
    if (s->cipher != NULL)
        return (s->iv_len == 0 || begin(s, r->iv)) && payload(s, r);
    if (r->dst != r->src)
        memcpy(r->dst, r->src, r->size);
    return 1;
}

static enum bs_outcome authenc_encrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return pair_payload(s, r) && mac(s, r, r->dst, r->tag, s->tag_len) ? BS_COMPLETED : failed(s, r, -EIO);
}

static enum bs_outcome authenc_encrypt_cut(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return pair_payload(s, r) && cut_mac(s, r, r->dst) ? BS_COMPLETED : failed(s, r, -EIO);
}

/* As much of the MAC is compared as the request has of it. */
static enum bs_outcome authenc_decrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);
    uint8_t computed[MAC_MAX];

    if (!mac(s, r, r->src, computed, sizeof computed))
        return failed(s, r, -EIO);
    if (s->lib->CRYPTO_memcmp(computed, r->tag, s->tag_len) != 0)
        return failed(s, r, -EBADMSG);
    return pair_payload(s, r) ? BS_COMPLETED : failed(s, r, -EIO);
}

bs_process *bs_libcrypto_perform(const bs_params *p, unsigned long mode, int cut)
{
    int encrypt = p->op == BS_ENCRYPT;

    if (p->piece != 0)
        return bs_libcrypto_in_pieces(p);
    switch ((enum bs_kind)p->kind) {
    case BS_CIPHER:
        return p->chained || p->iv_len == 0 ? cipher_go_on : cipher;
    case BS_AEAD:
        if (p->chained)
            return aead_go_on;
        if (mode == MODE_CCM)
            return encrypt ? ccm_encrypt : ccm_decrypt;
        return encrypt ? aead_encrypt : aead_decrypt;
    case BS_DIGEST:
        return digest;
    case BS_HMAC:
        return cut ? hmac_cut : hmac;
    case BS_AUTHENC:
        break;
    }
    if (!encrypt)
        return authenc_decrypt;
    return cut ? authenc_encrypt_cut : authenc_encrypt;
}
