/* Bugs of queues and completions: interrupts, doorbells, BUSY, and who gets what back when. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"

/* ---- interrupts and doorbells ---- */

static int lose_interrupt(void)
{
    static unsigned interrupts;
    return ++interrupts % 3000 != 0;
}

/* The interrupt of one session's queue, not that of all: the next request of the same session cures it. */
static int lose_queue_interrupt(struct job *job)
{
    static unsigned finished;
    static struct jobs unseen;
    struct session *s = job->session;
    struct jobs others = {NULL, NULL};
    struct job *earlier;
    int lost = ++finished % 1000 == 0;
    while ((earlier = zoo_pop(&unseen)))
        if (earlier->session == s)
            zoo_finish(earlier);
        else
            zoo_push(&others, earlier);
    unseen = others;
    if (!lost)
        return NOTHING;
    job->request->status = job->work.status;
    zoo_push(&unseen, job);
    return 0;
}

/* Asleep after 15 ms without work, the device does not hear the first doorbell: the next one cures it. */
static int deaf_after_a_pause(struct session *s, bs_request *r, unsigned hints)
{
    static struct session *unheard;
    uint64_t now = bs_now_ns();
    (void)r, (void)hints;
    if (unheard) {
        for (struct session *open = zoo_device.sessions; open; open = open->next)
            if (open == unheard)
                zoo_submit_held(open);
        unheard = NULL;
    } else if (zoo_device.used == 0 && now - zoo_device.idle_since_ns > 15000000 && s->unused) {
        struct job *job = zoo_job(s);
        job->request = r;
        job->in_ring = 1;
        zoo_device.used++;
        zoo_push(&s->held, job);
        unheard = s;
        return BS_QUEUED;
    }
    return NOTHING;
}

static void strand_held(struct session *s)
{
    (void)s;
}

static void drop_burst(struct session *s)
{
    s->held = (struct jobs){NULL, NULL};
}

/* A burst longer than the doorbell's counter goes in part. */
static unsigned held_by(const struct session *s)
{
    unsigned n = 0;
    for (const struct job *job = s->held.first; job; job = job->next)
        n++;
    return n;
}

static void burst_of_16(struct job *job)
{
    if (held_by(job->session) == 16)
        zoo_pop(&job->session->held);
}

static void burst_of_8(struct job *job)
{
    if (held_by(job->session) == 8)
        zoo_pop(&job->session->held);
}

/* BUSY is said of a request that has been taken all the same. */
static int busy_but_taken(struct session *s, bs_request *r, unsigned hints)
{
    static unsigned taken;
    struct job *job;
    (void)hints;
    if (++taken % 2000 || zoo_device.used >= RING || !(job = zoo_job(s)))
        return NOTHING;
    job->request = r;
    job->in_ring = 1;
    zoo_device.used++;
    zoo_push(&s->held, job);
    zoo_submit_held(s);
    return BS_BUSY;
}

/* After the 50th time BUSY it is BUSY for good. */
static int busy_for_ever(struct session *s, bs_request *r, unsigned hints)
{
    static unsigned refused;
    (void)r, (void)hints;
    refused += zoo_device.used >= RING;
    if (refused < 50)
        return NOTHING;
    zoo_submit_held(s);
    return BS_BUSY;
}

/* Full to its last entry, the ring's head is its tail: the oldest entry that waits is forgotten. */
static void forget_oldest_when_full(struct job *job)
{
    (void)job;
    if (zoo_device.used == RING)
        zoo_pop(&zoo_device.queue);
}

/* 16-bit numbers of requests; number 0 means that there is none. */
static int number_zero(struct job *job)
{
    static uint16_t number;
    (void)job;
    return ++number == 0 ? 0 : NOTHING;
}

enum { RACE_NS = 10000 };

/* Two threads that come at the same time: both write the same entry. */
static int race_of_two(struct session *s, bs_request *r, unsigned hints)
{
    static pthread_t last;
    static uint64_t last_ns;
    uint64_t now = bs_now_ns();
    int raced = !pthread_equal(last, pthread_self()) && now - last_ns < RACE_NS;
    (void)hints;
    last = pthread_self();
    last_ns = now;
    if (!raced || !s->unused || zoo_device.used == RING)
        return NOTHING;
    struct job *job = zoo_job(s); /* its entry has been overwritten */
    job->request = r;
    return BS_QUEUED;
}

