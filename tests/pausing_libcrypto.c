/* A libcrypto that pauses: everything goes to the real one, which this is linked against, but each encryption
 * takes SERVICE_US microseconds, and every EVERY-th one PAUSE_MS milliseconds. (With libcrypto_stubs.c.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <time.h>

static void until(int64_t microseconds)
{
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < microseconds);
}

int EVP_EncryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    static int (*real)(void *, uint8_t *, int *, const uint8_t *, int);
    static unsigned requests;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "EVP_EncryptUpdate");
    until(++requests % EVERY ? SERVICE_US : PAUSE_MS * 1000);
    return real(context, out, written, in, size);
}
