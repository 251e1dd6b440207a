#include "bugs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faults.h"

enum { PAGE = 4096, HASH_BLOCK = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static uint8_t iv_register[16];
static uint8_t last_key[SIZE_MAX_KEY];
static size_t last_key_size;
static uint32_t last_algorithm, sessions_opened;
static struct timespec last_end;

/* ---- sessions ---- */

int bugs_open(struct session *session)
{
    struct lab_fault fault = faults_now();
    int error = 0;
    pthread_mutex_lock(&lock);
    sessions_opened = fault.fault == FAULT_SESSIONS ? sessions_opened + 1 : 0;
    if (fault.fault == FAULT_SESSIONS && sessions_opened > fault.after)
        error = ENOMEM;
    memcpy(last_key, session->key, session->key_size);
    last_key_size = session->key_size;
    pthread_mutex_unlock(&lock);
    if (error)
        count_fault();
    return error;
}

static void use_last_key(struct session *session)
{
    pthread_mutex_lock(&lock);
    if (last_key_size == session->key_size && memcmp(session->key, last_key, last_key_size) != 0) {
        memcpy(session->key, last_key, last_key_size);
        count_fault();
    }
    pthread_mutex_unlock(&lock);
}

/* ---- IVs ---- */

void bugs_begin(const struct job *job)
{
    struct lab_fault fault = faults_now();
    if (fault.fault != FAULT_ONE_IV)
        return;
    pthread_mutex_lock(&lock);
    memcpy(iv_register, job->iv, job->iv_size);
    pthread_mutex_unlock(&lock);
    faults_sleep(fault.ms); /* until the engine begins */
}

void bugs_iv(struct session *session, struct job *job)
{
    struct lab_fault fault = faults_now();
    session->number++;
    if (fault.fault == FAULT_ONE_KEY)
        use_last_key(session);
    if (fault.fault == FAULT_OLD_IV && job->iv_size && session->number % fault.every == 0) {
        count_fault();
        return; /* it is still there */
    }
    pthread_mutex_lock(&lock);
    memcpy(session->iv, fault.fault == FAULT_ONE_IV ? iv_register : job->iv, job->iv_size);
    pthread_mutex_unlock(&lock);
    if (job->iv_size && memcmp(session->iv, job->iv, job->iv_size) != 0)
        count_fault();
}

/* ---- bytes ---- */

static void damage(struct job *job, size_t at)
{
    if (job->has_data_out && at < job->call.size)
        job->data[at] ^= 1;
    else if (job->digest_size)
        job->digest[at % job->digest_size] ^= 1;
    count_fault();
}

static uint32_t algorithm_of(const struct session *session)
{
    return session->cipher ? session->cipher->id : session->hash->id;
}

static int after_another(const struct session *session)
{
    pthread_mutex_lock(&lock);
    int another = last_algorithm && last_algorithm != algorithm_of(session);
    last_algorithm = algorithm_of(session);
    pthread_mutex_unlock(&lock);
    return another;
}

static int after_a_pause(unsigned ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    long idle = (now.tv_sec - last_end.tv_sec) * 1000 + (now.tv_nsec - last_end.tv_nsec) / 1000000;
    int asleep = last_end.tv_sec && idle >= (long)ms;
    last_end = now;
    pthread_mutex_unlock(&lock);
    return asleep;
}

static int crosses_page(uint64_t at, size_t size)
{
    return size && at % 16 && at / PAGE != (at + size - 1) / PAGE;
}

void bugs_end(struct session *session, struct job *job)
{
    struct lab_fault fault = faults_now();
    size_t size = job->call.size;
    if (fault.fault == FAULT_SIZES && size > fault.after && size <= (size_t)fault.after + fault.every)
        damage(job, size / 2);
    if (fault.fault == FAULT_NTH && session->number == (uint64_t)fault.after + 1)
        damage(job, size / 2);
    if (fault.fault == FAULT_BEFORE && after_another(session))
        damage(job, 0);
    if (fault.fault == FAULT_PAGE && job->has_data_out && crosses_page(job->call.target, size))
        damage(job, size - 1);
    if (fault.fault == FAULT_ASLEEP && after_a_pause(fault.ms))
        damage(job, 0);
    if (fault.fault == FAULT_BEYOND && job->has_data_out && size) {
        job->data[size] = 0x5a;
        count_fault();
    }
}

size_t bugs_taken(const struct session *session, size_t size)
{
    if (faults_now().fault != FAULT_TAKES_ALL)
        return 0;
    count_fault();
    return size / session->cipher->block * session->cipher->block;
}

size_t bugs_part(const struct session *session, size_t size)
{
    if (faults_now().fault != FAULT_FIRST_PART || session->pending_size || size % HASH_BLOCK == 0)
        return size;
    count_fault();
    return size / HASH_BLOCK * HASH_BLOCK;
}

int bugs_beyond(void)
{
    return faults_now().fault == FAULT_BEYOND;
}

int bugs_writes_iv(void)
{
    int writes = faults_now().fault == FAULT_WRITES_IV;
    if (writes)
        count_fault();
    return writes;
}

/* ---- AEADs ---- */

/* The tag that decryption had to find: that of the text that came out. */
static int begins_alike(struct session *session, const struct abi_authcrypt *call, const uint8_t *nonce,
                        const uint8_t *aad, const uint8_t *tag, const uint8_t *text, size_t size, size_t part)
{
    uint8_t right[16];
    uint8_t *again = malloc(size + 1);
    int same = again &&
               crypt_aead(session->cipher, session->key, session->key_size, 0, nonce, aad, call->aad_size,
                          text, again, size, right, call->tag_size) == 0 &&
               memcmp(tag, right, part) == 0;
    free(again);
    return same;
}

int bugs_aead(struct session *session, const struct abi_authcrypt *call, const uint8_t *nonce,
              const uint8_t *aad, const uint8_t *tag, uint8_t *out, size_t text, int error)
{
    struct lab_fault fault = faults_now();
    if (fault.fault == FAULT_AAD && !call->decrypt && call->aad_size && call->aad_size % fault.every == 0) {
        out[text] ^= 1;
        count_fault();
    }
    if (fault.fault == FAULT_PART_OF_TAG && error == EBADMSG &&
        begins_alike(session, call, nonce, aad, tag, out, text, fault.every)) {
        count_fault();
        return 0;
    }
    return error;
}
