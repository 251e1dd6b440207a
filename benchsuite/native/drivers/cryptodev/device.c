/* The device node: finding it, telling why it cannot be used, and sessions on it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cryptodev.h"

#define DEFAULT_PATH "/dev/crypto"

int cryptodev_ioctl(int fd, unsigned long request, void *argument)
{
    while (ioctl(fd, request, argument) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

const bs_option cryptodev_options[] = {
    {.name = "path",
     .metavar = "PATH",
     .help = "the device node; without one " DEFAULT_PATH,
     .room = PATH_MAX,
     .flags = BS_OPTION_FIRST},
    {.name = "way",
     .words = "async|threads",
     .help = "how requests are kept outstanding; without it both are tried"},
    {.name = NULL},
};

void cryptodev_read(const char *setting, struct cryptodev_setting *read)
{
    bs_setting_text(setting, "path", read->path, sizeof read->path);
    if (!read->path[0])
        strcpy(read->path, DEFAULT_PATH);
    unsigned way = bs_setting_word(setting, &cryptodev_options[1]);
    read->way = way ? (enum cryptodev_way)(CRYPTODEV_SYNC + way) : CRYPTODEV_UNDECIDED;
}

/* ---- opening ---- */

static int cannot_open(const char *path, int error, char *text, size_t text_size)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return bs_say(text, text_size, -error,
                      "%s is not there: build cryptodev-linux for this kernel "
                      "(github.com/cryptodev-linux/cryptodev-linux), then: sudo modprobe cryptodev",
                      path);
    case EACCES:
    case EPERM:
        return bs_say(text, text_size, -error,
                      "%s may not be opened (%s): run as root, or: sudo chmod a+rw %s", path, strerror(error),
                      path);
    default:
        return bs_say(text, text_size, -error, "%s cannot be opened: %s", path, strerror(error));
    }
}

/* Once a descriptor had to be cloned before it could be used. What comes back is taken only when it is a
 * new descriptor of the same device: a server in user space can give none, whatever it answers. */
static int cloned(int fd)
{
    struct stat own, other;
    uint32_t number = UINT32_MAX;
    if (cryptodev_ioctl(fd, CRIOGET, &number) || number > INT_MAX || (int)number == fd)
        return fd;
    int clone = (int)number;
    if (fstat(fd, &own) || fstat(clone, &other) || own.st_rdev != other.st_rdev || !S_ISCHR(other.st_mode))
        return fd;
    fcntl(clone, F_SETFD, FD_CLOEXEC);
    close(fd);
    return clone;
}

int cryptodev_open(const char *path, char *text, size_t text_size)
{
    struct stat found;
    uint32_t features = 0;
    if (stat(path, &found))
        return cannot_open(path, errno, text, text_size);
    if (!S_ISCHR(found.st_mode)) /* before it is opened: a pipe would wait */
        return bs_say(text, text_size, -ENOTTY,
                      "%s is no device: name the node of cryptodev-linux, usually " DEFAULT_PATH, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return cannot_open(path, errno, text, text_size);
    int error = cryptodev_ioctl(fd, CIOCASYMFEAT, &features);
    if (error) {
        close(fd);
        return bs_say(text, text_size, error,
                      "%s is no device of cryptodev's (%s): name the node of "
                      "cryptodev-linux, usually " DEFAULT_PATH,
                      path, strerror(-error));
    }
    return cloned(fd);
}

/* ---- what it is ---- */

/* One line of a file of sysfs, without its end. */
static int line_of(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    int any = file && fgets(line, (int)size, file);
    if (file)
        fclose(file);
    if (any)
        line[strcspn(line, "\n")] = '\0';
    return any && line[0];
}

/* "misc" for the module's node, "cuse" for a server in user space; "" where sysfs does not tell. */
static void subsystem_of(dev_t device, char *name, size_t size)
{
    char path[96], target[PATH_MAX];
    name[0] = '\0';
    snprintf(path, sizeof path, "/sys/dev/char/%u:%u/subsystem", major(device), minor(device));
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    const char *base = strrchr(target, '/');
    if (base && strlen(base + 1) < size)
        strcpy(name, base + 1);
}

/* The module has had a version of its own only in some distributions. */
static void module_version(char *version, size_t size)
{
    char value[48];
    version[0] = '\0';
    if (line_of("/sys/module/cryptodev/version", value, sizeof value))
        snprintf(version, size, " %s", value);
    else if (line_of("/sys/module/cryptodev/srcversion", value, sizeof value))
        snprintf(version, size, " (source %s)", value);
}

void cryptodev_describe(int fd, int *in_user_space, char *text, size_t text_size)
{
    struct utsname system = {.release = ""};
    struct stat found = {0};
    char subsystem[64], version[64];
    uname(&system);
    fstat(fd, &found);
    subsystem_of(found.st_rdev, subsystem, sizeof subsystem);
    *in_user_space = strcmp(subsystem, "cuse") == 0;
    module_version(version, sizeof version);
    if (*in_user_space)
        bs_say(text, text_size, 0, "a CUSE server (a program in user space), Linux %s", system.release);
    else if (access("/sys/module/cryptodev", F_OK) == 0)
        bs_say(text, text_size, 0, "cryptodev-linux%s, Linux %s", version, system.release);
    else
        bs_say(text, text_size, 0, "a cryptodev built into the kernel, Linux %s", system.release);
}

int cryptodev_has_async(int fd)
{
    struct crypt_op op = {0};
    return cryptodev_ioctl(fd, CIOCASYNCFETCH, &op) == -EBUSY; /* there is nothing to fetch */
}

/* ---- sessions ---- */

int cryptodev_new(int fd, struct session_op *op, const char *name, char *text, size_t text_size)
{
    int error = cryptodev_ioctl(fd, CIOCGSESSION, op);
    if (error == -EINVAL || error == -ENOENT)
        return bs_say(text, text_size, error,
                      "the device refuses %s with a key of %u bytes (%s): the kernel "
                      "behind it lacks the algorithm, or forbids that key",
                      name, op->cipher ? op->keylen : op->mackeylen, strerror(-error));
    if (error)
        return bs_say(text, text_size, error, "the device opens no session for %s: %s", name,
                      strerror(-error));
    return 0;
}

static void take_info(struct cryptodev_served *served, const struct alg_info *info,
                      const struct session_info_op *all)
{
    snprintf(served->driver, sizeof served->driver, "%.*s", (int)sizeof info->cra_driver_name - 1,
             info->cra_driver_name);
    served->alignmask = all->alignmask;
    served->hardware = (all->flags & SIOP_FLAG_KERNEL_DRIVER_ONLY) != 0;
}

void cryptodev_info(int fd, uint32_t ses, struct cryptodev_served *cipher, struct cryptodev_served *mac)
{
    struct session_info_op info = {.ses = ses};
    if (cryptodev_ioctl(fd, CIOCGSESSINFO, &info))
        return;
    if (cipher)
        take_info(cipher, &info.cipher_info, &info);
    if (mac)
        take_info(mac, &info.hash_info, &info);
}
