/* The steps that requests of every kind are made of, for the process functions of op.c (whole texts) and pieces.c. */
#ifndef BS_LIBCRYPTO_STEPS_H
#define BS_LIBCRYPTO_STEPS_H

#include <errno.h>
#include <string.h>

#include "libcrypto.h"

#define LIKELY(x) (__builtin_expect(!!(x), 1) != 0)

/* The beginning of every process function. hints say nothing to a driver that holds nothing back. */
static inline struct session *start(void *session, bs_request *r, unsigned hints)
{
    (void)hints;
    r->status = 0;
    return session;
}

/* Off the hot path; libcrypto's error queue is left empty. The status was set to 0 at the start:
 * a store after libcrypto's return would cost 3% of a chained CBC request of 16 bytes. */
__attribute__((cold, noinline)) static enum bs_outcome failed(struct session *s, bs_request *r, int status)
{
    s->lib->ERR_clear_error();
    r->status = status;
    return BS_COMPLETED;
}

/* The request's nonce: its IV, behind the session's salt where there is one (RFC 4106). */
static inline const uint8_t *nonce(struct session *s, const bs_request *r)
{
    if (s->salt_len == 0)
        return r->iv;
    memcpy(s->nonce + s->salt_len, r->iv, s->iv_len);
    return s->nonce;
}

static inline int begin(struct session *s, const uint8_t *iv)
{
    return LIKELY(s->begin(s->cipher, NULL, NULL, NULL, iv) == 1);
}

static inline int finish(struct session *s)
{
    uint8_t nothing[16]; /* an AEAD leaves nothing over */

    return s->final(s->cipher, nothing, &s->written) == 1;
}

static inline int tag(struct session *s, int ctrl, bs_request *r)
{
    return s->lib->EVP_CIPHER_CTX_ctrl(s->cipher, ctrl, (int)s->tag_len, r->tag) == 1;
}

#endif
