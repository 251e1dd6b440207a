/* One request on an op socket: sendmsg hands text, AAD and IV over, recv or readv has the kernel compute and fetches
 * exactly as many bytes as there are (asking for more would wait for ever). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "afalg.h"

/* Adds bytes to a vector; those that follow the last ones directly make it longer instead. */
static int add(struct iovec *vector, int count, const void *base, size_t size)
{
    if (!size)
        return count;
    if (count && (uint8_t *)vector[count - 1].iov_base + vector[count - 1].iov_len == (const uint8_t *)base) {
        vector[count - 1].iov_len += size;
        return count;
    }
    vector[count] = (struct iovec){(void *)(uintptr_t)base, size};
    return count + 1;
}

/* A text as segments of `piece` bytes, however they lie; the last one has the rest. */
static int add_text(struct iovec *vector, int count, const void *base, size_t size, size_t piece)
{
    if (!piece)
        return add(vector, count, base, size);
    for (int segments = 1; size; segments++) {
        size_t part = size < piece || segments == AFALG_SEGMENTS ? size : piece;
        vector[count++] = (struct iovec){(void *)(uintptr_t)base, part};
        base = (const uint8_t *)base + part;
        size -= part;
    }
    return count;
}

static void set_iv(struct afalg_op *op, const struct afalg_transform *transform, const bs_request *request)
{
    if (transform->chained && op->begun) {
        op->message.msg_controllen = op->control_size_without_iv;
        return;
    }
    op->message.msg_controllen = op->control_size;
    op->begun = 1;
    if (transform->kernel_iv_len)
        memcpy(op->kernel_iv + transform->ccm, transform->chained ? transform->first_iv : request->iv,
               transform->iv_len);
}

static void finish_prepare(struct afalg_op *op, int out_count, int in_count)
{
    op->message.msg_iovlen = (size_t)out_count;
    op->in_count = in_count;
    op->out_size = op->in_size = 0;
    for (int i = 0; i < out_count; i++)
        op->out_size += op->out[i].iov_len;
    for (int i = 0; i < in_count; i++)
        op->in_size += op->in[i].iov_len;
}

/* AEADs and pairs: AAD, text and tag, both ways; the kernel returns the AAD too. */
static void prepare_aead(struct afalg_op *op, const struct afalg_transform *transform,
                         const bs_request *request)
{
    uint32_t iv_size = transform->iv_in_text ? transform->iv_len : 0, aad_len = request->aad_len + iv_size;
    int in_place = request->src == request->dst && !iv_size &&
                   request->aad + request->aad_len == request->src;
    const uint8_t *returned = in_place ? request->aad : op->returned_aad; /* the same bytes */
    memcpy(op->kernel_aad_len, &aad_len, sizeof aad_len);
    int out = add(op->out, 0, request->aad, request->aad_len);
    out = add(op->out, out, request->iv, iv_size);
    out = add_text(op->out, out, request->src, request->size, transform->piece);
    int in = add(op->in, 0, returned, aad_len);
    in = add_text(op->in, in, request->dst, request->size, transform->piece);
    if (transform->encrypt)
        in = add(op->in, in, request->tag, transform->tag_len);
    else
        out = add(op->out, out, request->tag, transform->tag_len);
    finish_prepare(op, out, in);
}

int afalg_prepare(struct afalg_op *op, const struct afalg_transform *transform, const bs_request *request)
{
    if (transform->kind == BS_AEAD || transform->kind == BS_AUTHENC) {
        prepare_aead(op, transform, request);
    } else if (transform->piece && transform->kind == BS_CIPHER) {
        int out = add_text(op->out, 0, request->src, request->size, transform->piece);
        finish_prepare(op, out, add_text(op->in, 0, request->dst, request->size, transform->piece));
    } else {
        int hash = transform->kind != BS_CIPHER;
        op->out[0] = (struct iovec){(void *)(uintptr_t)request->src, request->size};
        op->in[0] = (struct iovec){hash ? request->tag : request->dst,
                                   hash ? transform->tag_len : request->size};
        finish_prepare(op, 1, 1);
    }
    if (!op->in_size && op->out_size)
        return -EOPNOTSUPP;
    if (op->kernel_iv)
        set_iv(op, transform, request);
    return 0;
}

/* A signal may cut a message in two. */
static int send_rest(struct afalg_op *op, size_t sent, int flags)
{
    struct iovec rest[sizeof op->out / sizeof op->out[0]];
    struct msghdr message = {.msg_iov = rest};
    size_t left = op->out_size - sent;
    size_t count = (size_t)op->message.msg_iovlen; /* an int to some C libraries */
    for (size_t i = 0; i < count; i++) {
        struct iovec part = op->out[i];
        size_t skip = sent < part.iov_len ? sent : part.iov_len;
        sent -= skip;
        if (part.iov_len > skip)
            rest[message.msg_iovlen++] = (struct iovec){(uint8_t *)part.iov_base + skip, part.iov_len - skip};
    }
    while (left) {
        ssize_t more = sendmsg(op->fd, &message, flags);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return more < 0 ? -errno : -EIO;
        left -= (size_t)more;
        for (size_t gone = (size_t)more; gone;) {
            struct iovec *first = message.msg_iov;
            size_t part = gone < first->iov_len ? gone : first->iov_len;
            first->iov_base = (uint8_t *)first->iov_base + part;
            first->iov_len -= part;
            gone -= part;
            if (!first->iov_len) {
                message.msg_iov++;
                message.msg_iovlen--;
            }
        }
    }
    return 0;
}

