/* What the tests of drivers share: a vector made a session, and requests between guards. */
#ifndef BS_DRIVER_HARNESS_H
#define BS_DRIVER_HARNESS_H

#include "check.h"
#include "driver.h"
#include "driver_vectors.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define POISON 0x7ead
#define GUARD  64u

static char libcrypto_setting[600]; /* "": the system's */

/* path: the first argument of the test */
static inline void test_libcrypto(const char *path)
{
    snprintf(libcrypto_setting, sizeof libcrypto_setting, "path=%s\n", path);
}

/* A vector as bytes, with params that point into it. */
struct opened {
    const struct bs_driver *driver;
    void *session;
    bs_params params;
    uint8_t key[64], mac_key[64], iv[64], aad[64], in[256], out[256], tag[64];
    uint32_t size;
    uint32_t room; /* so much more text and AAD than the requests have the session is opened for */
    bool bytes;    /* the driver touches bytes, so they can be wrong */
};

/* One request with everything around its buffers guarded. */
struct arena {
    uint8_t bytes[2048];
    bs_request request;
};

static inline uint32_t unhex(const char *hex, uint8_t *out)
{
    uint32_t size = 0;

    for (; hex != NULL && hex[2 * size] != '\0'; size++) {
        const char digits[3] = {hex[2 * size], hex[2 * size + 1], '\0'};

        out[size] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

/* A simulated device for the two that are one, quick enough for many requests. */
#define SIMULATED                                                                                               \
    "device=test\ntitle=test device\nconfidence=assumption\ncpus=1\nrings=2\ndepth=8\nunits=2\nsetup=1000000\n" \
    "per_byte=1000\nbus_per_byte=100\ncrossings=2\nbus_latency=200000\ncoalesce=2\ncoalesce_time=500000\n"

static inline const char *driver_setting(const struct bs_driver *driver)
{
    if (strncmp(driver->name, "sim", 3) == 0)
        return SIMULATED;
    return strcmp(driver->name, "libcrypto") == 0 ? libcrypto_setting : "";
}

/* The vector's params for one operation; no session yet. */
static inline void prepare(struct opened *o, const struct bs_driver *driver, const struct vector *v, int op)
{
    bs_params *p = &o->params;

    memset(o, 0, sizeof *o);
    o->driver = driver;
    o->bytes = !(driver->flags & BS_FLAG_NOP);
    *p = (bs_params){.kind = v->kind,
                     .op = op,
                     .setting = driver_setting(driver),
                     .cipher = v->cipher,
                     .digest = v->digest,
                     .key = o->key,
                     .mac_key = o->mac_key,
                     .salt_len = v->salt_len};
    p->key_len = unhex(v->key, o->key);
    p->mac_key_len = unhex(v->mac_key, o->mac_key);
    p->iv_len = unhex(v->iv, o->iv);
    p->aad_len = unhex(v->aad, o->aad);
    p->tag_len = unhex(v->tag, o->tag);
    o->size = p->max_size = unhex(op == BS_DECRYPT ? v->out : v->in, o->in);
    unhex(op == BS_DECRYPT ? v->in : v->out, o->out);
}

static inline int new_session(struct opened *o, char *text, size_t text_size)
{
    size_t size = (o->driver->session_size / 64 + 1) * 64;
    bs_params wide = o->params;

    o->session = aligned_alloc(64, size);
    CHECK(o->session != NULL);
    memset(o->session, 0, size);
    wide.max_size += o->room;
    wide.aad_len += wide.aad_len != 0 ? o->room : 0;
    return o->driver->newsession(o->session, &wide, text, text_size);
}

static inline void open_session(struct opened *o)
{
    char text[300] = "";
    int error = new_session(o, text, sizeof text);

    if (error != 0)
        fprintf(stderr, "newsession: %s\n", text);
    CHECK(error == 0);
}

static inline void close_session(struct opened *o)
{
    o->driver->freesession(o->session);
    free(o->session);
}

/* iv, then aad and src (and the tag a decrypt reads), then dst (and the tag the others write). */
static inline void lay_out(struct arena *a, const struct opened *o, bool in_place)
{
    bool decrypt = o->params.op == BS_DECRYPT;
    uint8_t *iv = a->bytes + GUARD, *aad = iv + sizeof o->iv + GUARD, *src = aad + o->params.aad_len;
    uint8_t *dst = in_place ? src : src + sizeof o->in + sizeof o->tag + GUARD;

    memset(a->bytes, 0xa5, sizeof a->bytes);
    memcpy(iv, o->iv, o->params.iv_len);
    memcpy(aad, o->aad, o->params.aad_len);
    memcpy(src, o->in, o->size);
    a->request = (bs_request){.src = src,
                              .dst = dst,
                              .iv = iv,
                              .aad = aad,
                              .size = o->size,
                              .aad_len = o->params.aad_len,
                              .tag = decrypt ? src + o->size : dst + o->size,
                              .status = POISON};
    if (decrypt)
        memcpy(a->request.tag, o->tag, o->params.tag_len);
}

/* Hands the request over and waits for it; it comes back exactly once, with a status. */
static inline void perform(const struct opened *o, bs_request *request)
{
    bs_request *done[2] = {NULL, NULL};
    enum bs_outcome outcome = o->driver->process(o->session, request, 0);

    if (o->driver->flags & BS_FLAG_SYNC)
        CHECK(outcome == BS_COMPLETED);
    CHECK(outcome != BS_BUSY); /* nothing else is outstanding */
    if (outcome == BS_QUEUED) {
        CHECK(o->driver->poll(o->session, done, 2, 5000000000u) == 1 && done[0] == request);
        CHECK(o->driver->poll(o->session, done, 2, 0) == 0);
    }
    CHECK(request->status != POISON);
}

/* The whole arena afterwards: the known output in its place, and nothing else changed. */
static inline void check_arena(const struct arena *a, const struct arena *before, const struct opened *o)
{
    struct arena want = *before;
    const bs_request *r = &a->request;
    bool text = o->params.kind == BS_CIPHER || o->params.kind == BS_AEAD || o->params.kind == BS_AUTHENC;

    if (o->bytes && text)
        memcpy(want.bytes + (r->dst - a->bytes), o->out, o->size);
    if (o->bytes && o->params.op == BS_ENCRYPT)
        memcpy(want.bytes + (r->tag - a->bytes), o->tag, o->params.tag_len);
    CHECK(memcmp(want.bytes, a->bytes, sizeof want.bytes) == 0);
}

static inline void right_answer(const struct opened *o, bool in_place)
{
    static _Thread_local struct arena a, before;

    lay_out(&a, o, in_place);
    before = a;
    perform(o, &a.request);
    CHECK(a.request.status == 0);
    check_arena(&a, &before, o);
}

/* A wrong tag is told by the request's status; canaries stand, and the session goes on. */
static inline void wrong_tag(const struct opened *o)
{
    struct arena a, before;

    for (uint32_t byte = 0; byte < o->params.tag_len; byte += o->params.tag_len - 1) {
        lay_out(&a, o, false);
        a.request.tag[byte] ^= 1;
        before = a;
        perform(o, &a.request);
        CHECK(a.request.status == -EBADMSG);
        if (o->params.kind == BS_AEAD) /* may have written dst; a pair checks first and writes nothing */
            memcpy(before.bytes + (a.request.dst - a.bytes), a.request.dst, o->size);
        CHECK(memcmp(a.bytes, before.bytes, sizeof a.bytes) == 0);
        right_answer(o, false);
    }
}

static inline const struct vector *vector_of(const char *cipher, const char *digest)
{
    for (size_t i = 0; i < VECTORS; i++)
        if ((cipher != NULL && vectors[i].cipher != NULL && strcmp(vectors[i].cipher, cipher) == 0) ||
            (digest != NULL && vectors[i].digest != NULL && strcmp(vectors[i].digest, digest) == 0))
            return &vectors[i];
    fprintf(stderr, "no vector for %s\n", cipher != NULL ? cipher : digest);
    exit(1);
}

/* probe and newsession say the same: a sentence, and nothing is left behind (ASan looks for leaks). */
static inline void refused(struct opened *o, const char *part)
{
    char text[300] = "";

    CHECK(o->driver->probe(&o->params, text, sizeof text) < 0 && strstr(text, part) != NULL);
    text[0] = '\0';
    CHECK(new_session(o, text, sizeof text) < 0 && strstr(text, part) != NULL);
    free(o->session);
}

#endif
