#include "proc_crypto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "core.h"

enum { GENERIC_PRIORITY = 100 };

/* ---- /proc/crypto: blocks of "key : value" lines, ended by an empty line ---- */

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static void take_line(struct kernel_driver *entry, const char *key, const char *value)
{
    if (strcmp(key, "name") == 0) {
        *entry = (struct kernel_driver){.usable = 1, .iv_size = -1, .digest_size = -1};
        copy(entry->name, sizeof entry->name, value);
    } else if (strcmp(key, "driver") == 0) {
        copy(entry->driver, sizeof entry->driver, value);
    } else if (strcmp(key, "module") == 0) {
        copy(entry->module, sizeof entry->module, value);
    } else if (strcmp(key, "type") == 0) {
        copy(entry->type, sizeof entry->type, value);
    } else if (strcmp(key, "priority") == 0) {
        entry->priority = atoi(value);
    } else if (strcmp(key, "ivsize") == 0) {
        entry->iv_size = atoi(value);
    } else if (strcmp(key, "digestsize") == 0) {
        entry->digest_size = atoi(value);
    } else if (strcmp(key, "refcnt") == 0) {
        entry->references = atoi(value);
    } else if (strcmp(key, "async") == 0) {
        entry->asynchronous = strcmp(value, "yes") == 0;
    } else if (strcmp(key, "selftest") == 0) {
        entry->usable &= strcmp(value, "passed") == 0;
    } else if (strcmp(key, "internal") == 0) {
        entry->usable &= strcmp(value, "no") == 0;
    }
}

static int split(char *line, const char **key, const char **value)
{
    char *colon = strchr(line, ':'), *end = line + strcspn(line, " \t:");
    if (!colon)
        return 0;
    line[strcspn(line, "\n")] = '\0';
    *end = '\0';
    *key = line;
    *value = colon + 1 + strspn(colon + 1, " \t");
    return 1;
}

int proc_crypto_each(int (*visit)(void *, const struct kernel_driver *), void *context)
{
    FILE *file = fopen("/proc/crypto", "re");
    struct kernel_driver entry = {.usable = 0};
    const char *key, *value;
    char line[512];
    int answer = 0;
    if (!file)
        return -errno;
    while (!answer && fgets(line, sizeof line, file)) {
        if (split(line, &key, &value))
            take_line(&entry, key, value);
        else if (entry.name[0]) {
            answer = visit(context, &entry);
            entry.name[0] = '\0';
        }
    }
    if (!answer && entry.name[0])
        answer = visit(context, &entry);
    fclose(file);
    return answer;
}

int proc_crypto_is_type(const struct kernel_driver *driver, const char *type)
{
    if (strcmp(type, "hash") == 0)
        return strcmp(driver->type, "ahash") == 0 || strcmp(driver->type, "shash") == 0;
    return strcmp(driver->type, type) == 0;
}

struct search {
    const char *name, *type;
    struct kernel_driver *found;
    int any;
};

static int is_driver(void *context, const struct kernel_driver *entry)
{
    struct search *search = context;
    if (!entry->usable || strcmp(entry->driver, search->name) != 0)
        return 0;
    *search->found = *entry;
    return 1;
}

int proc_crypto_driver(const char *driver, struct kernel_driver *found)
{
    struct search search = {.name = driver, .found = found};
    int answer = proc_crypto_each(is_driver, &search);
    return answer == 1 ? 0 : answer < 0 ? answer : -ENOENT;
}

static int is_better(void *context, const struct kernel_driver *entry)
{
    struct search *search = context;
    if (entry->usable && strcmp(entry->name, search->name) == 0 && proc_crypto_is_type(entry, search->type) &&
        (!search->any || entry->priority > search->found->priority)) {
        *search->found = *entry;
        search->any = 1;
    }
    return 0;
}

int proc_crypto_best(const char *name, const char *type, struct kernel_driver *found)
{
    struct search search = {.name = name, .type = type, .found = found};
    int answer = proc_crypto_each(is_better, &search);
    return answer < 0 ? answer : search.any ? 0 : -ENOENT;
}

/* ---- what kind of driver it is ---- */

/* Where under /lib/modules/VERSION/ a module's file lies, e.g. "kernel/drivers/crypto/virtio/...", by
 * the list that depmod wrote, modules.dep. What is inside the kernel image has no name to look for. */
static int module_path(const char *list, const char *module, char *path, size_t size)
{
    struct utsname system;
    char name[256], line[4096];
    int found = 0;
    if (uname(&system))
        return 0;
    snprintf(name, sizeof name, "/lib/modules/%s/%s", system.release, list);
    FILE *file = fopen(name, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        line[strcspn(line, ":\n")] = '\0';
        const char *base = strrchr(line, '/'), *want = module;
        base = base ? base + 1 : line;
        while (*want && (*base == *want || (*base == '-' && *want == '_')))
            base++, want++;
        found = !*want && strncmp(base, ".ko", 3) == 0;
        if (found)
            copy(path, size, line);
    }
    if (file)
        fclose(file);
    return found;
}

static int has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), own = strlen(suffix);
    return length >= own && strcmp(text + length - own, suffix) == 0;
}

static int own_preference(const struct kernel_driver *driver)
{
    char path[4096];
    if (module_path("modules.dep", driver->module, path, sizeof path)) {
        if (strstr(path, "/drivers/"))
            return BS_PREFER_HARDWARE;
        if (strstr(path, "/arch/"))
            return BS_PREFER_ACCELERATED;
    }
    if (has_suffix(driver->driver, "-generic") || has_suffix(driver->driver, "-lib"))
        return BS_PREFER_SOFTWARE;
    return driver->priority > GENERIC_PRIORITY ? BS_PREFER_ACCELERATED : BS_PREFER_SOFTWARE;
}

/* Of the drivers named between parentheses and commas: authenc(hmac(sha1-ni),cbc-aes-aesni). */
static int parts_preference(const char *name)
{
    int best = BS_PREFER_SOFTWARE;
    char part[128];
    while (*name) {
        size_t length = strcspn(name, "(),");
        struct kernel_driver found;
        if (length && length < sizeof part && name[length] != '(') { /* a leaf, not a template */
            memcpy(part, name, length);
            part[length] = '\0';
            int one = proc_crypto_driver(part, &found) ? BS_PREFER_SOFTWARE : own_preference(&found);
            best = one > best ? one : best;
        }
        name += length + (name[length] != '\0');
    }
    return best;
}

int proc_crypto_preference(const struct kernel_driver *driver)
{
    return strchr(driver->driver, '(') ? parts_preference(driver->driver) : own_preference(driver);
}
