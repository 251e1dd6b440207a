/* A /dev/crypto in user space: a CUSE server that serves cryptodev's ABI over a character device, with
 * faults on demand, for the tests of the cryptodev driver.
 *
 *   cuse-crypto --name=crypto [--no-async] [--ring=N] [--hardware] [--alignmask=N]
 *
 * Runs in the foreground; "ready" is printed once the device is there. */
#define FUSE_USE_VERSION 312
#include <cuse_lowlevel.h>
#include <fuse_lowlevel.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "device.h"

enum { MOST_THREADS = 600 };

/* An open file as FUSE knows it. */
struct handle {
    struct file *file;
    pthread_mutex_t lock;
    struct fuse_pollhandle *polled; /* whom to wake, once */
};

/* ---- CUSE ---- */

static void on_ioctl(fuse_req_t req, int number, void *arg, struct fuse_file_info *info_of_file,
                     unsigned flags, const void *in, size_t in_size, size_t out_size)
{
    struct handle *handle = (struct handle *)(uintptr_t)info_of_file->fh;
    struct call call = {req, handle->file, arg, in, in_size, out_size};
    if (flags & FUSE_IOCTL_COMPAT)
        fuse_reply_err(req, ENOSYS);
    else
        call_answer(&call, (unsigned)number);
}

static void on_done(void *context)
{
    struct handle *handle = context;
    pthread_mutex_lock(&handle->lock);
    if (handle->polled) {
        fuse_lowlevel_notify_poll(handle->polled);
        fuse_pollhandle_destroy(handle->polled);
        handle->polled = NULL;
    }
    pthread_mutex_unlock(&handle->lock);
}

static void on_poll(fuse_req_t req, struct fuse_file_info *info_of_file, struct fuse_pollhandle *polled)
{
    struct handle *handle = (struct handle *)(uintptr_t)info_of_file->fh;
    pthread_mutex_lock(&handle->lock);
    if (polled) {
        if (handle->polled)
            fuse_pollhandle_destroy(handle->polled);
        handle->polled = polled;
    }
    pthread_mutex_unlock(&handle->lock);
    unsigned events = 0; /* looked at after whom to wake is known */
    if (file_readable(handle->file))
        events |= POLLIN | POLLRDNORM;
    if (file_writable(handle->file))
        events |= POLLOUT | POLLWRNORM;
    fuse_reply_poll(req, events);
}

static void on_open(fuse_req_t req, struct fuse_file_info *info_of_file)
{
    struct handle *handle = calloc(1, sizeof *handle);
    if (handle)
        handle->file = file_open();
    if (!handle || !handle->file) {
        free(handle);
        fuse_reply_err(req, ENOMEM);
        return;
    }
    pthread_mutex_init(&handle->lock, NULL);
    file_on_done(handle->file, on_done, handle);
    info_of_file->fh = (uintptr_t)handle;
    fuse_reply_open(req, info_of_file);
}

static void on_release(fuse_req_t req, struct fuse_file_info *info_of_file)
{
    struct handle *handle = (struct handle *)(uintptr_t)info_of_file->fh;
    file_close(handle->file);
    if (handle->polled)
        fuse_pollhandle_destroy(handle->polled);
    pthread_mutex_destroy(&handle->lock);
    free(handle);
    fuse_reply_err(req, 0);
}

static void on_ready(void *unused)
{
    (void)unused;
    puts("ready");
    fflush(stdout);
}

static int run(const char *name, char *program)
{
    static const struct cuse_lowlevel_ops operations = {
        .init_done = on_ready, .open = on_open, .release = on_release, .ioctl = on_ioctl, .poll = on_poll};
    char line[128], foreground[] = "-f", *arguments[] = {program, foreground, NULL};
    const char *lines[] = {line};
    struct cuse_info cuse = {.dev_info_argc = 1, .dev_info_argv = lines, .flags = CUSE_UNRESTRICTED_IOCTL};
    int threaded;
    snprintf(line, sizeof line, "DEVNAME=%s", name);
    struct fuse_session *session = cuse_lowlevel_setup(2, arguments, &cuse, &operations, &threaded, NULL);
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    if (!session || !config) {
        fputs("no CUSE device can be made: is /dev/cuse there (modprobe cuse), and this root?\n", stderr);
        return 1;
    }
    fuse_loop_cfg_set_max_threads(config, MOST_THREADS); /* an operation that is late keeps its thread */
    fuse_loop_cfg_set_idle_threads(config, 32);
    int error = fuse_session_loop_mt(session, config);
    fuse_loop_cfg_destroy(config);
    cuse_lowlevel_teardown(session);
    return error != 0;
}

int main(int count, char **arguments)
{
    const char *name = "crypto", *problem;
    device_options = (struct device_options){.async = 1, .ring = 64};
    for (int i = 1; i < count; i++) {
        if (strncmp(arguments[i], "--name=", 7) == 0) {
            name = arguments[i] + 7;
        } else if (strcmp(arguments[i], "--no-async") == 0) {
            device_options.async = 0;
        } else if (strcmp(arguments[i], "--hardware") == 0) {
            device_options.hardware = 1;
        } else if (strncmp(arguments[i], "--alignmask=", 12) == 0) {
            device_options.alignment_mask = (unsigned)strtoul(arguments[i] + 12, NULL, 0);
        } else if (strncmp(arguments[i], "--ring=", 7) == 0) {
            device_options.ring = (unsigned)strtoul(arguments[i] + 7, NULL, 0);
        } else {
            fprintf(stderr, "unknown option %s\n", arguments[i]);
            return 2;
        }
    }
    if ((problem = crypt_open()) != NULL) {
        fprintf(stderr, "%s\n", problem);
        return 1;
    }
    return run(name, arguments[0]);
}
