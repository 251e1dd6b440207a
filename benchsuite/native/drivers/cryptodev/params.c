/* Params checked against what cryptodev's interface can say. What the kernel behind it can do, a session
 * on trial shows. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cryptodev.h"

enum { GCM_NONCE = 12 };

/* ---- the algorithms the driver knows ---- */

/* Sizes are bytes. The device reads and writes IVs, tags and digests of its own lengths, whatever the
 * caller has room for. */
static const struct cryptodev_algorithm algorithms[] = {
    {"CRYPTO_DES_CBC", CRYPTO_DES_CBC, BS_CIPHER, 8, 0, 1},
    {"CRYPTO_3DES_CBC", CRYPTO_3DES_CBC, BS_CIPHER, 8, 0, 1},
    {"CRYPTO_AES_CBC", CRYPTO_AES_CBC, BS_CIPHER, 16, 0, 1},
    {"CRYPTO_AES_CTR", CRYPTO_AES_CTR, BS_CIPHER, 16, 0, 1},
    {"CRYPTO_AES_XTS", CRYPTO_AES_XTS, BS_CIPHER, 16, 0, 0},
    {"CRYPTO_AES_ECB", CRYPTO_AES_ECB, BS_CIPHER, 0, 0, 1},
    {"CRYPTO_NULL", CRYPTO_NULL, BS_CIPHER, 0, 0, 1},
    {"CRYPTO_AES_GCM", CRYPTO_AES_GCM, BS_AEAD, GCM_NONCE, 16, 0},
    {"CRYPTO_MD5", CRYPTO_MD5, BS_DIGEST, 0, 16, 0},
    {"CRYPTO_SHA1", CRYPTO_SHA1, BS_DIGEST, 0, 20, 0},
    {"CRYPTO_SHA2_224", CRYPTO_SHA2_224, BS_DIGEST, 0, 28, 0},
    {"CRYPTO_SHA2_256", CRYPTO_SHA2_256, BS_DIGEST, 0, 32, 0},
    {"CRYPTO_SHA2_384", CRYPTO_SHA2_384, BS_DIGEST, 0, 48, 0},
    {"CRYPTO_SHA2_512", CRYPTO_SHA2_512, BS_DIGEST, 0, 64, 0},
    {"CRYPTO_MD5_HMAC", CRYPTO_MD5_HMAC, BS_HMAC, 0, 16, 0},
    {"CRYPTO_SHA1_HMAC", CRYPTO_SHA1_HMAC, BS_HMAC, 0, 20, 0},
    {"CRYPTO_SHA2_224_HMAC", CRYPTO_SHA2_224_HMAC, BS_HMAC, 0, 28, 0},
    {"CRYPTO_SHA2_256_HMAC", CRYPTO_SHA2_256_HMAC, BS_HMAC, 0, 32, 0},
    {"CRYPTO_SHA2_384_HMAC", CRYPTO_SHA2_384_HMAC, BS_HMAC, 0, 48, 0},
    {"CRYPTO_SHA2_512_HMAC", CRYPTO_SHA2_512_HMAC, BS_HMAC, 0, 64, 0},
};

