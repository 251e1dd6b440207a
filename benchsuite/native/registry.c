/* The drivers of this build, by number and by name, and what built it. */
#include "registry.h"

#include <errno.h>
#include <string.h>

int bs_driver_count(void)
{
    int n = 0;
    while (bs_drivers[n])
        n++;
    return n;
}

const char *bs_driver_name(int i)
{
    return bs_drivers[i]->name;
}

const char *bs_driver_names(int i)
{
    return bs_drivers[i]->names;
}

const char *bs_driver_backend(int i)
{
    return bs_drivers[i]->backend;
}

const char *bs_driver_about(int i)
{
    return bs_drivers[i]->about;
}

const bs_option *bs_driver_options(int i)
{
    return bs_drivers[i]->options;
}

uint32_t bs_driver_flags(int i)
{
    return bs_drivers[i]->flags;
}

const struct bs_driver *bs_driver_find(const char *name, char *text, size_t text_size)
{
    for (int i = 0; bs_drivers[i]; i++)
        if (strcmp(bs_drivers[i]->name, name) == 0)
            return bs_drivers[i];
    bs_say(text, text_size, 0, "there is no driver '%s' in this build", name);
    return NULL;
}

int bs_version(const char *driver, const char *setting, char *text, size_t text_size)
{
    const struct bs_driver *found = bs_driver_find(driver, text, text_size);
    if (!found)
        return -ENODEV;
    text[0] = '\0';
    int error = found->version(setting, text, text_size);
    if (!error && !text[0])
        return bs_say(text, text_size, -EPROTO, "the driver does not say what it measures");
    return error;
}

int bs_driver_refuses(const struct bs_driver *driver, const bs_params *params, char *text, size_t text_size)
{
    if (params->piece == 0 || driver->flags & BS_FLAG_PIECES)
        return 0;
    return bs_say(text, text_size, -EOPNOTSUPP,
                  "%s takes a text whole: neither in several updates nor in segments", driver->backend);
}

int bs_probe(const char *driver, const bs_params *params, char *text, size_t text_size)
{
    const struct bs_driver *found = bs_driver_find(driver, text, text_size);
    if (!found)
        return -ENODEV;
    text[0] = '\0';
    int error = bs_driver_refuses(found, params, text, text_size);
    return error ? error : found->probe(params, text, text_size);
}

const char *bs_compiler(void)
{
#if defined(__clang__)
    return __VERSION__; /* begins with its name */
#else
    return "gcc " __VERSION__;
#endif
}
