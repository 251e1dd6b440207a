#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bugs.h"
#include "faults.h"

enum { MOST_PARTS = 5 };

/* What an ioctl reads and writes of its caller's memory. */
struct parts {
    struct iovec in[MOST_PARTS], out[MOST_PARTS];
    size_t in_count, out_count, in_size, out_size;
};

static void reads(struct parts *parts, uint64_t address, size_t size)
{
    if (size)
        parts->in[parts->in_count++] = (struct iovec){(void *)(uintptr_t)address, size};
    parts->in_size += size;
}

static void writes(struct parts *parts, uint64_t address, size_t size)
{
    if (size)
        parts->out[parts->out_count++] = (struct iovec){(void *)(uintptr_t)address, size};
    parts->out_size += size;
}

/* 1: it is all here. Else the kernel has been told what is wanted. */
static int have(const struct call *call, const struct parts *parts)
{
    if (call->in_size >= parts->in_size && call->out_size >= parts->out_size)
        return 1;
    fuse_reply_ioctl_retry(call->req, parts->in, parts->in_count, parts->out, parts->out_count);
    return 0;
}

static struct parts structure(const struct call *call, size_t in, size_t out)
{
    struct parts parts = {.in_count = 0};
    reads(&parts, (uintptr_t)call->arg, in);
    writes(&parts, (uintptr_t)call->arg, out);
    return parts;
}

static void answer(const struct call *call, int error, const void *out, size_t size)
{
    if (error)
        fuse_reply_err(call->req, error);
    else
        fuse_reply_ioctl(call->req, 0, out, size);
}

/* ---- sessions ---- */

static void new_session(const struct call *call)
{
    struct abi_session session;
    struct parts parts = structure(call, sizeof session, sizeof session);
    if (!have(call, &parts))
        return;
    memcpy(&session, call->in, sizeof session);
    if (session.cipher_key_size > SIZE_MAX_KEY || session.hash_key_size > SIZE_MAX_HASH_KEY) {
        answer(call, EINVAL, NULL, 0);
        return;
    }
    reads(&parts, session.cipher_key, session.cipher_key_size);
    reads(&parts, session.hash_key, session.hash_key_size);
    if (!have(call, &parts))
        return;
    const uint8_t *key = call->in + sizeof session;
    int error = session_new(call->file, &session, key, key + session.cipher_key_size);
    answer(call, error, &session, sizeof session);
}

static void end_session(const struct call *call)
{
    uint32_t id;
    struct parts parts = structure(call, sizeof id, 0);
    if (!have(call, &parts))
        return;
    memcpy(&id, call->in, sizeof id);
    answer(call, session_end(call->file, id), NULL, 0);
}

static void info(const struct call *call)
{
    struct abi_info info;
    struct parts parts = structure(call, sizeof info, sizeof info);
    if (!have(call, &parts))
        return;
    memcpy(&info, call->in, sizeof info);
    answer(call, session_info(call->file, &info), &info, sizeof info);
}

/* ---- operations ---- */

/* The job of a CRYPT or SUBMIT with all its input, or NULL when that is not here, or was answered. */
static struct job *job_of(const struct call *call, int writes_too)
{
    struct abi_crypt crypt;
    struct parts parts = structure(call, sizeof crypt, writes_too ? sizeof crypt : 0);
    struct job *job = NULL, shape = {.iv_size = 0};
    if (!have(call, &parts))
        return NULL;
    memcpy(&crypt, call->in, sizeof crypt);
    int error = session_shape(call->file, &crypt, &shape);
    size_t data = crypt.source ? crypt.size : 0;
    if (!error) {
        reads(&parts, crypt.source, data);
        reads(&parts, crypt.iv, shape.iv_size);
        if (writes_too && shape.has_data_out)
            writes(&parts, crypt.target, data + (data && bugs_beyond()));
        if (writes_too && crypt.digest)
            writes(&parts, crypt.digest, shape.digest_size);
        if (writes_too && (crypt.flags & FLAG_WRITE_IV || bugs_writes_iv()))
            writes(&parts, crypt.iv, shape.iv_size);
        if (!have(call, &parts))
            return NULL;
        job = calloc(1, sizeof *job);
        uint8_t *copy = malloc(data + 1);
        if (!job || !copy) {
            free(job);
            free(copy);
            error = ENOMEM;
        } else {
            *job = shape;
            job->call = crypt;
            job->call.size = (uint32_t)data;
            job->data = memcpy(copy, call->in + sizeof crypt, data);
            memcpy(job->iv, call->in + sizeof crypt + data, shape.iv_size);
        }
    }
    if (error)
        answer(call, error, NULL, 0);
    return error ? NULL : job;
}

/* What a done job writes: the structure, the data, the digest, the IV. */
static void answer_job(const struct call *call, const struct job *job)
{
    struct iovec out[4];
    int n = 0;
    out[n++] = (struct iovec){(void *)&job->call, sizeof job->call};
    if (job->has_data_out && job->call.size)
        out[n++] = (struct iovec){job->data, job->call.size + (size_t)bugs_beyond()};
    if (job->digest_size && job->call.digest)
        out[n++] = (struct iovec){(void *)job->digest, job->digest_size};
    if (job->iv_size && (job->call.flags & FLAG_WRITE_IV || bugs_writes_iv()))
        out[n++] = (struct iovec){(void *)job->iv, job->iv_size};
    fuse_reply_ioctl_iov(call->req, 0, out, n);
}

