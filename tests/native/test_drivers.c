/* Holds every driver in bs_drivers[] to the rules of driver.h, by its own functions, and to published
 * vectors. An argument is the path of the libcrypto to test; without one, the system's. */
#include "driver_harness.h"

#include <malloc.h>
#include <pthread.h>

/* From 3.4 on libcrypto looks algorithms up in a hash table without locks, which TSan, not seeing
 * libcrypto's own code, takes for a race. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:ossl_ht_get\n";
}

static bool may_be_missing(const struct bs_driver *driver)
{
#ifdef EMULATED
    return driver->names[0] != '\0';
#else
    return strcmp(driver->names, "afalg") == 0 || strcmp(driver->names, "cryptodev") == 0;
#endif
}

/* A table of options is one that a line can be made of: names of letters, words or room, one that stands first. */
static void options_are_whole(const bs_option *options)
{
    for (const bs_option *option = options; option && option->name; option++) {
        CHECK(option->name[0] && strspn(option->name, "abcdefghijklmnopqrstuvwxyz_") == strlen(option->name));
        CHECK(option->help && option->help[0]);
        CHECK(option->words ? !option->room && option->words[0] : option->metavar && option->room > 1);
        CHECK(!(option->flags & BS_OPTION_FIRST) || option == options);
    }
}

static void table_is_whole(const struct bs_driver *driver)
{
    char text[300] = "";

    CHECK(driver->name[0] != '\0' && driver->names != NULL);
    CHECK(driver->version && driver->probe && driver->newsession && driver->process && driver->freesession);
    CHECK((driver->poll == NULL) == ((driver->flags & BS_FLAG_SYNC) != 0));
    options_are_whole(driver->options);
    for (int i = 0; bs_drivers[i] != driver; i++)
        CHECK(strcmp(bs_drivers[i]->name, driver->name) != 0);
    /* A driver of the kernel's may not be here, nor another machine's libcrypto; it says why. */
    CHECK(driver->version(driver_setting(driver), text, sizeof text) == 0 || may_be_missing(driver));
    CHECK(text[0] != '\0');
    printf("%s: %s\n", driver->name, text);
}

static void known_answer(const struct bs_driver *driver, const struct vector *v, int op, uint32_t room)
{
    struct opened o;
    char text[300] = "";
    int preference;

    prepare(&o, driver, v, op);
    preference = driver->probe(&o.params, text, sizeof text);
    if (preference < 0) {
        printf("  %s: not here: %s\n", v->source, text);
        CHECK(text[0] != '\0');
        CHECK(strcmp(driver->name, "libcrypto") != 0 || strstr(text, "legacy provider could not be loaded") ||
              driver->version(driver_setting(driver), text, sizeof text) < 0);
        return;
    }
    CHECK(preference >= BS_PREFER_SOFTWARE && preference <= BS_PREFER_HARDWARE);
    o.room = o.params.salt_len == 0 ? room : 0; /* the kernel's RFC 4106 takes two lengths of AAD only */
    open_session(&o);
    for (int again = 0; again < 3; again++) {
        right_answer(&o, false);
        right_answer(&o, true);
    }
    if (o.bytes && op == BS_DECRYPT && o.params.tag_len != 0)
        wrong_tag(&o);
    close_session(&o);
}

static void known_answers(const struct bs_driver *driver)
{
    for (size_t i = 0; i < VECTORS; i++) {
        for (uint32_t room = 0; room <= 48; room += 48) {
            known_answer(driver, &vectors[i], BS_ENCRYPT, room);
            if (vectors[i].out != NULL)
                known_answer(driver, &vectors[i], BS_DECRYPT, room);
        }
    }
}

/* Of GCM and HMAC the cut tag is the beginning of the whole one; nothing is written behind it, and all of it is
 * compared. A digest is whole. What a driver does not serve, it says. */
static void cut_tag(const struct bs_driver *driver, const struct vector *v, int op, uint32_t tag_len,
                    uint32_t piece)
{
    struct opened o;
    char text[300] = "";

    prepare(&o, driver, v, op);
    if (tag_len >= o.params.tag_len || (v->cipher != NULL && strcmp(v->cipher, "AES-128-CCM") == 0))
        return;
    o.params.tag_len = tag_len;
    o.params.piece = driver->flags & BS_FLAG_PIECES ? piece : 0;
    if (driver->probe(&o.params, text, sizeof text) < 0) {
        CHECK(text[0] != '\0');
        CHECK(strcmp(driver->name, "libcrypto") != 0 || v->kind == BS_DIGEST);
        return;
    }
    CHECK(!o.bytes || v->kind != BS_DIGEST);
    open_session(&o);
    right_answer(&o, false);
    right_answer(&o, true);
    if (o.bytes && op == BS_DECRYPT)
        wrong_tag(&o);
    close_session(&o);
}

static void cut_tags(const struct bs_driver *driver)
{
    char text[300] = "";

    if (driver->version(driver_setting(driver), text, sizeof text) < 0)
        return;
    for (size_t i = 0; i < VECTORS; i++) {
        for (uint32_t tag_len = 8; tag_len <= 16; tag_len += 4) {
            cut_tag(driver, &vectors[i], BS_ENCRYPT, tag_len, 0);
            cut_tag(driver, &vectors[i], BS_ENCRYPT, tag_len, 20);
            if (vectors[i].out != NULL)
                cut_tag(driver, &vectors[i], BS_DECRYPT, tag_len, 0);
        }
    }
}

