/* The trial of a way, with a device that is played. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "drivers/shared/trial.h"

enum { DEPTH = 8, SIZE = 1000 };

static struct {
    unsigned room, held, most, lose; /* lose: that request, counted from 1, never comes back */
    unsigned seen, last_hints;
    int32_t status;
    bs_request *requests[DEPTH];
    bs_request *lost; /* still belongs to the device */
} device;

static enum bs_outcome hold(void *session, bs_request *request, unsigned hints)
{
    CHECK(session == &device && request->size == SIZE && request->src == request->dst);
    CHECK(request->tag == request->dst + SIZE && request->aad_len == 13 && request->aad + 13 == request->src);
    CHECK((uintptr_t)request->src % 4096 == 0);
    device.last_hints = hints;
    if (device.held == device.room)
        return BS_BUSY;
    if (++device.seen == device.lose)
        device.lost = request;
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

static int poll_device(void *session, bs_request **done, unsigned max, uint64_t wait_ns)
{
    (void)session, (void)wait_ns;
    CHECK(max >= DEPTH);
    if (device.room >= DEPTH && !device.lose)
        CHECK(!device.last_hints); /* nothing is held back when it is waited for */
    unsigned n = device.held;
    for (unsigned i = 0; i < n; i++) {
        done[i] = device.requests[i];
        done[i]->status = device.status;
    }
    device.held = 0;
    return (int)n;
}

static const bs_params params = {.depth = DEPTH, .aad_len = 13, .tag_len = 16};

static double pace(bs_process *process, unsigned room, unsigned lose, int32_t status)
{
    struct trial trial;
    CHECK(trial_open(&trial, &params, SIZE) == 0 && trial.count == DEPTH);
    device.room = room, device.lose = lose, device.status = status;
    device.held = device.seen = device.most = 0;
    double found = trial_pace(&trial, &(struct trial_way){&device, process, poll_device});
    CHECK(trial.lost == (found == -ETIMEDOUT));
    trial_close(&trial);
    memset(&trial, 0x5a, sizeof trial); /* as others use the stack when the trial is over */
    return found;
}

/* *pause: what a request takes, ns, asleep; below 0: its status. */
static int perform(void *pause, bs_request *request)
{
    long ns = *(long *)pause;
    if (ns > 0)
        nanosleep(&(struct timespec){0, ns}, NULL);
    return request->size != SIZE ? -EINVAL : ns < 0 ? (int)ns : 0;
}

static int sleeps(long pause)
{
    struct trial trial;
    CHECK(trial_open(&trial, &params, SIZE) == 0);
    int found = trial_sleeps(&trial, perform, &pause);
    trial_close(&trial);
    return found;
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
    device.lost->status = -EIO; /* the device may come back to the request, and to its memory */
    CHECK(device.lost->size == SIZE && *device.lost->iv == 4);

    CHECK(sleeps(0) == 0);
    CHECK(sleeps(1000000) == 1);
    CHECK(sleeps(-EIO) == -EIO);
    puts("trial: ok");
    return 0;
}
