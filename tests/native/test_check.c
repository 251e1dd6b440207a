/* bs_check over drivers that are right, and over drivers with every kind of fault. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "crowd.h"
#include "known_slot.h"
#include "one_fault.h"

enum {
    KNOWN = 40,
    LARGEST = ONE_LARGEST,
    AAD = 20,
    KEY = ONE_KEY,
    IV = ONE_IV,
    TAG = 16,
    MAX = 500,
    SAMPLES = 60
};
enum { EVERY_LAYOUT = BS_LAY_IN_PLACE | BS_LAY_APART | BS_LAY_FENCED | BS_LAY_IV_ACROSS };

const struct bs_driver *const bs_drivers[] = {&one_prompt, &one_queued, &one_promises, NULL};

/* ---- known requests ---- */

static bs_params params;
static bs_known known[KNOWN];
static uint8_t bytes[KNOWN][2 * LARGEST + AAD + IV + TAG], key[KEY], first_iv[IV];
static bs_traffic traffic = {&params, known, KNOWN};
static bs_finding findings[MAX];
static bs_sample samples[SAMPLES];
static bs_evidence evidence;
static uint8_t refused[KNOWN];
static uint64_t performed;
static char text[200];

static uint32_t size_of(int k)
{
    static const uint32_t some[] = {16, 0, 1, 1500, 16, 4096, 300, LARGEST, 64, 64};
    uint32_t size = k < 10 ? some[k] : (uint32_t)(k * 37);
    return one_forbids(size) ? size + 1 : size;
}

static void make_known(int k)
{
    uint32_t size = size_of(k);
    uint8_t *plain = bytes[k], *cipher = plain + size, *iv = cipher + size, *aad = iv + IV, *tag = aad + AAD;
    int encrypt = params.op == BS_ENCRYPT, digest = params.kind == BS_DIGEST;
    for (uint32_t i = 0; i < size; i++)
        plain[i] = (uint8_t)((uint32_t)(k + 1) * 2654435761u * (i + 1) >> 13);
    for (uint32_t i = 0; i < IV + AAD; i++)
        iv[i] = (uint8_t)(((uint32_t)k * 31 + i) * 40503u >> 5);
    if (params.chained) {
        memcpy(iv, first_iv, IV);
        iv[0] = (uint8_t)(iv[0] + k);
    }
    uint32_t aad_len = params.aad_len ? (uint32_t)k % (AAD + 1) : 0;
    crowd_crypt(key, iv, plain, cipher, size);
    crowd_tag(key, iv, aad, aad_len, digest ? plain : cipher, size, tag);
    known[k] = (bs_known){.src = encrypt ? plain : cipher,
                          .dst = encrypt ? cipher : plain,
                          .iv = iv,
                          .aad = aad,
                          .tag = tag,
                          .size = size,
                          .aad_len = aad_len};
    if (!encrypt && params.tag_len && k % 4 == 3) {
        known[k].status = -EBADMSG;
        tag[k % TAG] ^= 0x40;
    }
}

/* One of a size that does not exist: any error will do. */
static void add_what_must_be_refused(int k)
{
    known[k].size = 13;
    known[k].status = BS_ANY_ERROR;
}

static void make(int kind, int op, int chained)
{
    params = (bs_params){.kind = kind,
                         .op = op,
                         .setting = "",
                         .key = key,
                         .key_len = KEY,
                         .iv_len = IV,
                         .first_iv = chained ? first_iv : NULL,
                         .chained = (uint32_t)chained,
                         .aad_len = kind == BS_AEAD ? AAD : 0,
                         .tag_len = kind == BS_CIPHER ? 0 : TAG,
                         .max_size = LARGEST};
    for (int k = 0; k < KNOWN; k++)
        make_known(k);
    if (!chained)
        add_what_must_be_refused(20);
}

