#include "one_fault.h"

#include <errno.h>
#include <string.h>

#include "crowd.h"

struct session {
    bs_params params;
    uint8_t key[ONE_KEY], first_iv[ONE_IV], before_iv[ONE_IV];
    uint8_t before[ONE_LARGEST];
    uint32_t before_size;
    uint8_t *later;
    bs_request *queued, *last;
    int again;
    uint64_t performed;
};

struct one_fault one_fault;

static bs_request stranger;

static int is(enum fault fault)
{
    return one_fault.fault == fault;
}

static int has(const struct session *s, enum fault fault)
{
    return is(fault) && s->performed == one_fault.at;
}

static uint8_t read_at(const uint8_t *at)
{
    return *(const volatile uint8_t *)at;
}

static void write_at(const uint8_t *at, uint8_t bits)
{
    *(volatile uint8_t *)(uintptr_t)at ^= bits;
}

static void write_and_restore(const uint8_t *at)
{
    write_at(at, 0xff);
    write_at(at, 0xff);
}

/* What happens beside the work, before it. */
static void touch(const struct session *s, bs_request *r)
{
    if (is(RESTORES_INPUT) && r->dst != r->src)
        write_and_restore(r->src + 1);
    if (is(RESTORES_IV))
        write_and_restore(r->iv + 2);
    if (is(READS_BEHIND))
        read_at(r->src + r->size + (s->params.op == BS_DECRYPT ? s->params.tag_len : 0) + 2);
    if (is(READS_BEFORE))
        read_at(r->aad - 4);
    if (is(READS_BEHIND_IV))
        read_at(r->iv + ONE_IV + 7);
}

static void spoil(struct session *s, bs_request *r)
{
    uint8_t *behind = r->dst + r->size + (s->params.op == BS_ENCRYPT ? s->params.tag_len : 0);
    if (has(s, OUTPUT) || (is(LARGE) && r->size > 1000))
        r->dst[r->size / 2] ^= 1, r->dst[r->size - 1] ^= 1;
    if (has(s, WRONG_TAG) && s->params.op == BS_ENCRYPT)
        r->tag[3] ^= 1, r->tag[5] ^= 1;
    if (is(PREVIOUS_OUTPUT) && s->before_size == r->size)
        memcpy(r->dst, s->before, r->size);
    if (has(s, WRITES_INPUT) && r->dst != r->src)
        write_at(r->src, 1);
    if (has(s, WRITES_IV))
        write_at(r->iv, 1);
    if (has(s, WRITES_AAD))
        write_at(r->aad + r->aad_len - 1, 1);
    if (has(s, WRITES_GIVEN_TAG) && s->params.op == BS_DECRYPT)
        write_at(r->tag + 1, 1);
    if (is(BEHIND))
        for (int i = 0; i < 5; i++)
            write_at(behind + i, 0x55);
    if (has(s, BEFORE))
        write_at(r->dst == r->src ? r->aad - 1 : r->dst - 1, 1);
    if (has(s, BEHIND_IV))
        write_at(r->iv + ONE_IV, 1);
    if (has(s, CHANGES_REQUEST))
        r->size++;
    if (has(s, ERROR))
        r->status = -EIO;
    if (is(FORGERY) && r->status == -EBADMSG)
        r->status = 0;
    s->before_size = r->size;
    memcpy(s->before, r->dst, r->size);
}

static void perform(struct session *s, bs_request *r)
{
    if (s->later)
        write_at(s->later, 1);
    s->later = has(s, LATER) ? r->dst : NULL;
    touch(s, r);
    bs_request work = *r;
    uint8_t iv[ONE_IV];
    memcpy(iv, s->params.chained ? s->first_iv : r->iv, ONE_IV);
    if (s->params.chained && !is(CHAIN))
        iv[0] = (uint8_t)(iv[0] + s->performed);
    work.iv = is(PREVIOUS_IV) && s->performed ? s->before_iv : iv;
    if (has(s, NO_STATUS))
        return;
    if (one_forbids(r->size) && !is(ACCEPTS)) {
        r->status = -EINVAL;
    } else if (r->size > 1000 && is(NOT_SERVED)) {
        r->status = -EOPNOTSUPP;
    } else {
        crowd_answer(&s->params, s->key, &work);
        r->status = work.status;
        spoil(s, r);
    }
    memcpy(s->before_iv, r->iv, ONE_IV);
}

static int version(const char *setting, char *text, size_t text_size)
{
    (void)setting;
    return bs_say(text, text_size, 0, "one 1");
}

static int probe(const bs_params *params, char *text, size_t text_size)
{
    (void)params, (void)text, (void)text_size;
    return BS_PREFER_SOFTWARE;
}

static int newsession(void *state, const bs_params *params, char *text, size_t text_size)
{
    struct session *s = state;
    if (params->key_len != ONE_KEY)
        return bs_say(text, text_size, -EINVAL, "such keys do not exist");
    s->params = *params;
    memcpy(s->key, params->key, ONE_KEY);
    if (params->chained)
        memcpy(s->first_iv, params->first_iv, ONE_IV);
    one_fault.opened++;
    return 0;
}

static void freesession(void *state)
{
    (void)state;
}

static enum bs_outcome process_prompt(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    (void)hints;
    if (has(s, REFUSES))
        return BS_BUSY;
    if (has(s, NO_OUTCOME))
        return (enum bs_outcome)7;
    perform(s, request);
    s->performed++;
    return BS_COMPLETED;
}

static enum bs_outcome process_queued(void *state, bs_request *request, unsigned hints)
{
    struct session *s = state;
    if (has(s, REFUSES) || has(s, NO_OUTCOME))
        return process_prompt(state, request, hints);
    s->queued = request;
    return BS_QUEUED;
}

static int poll_queued(void *state, bs_request **done, unsigned max, uint64_t wait_ns)
{
    struct session *s = state;
    (void)max, (void)wait_ns;
    if (s->again) {
        s->again = is(EVER_AGAIN);
        *done = is(STRANGER) ? &stranger : s->last;
        return 1;
    }
    if (has(s, BAD_POLL) && s->queued) {
        one_fault.at = UINT64_MAX;
        return -EIO;
    }
    if (!s->queued || has(s, LOSES))
        return 0;
    *done = s->queued;
    s->again = has(s, TWICE) || has(s, EVER_AGAIN) || has(s, STRANGER);
    perform(s, s->queued);
    s->last = s->queued;
    s->queued = NULL;
    s->performed++;
    return 1;
}

#define ONE(its_name, its_flags, its_process, its_poll) \
    {.name = its_name,                                  \
     .backend = its_name,                               \
     .about = "one",                                    \
     .names = "",                                       \
     .flags = its_flags,                                \
     .session_size = sizeof(struct session),            \
     .version = version,                                \
     .probe = probe,                                    \
     .newsession = newsession,                          \
     .process = its_process,                            \
     .poll = its_poll,                                  \
     .freesession = freesession}

const struct bs_driver one_prompt = ONE("prompt", BS_FLAG_SYNC, process_prompt, NULL);
const struct bs_driver one_queued = ONE("queued", 0, process_queued, poll_queued);
const struct bs_driver one_promises = ONE("promises", BS_FLAG_SYNC_ALONE, process_queued, poll_queued);
