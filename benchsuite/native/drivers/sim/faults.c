/* Faults on demand, by chance or after so many requests. Whether a request has one is decided when it is
 * taken, so that a seed gives the same faults whatever the device's times are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

enum { STORM = 10 }; /* offers in a row that are refused */

static int by_chance(struct sim_device *device, double chance)
{
    return chance > 0 && sim_uniform(&device->random) <= chance;
}

void sim_faults_facts(const struct sim_device *device, char *text, size_t text_size)
{
    static const char *const names[BS_SIM_FAULT_KINDS] = {
        [BS_SIM_BUSY] = "busy",       [BS_SIM_ERROR] = "error", [BS_SIM_WRONG] = "wrong",
        [BS_SIM_LOST] = "lost",       [BS_SIM_LATE] = "late",   [BS_SIM_DUPLICATE] = "duplicate",
        [BS_SIM_REORDER] = "reorder", [BS_SIM_HANG] = "hang",
    };
    const char *before = "faults: ";
    for (int i = 0; i < BS_SIM_FAULT_KINDS; i++) {
        if (!device->faults[i])
            continue;
        size_t used = strlen(text);
        snprintf(text + used, text_size - used, "%s%s %llu", before, names[i],
                 (unsigned long long)device->faults[i]);
        before = ", ";
    }
    size_t used = strlen(text);
    const char *end = *before == ',' ? "\n" : "";
    if (device->misses)
        snprintf(text + used, text_size - used, "%ssessions_reloaded: %llu\n", end,
                 (unsigned long long)device->misses);
    else
        snprintf(text + used, text_size - used, "%s", end);
}

int sim_faults_refuse(struct sim_device *device)
{
    if (!device->storm && by_chance(device, device->model.faults.busy))
        device->storm = STORM;
    if (!device->storm)
        return 0;
    device->storm--;
    device->faults[BS_SIM_BUSY]++;
    return 1;
}

void sim_faults_decide(struct sim_device *device, struct sim_job *job)
{
    const struct sim_faults *f = &device->model.faults;
    if (f->hang_after && device->submitted > f->hang_after) {
        job->fate = SIM_HUNG;
        device->faults[BS_SIM_HANG]++;
        return;
    }
    if (by_chance(device, f->error)) {
        job->status = -EIO;
        device->faults[BS_SIM_ERROR]++;
    }
    if (by_chance(device, f->wrong)) {
        job->wrong = 1;
        device->faults[BS_SIM_WRONG]++;
    }
    if (by_chance(device, f->lost)) {
        job->fate = SIM_LOST;
        device->faults[BS_SIM_LOST]++;
    } else if (by_chance(device, f->late)) {
        job->fate = SIM_LATE;
        device->faults[BS_SIM_LATE]++;
    } else if (by_chance(device, f->reorder)) {
        job->fate = SIM_OVERTAKEN; /* counted when another has overtaken it */
    } else if (by_chance(device, f->duplicate)) {
        job->twice = 1;
        device->faults[BS_SIM_DUPLICATE]++;
    }
}
