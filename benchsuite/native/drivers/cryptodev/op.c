/* Requests as the device takes them: one ioctl, or for an encrypt-then-MAC pair two or three, because
 * a session with both cipher and hash would authenticate the plain text. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "cryptodev.h"

static const uint64_t PATIENCE_NS = 1000000000; /* with a device that refuses half a pair */

/* ioctl's answer: what was refused was not begun. */
static int answer(int error)
{
    return error == -EBUSY || error == -EAGAIN ? CRYPTODEV_REFUSED : error;
}

int32_t cryptodev_status(const struct cryptodev_session *s, const bs_request *r, int error)
{
    return error == -EINVAL && s->no_stealing && r->size % 16 ? -EOPNOTSUPP : error;
}

void cryptodev_note_flags(struct cryptodev_session *s, unsigned flags)
{
    int copied = (flags & COP_FLAG_NO_ZC) != 0;
    if (copied != atomic_load_explicit(&s->copied, memory_order_relaxed))
        atomic_store_explicit(&s->copied, copied, memory_order_relaxed);
}

static int crypt(struct cryptodev_session *s, int fd, struct crypt_op *op)
{
    int error = cryptodev_ioctl(fd, CIOCCRYPT, op);
    if (error)
        return answer(error);
    cryptodev_note_flags(s, op->flags);
    return 0;
}

/* The later part of a request whose first part is done: the device must take it, or the request has failed. */
static int insist(struct cryptodev_session *s, int fd, const struct crypt_op *wanted)
{
    uint64_t until = 0;
    unsigned looks = 0;
    for (;;) {
        struct crypt_op op = *wanted; /* the device writes to it */
        int error = crypt(s, fd, &op);
        if (error != CRYPTODEV_REFUSED)
            return error;
        uint64_t now = bs_now_ns();
        until = until ? until : now + PATIENCE_NS;
        if (now > until)
            return -EBUSY;
        bs_await(++looks);
    }
}

/* ---- ciphers ---- */

static void fill_cipher(struct cryptodev_session *s, const struct cryptodev_line *line, const bs_request *r,
                        struct crypt_op *op)
{
    *op = (struct crypt_op){.ses = line->cipher,
                            .op = s->op,
                            .flags = s->flags,
                            .len = r->size,
                            .src = r->src,
                            .dst = r->dst,
                            .iv = s->iv_len == 0 ? NULL
                                  : s->chained   ? s->nonce
                                                 : r->iv};
}

static int cipher(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    struct crypt_op op;
    fill_cipher(s, line, r, &op);
    return cryptodev_status(s, r, crypt(s, line->fd, &op));
}

/* ---- hashes and HMACs ---- */

static void fill_hash(const struct cryptodev_line *line, const bs_request *r, struct crypt_op *op)
{
    *op = (struct crypt_op){.ses = line->mac, .len = r->size, .src = r->src, .mac = r->tag};
}

static int hash(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    struct crypt_op op;
    fill_hash(line, r, &op);
    return crypt(s, line->fd, &op);
}

/* In updates, the first of which begins the text anew. What follows a part that was done has to be taken. */
static int hash_in_pieces(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    uint32_t at = 0;
    int error = 0;
    while (r->size - at > s->piece && !error) {
        struct crypt_op op = {.ses = line->mac,
                              .flags = COP_FLAG_UPDATE | (at ? 0 : COP_FLAG_RESET),
                              .len = s->piece,
                              .src = r->src + at};
        error = at ? insist(s, line->fd, &op) : crypt(s, line->fd, &op);
        at += s->piece;
    }
    if (error || !at)
        return error ? error : hash(s, line, r);
    struct crypt_op last = {
        .ses = line->mac, .flags = COP_FLAG_FINAL, .len = r->size - at, .src = r->src + at, .mac = r->tag};
    return insist(s, line->fd, &last);
}

/* The device writes a MAC whole, so not to where only its beginning belongs. */
static int hash_cut(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    uint8_t whole[CRYPTODEV_MAC];
    bs_request own = *r;
    own.tag = whole;
    int error = s->piece ? hash_in_pieces(s, line, &own) : hash(s, line, &own);
    if (!error)
        memcpy(r->tag, whole, s->tag_len);
    return error;
}

static int aligned(const struct cryptodev_session *s, const uint8_t *address)
{
    return ((uintptr_t)address & s->alignmask) == 0;
}

/* The HMAC of aad then text. In one piece where they lie so, unless the device would then have to copy
 * all of it; first: nothing of the request has been done before. */
