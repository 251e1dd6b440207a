/* The ioctls of cryptodev's ABI. They are unrestricted: the kernel asks first with nothing, is told which bytes
 * of the caller to bring along, and asks again. */
#ifndef LAB_CALLS_H
#define LAB_CALLS_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "device.h"

/* One ioctl as it arrived. */
struct call {
    fuse_req_t req;
    struct file *file;
    void *arg;
    const uint8_t *in;
    size_t in_size, out_size;
};

/* Answers it, asks for more of the caller's memory, or leaves it unanswered (FAULT_LOST). */
void call_answer(const struct call *call, unsigned number);

#endif
