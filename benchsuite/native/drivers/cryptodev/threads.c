/* Requests outstanding through threads: a line for each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "cpus.h"
#include "cryptodev.h"

enum {
    MOST_CALLERS = 256,
    PAUSE_NS = 50000, /* before a busy device is asked again */
};

static const uint64_t PATIENCE_NS = 2000000000; /* with a device that stays busy */

static void serve(void *session, unsigned caller, bs_request *const *requests, unsigned n)
{
    struct cryptodev_session *s = session;
    uint64_t until = bs_now_ns() + PATIENCE_NS;
    int status;
    (void)n; /* a group is one request */
    while ((status = s->perform(s, &s->lines[caller], requests[0])) == CRYPTODEV_REFUSED) {
        bs_count_note(&s->refused, 1);
        if (bs_now_ns() > until) {
            status = -EBUSY;
            break;
        }
        nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
    requests[0]->status = status;
}

/* As many as can be of use: requests that sleep in the kernel need a thread each, those that keep a CPU
 * busy only as many as there are CPUs, of which the polling thread has one. */
static struct callers_plan plan(const struct cryptodev_session *s, unsigned depth)
{
    unsigned cpus = bs_usable_cpus();
    if (s->sleeps)
        return (struct callers_plan){.threads = depth < MOST_CALLERS ? depth : MOST_CALLERS, .group = 1};
    return (struct callers_plan){
        .threads = (depth < cpus ? depth : cpus) - 1, .group = 1, .poller_serves = 1};
}

int cryptodev_threads_open(struct cryptodev_session *s, struct cryptodev_asked *asked)
{
    struct callers_plan wanted = plan(s, asked->params->depth);
    unsigned lines = wanted.threads + (wanted.poller_serves != 0);
    int error = 0;
    s->lines = calloc(lines, sizeof *s->lines);
    if (!s->lines)
        return bs_say(asked->text, asked->text_size, -ENOMEM, "out of memory");
    while (s->line_count < lines && !error) {
        error = cryptodev_line_open(asked, &s->lines[s->line_count]);
        s->line_count += !error;
    }
    if (error)
        return error;
    error = callers_open(&s->callers, &wanted, serve, s);
    if (error)
        bs_say(asked->text, asked->text_size, error, "%u threads cannot be started: %s", wanted.threads,
               strerror(-error));
    return error;
}
