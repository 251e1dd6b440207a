/* libcrypto: user-space crypto in the caller's own time. */
#include "libcrypto.h"

#include <errno.h>

static bs_process *process_of(const void *session)
{
    return ((const struct session *)session)->perform;
}

static enum bs_outcome process(void *session, bs_request *request, unsigned hints)
{
    return process_of(session)(session, request, hints);
}

/* Only what is approved is served then, and self-tested code does it: other figures. */
static int in_fips_mode(const struct libcrypto *lib)
{
    if (lib->EVP_default_properties_is_fips_enabled != NULL)
        return lib->EVP_default_properties_is_fips_enabled(NULL);
    return lib->FIPS_mode != NULL && lib->FIPS_mode();
}

static int libcrypto_version(const char *setting, char *text, size_t text_size)
{
    int error;
    const struct libcrypto *lib = bs_libcrypto_load(setting, &error, text, text_size);
    const char *version;

    if (lib == NULL)
        return error;
    version = lib->OpenSSL_version(0);
    if (version == NULL || version[0] == '\0')
        return bs_say(text, text_size, -ENODATA, "%s does not say which version it is", lib->path);
    return bs_say(text, text_size, 0, "%s%s", version, in_fips_mode(lib) ? ", FIPS mode" : "");
}

const struct bs_driver bs_libcrypto_driver = {
    .name = "libcrypto",
    .backend = "software",
    .options = bs_libcrypto_options,
    .about = "libcrypto in user space; software:PATH for another than the system's",
    .names = "libcrypto",
    .flags = BS_FLAG_SYNC | BS_FLAG_ORDERED | BS_FLAG_PIECES,
    .session_size = sizeof(struct session),
    .version = libcrypto_version,
    .probe = bs_libcrypto_probe,
    .newsession = bs_libcrypto_newsession,
    .process = process,
    .process_of = process_of,
    .freesession = bs_libcrypto_freesession,
};
