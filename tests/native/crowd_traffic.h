/* Traffic for the crowd: tables of keys with their known requests, and stress runs over them. */
#ifndef CROWD_TRAFFIC_H
#define CROWD_TRAFFIC_H

#include "check.h"
#include "core.h"
#include "crowd.h"

enum { KEYS = 6, KNOWN = 24, LARGEST = 9000, AAD = 12, MAX = 8, SAMPLES = 64 };

/* One key's requests; pointers of `known` go into `bytes`. */
struct table {
    bs_params params;
    bs_known known[KNOWN];
    uint8_t key[8], bytes[KNOWN][2 * LARGEST + AAD + 32];
};

extern struct table tables[KEYS];
extern bs_traffic traffic[KEYS];

/* What the last run of stress() came to. */
extern bs_stress_result result;
extern bs_finding faults[MAX];
extern bs_sample samples[SAMPLES];
extern bs_evidence evidence;
extern char text[256];

/* kind: enum bs_kind. Encryption and decryption in turn, and keys of two sizes. */
void make_traffic(int kind);
/* The last so many tables of a cipher are of chained sessions. */
void chain_traffic(int tables_of_it);

bs_stress_load load_of(uint32_t workers, uint64_t stall_ms);
int stress(const char *driver, const bs_stress_load *load);

#endif
