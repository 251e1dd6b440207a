/* The pool of callers (drivers/shared/callers.h): every request comes back exactly once, from as many calls at
 * a time as there are callers, and nothing is left behind. */
#include "check.h"
#include "drivers/shared/callers.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { CALLERS = 16, REQUESTS = 40, SOME = 7 };

static const uint64_t LONG_NS = 20000000000; /* nothing here takes so long */

static void pause_ns(long ns)
{
    nanosleep(&(struct timespec){0, ns}, NULL);
}

/* ---- work that adds to a request, and to what its caller alone may touch ---- */

struct tally {
    unsigned last_caller, group;
    unsigned long by_caller[CALLERS + 1]; /* not atomic: TSan says if two callers have one number */
};

static void add_one(void *context, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct tally *tally = context;
    CHECK(caller <= tally->last_caller && n >= 1 && n <= tally->group);
    tally->by_caller[caller] += n;
    for (unsigned i = 0; i < n; i++) {
        requests[i]->size++;
        requests[i]->status = (int32_t)requests[i]->size;
    }
}

/* A closed loop of `outstanding` requests, from one thread. */
static void closed_loop(struct callers_plan plan, unsigned outstanding, unsigned rounds)
{
    struct tally tally = {.last_caller = plan.threads - !plan.poller_serves, .group = plan.group};
    struct callers *pool;
    bs_request requests[REQUESTS] = {{0}}, *done[SOME];
    unsigned long submitted = 0, returned = 0, by_callers = 0;

    CHECK(callers_open(&pool, &plan, add_one, &tally) == 0);
    for (unsigned i = 0; i < outstanding; i++, submitted++)
        callers_submit(pool, &requests[i]);
    while (returned < submitted) {
        int n = callers_poll(pool, done, SOME, LONG_NS);
        CHECK(n >= 1 && n <= SOME);
        for (int i = 0; i < n; i++, returned++) {
            CHECK(done[i]->status == (int32_t)done[i]->size);
            if (done[i]->size < rounds) {
                callers_submit(pool, done[i]);
                submitted++;
            }
        }
    }
    CHECK(callers_poll(pool, done, SOME, 0) == 0);
    CHECK(callers_most(pool) >= 1 && callers_most(pool) <= plan.threads + (plan.poller_serves != 0));
    CHECK(callers_close(pool) == 0);
    for (unsigned i = 0; i < outstanding; i++)
        CHECK(requests[i].size == rounds);
    for (unsigned i = 0; i <= CALLERS; i++)
        by_callers += tally.by_caller[i];
    CHECK(by_callers == (unsigned long)outstanding * rounds);
}

/* ---- submit and poll from two threads, as the engine's dispatcher and completion thread do ---- */

struct pair {
    struct callers *pool;
    bs_request requests[REQUESTS];
    _Atomic unsigned returned;
};

static void *collect(void *arg)
{
    struct pair *pair = arg;
    bs_request *done[REQUESTS];

    while (atomic_load(&pair->returned) < REQUESTS) {
        int n = callers_poll(pair->pool, done, REQUESTS, LONG_NS);
        CHECK(n >= 1);
        atomic_fetch_add(&pair->returned, (unsigned)n);
    }
    return NULL;
}

static void two_sides(void)
{
    struct callers_plan plan = {.threads = 3, .group = 4};
    struct tally tally = {.last_caller = 2, .group = 4};
    struct pair pair = {0};
    pthread_t collector;

    CHECK(callers_open(&pair.pool, &plan, add_one, &tally) == 0);
    for (int again = 0; again < 50; again++) {
        atomic_store(&pair.returned, 0);
        CHECK(pthread_create(&collector, NULL, collect, &pair) == 0);
        for (int i = 0; i < REQUESTS; i++)
            callers_submit(pair.pool, &pair.requests[i]);
        CHECK(pthread_join(collector, NULL) == 0);
        CHECK(pair.returned == REQUESTS);
    }
    for (int i = 0; i < REQUESTS; i++)
        CHECK(pair.requests[i].size == 50);
    CHECK(callers_close(pair.pool) == 0);
}

/* ---- overlap: no call returns before all are inside ---- */

struct meeting {
    _Atomic unsigned arrived;
    unsigned expected;
};

static void meet(void *context, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct meeting *meeting = context;
    CHECK(caller < CALLERS && n == 1);
    atomic_fetch_add(&meeting->arrived, 1);
    for (int i = 0; i < 20000 && atomic_load(&meeting->arrived) < meeting->expected; i++)
        pause_ns(1000000);
    requests[0]->status = atomic_load(&meeting->arrived) >= meeting->expected ? 0 : -ETIMEDOUT;
}

