/* What only the libcrypto driver does: finding libraries, refusing params, chaining, the legacy
 * provider. An argument is the path of the libcrypto to test; without one, the system's. */
#include "driver_harness.h"
#include "drivers/libcrypto/libcrypto.h" /* struct session: what is left of a chained message */

#include <unistd.h>

/* One member of the params of a vector spoilt. */
#define SPOILT(cipher, digest, op, member, value, part)          \
    do {                                                         \
        struct opened spoilt;                                    \
                                                                 \
        prepare(&spoilt, driver, vector_of(cipher, digest), op); \
        spoilt.params.first_iv = spoilt.iv;                      \
        spoilt.params.member = value;                            \
        refused(&spoilt, part);                                  \
    } while (0)

static void refusals(const struct bs_driver *driver)
{
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, key_len, 24, "takes a key of 16 bytes, not 24");
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, iv_len, 12, "takes an IV of 16 bytes, not 12");
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, salt_len, 4, "salt");
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, kind, BS_AEAD, "is no AEAD");
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, cipher, NULL, "name no algorithm");
    SPOILT("AES-128-CBC", NULL, BS_ENCRYPT, max_size, 1u << 31, "at most");
    SPOILT("AES-128-XTS", NULL, BS_ENCRYPT, max_size, (1u << 24) + 16, "16 MiB");
    SPOILT("AES-128-XTS", NULL, BS_ENCRYPT, chained, 1, "not for AES-128-XTS");
    SPOILT("AES-128-GCM", NULL, BS_ENCRYPT, tag_len, 17, "has no tag of 17");
    SPOILT("AES-128-GCM", NULL, BS_ENCRYPT, kind, BS_CIPHER, "is an AEAD");
    SPOILT("AES-128-GCM", NULL, BS_ENCRYPT, iv_len, 65, "1 to 64");
    SPOILT("AES-128-GCM", NULL, BS_DECRYPT, chained, 1, "decryption");
    SPOILT("AES-128-CCM", NULL, BS_ENCRYPT, iv_len, 14, "7 to 13");
    SPOILT("AES-128-CCM", NULL, BS_ENCRYPT, tag_len, 5, "has no tag of 5");
    SPOILT("AES-128-CCM", NULL, BS_ENCRYPT, chained, 1, "not for AES-128-CCM");
    SPOILT("AES-128-CCM", NULL, BS_ENCRYPT, piece, 16, "AES-128-CCM takes its text whole");
    SPOILT("AES-128-XTS", NULL, BS_DECRYPT, piece, 16, "AES-128-XTS takes its text whole");
    SPOILT("ChaCha20-Poly1305", NULL, BS_ENCRYPT, iv_len, 8, "12 to 12");
    SPOILT(NULL, "SHA2-256", BS_ENCRYPT, tag_len, 20, "makes 32 bytes, not 20");
    SPOILT(NULL, "SHA2-256", BS_ENCRYPT, chained, 1, "not for SHA2-256");
    SPOILT(NULL, "SHA2-256", BS_DECRYPT, chained, 0, "not decrypted");
    SPOILT(NULL, "SHA256", BS_ENCRYPT, mac_key_len, 0, "takes a key");
    SPOILT(NULL, "SHA256", BS_ENCRYPT, tag_len, 0, "1 to 32 bytes, not 0");
    SPOILT(NULL, "SHA256", BS_ENCRYPT, tag_len, 33, "1 to 32 bytes, not 33");
    SPOILT(NULL, "SHA256", BS_ENCRYPT, kind, BS_AUTHENC + 1, "name no algorithm");
}

static void files_that_are_none(const struct bs_driver *driver)
{
    char text[300], setting[64], not_elf[] = "/tmp/benchsuite-test-XXXXXX";
    int file = mkstemp(not_elf);

    snprintf(setting, sizeof setting, "path=%s\n", not_elf);
    CHECK(file >= 0 && write(file, "hello\n", 6) == 6 && close(file) == 0);
    CHECK(driver->version(setting, text, sizeof text) == -ELIBBAD && strstr(text, "is no libcrypto"));
    CHECK(unlink(not_elf) == 0);
    CHECK(driver->version(setting, text, sizeof text) == -ENOENT && strstr(text, "cannot be opened"));
    CHECK(driver->version("path=libc.so.6\n", text, sizeof text) == -ELIBBAD &&
          strstr(text, "has no function"));
}

