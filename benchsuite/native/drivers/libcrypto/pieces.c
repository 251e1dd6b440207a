/* Requests whose texts, and AAD, are handed over in several updates: what callers do who have a text in parts. Whole
 * texts never come here, so that their way stays as short as it is. */
#include "steps.h"

/* Bytes of the next update. */
static uint32_t next_piece(const struct session *s, uint32_t left)
{
    return left < s->piece ? left : s->piece;
}

/* An empty text is one update of nothing, as it is whole. */
static int text_through_cipher(struct session *s, const bs_request *r)
{
    uint32_t at = 0, size;

    if ((r->size & s->block_mask) != 0)
        return 0;
    do {
        size = next_piece(s, r->size - at);
        if (s->update(s->cipher, r->dst + at, &s->written, r->src + at, (int)size) != 1)
            return 0;
        at += size;
    } while (at < r->size);
    return 1;
}

static int aad_through_cipher(struct session *s, const bs_request *r)
{
    for (uint32_t at = 0, size; at < r->aad_len; at += size) {
        size = next_piece(s, r->aad_len - at);
        if (s->update(s->cipher, NULL, &s->written, r->aad + at, (int)size) != 1)
            return 0;
    }
    return 1;
}

static enum bs_outcome cipher(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return (s->iv_len == 0 || begin(s, r->iv)) && text_through_cipher(s, r) ? BS_COMPLETED
                                                                            : failed(s, r, -EIO);
}

static enum bs_outcome aead_encrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return begin(s, nonce(s, r)) && aad_through_cipher(s, r) && text_through_cipher(s, r) && finish(s) &&
                   tag(s, CTRL_AEAD_GET_TAG, r)
               ? BS_COMPLETED
               : failed(s, r, -EIO);
}

static enum bs_outcome aead_decrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    if (!(begin(s, nonce(s, r)) && tag(s, CTRL_AEAD_SET_TAG, r) && aad_through_cipher(s, r) &&
          text_through_cipher(s, r)))
        return failed(s, r, -EIO);
    return finish(s) ? BS_COMPLETED : failed(s, r, -EBADMSG);
}

static enum bs_outcome digest(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);
    const struct libcrypto *lib = s->lib;
    unsigned written;
    int right = lib->EVP_DigestInit_ex(s->digest, NULL, NULL) == 1;

    for (uint32_t at = 0, size; right && at < r->size; at += size) {
        size = next_piece(s, r->size - at);
        right = lib->EVP_DigestUpdate(s->digest, r->src + at, size) == 1;
    }
    return right && lib->EVP_DigestFinal_ex(s->digest, r->tag, &written) == 1 ? BS_COMPLETED
                                                                              : failed(s, r, -EIO);
}

static int mac_update(const struct session *s, const uint8_t *text, uint32_t text_size)
{
    const struct libcrypto *lib = s->lib;

    for (uint32_t at = 0, size; at < text_size; at += size) {
        size = next_piece(s, text_size - at);
        if ((lib->EVP_MAC_init != NULL ? lib->EVP_MAC_update(s->mac, text + at, size)
                                       : lib->HMAC_Update(s->mac, text + at, size)) != 1)
            return 0;
    }
    return 1;
}

/* libcrypto writes a MAC whole, and the request may have room for its beginning only. */
static int mac(const struct session *s, const bs_request *r, const uint8_t *text, uint8_t *out)
{
    const struct libcrypto *lib = s->lib;
    uint8_t whole[MAC_MAX];
    size_t written;
    unsigned old_written;
    int begun = lib->EVP_MAC_init != NULL ? lib->EVP_MAC_init(s->mac, NULL, 0, NULL)
                                          : lib->HMAC_Init_ex(s->mac, NULL, 0, NULL, NULL);

    if (begun != 1 || !mac_update(s, r->aad, r->aad_len) || !mac_update(s, text, r->size) ||
        (lib->EVP_MAC_init != NULL ? lib->EVP_MAC_final(s->mac, whole, &written, sizeof whole)
                                   : lib->HMAC_Final(s->mac, whole, &old_written)) != 1)
        return 0;
    memcpy(out, whole, s->tag_len);
    return 1;
}

static enum bs_outcome hmac(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return mac(s, r, r->src, r->tag) ? BS_COMPLETED : failed(s, r, -EIO);
}

/* Without a cipher (the NULL cipher) the text is carried over. */
static int pair_text(struct session *s, const bs_request *r)
{
    if (s->cipher != NULL)
        return (s->iv_len == 0 || begin(s, r->iv)) && text_through_cipher(s, r);
    if (r->dst != r->src)
        memcpy(r->dst, r->src, r->size);
    return 1;
}

static enum bs_outcome authenc_encrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);

    return pair_text(s, r) && mac(s, r, r->dst, r->tag) ? BS_COMPLETED : failed(s, r, -EIO);
}

static enum bs_outcome authenc_decrypt(void *session, bs_request *r, unsigned hints)
{
    struct session *s = start(session, r, hints);
    uint8_t computed[MAC_MAX];

    if (!mac(s, r, r->src, computed))
        return failed(s, r, -EIO);
    if (s->lib->CRYPTO_memcmp(computed, r->tag, s->tag_len) != 0)
        return failed(s, r, -EBADMSG);
    return pair_text(s, r) ? BS_COMPLETED : failed(s, r, -EIO);
}

bs_process *bs_libcrypto_in_pieces(const bs_params *p)
{
    int encrypt = p->op == BS_ENCRYPT;

    switch ((enum bs_kind)p->kind) {
    case BS_CIPHER:
        return cipher;
    case BS_AEAD:
        return encrypt ? aead_encrypt : aead_decrypt;
    case BS_DIGEST:
        return digest;
    case BS_HMAC:
        return hmac;
    case BS_AUTHENC:
        break;
    }
    return encrypt ? authenc_encrypt : authenc_decrypt;
}