static int check(const char *name, enum fault fault, uint64_t at, uint32_t layouts)
{
    one_fault = (struct one_fault){.fault = fault, .at = at};
    memset(refused, 0, sizeof refused);
    memset(findings, 0, sizeof findings);
    evidence = (bs_evidence){
        .findings = findings, .max_findings = MAX, .samples = samples, .max_samples = SAMPLES};
    return bs_check(name, &traffic, layouts, 5, 20000000, refused, &performed, &evidence, text, sizeof text);
}

/* ---- right ---- */

static void nothing_is_found(const char *name, int kind, int op, int chained)
{
    make(kind, op, chained);
    CHECK(check(name, RIGHT, 0, EVERY_LAYOUT) == 0);
    CHECK(evidence.faults == 0 && performed == 4 * KNOWN && one_fault.opened == (chained ? 4 : 1));
    CHECK(evidence.sample_count == SAMPLES);
    for (int i = 0; i < SAMPLES; i++)
        CHECK(!samples[i].wrong && samples[i].size == known[samples[i].known].size);
    for (int i = 0; i < KNOWN; i++)
        CHECK(!refused[i]);
}

static void right_drivers(void)
{
    for (int n = 0; n < 2; n++) {
        const char *name = n ? "queued" : "prompt";
        for (int op = BS_ENCRYPT; op <= BS_DECRYPT; op++) {
            nothing_is_found(name, BS_CIPHER, op, 0);
            nothing_is_found(name, BS_AEAD, op, 0);
            nothing_is_found(name, BS_CIPHER, op, 1);
        }
        nothing_is_found(name, BS_DIGEST, BS_ENCRYPT, 0);
    }
}

static void a_layout_is_what_it_says(void)
{
    make(BS_AEAD, BS_ENCRYPT, 0);
    CHECK(check("prompt", RIGHT, 0, BS_LAY_IV_ACROSS | BS_LAY_APART) == 0 && performed == 2 * KNOWN);
    for (uint32_t i = 0; i < evidence.sample_count; i++)
        CHECK(!samples[i].in_place);
    CHECK(check("prompt", RIGHT, 0, BS_LAY_IV_ACROSS) == 0 && performed == KNOWN);
    int in_place = 0;
    for (uint32_t i = 0; i < evidence.sample_count; i++) {
        in_place += samples[i].in_place;
        CHECK(samples[i].iv_at + IV / 2 == 4096);
        if (samples[i].aad_len)
            CHECK((samples[i].src_at - (samples[i].aad_len + 1) / 2) % 4096 == 0);
    }
    CHECK(in_place > 0 && in_place < KNOWN);
    CHECK(check("prompt", RIGHT, 0, BS_LAY_FENCED | BS_LAY_IN_PLACE) == 0 && performed == 2 * KNOWN);
    for (uint32_t i = 0; i < evidence.sample_count; i++)
        CHECK(samples[i].in_place);
}

static void what_is_not_served_is_no_fault(void)
{
    make(BS_CIPHER, BS_ENCRYPT, 0);
    CHECK(check("queued", NOT_SERVED, 0, EVERY_LAYOUT) == 0 && evidence.faults == 0);
    for (int k = 0; k < KNOWN; k++)
        CHECK(refused[k] == (known[k].size > 1000));
    CHECK(performed < 4 * KNOWN);
}

/* Of what is beyond usual sizes a driver may say that it is too large, in any of these words. */
static void too_large_is_a_refusal(void)
{
    static const int words[] = {-ENOMEM, -E2BIG, -EMSGSIZE};
    bs_known one = {.size = BS_USUAL_SIZE + 1};
    struct known_slot slot = {.known = &one};
    for (int i = 0; i < 3; i++) {
        one.size = BS_USUAL_SIZE + 1;
        slot.request.status = words[i];
        CHECK(known_slot_refused(&slot));
        one.size = BS_USUAL_SIZE;
        CHECK(!known_slot_refused(&slot));
    }
    one.size = 2 * BS_USUAL_SIZE;
    slot.request.status = -EIO;
    CHECK(!known_slot_refused(&slot));
}

