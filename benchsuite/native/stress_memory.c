/* Resident memory: what every request, or every session, leaves behind. Our own memory is there before the run begins,
 * and what is touched of it later is known, page by page; libraries take some early and little later. So a leak is what
 * has grown by much, and steadily: in each third of the time since the beginning settled, as requests and sessions did.
 * A cache that fills up slowly may look so for a while: little a request counts only when it has come to very much. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "stress_parts.h"

enum {
    THIRDS = 3,
    LEAST_LOOKS = 12,
    MUCH = 4 << 20, /* bytes */
    VERY_MUCH = 64 << 20,
    LITTLE = 16, /* bytes a request */
    TRIES = 5,
    FEW = 20, /* requests, or sessions */
    MUCH_LESS = 10,
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS_WHAT_IS_FREED 1 /* a sanitizer does, by design */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define KEEPS_WHAT_IS_FREED 1
#endif
#endif
#ifndef KEEPS_WHAT_IS_FREED
#define KEEPS_WHAT_IS_FREED 0
#endif

/* Without huge pages: of such a one all is resident when a byte is touched, or some time later. */
void stress_memory_open(struct stress_memory *memory)
{
    memory->file = KEEPS_WHAT_IS_FREED ? -1 : open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    memory->stride = 1;
    memory->huge_were_off = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

void stress_memory_close(struct stress_memory *memory)
{
    if (memory->file >= 0)
        close(memory->file);
    memory->file = -1;
    if (memory->huge_were_off == 0)
        prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

/* Of no file: pages of libraries come as their code is first needed. */
static int anonymous(const struct stress_memory *memory, double *bytes)
{
    char line[128];
    ssize_t length = pread(memory->file, line, sizeof line - 1, 0);
    unsigned long long resident, shared;
    if (length <= 0)
        return 0;
    line[length] = '\0';
    if (sscanf(line, "%*u %llu %llu", &resident, &shared) != 2 || shared > resident)
        return 0;
    *bytes = (double)(resident - shared) * (double)sysconf(_SC_PAGESIZE);
    return 1;
}

static double ours(const struct stress_run *run)
{
    double bytes = 0;
    for (uint32_t w = 0; w < run->load.workers; w++)
        bytes += (double)bs_count_read(&run->workers[w].touched);
    return bytes;
}

/* ---- the trend ---- */

/* Bytes for a request and for a session, by least squares over what lies between two looks. One cause that tells
 * nearly all is the cause. */
struct trend {
    double rr, rs, ss, rb, sb, bb;
    double per_request, per_session;
};

static void add(struct trend *t, const struct stress_look *a, const struct stress_look *b)
{
    double requests = b->requests - a->requests, sessions = b->sessions - a->sessions,
           bytes = b->bytes - a->bytes;
    t->rr += requests * requests;
    t->rs += requests * sessions;
    t->ss += sessions * sessions;
    t->rb += requests * bytes;
    t->sb += sessions * bytes;
    t->bb += bytes * bytes;
}

/* What is left of the squares when so much is told. */
static double untold(const struct trend *t, double per_request, double per_session)
{
    return t->bb - 2 * per_request * t->rb - 2 * per_session * t->sb + per_request * per_request * t->rr +
           2 * per_request * per_session * t->rs + per_session * per_session * t->ss;
}

static void solve(struct trend *t)
{
    double square = t->rr * t->ss - t->rs * t->rs;
    double request = t->rr > 0 ? t->rb / t->rr : 0, session = t->ss > 0 ? t->sb / t->ss : 0;
    double by_request = untold(t, request, 0), by_session = untold(t, 0, session);
    int sessions_do = by_session < by_request;
    double least = sessions_do ? by_session : by_request;
    t->per_request = sessions_do ? 0 : request;
    t->per_session = sessions_do ? session : 0;
    if (square <= 1e-6 * t->rr * t->ss)
        return;
    request = (t->rb * t->ss - t->sb * t->rs) / square;
    session = (t->sb * t->rr - t->rb * t->rs) / square;
    if (request > 0 && session > 0 && untold(t, request, session) * MUCH_LESS < least) {
        t->per_request = request;
        t->per_session = session;
    }
}

static double explained(const struct trend *t, const struct stress_look *a, const struct stress_look *b)
{
    return t->per_request * (b->requests - a->requests) + t->per_session * (b->sessions - a->sessions);
}

/* In each third the memory has grown by about as much as the trend says. */
static int steady(const struct stress_look *looks, uint32_t count, const struct trend *trend)
{
    for (uint32_t i = 0; i < THIRDS; i++) {
        const struct stress_look *from = &looks[i * (count - 1) / THIRDS],
                                 *to = &looks[(i + 1) * (count - 1) / THIRDS];
        double grown = to->bytes - from->bytes, wanted = explained(trend, from, to);
        if (grown < wanted / 2 || grown > wanted * 2)
            return 0;
    }
    return 1;
}

static int is_little(const struct trend *trend, double grown)
{
    return trend->per_session <= 0 && trend->per_request < LITTLE && grown < VERY_MUCH;
}

static void say(bs_finding *fault, const struct trend *trend, const struct stress_look *from,
                const struct stress_look *to)
{
    double requests = to->requests - from->requests, sessions = to->sessions - from->sessions;
    char each[80];
    if (trend->per_session <= 0)
        snprintf(each, sizeof each, "%.0f bytes a request", trend->per_request);
    else if (trend->per_request <= 0)
        snprintf(each, sizeof each, "%.0f bytes a session", trend->per_session);
    else
        snprintf(each, sizeof each, "%.0f bytes a request and %.0f a session", trend->per_request,
                 trend->per_session);
    bs_say(fault->text, sizeof fault->text, 0,
           "about %s: %.1f MB more are resident after %.0f requests and %.0f sessions", each,
           (to->bytes - from->bytes) / 1e6, requests, sessions);
}

static void judge(struct stress_run *run)
{
    struct stress_memory *memory = &run->memory;
    uint32_t settled = memory->count / 4, count = memory->count - settled;
    const struct stress_look *looks = &memory->looks[settled], *last = &looks[count - 1];
    struct trend trend = {0};
    bs_finding fault = {0};
    double grown = last->bytes - looks[0].bytes;
    if (memory->told || count < LEAST_LOOKS || grown < MUCH)
        return;
    for (uint32_t i = 1; i < count; i++)
        add(&trend, &looks[i - 1], &looks[i]);
    solve(&trend);
    if (is_little(&trend, grown) || !steady(looks, count, &trend))
        return;
    memory->told = 1;
    say(&fault, &trend, &looks[0], last);
    stress_report_run(run, BS_FOUND_MEMORY, &fault);
}

/* ---- a look ---- */

/* The others go on meanwhile: once more, if they did much. */
static int look_at(const struct stress_run *run, struct stress_look *look)
{
    for (int i = 0; i < TRIES; i++) {
        double requests = (double)stress_requests(run), sessions = (double)stress_sessions(run);
        if (!anonymous(&run->memory, &look->bytes))
            return 0;
        look->bytes -= ours(run);
        look->requests = (double)stress_requests(run);
        look->sessions = (double)stress_sessions(run);
        if (look->requests - requests < FEW && look->sessions - sessions < FEW)
            break;
    }
    return 1;
}

/* When there is no more room, every second one is forgotten. */
static void thin_out(struct stress_memory *memory)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < memory->count; i += 2)
        memory->looks[kept++] = memory->looks[i];
    memory->count = kept;
    memory->stride *= 2;
}

void stress_memory_look(struct stress_run *run)
{
    struct stress_memory *memory = &run->memory;
    struct stress_look look;
    if (memory->file < 0 || ++memory->skipped < memory->stride || !look_at(run, &look))
        return;
    memory->skipped = 0;
    if (memory->count == STRESS_MOST_LOOKS)
        thin_out(memory);
    memory->looks[memory->count++] = look;
    judge(run);
}

uint64_t stress_memory_growth(const struct stress_memory *memory)
{
    if (memory->count < 2)
        return 0;
    uint32_t settled = memory->count / 4;
    double grown = memory->looks[memory->count - 1].bytes - memory->looks[settled].bytes;
    return grown > 0 ? (uint64_t)grown : 0;
}