static void crypt_now(const struct call *call)
{
    struct job *job = job_of(call, 1);
    if (!job)
        return;
    int error = faults_refuse();
    if (!error) {
        count_inside(1);
        error = job_perform(call->file, job);
        count_inside(-1);
    }
    if (error > 0)
        answer(call, error, NULL, 0);
    else if (error == 0)
        answer_job(call, job);
    job_free(job); /* lost: the caller waits until it is killed */
}

static void submit(const struct call *call)
{
    struct job *job = job_of(call, 0);
    if (!job)
        return;
    int error = job->call.flags & FLAG_NO_ZERO_COPY ? EINVAL : faults_refuse();
    if (!error)
        error = ring_submit(call->file, job);
    if (error)
        job_free(job);
    answer(call, error, NULL, 0);
}

/* A failed job answers with its errno and nothing else. */
static void fetch(const struct call *call)
{
    struct parts parts = {.in_count = 0};
    struct job *job = ring_reserve(call->file, fuse_req_ctx(call->req)->pid);
    if (!job) {
        answer(call, EBUSY, NULL, 0);
        return;
    }
    if (job->result) {
        ring_take(call->file, job);
        answer(call, job->result, NULL, 0);
        job_free(job);
        return;
    }
    writes(&parts, (uintptr_t)call->arg, sizeof job->call);
    if (job->has_data_out)
        writes(&parts, job->call.target, job->call.size + (size_t)(job->call.size && bugs_beyond()));
    if (job->call.digest)
        writes(&parts, job->call.digest, job->digest_size);
    if (job->call.flags & FLAG_WRITE_IV || bugs_writes_iv())
        writes(&parts, job->call.iv, job->iv_size);
    if (!have(call, &parts))
        return;
    ring_take(call->file, job); /* before the answer: the thread may ask for the next one at once */
    answer_job(call, job);
    job_free(job);
}

static void authcrypt(const struct call *call)
{
    struct abi_authcrypt auth;
    struct parts parts = structure(call, sizeof auth, sizeof auth);
    unsigned nonce = 0;
    size_t size;
    if (!have(call, &parts))
        return;
    memcpy(&auth, call->in, sizeof auth);
    int error = session_nonce_size(call->file, auth.id, &nonce);
    if (!error && (!auth.iv || auth.tag_size > 16 || auth.aad_size > 4096 ||
                   (auth.decrypt && auth.size < auth.tag_size)))
        error = EINVAL;
    if (error) {
        answer(call, error, NULL, 0);
        return;
    }
    unsigned tag = auth.tag_size ? auth.tag_size : 16;
    reads(&parts, auth.source, auth.size);
    reads(&parts, auth.iv, nonce);
    reads(&parts, auth.aad, auth.aad_size);
    writes(&parts, auth.target, auth.decrypt ? auth.size - tag : auth.size + tag);
    if (!have(call, &parts))
        return;
    const uint8_t *source = call->in + sizeof auth, *iv = source + auth.size;
    uint8_t *out = malloc(sizeof auth + auth.size + 16);
    error = out ? faults_refuse() : ENOMEM;
    if (!error) {
        count_inside(1);
        error = authcrypt_perform(call->file, &auth, iv, iv + nonce, source, out + sizeof auth, &size);
        count_inside(-1);
    }
    if (!error) {
        memcpy(out, &auth, sizeof auth);
        fuse_reply_ioctl(call->req, 0, out, sizeof auth + size);
    } else if (error > 0) {
        answer(call, error, NULL, 0);
    }
    free(out);
}

/* ---- the test's own calls ---- */

static void set_fault(const struct call *call)
{
    struct lab_fault fault;
    struct parts parts = structure(call, sizeof fault, 0);
    if (!have(call, &parts))
        return;
    memcpy(&fault, call->in, sizeof fault);
    faults_set(&fault);
    answer(call, 0, NULL, 0);
}

static void tell(const struct call *call, const void *data, size_t size)
{
    struct parts parts = structure(call, 0, size);
    if (have(call, &parts))
        answer(call, 0, data, size);
}

/* ---- which is which ---- */

void call_answer(const struct call *call, unsigned number)
{
    struct lab_counts counts = counts_now();
    uint32_t none = 0;
    switch (number) {
    case CALL_NEW_SESSION:
        new_session(call);
        break;
    case CALL_END_SESSION:
        end_session(call);
        break;
    case CALL_INFO:
        info(call);
        break;
    case CALL_CRYPT:
        crypt_now(call);
        break;
    case CALL_AUTHCRYPT:
        authcrypt(call);
        break;
    case CALL_FEATURES:
        tell(call, &none, sizeof none);
        break;
    case CALL_SET_FAULT:
        set_fault(call);
        break;
    case CALL_COUNTS:
        tell(call, &counts, sizeof counts);
        break;
    case CALL_SUBMIT:
    case CALL_FETCH:
        if (device_options.async) {
            number == CALL_SUBMIT ? submit(call) : fetch(call);
            break;
        } /* fall through */
    default: /* CRIOGET too: a program cannot put a descriptor into another */
        fuse_reply_err(call->req, EINVAL);
    }
}