static bool has(const struct bs_driver *driver, const struct vector *v)
{
    struct opened o;
    char text[300];

    prepare(&o, driver, v, BS_ENCRYPT);
    return driver->probe(&o.params, text, sizeof text) > 0;
}

/* One chained request: `size` bytes of the vector from `at` on. Neither IV nor tag is touched. */
static void piece(const struct opened *o, uint32_t at, uint32_t size)
{
    struct arena a, before;

    lay_out(&a, o, true);
    memcpy(a.request.dst, o->in + at, size);
    memset(a.request.iv, 0x5a, o->params.iv_len); /* not read */
    a.request.size = size;
    before = a;
    perform(o, &a.request);
    CHECK(a.request.status == 0);
    memcpy(before.bytes + (a.request.dst - a.bytes), o->out + at, size);
    CHECK(memcmp(before.bytes, a.bytes, sizeof a.bytes) == 0);
}

/* Two halves make the vector; after BS_CHAIN_LIMIT bytes an AEAD message begins anew. What cannot be
 * chained is refused. */
static void chained(const struct bs_driver *driver, const struct vector *v, int op)
{
    bool aead = v->kind == BS_AEAD, ccm = aead && strcmp(v->cipher, "AES-128-CCM") == 0;
    bool plain = v->kind == BS_CIPHER && strcmp(v->cipher, "AES-128-XTS") != 0;
    struct opened o;
    uint32_t half;

    prepare(&o, driver, v, op);
    o.params.chained = 1;
    o.params.aad_len = 0;
    o.params.first_iv = o.iv;
    if (!plain && !(aead && !ccm && op == BS_ENCRYPT)) {
        refused(&o, "chained");
        return;
    }
    half = o.size < 32 ? 8 : o.size / 32 * 16;
    open_session(&o);
    piece(&o, 0, half);
    piece(&o, half, half);
    if (aead) {
        struct session *s = o.session;

        CHECK(s->left == (uint64_t)BS_CHAIN_LIMIT - 2 * half);
        s->left = half - 1;
        piece(&o, 0, half);
        CHECK(s->left == (uint64_t)BS_CHAIN_LIMIT - half);
    }
    close_session(&o);
}

static void every_chain(const struct bs_driver *driver)
{
    for (size_t i = 0; i < VECTORS; i++) {
        if (!has(driver, &vectors[i]))
            continue;
        chained(driver, &vectors[i], BS_ENCRYPT);
        if (vectors[i].out != NULL)
            chained(driver, &vectors[i], BS_DECRYPT);
    }
}

/* ---- texts in pieces ---- */

static const struct libcrypto *counted;
static unsigned updates;
static int (*cipher_update)(void *context, uint8_t *out, int *written, const uint8_t *in, int size);

static int count_cipher(void *context, uint8_t *out, int *written, const uint8_t *in, int size)
{
    updates++;
    return cipher_update(context, out, written, in, size);
}

static int count_digest(void *context, const void *data, size_t size)
{
    updates++;
    return counted->EVP_DigestUpdate(context, data, size);
}

static int count_mac(void *context, const uint8_t *data, size_t size)
{
    updates++;
    return counted->EVP_MAC_init != NULL ? counted->EVP_MAC_update(context, data, size)
                                         : counted->HMAC_Update(context, data, size);
}

/* The session's updates go by the counting functions from now on, by way of `lib`. */
static void count_updates(struct session *s, struct libcrypto *lib)
{
    counted = s->lib;
    *lib = *s->lib;
    lib->EVP_DigestUpdate = count_digest;
    lib->EVP_MAC_update = lib->EVP_MAC_init != NULL ? count_mac : NULL;
    lib->HMAC_Update = count_mac;
    s->lib = lib;
    cipher_update = s->update;
    s->update = count_cipher;
}

