/* Sockets: names, keys, limits. The interface: Linux, Documentation/crypto/userspace-if.rst. */
#include <errno.h>
#include <limits.h>
#include <linux/if_alg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "size.h"
#include "afalg.h"

#ifndef AF_ALG
#define AF_ALG 38
#endif
#ifndef SOL_ALG
#define SOL_ALG 279
#endif

enum {
    OLD_NAME_LIMIT = 64,   /* bytes of a name before Linux 4.12 */
    CCM_LENGTH_BYTES = 15, /* what nonce and length field of CCM share */
    KEYA_PARAM = 1,        /* CRYPTO_AUTHENC_KEYA_PARAM */
    KEY_ROOM = 512,
};

/* ---- the backend's setting ---- */

const bs_option afalg_options[] = {
    {.name = "driver",
     .metavar = "DRIVER",
     .help = "the name of a driver in /proc/crypto; without one the kernel chooses",
     .room = AFALG_NAME,
     .flags = BS_OPTION_FIRST | BS_OPTION_COMMAS},
    {.name = "way",
     .words = "sync|aio|threads",
     .help = "how requests are kept outstanding; without it both are tried"},
    {.name = NULL},
};

void afalg_read(const char *setting, struct afalg_setting *read)
{
    bs_setting_text(setting, "driver", read->driver, sizeof read->driver);
    read->way = (enum afalg_way)bs_setting_word(setting, &afalg_options[1]);
}

/* ---- binding ---- */

const char *afalg_type(int kind)
{
    if (kind == BS_CIPHER)
        return "skcipher";
    return kind == BS_AEAD || kind == BS_AUTHENC ? "aead" : "hash";
}

int afalg_bind(const char *type, const char *name)
{
    union {
        struct sockaddr_alg address;
        char room[sizeof(struct sockaddr_alg) + AFALG_NAME];
    } to;
    size_t length = strlen(name) + 1;
    memset(&to, 0, sizeof to);
    to.address.salg_family = AF_ALG;
    snprintf((char *)to.address.salg_type, sizeof to.address.salg_type, "%s", type);
    memcpy(to.room + offsetof(struct sockaddr_alg, salg_name), name, length);
    size_t size = sizeof to.address + (length > OLD_NAME_LIMIT ? length - OLD_NAME_LIMIT : 0);
    int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)&to, (socklen_t)size) == 0)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}

/* ---- the transform ---- */

static void put_be32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A pair's key: an rtattr (native endian) that holds the cipher key's length, MAC key, cipher key. */
static size_t pair_key(const bs_params *params, uint8_t *to)
{
    const uint16_t header[2] = {8, KEYA_PARAM};
    memcpy(to, header, sizeof header);
    put_be32(to + 4, params->key_len);
    if (params->mac_key_len)
        memcpy(to + 8, params->mac_key, params->mac_key_len);
    if (params->key_len)
        memcpy(to + 8 + params->mac_key_len, params->key, params->key_len);
    return 8 + (size_t)params->mac_key_len + params->key_len;
}

static int set_key(int fd, const bs_params *params)
{
    uint8_t key[KEY_ROOM];
    size_t size;
    if (params->kind == BS_DIGEST)
        return 0;
    if ((size_t)params->key_len + params->mac_key_len + 8 > sizeof key)
        return -EINVAL;
    if (params->kind == BS_AUTHENC) {
        size = pair_key(params, key);
    } else if (params->kind == BS_HMAC) {
        memcpy(key, params->mac_key, size = params->mac_key_len);
    } else {
        memcpy(key, params->key, size = params->key_len);
    }
    int error = setsockopt(fd, SOL_ALG, ALG_SET_KEY, key, (socklen_t)size) ? -errno : 0;
    explicit_bzero(key, sizeof key);
    return error;
}

static void shape(struct afalg_transform *transform, const bs_params *params)
{
    const char *name = params->cipher ? params->cipher : "";
    *transform = (struct afalg_transform){
        .fd = transform->fd,
        .kind = params->kind,
        .encrypt = params->op == BS_ENCRYPT,
        .chained = (int)params->chained,
        .iv_in_text = params->kind == BS_AEAD && params->salt_len != 0,
        .ccm = strncmp(name, "ccm(", 4) == 0,
        .iv_len = params->iv_len,
        .kernel_iv_len = params->iv_len,
        .aad_len = params->aad_len,
        .tag_len = params->tag_len,
        .piece = params->piece,
    };
    if (transform->ccm)
        transform->kernel_iv_len = AFALG_IV;
    if (params->chained && params->first_iv)
        memcpy(transform->first_iv, params->first_iv, params->iv_len);
    if (params->kind == BS_CIPHER && !params->chained && !params->piece)
        transform->chunk = strstr(name, "des") ? 8 : 16;
}

