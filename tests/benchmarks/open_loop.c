/* What the open loop itself costs, and how late it is. A program of its own, so that both loops are one engine's.
 *
 *   open_loop capacity DRIVER SIZE Q_LEN BATCH CBIMM BLOCKS
 *
 * The closed loop against the open loop in which a request is always waiting, in alternating slices, A B B A. A line
 * per block: ns per request of the closed loop, and of the open one.
 *
 *   open_loop lateness DRIVER RATE Q_LEN BATCH CBIMM BLOCKS
 *
 * A line per block of a second, at that rate: the median and the 99th percentile of the lateness, in us, and how much of
 * the time the thread that waits spent looking at the clock. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

enum { SLICE_NS = 4000000, ROOM = 4096 };

static bs_engine *engine;

static bs_value run(const bs_offer *offer, uint64_t requests)
{
    bs_value value;
    if (bs_engine_offer(engine, offer) || bs_engine_run(engine, requests, &value)) {
        fprintf(stderr, "a run failed\n");
        exit(1);
    }
    return value;
}

static double per_request(const bs_offer *offer, uint64_t requests)
{
    return (double)run(offer, requests).wall_ns / (double)requests;
}

static void capacity(int blocks)
{
    const bs_offer always = {.rate = INFINITY, .backlog = UINT32_MAX};
    uint64_t requests = 1000;
    double each;
    while ((each = per_request(NULL, requests)) * (double)requests < SLICE_NS / 4)
        requests *= 2;
    requests = (uint64_t)(SLICE_NS / each);
    per_request(&always, requests);
    for (; blocks > 0; blocks--) {
        double closed = per_request(NULL, requests), open = per_request(&always, requests);
        open += per_request(&always, requests);
        closed += per_request(NULL, requests);
        printf("%.4f %.4f\n", closed / 2, open / 2);
    }
}

static double percentile(const uint64_t *upper, const uint64_t *count, size_t n, double share)
{
    uint64_t all = 0, below = 0;
    for (size_t i = 0; i < n; i++)
        all += count[i];
    for (size_t i = 0; i < n; i++)
        if ((double)(below += count[i]) >= share * (double)all)
            return (double)upper[i] / 1e3;
    return 0;
}

static void lateness(double rate, int blocks)
{
    static uint64_t upper[ROOM], count[ROOM], longest;
    const bs_offer offer = {.rate = rate, .backlog = UINT32_MAX};
    for (; blocks > 0; blocks--) {
        bs_engine_forget_latency(engine);
        bs_value value = run(&offer, (uint64_t)rate);
        size_t n = bs_engine_latency(engine, BS_LATE, upper, count, ROOM, &longest);
        printf("%.4f %.4f %.4f\n", percentile(upper, count, n, 0.5), percentile(upper, count, n, 0.99),
               (double)value.spun_ns / (double)value.wall_ns);
    }
}

int main(int argc, char **argv)
{
    static const uint8_t key[16];
    char text[256];
    if (argc != 8)
        return 2;
    int asks_capacity = strcmp(argv[1], "capacity") == 0;
    double number = atof(argv[3]);
    uint32_t size = asks_capacity ? (uint32_t)number : 64;
    bs_params params = {.kind = BS_AEAD,
                        .setting = "",
                        .cipher = "AES-128-GCM",
                        .key = key,
                        .key_len = sizeof key,
                        .iv_len = 12,
                        .tag_len = 16,
                        .max_size = size};
    bs_load load = {.request_size = size,
                    .q_len = (uint32_t)atoi(argv[4]),
                    .batch = (uint32_t)atoi(argv[5]),
                    .cbimm = (uint32_t)atoi(argv[6]),
                    .workers = 1,
                    .crypto_q_max = 1000,
                    .in_place = 1,
                    .seed = 1,
                    .stall_ns = 5000000000u};
    engine = bs_engine_open(argv[2], &params, &load, text, sizeof text);
    if (!engine) {
        fprintf(stderr, "%s\n", text);
        return 1;
    }
    if (asks_capacity)
        capacity(atoi(argv[7]));
    else
        lateness(number, atoi(argv[7]));
    bs_engine_close(engine);
    return 0;
}
