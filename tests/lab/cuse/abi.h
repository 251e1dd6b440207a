/* The device's side of /dev/crypto, declared from the interface's description and not from the driver under
 * test: what the two disagree about must show. Field names here are the server's own. */
#ifndef LAB_ABI_H
#define LAB_ABI_H

#include <stdint.h>

struct abi_session {
    uint32_t cipher, hash, cipher_key_size;
    uint64_t cipher_key;
    uint32_t hash_key_size;
    uint64_t hash_key;
    uint32_t id;
};

struct abi_info {
    uint32_t id;
    char cipher_algorithm[64], cipher_driver[64], hash_algorithm[64], hash_driver[64];
    uint16_t alignment_mask;
    uint32_t flags; /* 1: hardware */
};

struct abi_crypt {
    uint32_t id;
    uint16_t decrypt, flags;
    uint32_t size;
    uint64_t source, target, digest, iv;
};

struct abi_authcrypt {
    uint32_t id;
    uint16_t decrypt, flags;
    uint32_t size, aad_size;
    uint64_t aad, source, target, tag;
    uint32_t tag_size;
    uint64_t iv;
    uint32_t iv_size;
};

enum { FLAG_UPDATE = 1, FLAG_FINAL = 2, FLAG_WRITE_IV = 4, FLAG_NO_ZERO_COPY = 8, FLAG_RESET = 64 };

enum {
    CALL_CLONE = 0xc0046365u,
    CALL_NEW_SESSION = 0xc0306366u,
    CALL_END_SESSION = 0x40046367u,
    CALL_CRYPT = 0xc0306368u,
    CALL_FEATURES = 0x8004636au,
    CALL_INFO = 0xc10c636bu,
    CALL_AUTHCRYPT = 0xc048636du,
    CALL_SUBMIT = 0x4030636eu,
    CALL_FETCH = 0x8030636fu,
};

_Static_assert(sizeof(struct abi_session) == 48, "session");
_Static_assert(sizeof(struct abi_info) == 268, "info");
_Static_assert(sizeof(struct abi_crypt) == 48, "crypt");
_Static_assert(sizeof(struct abi_authcrypt) == 72, "authcrypt");

/* ---- the test's own calls, on the same device ---- */

enum fault {
    FAULT_NONE,
    FAULT_BUSY,  /* only every `every`-th attempt is taken (0: none); the others end with EBUSY */
    FAULT_EIO,   /* every `every`-th operation ends with EIO */
    FAULT_WRONG, /* a wrong byte in every `every`-th output */
    FAULT_LATE,  /* every `every`-th operation takes `ms` longer */
    FAULT_LOST,  /* every `every`-th operation is never answered */
    FAULT_HANG,  /* no operation is answered any more */
    FAULT_INTR,  /* every `every`-th attempt ends with EINTR and has not been begun */
    /* of the bytes: bugs.c. `after` and `every` as they say */
    FAULT_SIZES,  /* a wrong byte where a text has more than `after` bytes, and not more than `every` above */
    FAULT_NTH,    /* a wrong byte in a session's operation number `after` + 1 */
    FAULT_ONE_IV, /* one register for the IVs of all: that of the operation that began last, `ms` later */
    FAULT_ONE_KEY,     /* the key of the session that was opened last, if it fits */
    FAULT_OLD_IV,      /* every `every`-th operation of a session has the IV of the one before */
    FAULT_PART_OF_TAG, /* `every` bytes of an AEAD's tag are compared */
    FAULT_BEYOND,      /* one byte more than the output is written */
    FAULT_WRITES_IV,   /* the next IV comes back without being asked for */
    FAULT_TAKES_ALL,   /* what is no whole number of blocks is taken, without the rest */
    FAULT_AAD,         /* a wrong tag where AAD has a multiple of `every` bytes */
    FAULT_FIRST_PART,  /* a hash's first part counts only as far as it fills blocks of 64 bytes */
    FAULT_BEFORE,      /* a wrong first byte after an operation of another algorithm */
    FAULT_PAGE, /* a wrong last byte where the target crosses a page and does not begin on a multiple of 16 */
    FAULT_ASLEEP,   /* a wrong byte after `ms` without an operation */
    FAULT_SESSIONS, /* `after` sessions; those that have ended count as well */
};

/* Sets a fault, which ends when another is set. The first operation it hits is that after the next `after`; where
 * it hits every `every`-th, from there on. */
struct lab_fault {
    uint32_t fault, every, after, ms;
};

/* What the server has seen since it was started. */
struct lab_counts {
    uint32_t open_files, sessions; /* now; the file that asks included */
    uint32_t most_inside;          /* operations being performed at once */
    uint32_t most_queued;          /* jobs submitted to one file and not fetched */
    uint64_t operations, faults, sessions_made, copied;
};

enum { CALL_SET_FAULT = 0x401063f0u, CALL_COUNTS = 0x803063f1u };

_Static_assert(sizeof(struct lab_fault) == 16 && sizeof(struct lab_counts) == 48, "lab");

#endif
