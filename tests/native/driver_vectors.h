/* Published known answers, in hex, under libcrypto's names. */
#ifndef BS_DRIVER_VECTORS_H
#define BS_DRIVER_VECTORS_H

struct vector {
    const char *source;
    int kind;
    const char *cipher, *digest;
    const char *key, *mac_key; /* for RFC 4106 the key ends in the salt */
    unsigned salt_len;
    const char *iv, *aad, *in, *out, *tag;
};

static const struct vector vectors[] = {
    {.source = "NIST SP 800-38A F.1.1", .kind = BS_CIPHER, .cipher = "AES-128-ECB",
     .key = "2b7e151628aed2a6abf7158809cf4f3c",
     .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .out = "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"},
    {.source = "NIST SP 800-38A F.2.1", .kind = BS_CIPHER, .cipher = "AES-128-CBC",
     .key = "2b7e151628aed2a6abf7158809cf4f3c", .iv = "000102030405060708090a0b0c0d0e0f",
     .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .out = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    {.source = "NIST SP 800-38A F.5.1", .kind = BS_CIPHER, .cipher = "AES-128-CTR",
     .key = "2b7e151628aed2a6abf7158809cf4f3c", .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .out = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"},
    {.source = "IEEE 1619 vector 2", .kind = BS_CIPHER, .cipher = "AES-128-XTS",
     .key = "1111111111111111111111111111111122222222222222222222222222222222",
     .iv = "33333333330000000000000000000000",
     .in = "4444444444444444444444444444444444444444444444444444444444444444",
     .out = "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"},
    {.source = "FIPS 81 table C1", .kind = BS_CIPHER, .cipher = "DES-CBC", .key = "0123456789abcdef",
     .iv = "1234567890abcdef", .in = "4e6f77206973207468652074696d6520666f7220616c6c20",
     .out = "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
    {.source = "FIPS 81 table C1, the key three times", .kind = BS_CIPHER, .cipher = "DES-EDE3-CBC",
     .key = "0123456789abcdef0123456789abcdef0123456789abcdef", .iv = "1234567890abcdef",
     .in = "4e6f77206973207468652074696d6520666f7220616c6c20",
     .out = "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
    {.source = "GCM specification, test case 4", .kind = BS_AEAD, .cipher = "AES-128-GCM",
     .key = "feffe9928665731c6d6a8f9467308308", .iv = "cafebabefacedbaddecaf888",
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
           "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .out = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     .tag = "5bc94fbc3221a5db94fae95ae7121a47"},
    {.source = "GCM specification, test case 4, its nonce as RFC 4106 salt and IV", .kind = BS_AEAD,
     .cipher = "AES-128-GCM", .key = "feffe9928665731c6d6a8f9467308308cafebabe", .salt_len = 4,
     .iv = "facedbaddecaf888", .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
           "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .out = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     .tag = "5bc94fbc3221a5db94fae95ae7121a47"},
    {.source = "NIST SP 800-38C example 1", .kind = BS_AEAD, .cipher = "AES-128-CCM",
     .key = "404142434445464748494a4b4c4d4e4f", .iv = "10111213141516", .aad = "0001020304050607",
     .in = "20212223", .out = "7162015b", .tag = "4dac255d"},
    {.source = "RFC 8439 section 2.8.2", .kind = BS_AEAD, .cipher = "ChaCha20-Poly1305",
     .key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     .iv = "070000004041424344454647", .aad = "50515253c0c1c2c3c4c5c6c7",
     .in = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966"
           "204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f72207468652066757475"
           "72652c2073756e73637265656e20776f756c642062652069742e",
     .out = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69"
            "da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594"
            "5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
     .tag = "1ae10b594f09e26a7e902ecbd0600691"},
    {.source = "RFC 1321 appendix A.5", .kind = BS_DIGEST, .digest = "MD5", .in = "616263",
     .tag = "900150983cd24fb0d6963f7d28e17f72"},
    {.source = "FIPS 180 SHA-1 abc", .kind = BS_DIGEST, .digest = "SHA1", .in = "616263",
     .tag = "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {.source = "FIPS 180 SHA-256 abc", .kind = BS_DIGEST, .digest = "SHA2-256", .in = "616263",
     .tag = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {.source = "FIPS 202 SHA3-256 abc", .kind = BS_DIGEST, .digest = "SHA3-256", .in = "616263",
     .tag = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {.source = "RFC 2202 HMAC-SHA-1 case 1", .kind = BS_HMAC, .digest = "SHA1",
     .mac_key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", .in = "4869205468657265",
     .tag = "b617318655057264e28bc0b6fb378c8ef146be00"},
    {.source = "RFC 4231 HMAC-SHA-256 case 2", .kind = BS_HMAC, .digest = "SHA256", .mac_key = "4a656665",
     .in = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {.source = "RFC 2202 HMAC-SHA-1 case 1, NULL cipher, three bytes as AAD", .kind = BS_AUTHENC,
     .digest = "SHA1", .mac_key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", .aad = "486920",
     .in = "5468657265", .out = "5468657265", .tag = "b617318655057264e28bc0b6fb378c8ef146be00"},
};

#define VECTORS (sizeof vectors / sizeof *vectors)

#endif