static uint64_t pieces_of(uint64_t size, uint64_t piece)
{
    return (size + piece - 1) / piece;
}

/* The bytes of a vector are the same in pieces, and as many updates are made as there are pieces. */
static void in_pieces(const struct bs_driver *driver, const struct vector *v, int op, uint32_t piece)
{
    struct opened o;
    struct libcrypto lib;
    struct session *s;
    uint64_t block, whole_blocks, want;

    prepare(&o, driver, v, op);
    o.params.piece = piece;
    open_session(&o);
    s = o.session;
    block = s->block_mask + 1;
    whole_blocks = (piece + block - 1) / block * block;
    want = pieces_of(o.size, whole_blocks) + pieces_of(o.params.aad_len, whole_blocks);
    count_updates(s, &lib);
    for (int place = 0; place < 2; place++) {
        updates = 0;
        right_answer(&o, place);
        CHECK(updates == want || (o.size == 0 && v->kind == BS_CIPHER && updates == want + 1));
    }
    if (op == BS_DECRYPT && o.params.tag_len != 0)
        wrong_tag(&o);
    s->lib = counted;
    close_session(&o);
}

static void every_piece(const struct bs_driver *driver)
{
    static const uint32_t pieces[] = {1, 7, 16, 20, 4096, UINT32_MAX};

    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        bool whole = v->cipher != NULL &&
                     (strstr(v->cipher, "CCM") != NULL || strstr(v->cipher, "XTS") != NULL);

        for (size_t k = 0; k < sizeof pieces / sizeof *pieces && has(driver, v) && !whole; k++) {
            in_pieces(driver, v, BS_ENCRYPT, pieces[k]);
            if (v->out != NULL)
                in_pieces(driver, v, BS_DECRYPT, pieces[k]);
        }
    }
}

/* What is chained is not cut, and says so. */
static void no_pieces_of_a_chain(const struct bs_driver *driver)
{
    struct opened o;

    prepare(&o, driver, vector_of("AES-128-CBC", NULL), BS_ENCRYPT);
    o.params.chained = 1;
    o.params.first_iv = o.iv;
    o.params.piece = 16;
    refused(&o, "updates already");
}

/* AES-CBC with HMAC-SHA1, or so much of it, is the two vectors' algorithms one after the other, over AAD and
 * ciphertext. */
static void pair(const struct bs_driver *driver, uint32_t tag_len)
{
    struct opened mac, o;
    bs_request r;

    for (int op = BS_ENCRYPT; op <= BS_DECRYPT; op++) {
        prepare(&o, driver, vector_of("AES-128-CBC", NULL), op);
        prepare(&mac, driver, vector_of(NULL, "SHA1") + 1, BS_ENCRYPT);
        mac.params.kind = BS_HMAC;
        mac.params.mac_key_len = unhex("6d6163206b6579", mac.mac_key);
        o.params.aad_len = unhex("0a0b0c", o.aad);
        memcpy(mac.in, o.aad, o.params.aad_len);
        memcpy(mac.in + o.params.aad_len, op == BS_ENCRYPT ? o.out : o.in, o.size);
        mac.params.digest = o.params.digest = "SHA1";
        mac.params.tag_len = 20;
        open_session(&mac);
        r = (bs_request){.src = mac.in, .tag = o.tag, .size = o.params.aad_len + o.size, .status = POISON};
        perform(&mac, &r);
        CHECK(r.status == 0);
        close_session(&mac);

        o.params.kind = BS_AUTHENC;
        o.params.tag_len = tag_len;
        o.params.mac_key = mac.mac_key;
        o.params.mac_key_len = mac.params.mac_key_len;
        for (o.params.piece = 0; o.params.piece < 40; o.params.piece += 13) {
            open_session(&o);
            right_answer(&o, false);
            right_answer(&o, true);
            if (op == BS_DECRYPT)
                wrong_tag(&o);
            close_session(&o);
        }
    }
}