static const struct cryptodev_algorithm *algorithm_of(const char *name, int kind)
{
    for (size_t i = 0; name && i < sizeof algorithms / sizeof *algorithms; i++)
        if (algorithms[i].kind == kind && strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

static int find(struct cryptodev_asked *asked)
{
    const bs_params *p = asked->params;
    int cipher_kind = p->kind == BS_AUTHENC ? BS_CIPHER : p->kind;
    int mac_kind = p->kind == BS_AUTHENC ? BS_HMAC : p->kind;
    asked->cipher = algorithm_of(p->cipher, cipher_kind);
    asked->mac = algorithm_of(p->digest, mac_kind);
    int wants_cipher = p->kind == BS_CIPHER || p->kind == BS_AEAD || p->kind == BS_AUTHENC;
    int wants_mac = p->kind == BS_DIGEST || p->kind == BS_HMAC || p->kind == BS_AUTHENC;
    if ((wants_cipher && !asked->cipher) || (wants_mac && !asked->mac) || (!asked->cipher && !asked->mac)) {
        const char *name = wants_cipher && !asked->cipher ? p->cipher : p->digest;
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP, "%s: cryptodev has no algorithm %s",
                      asked->setting.path, name ? name : "without a name");
    }
    return 0;
}

/* Of GCM the kernel has these; an HMAC can be cut; of a digest everything is wanted. */
static int has_tag(const bs_params *p, const struct cryptodev_algorithm *tagged)
{
    uint32_t size = p->tag_len, whole = tagged->tag_len;
    if (p->kind == BS_AEAD)
        return size == 4 || size == 8 || (size >= 12 && size <= whole);
    return size == whole || (tagged->kind == BS_HMAC && size > 0 && size < whole);
}

/* Lengths that the device takes for granted. */
static int check_lengths(const struct cryptodev_asked *asked)
{
    const bs_params *p = asked->params;
    uint32_t iv = asked->cipher ? asked->cipher->iv_len : 0;
    const struct cryptodev_algorithm *tagged = asked->mac ? asked->mac : asked->cipher;
    long page = sysconf(_SC_PAGESIZE);
    if ((uint64_t)p->max_size + p->aad_len + p->tag_len > UINT32_MAX)
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP,
                      "cryptodev takes less than 4 GiB at once, tag and "
                      "AAD included");
    if (p->salt_len > p->key_len || (p->salt_len && p->kind != BS_AEAD))
        return bs_say(asked->text, asked->text_size, -EINVAL,
                      "a salt of %u bytes needs an AEAD, and a key "
                      "that ends in it",
                      p->salt_len);
    if (p->salt_len + p->iv_len != iv)
        return bs_say(asked->text, asked->text_size, -EINVAL, "%s takes %u bytes of salt and IV, not %u",
                      (asked->cipher ? asked->cipher : tagged)->name, iv, p->salt_len + p->iv_len);
    if (!has_tag(p, tagged))
        return bs_say(asked->text, asked->text_size, -EINVAL,
                      "%s has no tag of %u bytes; its whole one has %u", tagged->name, p->tag_len,
                      tagged->tag_len);
    if (p->kind == BS_AEAD && p->aad_len > (unsigned long)page)
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP,
                      "cryptodev takes at most a page (%ld bytes) "
                      "of AAD, not %u",
                      page, p->aad_len);
    return 0;
}

/* The IV that comes back continues a stream only after whole blocks. */
static int check_chained(const struct cryptodev_asked *asked)
{
    const bs_params *p = asked->params;
    if (!p->chained)
        return 0;
    if (p->kind != BS_CIPHER || !asked->cipher->can_chain)
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP,
                      "cryptodev hands the IV on for CBC, CTR and "
                      "ECB, not for %s",
                      asked->cipher ? p->cipher : p->digest);
    if (p->max_size % 16 && asked->cipher->id == CRYPTO_AES_CTR)
        return bs_say(asked->text, asked->text_size, -EOPNOTSUPP,
                      "a chained CTR request must be a multiple of "
                      "16 bytes: the rest of a key stream's block is not handed on");
    return 0;
}

static int check_piece(const struct cryptodev_asked *asked)
{
    const bs_params *p = asked->params;
    if (!p->piece || p->kind == BS_DIGEST || p->kind == BS_HMAC)
        return 0;
    return bs_say(asked->text, asked->text_size, -EOPNOTSUPP,
                  "cryptodev takes the text of a hash in several updates, not that of %s: it goes whole",
                  p->cipher ? p->cipher : p->digest);
}

int cryptodev_check(struct cryptodev_asked *asked)
{
    const bs_params *p = asked->params;
    int error = 0;
    cryptodev_read(p->setting, &asked->setting);
    if (p->kind < BS_CIPHER || p->kind > BS_AUTHENC)
        error = bs_say(asked->text, asked->text_size, -EINVAL, "params name no algorithm");
    if (!error && (p->kind == BS_DIGEST || p->kind == BS_HMAC) && p->op != BS_ENCRYPT)
        error = bs_say(asked->text, asked->text_size, -EINVAL, "a digest is computed, not decrypted");
    if (!error)
        error = find(asked);
    if (!error)
        error = check_lengths(asked);
    if (!error)
        error = check_piece(asked);
    return error ? error : check_chained(asked);
}