static void nonsense_is_refused(void)
{
    make(BS_CIPHER, BS_ENCRYPT, 0);
    CHECK(check("nobody", RIGHT, 0, EVERY_LAYOUT) < 0 && strstr(text, "'nobody'"));
    CHECK(check("prompt", RIGHT, 0, 0) == -EINVAL && text[0]);
    CHECK(check("prompt", RIGHT, 0, 16) == -EINVAL && text[0]);
    params.max_size = 100;
    CHECK(check("prompt", RIGHT, 0, EVERY_LAYOUT) == -EINVAL && text[0] && one_fault.opened == 0);
    make(BS_CIPHER, BS_ENCRYPT, 0);
    params.key_len = 5;
    CHECK(check("prompt", RIGHT, 0, EVERY_LAYOUT) < 0 && strcmp(text, "such keys do not exist") == 0);
}

/* ---- wrong ---- */

static void print_findings(void)
{
    for (uint64_t i = 0; i < evidence.faults && i < 8; i++)
        fprintf(stderr, "  kind %d late %d status %d (%d), %lld + %u, buffer %d, request %llu of known %d\n",
                findings[i].kind, findings[i].late, findings[i].status, findings[i].expected_status,
                (long long)findings[i].at, findings[i].extent, findings[i].buffer,
                (unsigned long long)findings[i].number, findings[i].known);
}

/* The first thing found is this. */
static const bs_finding *found(const char *name, enum fault fault, uint64_t at, uint32_t layouts, int kind)
{
    const bs_finding *first = &findings[0];
    CHECK(check(name, fault, at, layouts) == 0);
    if (!evidence.faults || first->kind != kind) {
        fprintf(stderr, "fault %d: %llu found, not the first of kind %d\n", fault,
                (unsigned long long)evidence.faults, kind);
        print_findings();
    }
    CHECK(evidence.faults && first->kind == kind);
    CHECK(first->worker == 0 && first->session == 0 && first->traffic == 0);
    CHECK(first->depth == 1 && first->outstanding == 1 && first->known >= 0 && first->known < KNOWN);
    CHECK(first->before_known == first->previous && first->before_traffic == (first->previous < 0 ? -1 : 0));
    return first;
}

static void alone_at(const bs_finding *first, int k)
{
    CHECK(evidence.faults == 1 && first->known == k && first->number == (uint64_t)k &&
          first->previous == k - 1);
    CHECK(performed >= KNOWN); /* it went on */
}

static void wrong_outputs(void)
{
    const bs_finding *f;
    make(BS_AEAD, BS_ENCRYPT, 0);
    f = found("prompt", OUTPUT, 3, EVERY_LAYOUT, BS_FOUND_OUTPUT);
    alone_at(f, 3);
    CHECK(f->at == size_of(3) / 2 && f->extent == size_of(3) - size_of(3) / 2 && (f->got ^ f->expected) == 1);
    CHECK(f->in_place == 1 && !f->fenced && !f->late && f->other_known == -1);
    CHECK(f->output_size == 64 && memcmp(f->output, known[3].dst, 64) == 0);
    CHECK(f->window[f->at - f->window_at] == f->got);
    CHECK(f->src_at == f->dst_at);
    f = found("queued", OUTPUT, 0, BS_LAY_APART, BS_FOUND_OUTPUT);
    CHECK(f->previous == -1 && !f->in_place);
    f = found("queued", WRONG_TAG, 5, BS_LAY_FENCED, BS_FOUND_TAG);
    alone_at(f, 5);
    CHECK(f->at == 3 && f->extent == 3 && f->fenced);
    make(BS_DIGEST, BS_ENCRYPT, 0);
    CHECK(found("prompt", WRONG_TAG, 5, EVERY_LAYOUT, BS_FOUND_TAG)->output_size == TAG);
    make(BS_CIPHER, BS_DECRYPT, 0);
    CHECK(found("prompt", PREVIOUS_IV, 0, BS_LAY_APART, BS_FOUND_OUTPUT)->previous >= 0);
    f = found("prompt", PREVIOUS_OUTPUT, 0, BS_LAY_APART, BS_FOUND_OUTPUT);
    CHECK(f->known == 9 && f->previous == 8 && f->other_known == 8 && f->other_traffic == 0);
    make(BS_CIPHER, BS_ENCRYPT, 1);
    f = found("queued", CHAIN, 0, EVERY_LAYOUT, BS_FOUND_OUTPUT);
    CHECK(f->known == 2 && f->previous == 1 && f->number == 2); /* the second is empty */
}

