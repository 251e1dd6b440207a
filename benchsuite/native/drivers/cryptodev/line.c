/* Lines: descriptors of the device with the sessions that params ask for. */
#include <unistd.h>

#include "cryptodev.h"

void cryptodev_line_close(struct cryptodev_line *line)
{
    if (line->fd < 0)
        return;
    if (line->has_cipher)
        cryptodev_ioctl(line->fd, CIOCFSESSION, &line->cipher);
    if (line->has_mac)
        cryptodev_ioctl(line->fd, CIOCFSESSION, &line->mac);
    close(line->fd);
    *line = (struct cryptodev_line){.fd = -1};
}

static int open_cipher(const struct cryptodev_asked *asked, struct cryptodev_line *line)
{
    const bs_params *p = asked->params;
    struct session_op op = {.cipher = asked->cipher->id, .keylen = p->key_len - p->salt_len, .key = p->key};
    int error = cryptodev_new(line->fd, &op, asked->cipher->name, asked->text, asked->text_size);
    line->has_cipher = !error;
    line->cipher = op.ses;
    return error;
}

static int open_mac(const struct cryptodev_asked *asked, struct cryptodev_line *line)
{
    const bs_params *p = asked->params;
    struct session_op op = {.mac = asked->mac->id};
    if (asked->mac->kind == BS_HMAC) {
        op.mackeylen = p->mac_key_len;
        op.mackey = p->mac_key;
    }
    int error = cryptodev_new(line->fd, &op, asked->mac->name, asked->text, asked->text_size);
    line->has_mac = !error;
    line->mac = op.ses;
    return error;
}

/* A descriptor of its own with the sessions that were asked for. */
int cryptodev_line_open(void *context, struct cryptodev_line *line)
{
    struct cryptodev_asked *asked = context;
    *line = (struct cryptodev_line){.fd = cryptodev_open(asked->setting.path, asked->text, asked->text_size)};
    int error = line->fd < 0 ? line->fd : 0;
    if (!error && asked->cipher)
        error = open_cipher(asked, line);
    if (!error && asked->mac)
        error = open_mac(asked, line);
    if (error)
        cryptodev_line_close(line);
    return error;
}

void cryptodev_learn(struct cryptodev_session *s, const struct cryptodev_line *line)
{
    char ignored[128];
    cryptodev_describe(line->fd, &s->in_user_space, ignored, sizeof ignored);
    if (line->has_cipher)
        cryptodev_info(line->fd, line->cipher, &s->cipher_served, NULL);
    if (line->has_mac)
        cryptodev_info(line->fd, line->mac, NULL, &s->mac_served);
    s->alignmask = s->cipher_served.alignmask | s->mac_served.alignmask;
}
