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
    struct known_slot slots[2][2];     /* without fences and with: two, so that one stays as it is when */
    struct known_slot *slot, *earlier; /* the next request is performed */
    uint32_t *order;                   /* of this pass */
    int32_t previous;                  /* the known request that this session had last */
    uint64_t number, performed, wrong;
    uint8_t *refused;
    bs_evidence *evidence;
    struct check *next_abandoned;
};

/* ---- what was found ---- */

static void report(struct check *check, const struct known_slot *slot, bs_finding *finding)
{
    finding->outstanding = 1;
    finding->depth = check->traffic->params->depth ? check->traffic->params->depth : 1;
    known_slot_describe(slot, check->traffic, 1, finding);
    finding->previous = finding->before_known = slot->previous;
    finding->before_traffic = slot->previous < 0 ? -1 : 0;
    evidence_found(check->evidence, finding);
    check->wrong++;
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

/* 1: so it is. 0: reported. */
static int right(struct check *check, struct known_slot *slot, int late)
{
    bs_finding finding;
    if (known_slot_right(slot, late, &finding))
        return 1;
    report(check, slot, &finding);
    return 0;
}

/* The driver broke a rule, after which nothing can be asked of this session: found says which. */
static int break_off(struct check *check, int found)
{
    const struct known_slot *slot = found == BS_FOUND_TWICE && check->earlier->known ? check->earlier
                                                                                     : check->slot;
    bs_finding finding = {
        .kind = found, .status = slot->request.status, .expected_status = slot->known->status};
    report(check, slot, &finding);
    check->session->lost = 1;
    return FATAL;
}

/* ---- one request ---- */

static void lay_out(struct check *check, uint32_t k, uint32_t layout)
{
    struct known_slot *slot = check->earlier;
    check->earlier = check->slot;
    check->slot = slot;
    known_slot_lay_out(slot, check->traffic, &check->traffic->known[k], layout, &check->random);
    slot->number = check->number++;
    slot->previous = check->previous;
    check->previous = (int32_t)k;
}

static int refused(const struct known_slot *slot)
{
    return known_slot_refused(slot) && slot->known->status != BS_ANY_ERROR;
}

/* FATAL: something came that was not asked for, most likely the last one again. */
static int look_for_strays(struct check *check, uint64_t wait_ns)
{
    int found = bs_session_strays(check->session, wait_ns);
    if (found < 0)
        return 0;
    check->earlier = check->slot;
    return break_off(check, found);
}

static int perform(struct check *check, uint32_t k, uint32_t layout)
{
    if (check->slot->known && look_for_strays(check, 0))
        return FATAL;
    lay_out(check, k, layout);
    int found = bs_session_perform(check->session, &check->slot->request, check->timeout_ns);
    if (check->earlier->known)
        right(check, check->earlier, 1);
    if (found >= 0)
        return break_off(check, found);
    check->performed++;
    int wrong = !right(check, check->slot, 0);
    if (refused(check->slot))
        check->refused[k] = 1;
    else
        sample(check, wrong);
    return 0;
}

/* ---- passes ---- */

static void shuffle(struct check *check)
{
    for (uint32_t left = check->traffic->count; left > 1; left--) {
        uint32_t a = left - 1, b = bs_below(&check->random, left), k = check->order[a];
        check->order[a] = check->order[b];
        check->order[b] = k;
    }
}

/* Every known request in this layout, until enough is wrong; a chain ends where one is refused. 0 or FATAL. */
static int pass(struct check *check, struct known_slot slots[2], uint32_t layout)
{
    int chained = check->traffic->params->chained, fatal = 0;
    check->slot = &slots[0];
    check->earlier = &slots[1];
    for (uint32_t i = 0; i < check->traffic->count && !fatal && check->wrong < ENOUGH; i++) {
        uint32_t k = check->order[i];
        if (!check->refused[k])
            fatal = perform(check, k, layout);
        if (chained && check->refused[k])
            break;
    }
    if (!fatal && check->slot->known) {
        right(check, check->slot, 1);
        fatal = look_for_strays(check, LAST_LOOK_NS);
    }
    slots[0].known = slots[1].known = NULL;
    return fatal;
}

static int open_session(struct check *check, char *text, size_t text_size)
{
    check->session = bs_session_open(check->driver, check->traffic->params, text, text_size);
    check->number = 0;
    check->previous = -1;
    return check->session ? 0 : -EINVAL;
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
        *fatal = pass(check, check->slots[one == BS_LAY_FENCED], one & PLACES ? one : one | places);
    }
    return 0;
}

/* ---- memory ---- */

/* A session that broke a rule of ownership, and the memory it had, are never freed; a leak checker sees why. */
static _Atomic(struct check *) abandoned;

static void close_check(struct check *check, int fatal)
{
    bs_session_close(check->session);
    if (fatal) {
        check->next_abandoned = atomic_exchange(&abandoned, check);
        return;
    }
    for (int i = 0; i < 4; i++)
        known_slot_close(&check->slots[i / 2][i % 2]);
    free(check->order);
    free(check);
}

static int open_memory(struct check *check, uint32_t layouts)
{
    uint32_t count = check->traffic->count;
    check->order = malloc(count * sizeof *check->order);
    if (!check->order)
        return -ENOMEM;
    for (uint32_t k = 0; k < count; k++)
        check->order[k] = k;
    int error = 0, fenced = (layouts & BS_LAY_FENCED) != 0;
    for (int i = 0; i < 2 + 2 * fenced && !error; i++) {
        error = known_slot_open(&check->slots[i / 2][i % 2], check->traffic, 1, UINT32_MAX, i / 2);
        check->slots[i / 2][i % 2].may_refuse = 1;
    }
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
