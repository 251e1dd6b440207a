#include "crowd_parts.h"

#include <errno.h>
#include <string.h>

uint64_t crowd_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t start_of(const uint8_t *key, const uint8_t *iv)
{
    uint64_t words[3];
    memcpy(words, key, KEY);
    memcpy(words + 1, iv, IV);
    return crowd_mix(crowd_mix(crowd_mix(words[0]) ^ words[1]) ^ words[2]);
}

/* Eight bytes of a text, or what is left of it: sanitizers take long for a memcpy of unknown size. */
static uint64_t word_of(const uint8_t *text, uint32_t left)
{
    uint64_t word = 0;
    if (left >= 8)
        memcpy(&word, text, 8);
    else
        memcpy(&word, text, left);
    return word;
}

void crowd_crypt(const uint8_t *key, const uint8_t *iv, const uint8_t *in, uint8_t *out, uint32_t size)
{
    uint64_t start = start_of(key, iv);
    for (uint32_t i = 0; i < size; i += 8) {
        uint64_t word = word_of(in + i, size - i) ^ crowd_mix(start + i);
        if (size - i >= 8)
            memcpy(out + i, &word, 8);
        else
            memcpy(out + i, &word, size - i);
    }
}

static uint64_t absorb(uint64_t state, const uint8_t *text, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 8)
        state = crowd_mix(state + 1) ^ word_of(text + i, size - i);
    return crowd_mix(state ^ size);
}

void crowd_tag(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_len,
               const uint8_t *text, uint32_t size, uint8_t *tag)
{
    uint64_t a = absorb(absorb(~start_of(key, iv), aad, aad_len), text, size), b = crowd_mix(a + 1);
    memcpy(tag, &a, sizeof a);
    memcpy(tag + sizeof a, &b, sizeof b);
}

void crowd_serve(const bs_params *p, const uint8_t *key, const uint8_t *iv, bs_request *r)
{
    uint8_t tag[TAG];
    r->status = 0;
    if (p->op == BS_DECRYPT && p->tag_len) {
        crowd_tag(key, iv, r->aad, r->aad_len, r->src, r->size, tag);
        r->status = memcmp(tag, r->tag, TAG) ? -EBADMSG : 0;
    }
    if (p->kind != BS_DIGEST && !r->status)
        crowd_crypt(key, iv, r->src, r->dst, r->size);
    if (p->op == BS_ENCRYPT && p->tag_len)
        crowd_tag(key, iv, r->aad, r->aad_len, p->kind == BS_DIGEST ? r->src : r->dst, r->size, r->tag);
}

void crowd_answer(const bs_params *params, const uint8_t *key, bs_request *request)
{
    crowd_serve(params, key, request->iv, request);
}

void crowd_chain(const uint8_t *key, uint8_t *iv, uint32_t size)
{
    uint64_t a = crowd_mix(start_of(key, iv) ^ size), b = crowd_mix(a);
    memcpy(iv, &a, sizeof a);
    memcpy(iv + sizeof a, &b, sizeof b);
}