/* Half a block is the failure of its request: the next one starts with a clean context. */
static void half_a_block(const struct bs_driver *driver)
{
    static const char *const ciphers[] = {"AES-128-ECB", "AES-128-CBC", NULL};

    for (int i = 0; ciphers[i] != NULL; i++) {
        struct opened o;
        struct arena a;

        prepare(&o, driver, vector_of(ciphers[i], NULL), BS_ENCRYPT);
        open_session(&o);
        lay_out(&a, &o, true);
        a.request.size = 5;
        perform(&o, &a.request);
        CHECK(a.request.status == -EIO);
        right_answer(&o, false);
        close_session(&o);
    }
}

/* Without its legacy provider an OpenSSL 3 has no DES-CBC, and says so; a later try may find it. */
static void legacy_provider(const struct bs_driver *driver)
{
    struct opened o;
    char text[300] = "";

    prepare(&o, driver, vector_of("DES-CBC", NULL), BS_ENCRYPT);
    CHECK(driver->version(libcrypto_setting, text, sizeof text) == 0);
    if (strstr(text, "1.1.1") != NULL)
        return;
    CHECK(setenv("OPENSSL_MODULES", "/nonexistent", 1) == 0);
    refused(&o, "legacy provider could not be loaded");
    CHECK(unsetenv("OPENSSL_MODULES") == 0);
}

/* The file behind the library that is loaded now. */
static void library_path(char *path, size_t size)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];

    CHECK(maps != NULL);
    path[0] = '\0';
    while (path[0] == '\0' && fgets(line, sizeof line, maps) != NULL)
        if (strstr(line, "/libcrypto.so") != NULL)
            snprintf(path, size, "%.*s", (int)strcspn(strchr(line, '/'), "\n"), strchr(line, '/'));
    fclose(maps);
    CHECK(path[0] != '\0');
}

static void copy_file(const char *from, int to)
{
    FILE *in = fopen(from, "rb");
    char bytes[65536];
    size_t size;

    CHECK(in != NULL);
    while ((size = fread(bytes, 1, sizeof bytes, in)) > 0)
        CHECK(write(to, bytes, size) == (ssize_t)size);
    CHECK(fclose(in) == 0 && close(to) == 0);
}

/* By setting and by path is one library; a copy of the file is another beside it. */
static void two_libraries(const struct bs_driver *driver)
{
    char path[512], copy[] = "/tmp/benchsuite-test-XXXXXX", text[300], by_path[600], of_copy[600];
    const char *settings[3] = {libcrypto_setting, by_path, of_copy};
    struct opened o[3];

    CHECK(driver->version(libcrypto_setting, text, sizeof text) == 0);
    library_path(path, sizeof path);
    copy_file(path, mkstemp(copy));
    snprintf(by_path, sizeof by_path, "path=%s\n", path);
    snprintf(of_copy, sizeof of_copy, "path=%s\n", copy);
    for (int i = 0; i < 3; i++) {
        prepare(&o[i], driver, vector_of("AES-128-GCM", NULL), BS_ENCRYPT);
        o[i].params.setting = settings[i];
        open_session(&o[i]);
    }
    for (int i = 0; i < 6; i++)
        right_answer(&o[i % 3], i % 2);
    CHECK(((struct session *)o[0].session)->update == ((struct session *)o[1].session)->update);
    CHECK(((struct session *)o[0].session)->update != ((struct session *)o[2].session)->update);
    for (int i = 0; i < 3; i++)
        close_session(&o[i]);
    CHECK(unlink(copy) == 0);
}

int main(int count, char **arguments)
{
    const struct bs_driver *driver = bs_drivers[0];

    for (int i = 0; bs_drivers[i] != NULL; i++)
        if (strcmp(bs_drivers[i]->name, "libcrypto") == 0)
            driver = bs_drivers[i];
    CHECK(strcmp(driver->name, "libcrypto") == 0);
    if (count > 1)
        test_libcrypto(arguments[1]);
    legacy_provider(driver); /* before anything has loaded it */
    refusals(driver);
    files_that_are_none(driver);
    every_chain(driver);
    every_piece(driver);
    no_pieces_of_a_chain(driver);
    for (uint32_t cut = 0; cut < 20; cut += 8)
        pair(driver, 20 - cut);
    half_a_block(driver);
    two_libraries(driver);
    return 0;
}