/* What wrong ones have in common can be seen. */
static void samples_of_right_and_wrong(void)
{
    make(BS_CIPHER, BS_ENCRYPT, 0);
    found("prompt", LARGE, 0, EVERY_LAYOUT, BS_FOUND_OUTPUT);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < evidence.sample_count; i++) {
        wrong += samples[i].wrong;
        CHECK(samples[i].wrong == (samples[i].size > 1000));
    }
    CHECK(evidence.sample_count == SAMPLES && wrong == SAMPLES / 2);
    CHECK(evidence.faults > 20);
}

static void changed_input(int fenced)
{
    const uint32_t apart = fenced ? BS_LAY_FENCED : BS_LAY_APART;
    const bs_finding *f;
    make(BS_AEAD, BS_DECRYPT, 0);
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "queued" : "prompt";
        f = found(name, WRITES_IV, 4, apart, BS_FOUND_IV);
        CHECK(f->at == 0 && f->extent == 1 && f->fenced == fenced);
        alone_at(f, 4);
        f = found(name, WRITES_AAD, 4, apart, BS_FOUND_AAD);
        CHECK(f->at == known[4].aad_len - 1);
        f = found(name, WRITES_GIVEN_TAG, 4, apart, BS_FOUND_GIVEN_TAG);
        CHECK(f->at == 1);
    }
    f = found("prompt", WRITES_INPUT, 4, BS_LAY_APART, BS_FOUND_INPUT);
    CHECK(f->at == 0 && f->extent == 1);
    make(BS_DIGEST, BS_ENCRYPT, 0);
    found("prompt", CHANGES_REQUEST, 4, apart, BS_FOUND_REQUEST);
}

static void bytes_of_nobody(void)
{
    const bs_finding *f;
    for (int op = BS_ENCRYPT; op <= BS_DECRYPT; op++) {
        make(BS_AEAD, op, 0);
        f = found("prompt", BEHIND, 0, BS_LAY_APART, BS_FOUND_BESIDE_OUTPUT);
        CHECK(f->at == known[0].size + (op == BS_ENCRYPT ? TAG : 0) && f->extent == 5);
        CHECK(evidence.faults > 20);
    }
    f = found("queued", BEFORE, 5, BS_LAY_APART, BS_FOUND_BESIDE_OUTPUT);
    CHECK(f->at == -1 && f->extent == 1);
    f = found("queued", BEFORE, 5, BS_LAY_IN_PLACE, BS_FOUND_BESIDE_OUTPUT);
    CHECK(f->at == -1 - (int)known[5].aad_len);
    f = found("queued", BEHIND_IV, 5, BS_LAY_APART, BS_FOUND_BESIDE_IV);
    CHECK(f->at == IV && f->extent == 1);
}

/* As the CPU tells where it was: IBM Z, the page alone. */
#if defined __s390__
enum { EXACT = 0 };
#else
enum { EXACT = 1 };
#endif

/* All of them; others of the driver's requests had what it touched beside them and not beyond. */
static void all_are(int kind, int buffer, int least)
{
    CHECK(evidence.faults >= (uint64_t)least);
    for (uint64_t i = 0; i < evidence.faults; i++)
        CHECK(findings[i].kind == kind && findings[i].buffer == buffer && findings[i].fenced);
}

