/* What a session of /dev/crypto shows of itself in a trial, with a device that is played. */
#include <errno.h>
#include <time.h>

#include "check.h"
#include "drivers/cryptodev/cryptodev.h"

enum { DEPTH = 8 };

static struct {
    unsigned room, held, most, lose; /* lose: that request, counted from 1, never comes back */
    unsigned seen;
    int32_t status;
    bs_request *requests[DEPTH];
    const uint8_t *lost; /* what still belongs to the device */
} device;

static enum bs_outcome hold(void *session, bs_request *request, unsigned hints)
{
    (void)session, (void)hints;
    CHECK(request->size == 1000 && request->src == request->dst &&
          request->tag == request->dst + request->size);
    CHECK((uintptr_t)request->src % 4096 == 0);
    if (device.held == device.room)
        return BS_BUSY;
    if (++device.seen == device.lose)
        device.lost = request->iv;
    else
        device.requests[device.held++] = request;
    device.most = device.most > device.held ? device.most : device.held;
    return BS_QUEUED;
}

static enum bs_outcome at_once(void *session, bs_request *request, unsigned hints)
{
    (void)session, (void)hints;
    request->status = device.status;
    return BS_COMPLETED;
}

int cryptodev_poll(void *session, bs_request **done, unsigned max, uint64_t wait_ns)
{
    (void)session, (void)wait_ns;
    CHECK(max >= DEPTH);
    unsigned n = device.held;
    for (unsigned i = 0; i < n; i++) {
        done[i] = device.requests[i];
        done[i]->status = device.status;
    }
    device.held = 0;
    return (int)n;
}

static int perform(struct cryptodev_session *session, const struct cryptodev_line *line, bs_request *request)
{
    (void)line;
    if (session->alignmask) /* here: what a request takes, ns */
        nanosleep(&(struct timespec){0, session->alignmask}, NULL);
    return request->size == 1000 ? 0 : -EINVAL;
}

static const bs_params params = {.max_size = 1000, .depth = DEPTH, .aad_len = 13};

static double pace(bs_process *process, unsigned room, unsigned lose, int32_t status)
{
    struct cryptodev_session session = {.process = process, .ring = lose ? (void *)&device : NULL};
    device.room = room, device.lose = lose, device.status = status;
    device.held = device.seen = device.most = 0;
    return cryptodev_pace(&session, &params);
}

int main(void)
{
    CHECK(pace(at_once, 0, 0, 0) > 0);
    CHECK(pace(hold, DEPTH, 0, 0) > 0 && device.most == DEPTH);
    CHECK(pace(hold, 3, 0, 0) > 0 && device.most == 3); /* a device that is busy is offered the rest again */
    CHECK(pace(hold, DEPTH, 0, -EBADMSG) > 0);          /* the work was done all the same */
    CHECK((int)pace(hold, DEPTH, 0, -EIO) == -EIO);
    CHECK((int)pace(at_once, 0, 0, -EIO) == -EIO);
    CHECK((int)pace(hold, DEPTH, 5, 0) == -ETIMEDOUT && device.lost);

    struct cryptodev_session session = {.perform = perform};
    CHECK(cryptodev_sleeps(&session, &params) == 0);
    session.alignmask = 1000000;
    CHECK(cryptodev_sleeps(&session, &params) == 1);
    session.alignmask = 0;
    session.in_user_space = 1;
    CHECK(cryptodev_sleeps(&session, &params) == 1);
    return 0;
}
