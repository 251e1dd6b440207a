#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bugs.h"
#include "faults.h"
#include "file.h"

/* ---- sessions ---- */

/* The session, locked: one operation at a time. NULL: there is no such session. */
static struct session *hold(struct file *file, uint32_t id)
{
    pthread_mutex_lock(&file->lock);
    struct session *session = file->sessions;
    while (session && session->id != id)
        session = session->next;
    if (session)
        pthread_mutex_lock(&session->lock);
    pthread_mutex_unlock(&file->lock);
    return session;
}

static void let_go(struct session *session)
{
    pthread_mutex_unlock(&session->lock);
}

static int take_key(const struct algorithm *algorithm, uint8_t *to, size_t room, const uint8_t *key,
                    size_t size)
{
    if (size > room || !crypt_key_fits(algorithm, size))
        return EINVAL;
    if (size)
        memcpy(to, key, size);
    return 0;
}

static int fill(struct session *session, const struct abi_session *call, const uint8_t *key,
                const uint8_t *hash_key)
{
    int error = 0;
    if (!call->cipher && !call->hash)
        return EINVAL;
    session->cipher = call->cipher ? crypt_find(call->cipher, 0) : NULL;
    session->hash = call->hash ? crypt_find(call->hash, 1) : NULL;
    if ((call->cipher && !session->cipher) || (call->hash && !session->hash))
        return EINVAL;
    session->key_size = call->cipher_key_size;
    session->hash_key_size = call->hash_key_size;
    if (session->cipher)
        error = take_key(session->cipher, session->key, sizeof session->key, key, session->key_size);
    if (!error && session->hash && session->hash->kind == HMAC_HASH)
        error = take_key(session->hash, session->hash_key, sizeof session->hash_key, hash_key,
                         session->hash_key_size);
    return error;
}

static void destroy(struct session *session)
{
    pthread_mutex_lock(&session->lock); /* waits for what is under way */
    pthread_mutex_unlock(&session->lock);
    pthread_mutex_destroy(&session->lock);
    free(session->pending);
    free(session);
    count_session(-1);
}

int session_new(struct file *file, struct abi_session *call, const uint8_t *key, const uint8_t *hash_key)
{
    struct session *session = calloc(1, sizeof *session);
    int error = session ? fill(session, call, key, hash_key) : ENOMEM;
    if (!error)
        error = bugs_open(session);
    if (error) {
        free(session);
        return error;
    }
    pthread_mutex_init(&session->lock, NULL);
    count_session(1);
    pthread_mutex_lock(&file->lock);
    struct session *other;
    do {
        if (getrandom(&session->id, sizeof session->id, 0) != sizeof session->id)
            session->id++;
        for (other = file->sessions; other && other->id != session->id; other = other->next)
            ;
    } while (other);
    session->next = file->sessions;
    file->sessions = session;
    pthread_mutex_unlock(&file->lock);
    call->id = session->id;
    return 0;
}

int session_end(struct file *file, uint32_t id)
{
    pthread_mutex_lock(&file->lock);
    struct session **at = &file->sessions;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct session *session = *at;
    if (session)
        *at = session->next;
    pthread_mutex_unlock(&file->lock);
    if (!session)
        return ENOENT;
    destroy(session);
    return 0;
}

void sessions_end(struct file *file)
{
    while (file->sessions)
        session_end(file, file->sessions->id);
}

int session_info(struct file *file, struct abi_info *info)
{
    struct session *session = hold(file, info->id);
    if (!session)
        return EINVAL;
    if (session->cipher) {
        snprintf(info->cipher_algorithm, sizeof info->cipher_algorithm, "%s", session->cipher->algorithm);
        snprintf(info->cipher_driver, sizeof info->cipher_driver, "%s", session->cipher->driver);
    }
    if (session->hash) {
        snprintf(info->hash_algorithm, sizeof info->hash_algorithm, "%s", session->hash->algorithm);
        snprintf(info->hash_driver, sizeof info->hash_driver, "%s", session->hash->driver);
    }
    info->alignment_mask = (uint16_t)device_options.alignment_mask;
    info->flags = device_options.hardware != 0;
    let_go(session);
    return 0;
}

int session_shape(struct file *file, const struct abi_crypt *call, struct job *shape)
{
    struct session *session = hold(file, call->id);
    if (!session)
        return EINVAL;
    shape->iv_size = session->cipher && call->iv ? session->cipher->iv_size : 0;
    shape->has_data_out = session->cipher != NULL;
    shape->digest_size = session->hash ? session->hash->digest_size : 0;
    let_go(session);
    return 0;
}

int session_nonce_size(struct file *file, uint32_t id, unsigned *size)
{
    struct session *session = hold(file, id);
    int error = !session || !session->cipher || session->cipher->kind != AEAD ? EINVAL : 0;
    if (!error)
        *size = session->cipher->iv_size;
    if (session)
        let_go(session);
    return error;
}

/* ---- operations ---- */

