/* Every function the libcrypto driver calls, once: F(need, result, name, older, arguments).
 *
 * MUST: without it the file is no libcrypto we can use. MAY: some versions have it; NULL where not
 * (of each newer way and its older one, load.c wants at least one).
 * older: the name in OpenSSL 1.1.1 where it had another with the same meaning, else NULL.
 * No OpenSSL header is needed: its types are opaque to us and written void. */
#ifndef BS_LIBCRYPTO_FUNCTIONS_H
#define BS_LIBCRYPTO_FUNCTIONS_H

/* The public layout of OSSL_PARAM (OpenSSL 3). */
struct ossl_param {
    const char *key;
    unsigned data_type;
    void *data;
    size_t data_size, return_size;
};

#define BS_LIBCRYPTO_FUNCTIONS(F)                                                                  \
    F(MUST, const char *, OpenSSL_version, NULL, (int what))                                       \
    F(MUST, unsigned long, ERR_peek_last_error, NULL, (void))                                      \
    F(MUST, const char *, ERR_reason_error_string, NULL, (unsigned long error))                    \
    F(MUST, void, ERR_clear_error, NULL, (void))                                                   \
    F(MUST, int, CRYPTO_memcmp, NULL, (const void *a, const void *b, size_t size))                 \
    /* FIPS mode: OpenSSL 3, and 1.1.1 */                                                          \
    F(MAY, int, EVP_default_properties_is_fips_enabled, NULL, (void *context))                     \
    F(MAY, int, FIPS_mode, NULL, (void))                                                           \
    /* providers: OpenSSL 3 */                                                                     \
    F(MAY, void *, OSSL_LIB_CTX_new, NULL, (void))                                                 \
    F(MAY, void, OSSL_LIB_CTX_free, NULL, (void *context))                                         \
    F(MAY, void *, OSSL_PROVIDER_load, NULL, (void *context, const char *name))                    \
    /* ciphers */                                                                                  \
    F(MAY, void *, EVP_CIPHER_fetch, NULL, (void *context, const char *name, const char *query))   \
    F(MAY, void, EVP_CIPHER_free, NULL, (void *cipher))                                            \
    F(MAY, void *, EVP_get_cipherbyname, NULL, (const char *name))                                 \
    F(MUST, int, EVP_CIPHER_get_key_length, "EVP_CIPHER_key_length", (const void *cipher))         \
    F(MUST, int, EVP_CIPHER_get_iv_length, "EVP_CIPHER_iv_length", (const void *cipher))           \
    F(MUST, int, EVP_CIPHER_get_block_size, "EVP_CIPHER_block_size", (const void *cipher))         \
    F(MUST, unsigned long, EVP_CIPHER_get_flags, "EVP_CIPHER_flags", (const void *cipher))         \
    F(MUST, void *, EVP_CIPHER_CTX_new, NULL, (void))                                              \
    F(MUST, void, EVP_CIPHER_CTX_free, NULL, (void *context))                                      \
    F(MUST, int, EVP_CIPHER_CTX_ctrl, NULL, (void *context, int type, int size, void *data))       \
    F(MUST, int, EVP_CIPHER_CTX_set_padding, NULL, (void *context, int on))                        \
    F(MAY, int, EVP_CIPHER_CTX_set_params, NULL, (void *context, const struct ossl_param *params)) \
    F(MUST, int, EVP_EncryptInit_ex, NULL,                                                         \
      (void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv))    \
    F(MUST, int, EVP_DecryptInit_ex, NULL,                                                         \
      (void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv))    \
    F(MUST, int, EVP_EncryptUpdate, NULL,                                                          \
      (void *context, uint8_t *out, int *written, const uint8_t *in, int size))                    \
    F(MUST, int, EVP_DecryptUpdate, NULL,                                                          \
      (void *context, uint8_t *out, int *written, const uint8_t *in, int size))                    \
    F(MUST, int, EVP_EncryptFinal_ex, NULL, (void *context, uint8_t *out, int *written))           \
    F(MUST, int, EVP_DecryptFinal_ex, NULL, (void *context, uint8_t *out, int *written))           \
    /* digests */                                                                                  \
    F(MAY, void *, EVP_MD_fetch, NULL, (void *context, const char *name, const char *query))       \
    F(MAY, void, EVP_MD_free, NULL, (void *digest))                                                \
    F(MAY, void *, EVP_get_digestbyname, NULL, (const char *name))                                 \
    F(MUST, int, EVP_MD_get_size, "EVP_MD_size", (const void *digest))                             \
    F(MUST, void *, EVP_MD_CTX_new, NULL, (void))                                                  \
    F(MUST, void, EVP_MD_CTX_free, NULL, (void *context))                                          \
    F(MUST, int, EVP_DigestInit_ex, NULL, (void *context, const void *digest, void *engine))       \
    F(MUST, int, EVP_DigestUpdate, NULL, (void *context, const void *data, size_t size))           \
    F(MUST, int, EVP_DigestFinal_ex, NULL, (void *context, uint8_t *out, unsigned *size))          \
    /* HMAC: EVP_MAC where there is one (OpenSSL 3), else HMAC_* */                                \
    F(MAY, void *, EVP_MAC_fetch, NULL, (void *context, const char *name, const char *query))      \
    F(MAY, void, EVP_MAC_free, NULL, (void *mac))                                                  \
    F(MAY, void *, EVP_MAC_CTX_new, NULL, (void *mac))                                             \
    F(MAY, void, EVP_MAC_CTX_free, NULL, (void *context))                                          \
    F(MAY, int, EVP_MAC_init, NULL,                                                                \
      (void *context, const uint8_t *key, size_t size, const struct ossl_param *params))           \
    F(MAY, int, EVP_MAC_update, NULL, (void *context, const uint8_t *data, size_t size))           \
    F(MAY, int, EVP_MAC_final, NULL, (void *context, uint8_t *out, size_t *written, size_t size))  \
    F(MAY, void *, HMAC_CTX_new, NULL, (void))                                                     \
    F(MAY, void, HMAC_CTX_free, NULL, (void *context))                                             \
    F(MAY, int, HMAC_Init_ex, NULL,                                                                \
      (void *context, const void *key, int size, const void *digest, void *engine))                \
    F(MAY, int, HMAC_Update, NULL, (void *context, const uint8_t *data, size_t size))              \
    F(MAY, int, HMAC_Final, NULL, (void *context, uint8_t *out, unsigned *size))

#endif
