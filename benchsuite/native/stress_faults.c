/* What the stress run has found wrong, and what follows: when it ends, and whether the driver may be trusted with
 * memory that is freed. */
#include "evidence.h"
#include "stress_parts.h"

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
    if (slot)
        known_slot_describe(slot, run->traffic, run->traffics, fault);
}

void stress_report(struct stress_session *session, struct known_slot *slot, int kind, bs_finding *fault)
{
    struct stress_run *run = session->worker->run;
    describe(session, slot, kind, fault);
    pthread_mutex_lock(&run->lock);
    evidence_found(run->evidence, fault);
    if (breaks_trust(fault))
        atomic_store(&run->distrust, 1);
    if (ends_the_run(kind) || run->evidence->faults >= run->evidence->max_findings)
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