static void fences(void)
{
    const bs_finding *f;
    make(BS_CIPHER, BS_ENCRYPT, 0);
    f = found("prompt", READS_BEHIND, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
    CHECK(f->at == known[f->known].size + 2 * EXACT && f->extent == 1 + 2 * EXACT);
    all_are(BS_FOUND_READ_BEYOND, BS_BUFFER_INPUT, KNOWN / 2);
    f = found("queued", READS_BEHIND_IV, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
    CHECK(f->at == IV + 7 * EXACT && f->extent == 1 + 7 * EXACT);
    all_are(BS_FOUND_READ_BEYOND, BS_BUFFER_IV, KNOWN / 2);
    f = found("queued", READS_BEFORE, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
    CHECK(f->at == -1 - 3 * EXACT && f->extent == 1 + 3 * EXACT);
    f = found("prompt", RESTORES_INPUT, 0, BS_LAY_FENCED, BS_FOUND_WROTE_INPUT);
    CHECK(f->at == EXACT || !EXACT);
    all_are(BS_FOUND_WROTE_INPUT, BS_BUFFER_INPUT, 10);
    found("prompt", RESTORES_IV, 0, BS_LAY_FENCED, BS_FOUND_WROTE_INPUT);
    all_are(BS_FOUND_WROTE_INPUT, BS_BUFFER_IV, KNOWN / 2);
    f = found("prompt", BEHIND, 0, BS_LAY_FENCED, BS_FOUND_BESIDE_OUTPUT);
    CHECK(f->at == known[f->known].size && f->extent == 5 && f->fenced);
    CHECK(evidence.faults >= KNOWN / 2);
    make(BS_AEAD, BS_DECRYPT, 0);
    f = found("queued", READS_BEHIND, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
    CHECK(f->at == TAG + 2 * EXACT && f->buffer == BS_BUFFER_TAG);
    found("queued", READS_BEFORE, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
    make(BS_DIGEST, BS_ENCRYPT, 0);
    found("queued", READS_BEHIND, 0, BS_LAY_FENCED, BS_FOUND_READ_BEYOND);
}

static void wrong_statuses(void)
{
    const bs_finding *f;
    make(BS_AEAD, BS_DECRYPT, 0);
    f = found("prompt", ERROR, 4, EVERY_LAYOUT, BS_FOUND_STATUS);
    alone_at(f, 4);
    CHECK(f->status == -EIO && f->expected_status == 0);
    f = found("queued", FORGERY, 0, BS_LAY_APART, BS_FOUND_STATUS);
    CHECK(f->status == 0 && f->expected_status == -EBADMSG && f->known == 3);
    f = found("queued", NO_STATUS, 4, EVERY_LAYOUT, BS_FOUND_STATUS);
    CHECK(f->status == BS_STATUS_UNSET);
    make(BS_CIPHER, BS_ENCRYPT, 0);
    f = found("prompt", ACCEPTS, 0, BS_LAY_IN_PLACE, BS_FOUND_STATUS);
    alone_at(f, 20);
    CHECK(f->status == 0 && f->expected_status == BS_ANY_ERROR);
}

static void changed_later(void)
{
    make(BS_CIPHER, BS_ENCRYPT, 0);
    const bs_finding *f = found("prompt", LATER, 3, BS_LAY_APART, BS_FOUND_OUTPUT);
    CHECK(f->late && f->known == 3 && f->at == 0);
    alone_at(f, 3);
}

/* After these nothing can be asked of the session. */
static void broken_rules(void)
{
    const bs_finding *f;
    make(BS_CIPHER, BS_ENCRYPT, 0);
    f = found("queued", LOSES, 4, EVERY_LAYOUT, BS_FOUND_LOST);
    CHECK(f->known == 4 && evidence.faults == 1 && performed == 4);
    f = found("prompt", REFUSES, 4, EVERY_LAYOUT, BS_FOUND_REFUSED);
    CHECK(f->known == 4 && evidence.faults == 1);
    found("queued", REFUSES, 4, EVERY_LAYOUT, BS_FOUND_REFUSED);
    found("prompt", NO_OUTCOME, 4, EVERY_LAYOUT, BS_FOUND_OUTCOME);
    found("promises", RIGHT, 0, EVERY_LAYOUT, BS_FOUND_OUTCOME); /* QUEUED with one at a time */
    f = found("queued", BAD_POLL, 4, EVERY_LAYOUT, BS_FOUND_POLL);
    CHECK(f->known == 4 && evidence.faults == 1);
}

static void what_comes_twice(void)
{
    make(BS_CIPHER, BS_ENCRYPT, 0);
    const bs_finding *f = found("queued", TWICE, 4, EVERY_LAYOUT, BS_FOUND_TWICE);
    CHECK(f->known == 4 && f->number == 4 && evidence.faults == 1 && performed == 5);
    f = found("queued", EVER_AGAIN, 4, EVERY_LAYOUT, BS_FOUND_TWICE);
    CHECK(f->known == 4 && evidence.faults == 1 && performed == 5);
    f = found("queued", STRANGER, 4, EVERY_LAYOUT, BS_FOUND_STRANGER);
    CHECK(f->known == 4 && evidence.faults == 1);
    f = found("queued", TWICE, KNOWN - 1, BS_LAY_APART, BS_FOUND_TWICE); /* the last one of all */
    CHECK(f->known == KNOWN - 1 && performed == KNOWN);
}

static size_t resident(const struct known_slot *slot, size_t size, size_t page)
{
    unsigned char there[4096];
    size_t bytes = 0;
    CHECK(size / page <= sizeof there && mincore(slot->memory, size, there) == 0);
    for (size_t i = 0; i < size / page; i++)
        bytes += there[i] & 1 ? page : 0;
    return bytes;
}

/* What is counted as ours, so that it is taken for no leak, is what the kernel says: also of digests, whose output lies
 * behind room for a text that nobody touches. */
static void what_memory_is_used(void)
{
    enum { LARGE = 1 << 20, SIZES = 4 };
    static const uint32_t sizes[SIZES] = {LARGE, 5000, 64, LARGE / 3};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *zeros = calloc(LARGE, 1);
    uint64_t random = 3;
    for (int kind = BS_CIPHER; kind <= BS_HMAC && !SANITIZED; kind++) {
        bs_params own = {.kind = kind, .iv_len = 16, .aad_len = kind == BS_AEAD ? 5000 : 0, .tag_len = 16};
        bs_known some[SIZES];
        bs_traffic asked = {&own, some, SIZES};
        struct known_slot slot = {0};
        for (int i = 0; i < SIZES; i++)
            some[i] = (bs_known){zeros, zeros, zeros, zeros, zeros, sizes[i], own.aad_len, 0};
        size_t size = known_slot_room(&asked, 1, UINT32_MAX), used = 0;
        CHECK(known_slot_open(&slot, &asked, 1, UINT32_MAX, 0) == 0);
        madvise(slot.memory, size, MADV_NOHUGEPAGE);
        CHECK(madvise(slot.memory, size, MADV_DONTNEED) == 0 && resident(&slot, size, page) == 0);
        for (int i = 0; i < 60; i++) {
            uint32_t layout = i % 4 ? BS_LAY_IN_PLACE | BS_LAY_APART : BS_LAY_APART | BS_LAY_IV_ACROSS;
            known_slot_lay_out(&slot, &asked, &some[bs_below(&random, SIZES)], layout, &random);
            used += known_slot_first_used(&slot);
            CHECK(used == resident(&slot, size, page));
        }
        known_slot_close(&slot);
    }
    free(zeros);
}

int main(void)
{
    for (int i = 0; i < KEY + IV; i++)
        *(i < KEY ? &key[i] : &first_iv[i - KEY]) = (uint8_t)(i * 37 + 11);
    right_drivers();
    a_layout_is_what_it_says();
    what_is_not_served_is_no_fault();
    too_large_is_a_refusal();
    nonsense_is_refused();
    wrong_outputs();
    samples_of_right_and_wrong();
    changed_input(0);
    changed_input(1);
    bytes_of_nobody();
    fences();
    wrong_statuses();
    changed_later();
    broken_rules();
    what_comes_twice();
    what_memory_is_used();
    return 0;
}
