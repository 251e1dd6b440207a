/* What the stress run has found wrong, and what follows: when it ends, and whether the driver may be trusted with
 * memory that is freed. */
#include "evidence.h"
#include "stress_parts.h"

enum { ENOUGH = 400 }; /* faults: more show no more of a pattern */

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

static void describe(const struct stress_session *session, const struct known_slot *slot, int kind,
                     bs_finding *fault)
{
    const struct stress_run *run = session->worker->run;
    fault->kind = kind;
    fault->worker = (int32_t)session->worker->index;
    fault->session = (int32_t)session->index;
    fault->outstanding = atomic_load(&session->outstanding);
    fault->depth = session->depth;
    fault->traffic = fault->known = fault->other_traffic = fault->other_known = -1;
    fault->previous = fault->before_traffic = fault->before_known = -1;
    if (!slot)
        return;
    known_slot_describe(slot, run->traffic, run->traffics, fault);
    fault->previous = slot->previous;
    fault->before_traffic = slot->before_traffic;
    fault->before_known = slot->before_known;
}

static void keep(struct stress_run *run, bs_finding *fault)
{
    pthread_mutex_lock(&run->lock);
    evidence_found(run->evidence, fault);
    run->faults++;
    if (run->faults == 1) {
        atomic_store(&run->found_ms, stress_in_ms(bs_now_ns()));
        atomic_store(&run->found, 1);
    }
    if (breaks_trust(fault))
        atomic_store(&run->distrust, 1);
    if (breaks_trust(fault) || ends_the_run(fault->kind) || run->faults >= ENOUGH)
        atomic_store(&run->stop, 1);
    pthread_mutex_unlock(&run->lock);
}

void stress_report(struct stress_session *session, struct known_slot *slot, int kind, bs_finding *fault)
{
    describe(session, slot, kind, fault);
    keep(session->worker->run, fault);
}

void stress_report_run(struct stress_run *run, int kind, bs_finding *fault)
{
    fault->kind = kind;
    fault->worker = fault->session = fault->traffic = fault->known = -1;
    fault->other_traffic = fault->other_known = -1;
    fault->previous = fault->before_traffic = fault->before_known = -1;
    keep(run, fault);
}

void stress_note(struct stress_session *session, const struct known_slot *slot, int wrong)
{
    struct stress_worker *worker = session->worker;
    struct stress_run *run = worker->run;
    uint64_t before = bs_count_add(&worker->requests, 1) * run->load.workers;
    uint64_t random = run->load.seed ^ before << 8 ^
                      worker->index; /* draws that have no part in the traffic */
    bs_count_note(&worker->bytes, slot->known->size);
    if (slot->known->status)
        bs_count_note(&worker->refused_rightly, 1);
    if (!wrong && !evidence_wants(run->evidence, before, &random))
        return;
    bs_sample sample = known_slot_sample(slot, run->traffic);
    sample.outstanding = atomic_load(&session->outstanding);
    sample.wrong = (uint8_t)wrong;
    pthread_mutex_lock(&run->lock);
    evidence_sample(run->evidence, &sample, &random);
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
