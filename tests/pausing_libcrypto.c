/* A libcrypto that pauses: everything goes to the real one, which this is linked against, but each encryption
 * takes SERVICE_US microseconds, and every EVERY-th one PAUSE_MS milliseconds. (With libcrypto_stubs.c.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <time.h>

static void pass(int64_t microseconds)
{
    struct timespec left = {microseconds / 1000000, microseconds % 1000000 * 1000};
    while (nanosleep(&left, &left))
        ;
}

int EVP_EncryptUpdate(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    static int (*real)(void *, uint8_t *, int *, const uint8_t *, int);
    static unsigned requests;
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "EVP_EncryptUpdate");
        prctl(PR_SET_TIMERSLACK, 1); /* else 50 microseconds */
    }
    pass(++requests % EVERY ? SERVICE_US : PAUSE_MS * 1000);
    return real(context, out, written, in, size);
}