static int add_pending(struct session *session, const uint8_t *data, size_t size)
{
    size = bugs_part(session, size);
    uint8_t *grown = realloc(session->pending, session->pending_size + size + 1);
    if (!grown)
        return ENOMEM;
    memcpy(grown + session->pending_size, data, size);
    session->pending = grown;
    session->pending_size += size;
    return 0;
}

/* The digest of all that was added since the last reset. It is not reset here: without flags, or with
 * RESET, the next request does that. */
static int digest(struct session *session, struct job *job)
{
    int error = crypt_hash(session->hash, session->hash_key, session->hash_key_size, session->pending,
                           session->pending_size, job->digest);
    job->digest_size = session->hash->digest_size;
    return error;
}

static size_t whole_blocks(const struct session *session, size_t size)
{
    return size % session->cipher->block ? bugs_taken(session, size) : size;
}

static int convert(struct session *session, struct job *job)
{
    return crypt_cipher(session->cipher, session->key, session->key_size, job->call.decrypt, session->iv,
                        job->data, job->data, whole_blocks(session, job->call.size));
}

/* With both, the hash is over the plain text. */
static int hash_and_convert(struct session *session, struct job *job)
{
    int error = 0;
    if (session->hash && !job->call.decrypt)
        error = add_pending(session, job->data, job->call.size);
    if (!error && session->cipher)
        error = convert(session, job);
    if (!error && session->hash && job->call.decrypt)
        error = add_pending(session, job->data, job->call.size);
    return error;
}

static int misaligned(const struct abi_crypt *call)
{
    return ((call->source | call->target) & device_options.alignment_mask) != 0;
}

static int perform(struct session *session, struct job *job)
{
    unsigned flags = job->call.flags;
    int error = 0;
    job->digest_size = 0;
    if (job->call.decrypt > 1 || (session->cipher && session->cipher->kind == AEAD))
        return EINVAL;
    if (session->hash && (flags == 0 || flags & FLAG_RESET))
        session->pending_size = 0;
    if (session->cipher && job->call.size && !whole_blocks(session, job->call.size))
        return EINVAL;
    bugs_iv(session, job);
    if (job->call.size && misaligned(&job->call))
        job->call.flags |= FLAG_NO_ZERO_COPY;
    if (job->call.size && job->call.flags & FLAG_NO_ZERO_COPY)
        count_copied();
    if (job->call.size)
        error = hash_and_convert(session, job);
    memcpy(job->iv, session->iv, job->iv_size);
    if (!error && session->hash && (flags & FLAG_FINAL || !(flags & FLAG_UPDATE) || !job->call.size))
        error = digest(session, job);
    if (!error)
        bugs_end(session, job);
    return error;
}

static void damage(struct job *job)
{
    if (job->has_data_out && job->call.size)
        job->data[job->call.size / 2] ^= 1;
    else if (job->digest_size)
        job->digest[job->digest_size / 2] ^= 1;
}

/* -1: it is never answered. */
int job_perform(struct file *file, struct job *job)
{
    struct verdict verdict = faults_next();
    if (verdict.lost)
        return -1;
    faults_sleep(verdict.ms);
    if (verdict.error)
        return verdict.error;
    bugs_begin(job);
    struct session *session = hold(file, job->call.id);
    if (!session)
        return EINVAL;
    int error = perform(session, job);
    let_go(session);
    if (!error && verdict.wrong)
        damage(job);
    return error;
}

static int authcrypt(struct session *session, struct abi_authcrypt *call, const uint8_t *nonce,
                     const uint8_t *aad, const uint8_t *in, uint8_t *out, size_t *out_size)
{
    uint8_t tag[16] = {0};
    if (!session->cipher || session->cipher->kind != AEAD || call->decrypt > 1 || call->tag_size > 16 ||
        call->aad_size > 4096 || call->flags || (call->decrypt && call->size < call->tag_size))
        return EINVAL;
    if (call->tag_size == 0)
        call->tag_size = 16;
    size_t text = call->size - (call->decrypt ? call->tag_size : 0);
    if (call->decrypt)
        memcpy(tag, in + text, call->tag_size);
    int error = crypt_aead(session->cipher, session->key, session->key_size, call->decrypt, nonce, aad,
                           call->aad_size, in, out, text, tag, call->tag_size);
    if (!call->decrypt)
        memcpy(out + text, tag, call->tag_size);
    *out_size = text + (call->decrypt ? 0 : call->tag_size);
    error = bugs_aead(session, call, nonce, aad, in + text, out, text, error);
    call->size = (uint32_t)*out_size;
    call->tag = call->target + text;
    return error;
}

int authcrypt_perform(struct file *file, struct abi_authcrypt *call, const uint8_t *nonce, const uint8_t *aad,
                      const uint8_t *in, uint8_t *out, size_t *out_size)
{
    struct verdict verdict = faults_next();
    if (verdict.lost)
        return -1;
    faults_sleep(verdict.ms);
    if (verdict.error)
        return verdict.error;
    struct session *session = hold(file, call->id);
    if (!session)
        return EINVAL;
    int error = authcrypt(session, call, nonce, aad, in, out, out_size);
    let_go(session);
    if (!error && verdict.wrong && *out_size)
        out[*out_size / 2] ^= 1;
    return error;
}
