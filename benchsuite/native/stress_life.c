/* How long a session is to live, what it is like, and its opening. */
#include <errno.h>

#include "stress_parts.h"

enum {
    MOST_BRIEF = 4, /* requests of a brief session */
    LIVES = 4,      /* so many in a run that ends by the clock, where requests are slow, */
    WORTH = 20,     /* but a session lives so many times as long as it took to open */
    EIGHTH = 8,     /* one session in so many lives for the whole run */
};

/* Of a session whose opening began then. Drawn in any case: a load that ends by requests goes by counts alone. */
static uint64_t latest_end(struct stress_worker *worker, uint64_t begin_ns)
{
    uint64_t now = bs_now_ns(), share = worker->run->load.time_ns / LIVES;
    uint64_t life = share / 2 + bs_random(&worker->random) % (share + 1);
    uint64_t worth = (now - begin_ns) * WORTH;
    return worker->run->load.requests ? UINT64_MAX : now + (life > worth ? life : worth);
}

/* The first ones of a worker live as long as the run. An only one does so until half of it is over. */
int stress_is_to_live(const struct stress_session *session)
{
    struct stress_run *run = session->worker->run;
    if (session->traffic->params->chained || session->index * EIGHTH >= run->load.sessions)
        return 0;
    return run->load.sessions > 1 || !run->load.churn || !stress_past_half(run);
}

static uint32_t some_depth(struct stress_session *session)
{
    uint64_t *random = &session->worker->random;
    uint32_t most = session->worker->run->load.q_len, whole = bs_below(random, 2);
    uint32_t some = 1 + bs_below(random, most);
    return session->traffic->params->chained ? 1 : whole ? most : some;
}

/* Requests until it makes room. */
static uint64_t some_life(const struct stress_session *session)
{
    struct stress_worker *worker = session->worker;
    uint32_t churn = worker->run->load.churn;
    uint64_t life = churn ? 1 + bs_below(&worker->random, 2 * churn - 1) : UINT64_MAX;
    if (worker->brief)
        life = 1 + life % MOST_BRIEF;
    return session->lives ? UINT64_MAX : life;
}

/* Everything that is drawn, one after another. */
static void draw_life(struct stress_session *session)
{
    uint64_t *random = &session->worker->random;
    static const uint32_t bursts[] = {1, 8, 8, 32};
    session->depth = some_depth(session);
    session->lives = stress_is_to_live(session);
    session->left = some_life(session);
    session->patient = (int)bs_below(random, 2);
    session->burst = bursts[bs_below(random, 4)];
}

int stress_session_open(struct stress_session *session, char *text, size_t text_size)
{
    struct stress_worker *worker = session->worker;
    const bs_stress_load *load = &worker->run->load;
    bs_params params = *session->traffic->params;
    draw_life(session);
    params.depth = session->depth;
    session->draining = session->flushing = 0;
    session->held = session->position = 0;
    session->previous = -1;
    session->busy_since = session->next_number = session->last_number = 0;
    for (uint32_t i = 0; i < load->q_len; i++)
        session->slots[i].known = NULL;
    uint32_t flags = worker->run->driver->flags;
    int polled = !(flags & BS_FLAG_SYNC || (flags & BS_FLAG_SYNC_ALONE && session->depth == 1));
    uint64_t begin = bs_now_ns();
    bs_session *opened = bs_session_open(worker->run->driver->name, &params, text, text_size);
    session->until_ns = load->churn ? latest_end(worker, begin) : UINT64_MAX;
    pthread_mutex_lock(&session->polling);
    session->session = opened;
    session->polled = polled;
    pthread_mutex_unlock(&session->polling);
    bs_count_note(&worker->opened, opened != NULL);
    return opened ? 0 : -EINVAL;
}
