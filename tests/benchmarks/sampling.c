/* What time-stamping really costs: the engine with the sampling it chose against the engine with one
 * sample per run, in alternating slices, A B B A. A program of its own because only the engine's own
 * headers know the sampling.
 *
 *   sampling DRIVER SIZE Q_LEN BATCH CBIMM BLOCKS
 *
 * A line per block: ns per request with sampling, without, and the share of the time that the engine
 * says its timestamps took. */
#include <stdio.h>
#include <stdlib.h>

#include "worker.h"

enum { SLICE_NS = 2000000, SELDOM = 0x7fffffff };

static bs_engine *engine;
static uint32_t chosen;
static double said_ns, said_wall_ns;

static double run(uint64_t requests, int sampling)
{
    bs_value value;
    if (sampling && chosen)
        engine->workers[0].sample_mask = chosen;
    if (!sampling)
        engine->workers[0].sample_mask = SELDOM;
    if (bs_engine_run(engine, requests, &value) != 0) {
        fprintf(stderr, "a run failed\n");
        exit(1);
    }
    chosen = engine->workers[0].sample_mask; /* adapted by what this run took */
    if (sampling) {
        said_ns += (double)value.timestamp_ns;
        said_wall_ns += (double)value.wall_ns;
    }
    return (double)value.wall_ns / (double)requests;
}

int main(int argc, char **argv)
{
    static const uint8_t key[16];
    char text[256];
    if (argc != 7)
        return 2;
    uint32_t size = (uint32_t)atoi(argv[2]);
    bs_params params = {.kind = BS_CIPHER,
                        .setting = "",
                        .cipher = "AES-128-CBC",
                        .key = key,
                        .key_len = sizeof key,
                        .iv_len = 16,
                        .max_size = size};
    bs_load load = {.request_size = size,
                    .q_len = (uint32_t)atoi(argv[3]),
                    .batch = (uint32_t)atoi(argv[4]),
                    .cbimm = (uint32_t)atoi(argv[5]),
                    .workers = 1,
                    .crypto_q_max = 1000,
                    .in_place = 1,
                    .seed = 1,
                    .stall_ns = 5000000000u};
    engine = bs_engine_open(argv[1], &params, &load, text, sizeof text);
    if (!engine) {
        fprintf(stderr, "%s\n", text);
        return 1;
    }
    uint64_t requests = 1000;
    double per_request;
    while ((per_request = run(requests, 1)) * (double)requests < SLICE_NS / 4)
        requests *= 2;
    requests = (uint64_t)(SLICE_NS / per_request);
    run(requests, 1);
    for (int block = atoi(argv[6]); block > 0; block--) {
        said_ns = said_wall_ns = 0;
        double with = run(requests, 1), without = run(requests, 0) + run(requests, 0);
        with += run(requests, 1);
        printf("%.4f %.4f %.6f\n", with / 2, without / 2, said_ns / said_wall_ns);
    }
    bs_engine_close(engine);
    return 0;
}