static int pair_mac(struct cryptodev_session *s, const struct cryptodev_line *line, const bs_request *r,
                    const uint8_t *text, uint8_t *out, int first)
{
    const uint8_t *aad = r->aad;
    struct crypt_op op = {.ses = line->mac, .mac = out};
    int error;
    if (r->aad_len == 0 || (aad + r->aad_len == text && (aligned(s, aad) || !aligned(s, text)))) {
        op.src = r->aad_len ? aad : text;
        op.len = r->aad_len + r->size;
        return first ? crypt(s, line->fd, &op) : insist(s, line->fd, &op);
    }
    struct crypt_op head = {
        .ses = line->mac, .flags = COP_FLAG_UPDATE | COP_FLAG_RESET, .len = r->aad_len, .src = aad};
    error = first ? crypt(s, line->fd, &head) : insist(s, line->fd, &head);
    if (error)
        return error;
    op.flags = COP_FLAG_FINAL;
    op.src = text;
    op.len = r->size;
    return insist(s, line->fd, &op);
}

/* ---- pairs ---- */

static int pair_encrypt(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    int error = cipher(s, line, r);
    return error ? error : pair_mac(s, line, r, r->dst, r->tag, 0);
}

static int pair_encrypt_cut(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    uint8_t whole[CRYPTODEV_MAC];
    int error = cipher(s, line, r);
    if (!error)
        error = pair_mac(s, line, r, r->dst, whole, 0);
    if (!error)
        memcpy(r->tag, whole, s->tag_len);
    return error;
}

/* Without a branch on what differs, and where. */
static int differ(const uint8_t *a, const uint8_t *b, size_t size)
{
    unsigned difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= a[i] ^ b[i];
    return difference != 0;
}

static int pair_decrypt(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    uint8_t computed[CRYPTODEV_MAC];
    struct crypt_op op;
    int error = pair_mac(s, line, r, r->src, computed, 1);
    if (error)
        return error;
    if (differ(computed, r->tag, s->tag_len))
        return -EBADMSG;
    fill_cipher(s, line, r, &op);
    return insist(s, line->fd, &op);
}

/* ---- AEADs ---- */

/* The device knows the tag only behind the text. */
static int aead(struct cryptodev_session *s, const struct cryptodev_line *line, bs_request *r)
{
    const uint8_t *text = s->op == COP_DECRYPT ? r->src : r->dst;
    uint8_t nonce[CRYPTODEV_NONCE];
    if (r->tag != text + r->size)
        return -EINVAL;
    memcpy(nonce, s->nonce, s->salt_len);
    memcpy(nonce + s->salt_len, r->iv, s->iv_len);
    struct crypt_auth_op op = {.ses = line->cipher,
                               .op = s->op,
                               .auth_len = r->aad_len,
                               .len = r->size + (s->op == COP_DECRYPT ? s->tag_len : 0),
                               .auth_src = r->aad_len ? r->aad : NULL,
                               .src = r->src,
                               .dst = r->dst,
                               .tag_len = s->tag_len,
                               .iv = nonce,
                               .iv_len = s->salt_len + s->iv_len};
    return answer(cryptodev_ioctl(line->fd, CIOCAUTHCRYPT, &op));
}

void cryptodev_fill(struct cryptodev_session *s, const struct cryptodev_line *line, const bs_request *r,
                    struct crypt_op *op)
{
    if (line->has_cipher)
        fill_cipher(s, line, r, op);
    else
        fill_hash(line, r, op);
}

void cryptodev_prepare(struct cryptodev_session *s, const bs_params *p)
{
    int decrypt = p->op == BS_DECRYPT;
    s->op = decrypt ? COP_DECRYPT : COP_ENCRYPT;
    s->chained = p->chained != 0;
    s->flags = s->chained && p->iv_len ? COP_FLAG_WRITE_IV : 0;
    s->salt_len = p->salt_len;
    s->iv_len = p->iv_len;
    s->tag_len = p->tag_len;
    s->piece = p->piece;
    if (p->salt_len)
        memcpy(s->nonce, p->key + p->key_len - p->salt_len, p->salt_len);
    if (s->chained && p->iv_len)
        memcpy(s->nonce, p->first_iv, p->iv_len);
    switch ((enum bs_kind)p->kind) {
    case BS_CIPHER:
        s->perform = cipher;
        break;
    case BS_AEAD:
        s->perform = aead;
        break;
    case BS_DIGEST:
    case BS_HMAC:
        s->perform = s->cut ? hash_cut : s->piece ? hash_in_pieces : hash;
        break;
    case BS_AUTHENC:
        s->perform = decrypt ? pair_decrypt : s->cut ? pair_encrypt_cut : pair_encrypt;
        break;
    }
}