int afalg_transform_open(struct afalg_transform *transform, int fd, const bs_params *params, char *text,
                         size_t text_size)
{
    transform->fd = fd;
    if (params->iv_len > AFALG_IV)
        return bs_say(text, text_size, -EINVAL, "no IV of the kernel has %u bytes", params->iv_len);
    shape(transform, params);
    int error = set_key(fd, params);
    if (error)
        return bs_say(text, text_size, error, "the kernel refused the key: %s", strerror(-error));
    if ((params->kind == BS_AEAD || params->kind == BS_AUTHENC) &&
        setsockopt(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, params->tag_len)) {
        error = -errno;
        return bs_say(text, text_size, error, "the kernel refused a tag of %u bytes: %s", params->tag_len,
                      strerror(-error));
    }
    return 0;
}

/* ---- op sockets ---- */

static void *add_control(struct afalg_op *op, int type, size_t size)
{
    struct cmsghdr *header = (struct cmsghdr *)(op->control + op->control_size);
    header->cmsg_level = SOL_ALG;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(size);
    op->control_size += CMSG_SPACE(size);
    return CMSG_DATA(header);
}

/* Direction, AAD length and IV: only the bytes of the last two change from request to request. */
static void build_control(struct afalg_op *op, const struct afalg_transform *transform)
{
    if (transform->kind == BS_DIGEST || transform->kind == BS_HMAC)
        return;
    uint32_t direction = transform->encrypt ? ALG_OP_ENCRYPT : ALG_OP_DECRYPT;
    memcpy(add_control(op, ALG_SET_OP, sizeof direction), &direction, sizeof direction);
    if (transform->kind != BS_CIPHER)
        op->kernel_aad_len = add_control(op, ALG_SET_AEAD_ASSOCLEN, sizeof(uint32_t));
    op->control_size_without_iv = op->control_size;
    if (transform->kernel_iv_len) {
        uint8_t *iv = add_control(op, ALG_SET_IV, sizeof(uint32_t) + transform->kernel_iv_len);
        memcpy(iv, &transform->kernel_iv_len, sizeof(uint32_t));
        op->kernel_iv = iv + sizeof(uint32_t);
        memset(op->kernel_iv, 0, transform->kernel_iv_len);
        if (transform->ccm) /* RFC 3610: the first byte is the length field's size less one */
            op->kernel_iv[0] = (uint8_t)(CCM_LENGTH_BYTES - transform->iv_len - 1);
    }
}

/* A message that does not fit the buffer would have send wait for ever. */
static int make_room(int fd, int forced, int plain, size_t needed)
{
    int have, want = needed < INT_MAX ? (int)needed : INT_MAX; /* the kernel doubles it */
    socklen_t size = sizeof have;
    if (getsockopt(fd, SOL_SOCKET, plain, &have, &size) == 0 && (size_t)have >= needed)
        return 0;
    if (setsockopt(fd, SOL_SOCKET, forced, &want, sizeof want))
        setsockopt(fd, SOL_SOCKET, plain, &want, sizeof want);
    size = sizeof have;
    return getsockopt(fd, SOL_SOCKET, plain, &have, &size) || (size_t)have < needed ? -EMSGSIZE : 0;
}

int afalg_make_room(int fd, size_t needed)
{
    int error = make_room(fd, SO_SNDBUFFORCE, SO_SNDBUF, needed);
    return error ? error : make_room(fd, SO_RCVBUFFORCE, SO_RCVBUF, needed);
}

int afalg_op_open(struct afalg_op *op, const struct afalg_transform *transform, size_t max_size, char *text,
                  size_t text_size)
{
    size_t around = bs_plus(bs_plus(transform->aad_len, AFALG_IV), transform->tag_len);
    size_t needed = bs_plus(max_size > AFALG_GROUP_BYTES ? max_size : AFALG_GROUP_BYTES,
                            bs_plus(around, 4096));
    *op = (struct afalg_op){.fd = -1, .room = needed};
    op->returned_aad = malloc(around);
    if (!op->returned_aad)
        return bs_say(text, text_size, -ENOMEM, "out of memory");
    op->fd = accept4(transform->fd, NULL, NULL, SOCK_CLOEXEC);
    int error = op->fd < 0 ? -errno : 0;
    if (error) {
        bs_say(text, text_size, error, "the kernel gave no op socket: %s", strerror(-error));
    } else if ((error = afalg_make_room(op->fd, needed))) {
        bs_say(
            text, text_size, error,
            "a socket's buffer cannot hold %zu bytes: run as root, or raise net.core.wmem_max and rmem_max",
            max_size);
    }
    if (error) {
        afalg_op_close(op);
        return error;
    }
    build_control(op, transform);
    op->message.msg_iov = op->out;
    op->message.msg_control = op->control_size ? op->control : NULL;
    op->message.msg_controllen = op->control_size;
    return 0;
}

void afalg_op_close(struct afalg_op *op)
{
    if (op->fd >= 0)
        close(op->fd);
    free(op->returned_aad);
    *op = (struct afalg_op){.fd = -1};
}