static void all_inside_at_once(void)
{
    struct meeting meeting = {0, CALLERS};
    struct callers *pool;
    bs_request requests[CALLERS] = {{0}}, *done[CALLERS];

    CHECK(callers_open(&pool, &(struct callers_plan){.threads = CALLERS, .group = 1}, meet, &meeting) == 0);
    for (int again = 0; again < 10; again++) {
        unsigned returned = 0;
        atomic_store(&meeting.arrived, 0);
        if (again % 2)
            pause_ns(3000000); /* all asleep, or some still looking */
        for (int i = 0; i < CALLERS; i++)
            callers_submit(pool, &requests[i]);
        while (returned < CALLERS) {
            int n = callers_poll(pool, done, CALLERS, LONG_NS);
            CHECK(n >= 1);
            for (int i = 0; i < n; i++)
                CHECK(done[i]->status == 0);
            returned += (unsigned)n;
        }
    }
    CHECK(callers_most(pool) == CALLERS);
    CHECK(callers_close(pool) == 0);
}

/* ---- a call that does not come back ---- */

struct gate {
    _Atomic int inside, open;
};

static void wait_for_gate(void *context, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct gate *gate = context;
    CHECK(caller < 2 && n == 1);
    atomic_store(&gate->inside, 1);
    while (!atomic_load(&gate->open))
        pause_ns(1000000);
    requests[0]->status = 0;
}

static struct callers *abandoned; /* where a leak checker finds it */

/* Closing says so and does not wait; the call may still come back later. */
static void lost_request(void)
{
    static struct gate gate;
    static bs_request request;
    bs_request *done[1];

    CHECK(callers_open(&abandoned, &(struct callers_plan){.threads = 2, .group = 1}, wait_for_gate, &gate) ==
          0);
    callers_submit(abandoned, &request);
    while (!atomic_load(&gate.inside))
        pause_ns(1000000);
    CHECK(callers_poll(abandoned, done, 1, 1000000) == 0); /* waits no longer than it is told */
    CHECK(callers_close(abandoned) == -EBUSY);
    atomic_store(&gate.open, 1);
    CHECK(callers_poll(abandoned, done, 1, LONG_NS) == 1 && done[0] == &request);
}

/* A request beyond the callers waits in line, and none is forgotten. */
static void in_line(void)
{
    struct gate gate = {0, 0};
    struct callers *pool;
    bs_request requests[3] = {{0}}, *done[3];
    int returned = 0;

    CHECK(callers_open(&pool, &(struct callers_plan){.threads = 1, .group = 1}, wait_for_gate, &gate) == 0);
    for (int i = 0; i < 3; i++)
        callers_submit(pool, &requests[i]);
    CHECK(callers_poll(pool, done, 3, 0) == 0);
    atomic_store(&gate.open, 1);
    while (returned < 3) {
        int n = callers_poll(pool, done + returned, 3, LONG_NS);
        CHECK(n >= 1);
        returned += n;
    }
    CHECK(done[0] == &requests[0] && done[1] == &requests[1] && done[2] == &requests[2]);
    CHECK(callers_most(pool) == 1);
    CHECK(callers_close(pool) == 0);
}

/* Threads are made, never needed, and gone. */
static void nothing_to_do(void)
{
    for (int again = 0; again < 50; again++) {
        struct callers *pool;
        bs_request *done[1];
        CHECK(callers_open(&pool, &(struct callers_plan){.threads = 4, .group = 1}, add_one, NULL) == 0);
        if (again % 2)
            CHECK(callers_poll(pool, done, 1, 100000) == 0);
        CHECK(callers_most(pool) == 0);
        CHECK(callers_close(pool) == 0);
    }
}

int main(void)
{
    static const unsigned groups[] = {1, 4, CALLERS_GROUP_MAX};

    for (int i = 0; i < 3; i++) {
        closed_loop((struct callers_plan){.threads = 1, .group = groups[i]}, 1, 1000);
        closed_loop((struct callers_plan){.threads = 1, .group = groups[i]}, 5, 300);
        closed_loop((struct callers_plan){.threads = CALLERS, .group = groups[i]}, CALLERS, 500);
        closed_loop((struct callers_plan){.threads = CALLERS, .group = groups[i]}, REQUESTS, 200);
    }
    for (int i = 0; i < 2; i++) { /* the poller helps, with others and alone */
        closed_loop((struct callers_plan){.threads = 2, .group = groups[i], .poller_serves = 1}, 16, 500);
        closed_loop((struct callers_plan){.threads = 0, .group = groups[i], .poller_serves = 1}, 16, 500);
    }
    two_sides();
    all_inside_at_once();
    in_line();
    nothing_to_do();
    lost_request();
    return 0;
}
