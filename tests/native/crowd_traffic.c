#include "crowd_traffic.h"

#include <errno.h>
#include <string.h>

const struct bs_driver *const bs_drivers[] = {&crowd_prompt, &crowd_queued, &crowd_alone, NULL};

struct table tables[KEYS];
bs_traffic traffic[KEYS];
bs_stress_result result;
bs_finding faults[MAX];
bs_sample samples[SAMPLES];
bs_evidence evidence;
char text[256];

static uint32_t size_of(int k)
{
    static const uint32_t some[] = {1, 8, 16, 31, 64, 1488, 4096, 5000, LARGEST};
    return k < 9 ? some[k] : (uint32_t)(k * k * 13 % 2000) + 9;
}

static void make_known(struct table *t, int k, uint64_t seed)
{
    bs_known *known = &t->known[k];
    uint32_t size = size_of(k);
    uint8_t *plain = t->bytes[k], *cipher = plain + size;
    uint8_t *iv = cipher + size, *aad = iv + 16, *tag = aad + AAD;
    int encrypt = t->params.op == BS_ENCRYPT, digest = t->params.kind == BS_DIGEST;
    for (uint32_t i = 0; i < size; i++)
        plain[i] = (uint8_t)((seed + (uint64_t)k) * 2654435761u * (i + 1) >> 13);
    for (uint32_t i = 0; i < 16 + AAD; i++)
        iv[i] = (uint8_t)((seed * 77 + (uint64_t)k * 31 + i) * 40503u >> 5);
    crowd_crypt(t->key, iv, plain, cipher, size);
    crowd_tag(t->key, iv, aad, t->params.aad_len, digest ? plain : cipher, size, tag);
    *known = (bs_known){.src = encrypt ? plain : cipher,
                        .dst = encrypt ? cipher : plain,
                        .iv = iv,
                        .aad = aad,
                        .tag = tag,
                        .size = size,
                        .aad_len = t->params.aad_len};
    if (!encrypt && t->params.tag_len && k % 4 == 3) {
        known->status = -EBADMSG;
        tag[k % 16] ^= 0x40;
    }
}

void make_traffic(int kind)
{
    for (int i = 0; i < KEYS; i++) {
        struct table *t = &tables[i];
        t->params = (bs_params){.kind = kind,
                                .op = kind != BS_DIGEST && i % 2 ? BS_DECRYPT : BS_ENCRYPT,
                                .setting = "",
                                .key = t->key,
                                .key_len = i % 3 ? 8 : 16,
                                .iv_len = 16,
                                .aad_len = kind == BS_AEAD ? AAD - (uint32_t)i : 0,
                                .tag_len = kind == BS_CIPHER ? 0 : 16,
                                .max_size = LARGEST};
        for (int b = 0; b < 8; b++)
            t->key[b] = (uint8_t)(i * 50 + b * b + kind);
        for (int k = 0; k < KNOWN; k++)
            make_known(t, k, (uint64_t)(i * 1000 + kind));
        traffic[i] = (bs_traffic){&t->params, t->known, KNOWN};
    }
}

static void chain(struct table *t)
{
    static const uint8_t first[16] = {1, 2, 3};
    uint8_t iv[16];
    memcpy(iv, first, sizeof iv);
    t->params.chained = 1;
    t->params.first_iv = first;
    for (int k = 0; k < KNOWN; k++) {
        bs_known *known = &t->known[k];
        crowd_crypt(t->key, iv, known->src, (uint8_t *)known->dst, known->size);
        crowd_chain(t->key, iv, known->size);
    }
}

void chain_traffic(int tables_of_it)
{
    for (int i = KEYS - tables_of_it; i < KEYS; i++)
        chain(&tables[i]);
}

bs_stress_load load_of(uint32_t workers, uint64_t stall_ms)
{
    return (bs_stress_load){.workers = workers,
                            .sessions = 3,
                            .q_len = 16,
                            .churn = 200,
                            .requests = 6000,
                            .time_ns = 30000000000u,
                            .stall_ns = stall_ms * 1000000,
                            .seed = 42};
}

int stress(const char *driver, const bs_stress_load *load)
{
    memset(faults, 0, sizeof faults);
    memset(samples, 0, sizeof samples);
    evidence = (bs_evidence){
        .findings = faults, .max_findings = MAX, .samples = samples, .max_samples = SAMPLES};
    return bs_stress(driver, traffic, KEYS, load, &result, &evidence, text, sizeof text);
}
