/* bs_check: the known requests of one session, one after another, in every layout asked for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "known_slot.h"
#include "registry.h"
#include "worker.h"

enum {
    ENOUGH = 400, /* wrong requests: more show no more of a pattern */
    LAST_LOOK_NS = 1000000,
    PLACES = BS_LAY_IN_PLACE | BS_LAY_APART,
    FATAL = -1,
};

struct check {
    const char *driver;
    const bs_traffic *traffic;
    uint64_t timeout_ns, random;
    bs_session *session;
    struct known_slot slots[2], *slot; /* without fences and with; of this pass */
    uint32_t *order;                   /* of this pass */
    int32_t previous;                  /* the known request before on this session */
    uint64_t number, performed, wrong;
    uint8_t *refused;
    bs_evidence *evidence;
    struct check *next_abandoned;
};

/* ---- what was found ---- */

static void report(struct check *check, int kind, bs_finding *finding)
{
    finding->kind = kind;
    finding->outstanding = 1;
    finding->depth = check->traffic->params->depth ? check->traffic->params->depth : 1;
    known_slot_describe(check->slot, check->traffic, 1, finding);
    finding->previous = finding->before_known = check->previous;
    finding->before_traffic = check->previous < 0 ? -1 : 0;
    evidence_found(check->evidence, finding);
    check->wrong++;
}

static void report_rule(struct check *check, int kind)
{
    bs_finding finding = {.status = check->slot->request.status,
                          .expected_status = check->slot->known->status};
    report(check, kind, &finding);
}

static void sample(struct check *check, int wrong)
{
    if (!wrong && !evidence_wants(check->evidence, check->performed, &check->random))
        return;
    bs_sample sample = known_slot_sample(check->slot, check->traffic);
    sample.outstanding = 1;
    sample.wrong = (uint8_t)wrong;
    evidence_sample(check->evidence, &sample, &check->random);
}

/* ---- one request ---- */

static int refused(const struct known_slot *slot)
{
    return slot->request.status == -EOPNOTSUPP && slot->known->status != BS_ANY_ERROR;
}

static void look(struct check *check, uint32_t k)
{
    bs_finding finding;
    int wrong = !known_slot_right(check->slot, 0, &finding);
    if (wrong)
        report(check, finding.kind, &finding);
    if (refused(check->slot))
        check->refused[k] = 1;
    else
        sample(check, wrong);
}

/* What has become of the last request since it came back. 0, or FATAL: nothing can be asked of this session
 * any more. */
static int look_again(struct check *check, uint64_t wait_ns)
{
    bs_finding finding;
    if (!check->slot->known)
        return 0;
    int found = bs_session_strays(check->session, &check->slot->request, wait_ns);
    if (!known_slot_right(check->slot, 1, &finding))
        report(check, finding.kind, &finding);
    if (found < 0)
        return 0;
    check->session->lost = 1;
    report_rule(check, found);
    return FATAL;
}

static int perform(struct check *check, uint32_t k, uint32_t layout)
{
    struct known_slot *slot = check->slot;
    if (look_again(check, 0))
        return FATAL;
    known_slot_lay_out(slot, check->traffic, &check->traffic->known[k], layout, &check->random);
    slot->number = check->number++;
    int found = bs_session_perform(check->session, &slot->request, check->timeout_ns);
    if (found >= 0) {
        report_rule(check, found);
        sample(check, 1);
        return FATAL;
    }
    check->performed++;
    look(check, k);
    check->previous = (int32_t)k;
    return 0;
}

/* ---- passes ---- */

static int open_session(struct check *check, char *text, size_t text_size)
{
    check->session = bs_session_open(check->driver, check->traffic->params, text, text_size);
    check->previous = -1;
    check->number = 0;
    return check->session ? 0 : -EINVAL;
}

static void shuffle(struct check *check)
{
    for (uint32_t left = check->traffic->count; left > 1; left--) {
        uint32_t a = left - 1, b = bs_below(&check->random, left), k = check->order[a];
        check->order[a] = check->order[b];
        check->order[b] = k;
    }
}