/* The bytes of every vector are the same in pieces; where the interface has none for an algorithm, that is said. */
static void in_pieces(const struct bs_driver *driver, uint32_t piece)
{
    unsigned served = 0;
    char text[300] = "";

    if (!(driver->flags & BS_FLAG_PIECES) || driver->version(driver_setting(driver), text, sizeof text) < 0)
        return;
    for (size_t i = 0; i < 2 * VECTORS; i++) {
        const struct vector *v = &vectors[i / 2];
        int op = i % 2 ? BS_DECRYPT : BS_ENCRYPT;
        struct opened o;

        prepare(&o, driver, v, op);
        if ((op == BS_DECRYPT && v->out == NULL) || driver->probe(&o.params, text, sizeof text) < 0)
            continue;
        o.params.piece = piece;
        if (driver->probe(&o.params, text, sizeof text) < 0) {
            CHECK(driver->probe(&o.params, text, sizeof text) == -EOPNOTSUPP && strstr(text, "whole"));
            refused(&o, "whole");
            continue;
        }
        served++;
        open_session(&o);
        right_answer(&o, false);
        right_answer(&o, true);
        if (op == BS_DECRYPT && o.params.tag_len != 0)
            wrong_tag(&o);
        close_session(&o);
    }
    CHECK(served > 0);
}

static void refusals(const struct bs_driver *driver)
{
    struct opened o;
    char text[300] = "", cut[8] = "";

    if (driver->version(driver_setting(driver), text, sizeof text) < 0)
        return; /* not on this machine: that is all it has to say */
    prepare(&o, driver, vector_of("AES-128-CBC", NULL), BS_ENCRYPT);
    if (driver->options && strcmp(driver->options[0].name, "path") == 0) {
        o.params.setting = "path=/nonexistent/device\n"; /* nobody has such a thing */
        CHECK(driver->version(o.params.setting, text, sizeof text) < 0);
        CHECK(strstr(text, "/nonexistent/device"));
        refused(&o, "/nonexistent/device");
        CHECK(driver->version(o.params.setting, cut, sizeof cut) < 0 && strlen(cut) == sizeof cut - 1);
    }
    if (!o.bytes)
        return;
    prepare(&o, driver, vector_of("AES-128-CBC", NULL), BS_ENCRYPT);
    o.params.cipher = "ROT13";
    refused(&o, "ROT13");
    prepare(&o, driver, vector_of(NULL, "SHA2-256"), BS_ENCRYPT);
    o.params.digest = "CRC7";
    refused(&o, "CRC7");
}

static void many(const struct opened *o, struct arena *a, int requests)
{
    for (int i = 0; i < requests; i++) {
        lay_out(a, o, true);
        perform(o, &a->request);
        CHECK(a->request.status == 0);
    }
}

/* What 1000 requests leave allocated, libcrypto's own allocations included: nothing. */
static void allocates_nothing(const struct bs_driver *driver)
{
#ifdef __GLIBC__ /* others do not tell */
    for (size_t i = 0; i < VECTORS && !SANITIZED; i++) {
        struct opened o;
        struct arena a;
        char text[300];
        size_t before;

        prepare(&o, driver, &vectors[i], BS_ENCRYPT);
        if (driver->probe(&o.params, text, sizeof text) < 0)
            continue;
        open_session(&o);
        many(&o, &a, 100);
        before = mallinfo2().uordblks;
        many(&o, &a, 1000);
        CHECK(mallinfo2().uordblks == before);
        close_session(&o);
    }
#else
    (void)driver, (void)many;
#endif
}

static void *work(void *driver)
{
    for (int again = 0; again < 20; again++)
        for (size_t i = 0; i < VECTORS; i++) {
            struct opened o;
            char text[300];

            prepare(&o, driver, &vectors[i], BS_ENCRYPT);
            if (o.driver->probe(&o.params, text, sizeof text) < 0)
                continue;
            open_session(&o);
            for (int request = 0; request < 10; request++)
                right_answer(&o, request % 2);
            close_session(&o);
        }
    return NULL;
}

/* Sessions are independent: two threads, each opening and using its own, from the driver's first use. */
static void threads(const struct bs_driver *driver)
{
    pthread_t other;

    CHECK(pthread_create(&other, NULL, work, (void *)driver) == 0);
    work((void *)driver);
    CHECK(pthread_join(other, NULL) == 0);
}

int main(int count, char **arguments)
{
    if (count > 1)
        test_libcrypto(arguments[1]);
    for (int i = 0; bs_drivers[i] != NULL; i++) {
        threads(bs_drivers[i]);
        table_is_whole(bs_drivers[i]);
        known_answers(bs_drivers[i]);
        cut_tags(bs_drivers[i]);
        in_pieces(bs_drivers[i], 1);
        in_pieces(bs_drivers[i], 20);
        refusals(bs_drivers[i]);
        allocates_nothing(bs_drivers[i]);
    }
    return 0;
}
