/* What the files of the simulated device share. model.c reads a model, device.c is the device,
 * stage.c what it is made of, faults.c what can be wrong with it; sim.c puts it on the virtual clock,
 * realtime.c behind threads. Times are picoseconds. */
#ifndef BS_SIM_H
#define BS_SIM_H

#include "driver.h"

enum sim_mode {
    SIM_INTERRUPT, /* the device interrupts, coalescing */
    SIM_POLL,      /* the host looks every `period` */
    SIM_SYNC,      /* the CPU that submits does the work, or waits for it: no ring, no completion */
};

enum sim_beyond { SIM_REFUSE, SIM_EVICT, SIM_SLOW }; /* a session table that is too small */

/* Chances are of 1, per request. */
struct sim_faults {
    double busy, error, wrong, lost, late, duplicate, reorder;
    uint64_t late_by, hang_after; /* hang_after: requests; 0 never */
};

/* One line of a setting each, by the same name: model.c. */
struct sim_model {
    char device[48], title[100], confidence[24];
    uint64_t cpus, dispatch, submit, doorbell, interrupt, completion, callback, wake_dispatcher,
        wake_callback;
    uint64_t rings, depth;
    uint64_t units;
    uint64_t unit_cpus;   /* they are CPUs of the host: their time is the host's */
    uint64_t setup;       /* of a request in a unit */
    double per_byte;      /* in a unit, ps */
    double bus_per_byte;  /* per byte and crossing, ps; 0: no bus to wait for */
    double crossings;     /* of a payload byte: half before the unit, half after it */
    uint64_t bus_latency; /* each way */
    uint64_t full_duplex;
    uint64_t mode;          /* enum sim_mode */
    uint64_t coalesce;      /* completions before an interrupt, */
    uint64_t coalesce_time; /* or so long after the first one */
    uint64_t interrupt_latency;
    uint64_t period;        /* SIM_POLL */
    uint64_t in_order;      /* completions come in the order of submission, */
    uint64_t serial;        /* and each takes so long, one after the other */
    uint64_t session_limit; /* 0: none */
    uint64_t beyond;        /* enum sim_beyond */
    uint64_t reload;        /* SIM_EVICT: of a session that is not in the table */
    double slowdown;        /* SIM_SLOW: more of the unit's time, per session beyond and of the limit */
    uint64_t sessions;      /* that share the requests, at least; more than the open ones are imagined */
    uint64_t exponential;   /* times in units, bus and serial stage are means of exponential ones */
    uint64_t seed;
    struct sim_faults faults;
};

/* The lines `key=value` that make a model. 0, or -EINVAL and a sentence. */
int sim_model_read(struct sim_model *model, const char *setting, char *text, size_t text_size);

/* "device: ..." and so on, for bs_session_facts. clock: a word. */
void sim_model_facts(const struct sim_model *model, const char *clock, char *text, size_t text_size);

#endif
