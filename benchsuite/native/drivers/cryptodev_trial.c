/* Does a request sleep inside the kernel, waiting for a device? The kernel registers drivers as asynchronous
 * that answer at once, so a few requests are performed and the times this thread slept are counted. Of a
 * program in user space it needs no trial, and luck could have it answer before there was time to sleep. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cryptodev.h"

enum {
    TRIALS = 8,
    TRIAL_SIZE = 65536, /* where requests may be larger still; a multiple of every block */
};

static long times_slept(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

int cryptodev_trial(struct cryptodev_session *s, const bs_params *p)
{
    if (s->in_user_space)
        return 1;
    uint32_t size = p->max_size < TRIAL_SIZE ? p->max_size : TRIAL_SIZE;
    uint8_t iv[CRYPTODEV_NONCE] = {0}, *memory = calloc(1, (size_t)p->aad_len + size + CRYPTODEV_MAC);
    if (!memory)
        return -ENOMEM;
    uint8_t *payload = memory + p->aad_len;
    bs_request request = {.src = payload, .dst = payload, .iv = iv, .aad = memory, .tag = payload + size,
                          .size = size};
    s->perform(s, &s->line, &request); /* what only happens once */
    long before = times_slept();
    for (int i = 0; i < TRIALS; i++)
        s->perform(s, &s->line, &request); /* a forged tag is refused after the work */
    long slept = times_slept() - before;
    free(memory);
    return slept >= TRIALS / 2;
}
