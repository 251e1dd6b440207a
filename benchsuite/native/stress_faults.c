/* What the stress run has found wrong, and what follows: when it ends, and whether the driver may be trusted with
 * memory that is freed. */
#include "stress_parts.h"

enum {
    LEAST_ALIKE = 8, /* bytes that two outputs must share to be one and the same */
    BLOCK = 16,
};

int stress_stopped(struct stress_run *run)
{
    return atomic_load_explicit(&run->stop, memory_order_relaxed) || bs_halted(&run->interrupt);
}

static int ends_the_run(int kind)
{
    return kind == BS_FOUND_TWICE || kind == BS_FOUND_STRANGER || kind == BS_FOUND_OUTCOME ||
           kind == BS_FOUND_POLL || kind == BS_FOUND_LOST || kind == BS_FOUND_REFUSED ||
           kind == BS_FOUND_OPEN;
}

/* The driver may come back to memory that we think is ours. */
static int breaks_trust(const bs_finding *fault)
{
    return fault->late || (fault->kind == BS_FOUND_STATUS && fault->status == BS_STATUS_UNSET) ||
           (ends_the_run(fault->kind) && fault->kind != BS_FOUND_REFUSED && fault->kind != BS_FOUND_OPEN);
}

/* The output of another request, whole or as far as both go. */
static void whose_output(const struct stress_run *run, const struct stress_slot *slot, bs_finding *fault)
{
    const bs_params *p = slot->traffic->params;
    int tag = fault->kind == BS_FOUND_TAG;
    const uint8_t *got = slot->request.dst + (tag ? slot->known->size : 0);
    uint32_t size = tag ? p->tag_len : slot->known->size;
    fault->output_size = size < sizeof fault->output ? size : sizeof fault->output;
    memcpy(fault->output, got, fault->output_size);
    uint32_t at = (uint32_t)fault->at / BLOCK * BLOCK, left = size - at;
    fault->window_at = at;
    fault->window_size = left < sizeof fault->window ? left : sizeof fault->window;
    memcpy(fault->window, got + at, fault->window_size);
    for (uint32_t t = 0; t < run->traffics; t++)
        for (uint32_t k = 0; k < run->traffic[t].count; k++) {
            const bs_traffic *traffic = &run->traffic[t];
            const bs_known *other = &traffic->known[k];
            uint32_t least = tag ? traffic->params->tag_len : other->size;
            least = least < size ? least : size;
            if (other == slot->known || other->status || least < LEAST_ALIKE ||
                memcmp(got, tag ? other->tag : other->dst, least) != 0)
                continue;
            fault->other_traffic = (int32_t)t;
            fault->other_known = (int32_t)k;
            return;
        }
}

static void describe(const struct stress_session *session, const struct stress_slot *slot, int kind,
                     bs_finding *fault)
{
    const struct stress_run *run = session->worker->run;
    fault->kind = kind;
    fault->worker = (int32_t)session->worker->index;
    fault->session = (int32_t)session->index;
    fault->outstanding = atomic_load(&session->outstanding);
    fault->depth = session->depth;
    fault->traffic = fault->known = fault->other_traffic = fault->other_known = -1;
    if (!slot)
        return;
    fault->traffic = (int32_t)(slot->traffic - run->traffic);
    fault->known = (int32_t)(slot->known - slot->traffic->known);
    fault->number = slot->number;
    fault->in_place = slot->src_at == slot->dst_at;
    fault->src_at = slot->src_at % 4096;
    fault->dst_at = slot->dst_at % 4096;
    if (kind == BS_FOUND_OUTPUT || kind == BS_FOUND_TAG)
        whose_output(run, slot, fault);
}

void stress_report(struct stress_session *session, struct stress_slot *slot, int kind, bs_finding *fault)
{
    struct stress_run *run = session->worker->run;
    describe(session, slot, kind, fault);
    pthread_mutex_lock(&run->lock);
    bs_evidence *evidence = run->evidence;
    if (evidence->faults < evidence->max_findings)
        evidence->findings[evidence->faults] = *fault;
    evidence->faults++;
    if (breaks_trust(fault))
        atomic_store(&run->distrust, 1);
    if (ends_the_run(kind) || evidence->faults >= evidence->max_findings)
        atomic_store(&run->stop, 1);
    pthread_mutex_unlock(&run->lock);
}

void stress_let_go(struct stress_session *session)
{
    struct stress_run *run = session->worker->run;
    if (!atomic_load(&run->distrust)) {
        bs_session_close(session->session);
    } else {
        pthread_mutex_lock(&run->lock);
        session->session->next_abandoned = run->kept;
        run->kept = session->session;
        pthread_mutex_unlock(&run->lock);
    }
    session->session = NULL;
}
