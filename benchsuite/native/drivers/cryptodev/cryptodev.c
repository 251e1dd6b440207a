/* cryptodev: the kernel's crypto through /dev/crypto, an out-of-tree module. */
#include "cryptodev.h"

#include <unistd.h>

static int cryptodev_version(const char *setting, char *text, size_t text_size)
{
    struct cryptodev_setting read;
    int in_user_space;
    cryptodev_read(setting, &read);
    int fd = cryptodev_open(read.path, text, text_size);
    if (fd < 0)
        return fd;
    cryptodev_describe(fd, &in_user_space, text, text_size);
    close(fd);
    return 0;
}

static bs_process *process_of(const void *session)
{
    return ((const struct cryptodev_session *)session)->process;
}

static enum bs_outcome process(void *session, bs_request *request, unsigned hints)
{
    return process_of(session)(session, request, hints);
}

const struct bs_driver bs_cryptodev_driver = {
    .name = "cryptodev",
    .backend = "cryptodev",
    .options = cryptodev_options,
    .about = "the kernel through /dev/crypto; cryptodev:PATH for another device; ,way=async|threads",
    .names = "cryptodev",
    .flags = BS_FLAG_SYNC_ALONE | BS_FLAG_PIECES,
    .session_size = sizeof(struct cryptodev_session),
    .version = cryptodev_version,
    .probe = cryptodev_probe,
    .newsession = cryptodev_newsession,
    .process = process,
    .process_of = process_of,
    .poll = cryptodev_poll,
    .facts = cryptodev_facts,
    .freesession = cryptodev_freesession,
};