/* Every known request in this layout, until enough is wrong. 0 or FATAL. */
static int pass(struct check *check, struct known_slot *slot, uint32_t layout)
{
    check->slot = slot;
    for (uint32_t i = 0; i < check->traffic->count && check->wrong < ENOUGH; i++) {
        uint32_t k = check->order[i];
        if (!check->refused[k] && perform(check, k, layout))
            return FATAL;
    }
    int fatal = look_again(check, LAST_LOOK_NS);
    slot->known = NULL;
    return fatal;
}

/* A session that broke a rule of ownership, and the memory it had, are never freed. */
static _Atomic(struct check *) abandoned;

static void close_check(struct check *check, int fatal)
{
    bs_session_close(check->session);
    if (fatal) {
        check->next_abandoned = atomic_exchange(&abandoned, check);
        return;
    }
    for (int i = 0; i < 2; i++)
        known_slot_close(&check->slots[i]);
    free(check->order);
    free(check);
}

static int run(struct check *check, uint32_t layouts, int *fatal, char *text, size_t text_size)
{
    int chained = check->traffic->params->chained, first = 1;
    uint32_t places = layouts & PLACES ? layouts & PLACES : PLACES;
    for (uint32_t one = 1; one <= BS_LAY_IV_ACROSS && !*fatal && check->wrong < ENOUGH; one *= 2) {
        if (!(layouts & one))
            continue;
        if (chained && !first) {
            bs_session_close(check->session);
            int error = open_session(check, text, text_size);
            if (error)
                return error;
        } else if (!first) {
            shuffle(check);
        }
        first = 0;
        *fatal = pass(check, &check->slots[one == BS_LAY_FENCED], one & PLACES ? one : one | places);
    }
    return 0;
}

static int open_memory(struct check *check, uint32_t layouts)
{
    uint32_t count = check->traffic->count;
    check->order = malloc(count * sizeof *check->order);
    if (!check->order)
        return -ENOMEM;
    for (uint32_t k = 0; k < count; k++)
        check->order[k] = k;
    int error = known_slot_open(&check->slots[0], check->traffic, 1, UINT32_MAX, 0);
    if (!error && layouts & BS_LAY_FENCED)
        error = known_slot_open(&check->slots[1], check->traffic, 1, UINT32_MAX, 1);
    check->slots[0].may_refuse = check->slots[1].may_refuse = 1;
    return error;
}

static int impossible(const bs_traffic *traffic, uint32_t layouts)
{
    const uint32_t all = BS_LAY_IN_PLACE | BS_LAY_APART | BS_LAY_FENCED | BS_LAY_IV_ACROSS;
    if (!traffic->count || !layouts || layouts & ~all)
        return 1;
    for (uint32_t k = 0; k < traffic->count; k++)
        if (traffic->known[k].size > traffic->params->max_size ||
            traffic->known[k].aad_len > traffic->params->aad_len)
            return 1;
    return 0;
}

int bs_check(const char *driver, const bs_traffic *traffic, uint32_t layouts, uint64_t seed,
             uint64_t timeout_ns, uint8_t *refused, uint64_t *performed, bs_evidence *evidence, char *text,
             size_t text_size)
{
    if (impossible(traffic, layouts))
        return bs_say(text, text_size, -EINVAL,
                      "a check needs layouts, and requests that its session is opened for");
    struct check *check = calloc(1, sizeof *check);
    if (!check)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    check->driver = driver;
    check->traffic = traffic;
    check->timeout_ns = timeout_ns;
    check->random = seed;
    check->refused = refused;
    check->evidence = evidence;
    int result = open_memory(check, layouts), fatal = 0;
    if (result)
        bs_say(text, text_size, result, "no memory for the requests: %s", strerror(-result));
    else
        result = open_session(check, text, text_size);
    if (!result)
        result = run(check, layouts, &fatal, text, text_size);
    *performed = check->performed;
    close_check(check, fatal);
    return result;
}