int afalg_send(struct afalg_op *op, int flags)
{
    for (;;) {
        ssize_t sent = sendmsg(op->fd, &op->message, flags);
        if (sent == (ssize_t)op->out_size)
            return 0;
        if (sent >= 0)
            return send_rest(op, (size_t)sent, flags);
        if (errno != EINTR)
            return -errno;
    }
}

int32_t afalg_status(const struct afalg_op *op, long result)
{
    if (result < 0)
        return (int32_t)result;
    return (size_t)result == op->in_size ? 0 : -EIO; /* fewer bytes than there must be */
}

static long receive(const struct afalg_op *op)
{
    ssize_t got;
    do
        got = op->in_count == 1
                  ? recv(op->fd, op->in[0].iov_base, op->in[0].iov_len, 0) /* quicker than read */
                  : readv(op->fd, op->in, op->in_count);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* After an error nobody knows what the kernel still holds of the message: a new socket in its place. */
void afalg_renew(struct afalg_op *op, const struct afalg_transform *transform)
{
    int fd = accept4(transform->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return; /* the next request on the old one will tell */
    if (afalg_make_room(fd, op->room) == 0)
        dup3(fd, op->fd, O_CLOEXEC); /* under the same number: io_submit knows it */
    close(fd);
}

/* A hash's text in sends of `piece` bytes, each of them an update in the kernel. */
static int send_pieces(struct afalg_op *op, const struct afalg_transform *transform)
{
    struct iovec *text = &op->out[0];
    size_t left = text->iov_len;
    int error = 0;
    do {
        op->out_size = text->iov_len = left < transform->piece ? left : transform->piece;
        left -= text->iov_len;
        error = afalg_send(op, left ? MSG_MORE : 0);
        text->iov_base = (uint8_t *)text->iov_base + op->out_size;
    } while (left && !error);
    return error;
}

static int send_text(struct afalg_op *op, const struct afalg_transform *transform)
{
    int hash = transform->kind == BS_DIGEST || transform->kind == BS_HMAC;
    return hash && transform->piece ? send_pieces(op, transform) : afalg_send(op, 0);
}

void afalg_perform(struct afalg_op *op, const struct afalg_transform *transform, bs_request *request)
{
    int error = afalg_prepare(op, transform, request);
    if (!error)
        error = send_text(op, transform);
    request->status = error ? error : afalg_status(op, receive(op));
    if (__builtin_expect(request->status && request->status != -EBADMSG, 0))
        afalg_renew(op, transform);
}

/* ---- several requests in one message ---- */

static int fits(const struct afalg_transform *transform, bs_request *const *requests, unsigned n)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < n; i++) {
        if (requests[i]->size % transform->chunk)
            return 0;
        bytes += requests[i]->size;
    }
    return bytes <= AFALG_GROUP_BYTES;
}

static int send_texts(struct afalg_op *op, const struct afalg_transform *transform,
                      bs_request *const *requests, unsigned n)
{
    int count = 0;
    for (unsigned i = 0; i < n; i++)
        op->out[count++] = (struct iovec){(void *)(uintptr_t)requests[i]->src, requests[i]->size};
    finish_prepare(op, count, 0);
    if (op->kernel_iv)
        set_iv(op, transform, requests[0]);
    return afalg_send(op, MSG_MORE);
}

/* The IV of the next request in the message; with the last one the message is whole. */
static int send_iv(struct afalg_op *op, const struct afalg_transform *transform, const bs_request *request,
                   int flags)
{
    op->message.msg_iovlen = 0;
    op->out_size = 0;
    if (op->kernel_iv)
        set_iv(op, transform, request);
    return afalg_send(op, flags);
}

static long receive_text(struct afalg_op *op, bs_request *request)
{
    op->in[0] = (struct iovec){request->dst, request->size};
    op->in_count = 1;
    op->in_size = request->size;
    return receive(op);
}

void afalg_perform_group(struct afalg_op *op, const struct afalg_transform *transform,
                         bs_request *const *requests, unsigned n)
{
    if (n == 1 || !transform->chunk || !fits(transform, requests, n)) {
        for (unsigned i = 0; i < n; i++)
            afalg_perform(op, transform, requests[i]);
        return;
    }
    int error = send_texts(op, transform, requests, n), broken = error;
    for (unsigned i = 0; i < n; i++) {
        int last = i == n - 1;
        if (!error && i && (op->kernel_iv || last))
            error = send_iv(op, transform, requests[i], last ? 0 : MSG_MORE);
        requests[i]->status = error ? error : afalg_status(op, receive_text(op, requests[i]));
        broken |= requests[i]->status;
        error = error ? error
                      : requests[i]->status; /* what it left in the socket is no text of the next one's */
    }
    if (__builtin_expect(broken, 0))
        afalg_renew(op, transform);
}