/* ---- who gets what back ---- */

static struct job *copy_of(struct job *job)
{
    struct job *again = zoo_job(job->session);
    if (again)
        again->request = job->request;
    return again;
}

static int twice(struct job *job)
{
    static unsigned finished;
    struct job *again = ++finished % 2000 == 0 ? copy_of(job) : NULL;
    if (!again)
        return NOTHING;
    again->work = job->work;
    zoo_finish(job);
    zoo_finish(again);
    return 0;
}

/* The completion ring's entry of the session that came last gets this session's request. */
static int to_a_stranger(struct job *job)
{
    static unsigned finished;
    struct session *other = zoo_device.sessions;
    if (++finished % 1500 || other == job->session || !other->bug)
        return NOTHING;
    job->request->status = job->work.status;
    zoo_push(&other->hidden, job);
    return 0;
}

/* The engine has begun with the next input before the last output is away. */
static int input_of_next(struct job *job)
{
    static unsigned finished;
    const struct job *next = zoo_device.queue.first;
    uint32_t size = job->work.size < 16 ? job->work.size : 16;
    if (!zoo_is_hash(job->session) && next && next->request->size >= size && ++finished % 100 == 0)
        memcpy(job->work.dst, next->request->src, size);
    return NOTHING;
}

/* One overtakes the other: of small ones behind large ones, as with two engines. */
static struct job *overtaken;

static int out_of_order(struct job *job)
{
    static unsigned finished;
    struct job *first = overtaken;
    struct job *next = zoo_device.queue.first;
    if (!first && ++finished % 300 == 0 && next && next->session == job->session) {
        overtaken = job;
        return 0;
    }
    overtaken = NULL;
    if (first) {
        zoo_finish(job);
        zoo_finish(first);
        return 0;
    }
    return NOTHING;
}

/* Done is said before the last bytes have left the device: they arrive 200 us later. */
struct late {
    uint8_t *to, byte[1];
};

static void *arrive(void *argument)
{
    struct late *late = argument;
    usleep(200);
    *(volatile uint8_t *)late->to = late->byte[0];
    free(late);
    return NULL;
}

static void arrives_later(uint8_t *at)
{
    struct late *late = malloc(sizeof *late);
    pthread_t thread;
    if (!late)
        return;
    late->to = at;
    late->byte[0] = *at;
    *at ^= 0x11;
    if (pthread_create(&thread, NULL, arrive, late) == 0) {
        pthread_detach(thread);
    } else {
        *at ^= 0x11;
        free(late);
    }
}

static void written_late(struct job *job)
{
    static unsigned finished;
    if (!zoo_is_hash(job->session) && job->work.size > 512 && ++finished % 40 == 0)
        arrives_later(job->work.dst + job->work.size - 1);
}

static void tag_late(struct job *job)
{
    static unsigned finished;
    if (job->session->params.tag_len && job->session->params.op == BS_ENCRYPT && ++finished % 40 == 0)
        arrives_later(job->work.tag);
}

/* What a request leaves in its bounce buffer is copied once more after it has come back. */
static void *copy_again(void *argument)
{
    struct late *late = argument;
    usleep(500);
    *(volatile uint8_t *)late->to = late->byte[0];
    free(late);
    return NULL;
}

static void writes_once_more(struct job *job)
{
    static unsigned finished;
    struct late *late;
    pthread_t thread;
    if (zoo_is_hash(job->session) || !job->work.size || ++finished % 60 || !(late = malloc(sizeof *late)))
        return;
    late->to = job->work.dst;
    late->byte[0] = *job->work.dst;
    if (pthread_create(&thread, NULL, copy_again, late) == 0)
        pthread_detach(thread);
    else
        free(late);
}

/* ---- statuses ---- */

static int32_t sticky;

static void forgery_sticks(struct job *job)
{
    static struct session *of;
    int32_t found = job->work.status;
    if (sticky && of == job->session && !found && job->session->params.op == BS_DECRYPT)
        job->work.status = sticky;
    sticky = found;
    of = job->session;
}

/* An error is written to the entry behind the one that has it. */
static void neighbours_status(struct job *job)
{
    static int32_t before;
    int32_t found = job->work.status;
    if (before)
        job->work.status = before;
    before = found;
}

/* The watchdog looks at the time of submission, also of those that are only waiting. */
static void impatient(struct job *job)
{
    if (bs_now_ns() - job->at_ns > 4000000)
        job->work.status = -ETIMEDOUT;
}

static void no_status(struct job *job)
{
    static unsigned finished;
    if (++finished % 700 == 0)
        job->work.status = job->request->status; /* what the caller left there */
}

/* ---- poll, and the end ---- */

static int polls_more(struct session *s, bs_request **done, int n, unsigned max)
{
    (void)s, (void)done;
    return n > 0 && (unsigned)n == max && max > 2 ? n + 1 : n;
}

static int polls_an_error(struct session *s, bs_request **done, int n, unsigned max)
{
    static unsigned empty;
    (void)s, (void)done, (void)max;
    return n == 0 && ++empty % 500 == 0 ? -EAGAIN : n;
}

/* Only the first of those that are finished is seen when one is asked for; the others are taken for seen. */
static int polls_one(struct session *s, bs_request **done, int n, unsigned max)
{
    struct job *job;
    (void)done;
    while (n == 1 && max == 1 && (job = zoo_pop(&s->finished)))
        zoo_give_back(job);
    return n;
}

/* Who polls from another thread than the one that submitted marks all as seen, and gets none. */
static int polls_beside(struct session *s, bs_request **done, int n, unsigned max)
{
    static unsigned beside;
    (void)done, (void)max;
    return n > 0 && s->submitter_known && !pthread_equal(s->submitter, pthread_self()) && ++beside % 200 == 0
               ? 0
               : n;
}

static void note_submitter(struct job *job)
{
    job->session->submitter = job->thread;
    job->session->submitter_known = 1;
}

/* The end of one session flushes the ring, and what others have in it goes, too. */
static void flush_ring(struct session *closing)
{
    (void)closing;
    zoo_device.queue = (struct jobs){NULL, NULL};
}

/* Closing waits for the engine, and forgets the interrupt of those that came in the meantime. */
static void forget_interrupts(struct session *closing)
{
    for (struct session *s = zoo_device.sessions; s; s = s->next)
        if (s != closing)
            s->hidden = (struct jobs){NULL, NULL};
}

static int hang(struct job *job)
{
    (void)job;
    return zoo_device.requests > 20000 ? 0 : NOTHING;
}

const struct bug zoo_completion_bugs[] = {
    {.name = "lost-interrupt", .interrupts = lose_interrupt},
    {.name = "lost-queue-interrupt", .completes = lose_queue_interrupt},
    {.name = "deaf-after-a-pause", .takes = deaf_after_a_pause},
    {.name = "busy-strands-held", .refuses = strand_held},
    {.name = "busy-drops-burst", .refuses = drop_burst},
    {.name = "burst-of-8", .taken = burst_of_8},
    {.name = "burst-of-16", .taken = burst_of_16},
    {.name = "busy-but-taken", .takes = busy_but_taken},
    {.name = "busy-for-ever", .takes = busy_for_ever},
    {.name = "full-ring-forgets", .taken = forget_oldest_when_full},
    {.name = "number-zero-lost", .completes = number_zero},
    {.name = "two-at-the-doorbell", .takes = race_of_two},
    {.name = "twice", .completes = twice},
    {.name = "to-a-stranger", .completes = to_a_stranger},
    {.name = "input-of-the-next", .completes = input_of_next},
    {.name = "out-of-order", .completes = out_of_order},
    {.name = "text-late", .after = written_late},
    {.name = "tag-late", .after = tag_late},
    {.name = "writes-once-more", .after = writes_once_more},
    {.name = "forgery-sticks", .after = forgery_sticks},
    {.name = "status-of-neighbour", .after = neighbours_status},
    {.name = "impatient-watchdog", .after = impatient},
    {.name = "no-status", .after = no_status},
    {.name = "polls-more", .polls = polls_more},
    {.name = "polls-an-error", .polls = polls_an_error},
    {.name = "polls-one-of-many", .polls = polls_one},
    {.name = "polls-beside", .taken = note_submitter, .polls = polls_beside},
    {.name = "close-flushes-ring", .closes = flush_ring},
    {.name = "close-forgets-interrupts", .closes = forget_interrupts},
    {.name = "hangs", .completes = hang},
    {.name = NULL},
};
