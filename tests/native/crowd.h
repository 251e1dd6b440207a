/* Drivers for the stress run: a toy cipher that depends on key, IV and AAD, served at once ("prompt"), from
 * a queue ("queued"), or from a queue unless the session holds one request at a time ("alone"). Right in
 * everything, or with one fault. "every": every so many requests have it. */
#ifndef CROWD_H
#define CROWD_H

#include <stdint.h>

#include "driver.h"

enum crowd_fault {
    CROWD_RIGHT,
    CROWD_SHARED_IV,   /* one IV register for all sessions: what was submitted last decides */
    CROWD_LARGE,       /* a wrong byte above 4096 bytes, while others are outstanding */
    CROWD_UNALIGNED,   /* a wrong byte unless the input is on a multiple of 16 */
    CROWD_DEEP,        /* a wrong byte with more than 8 outstanding */
    CROWD_SWAP_ORDER,  /* two completions of one poll change places */
    CROWD_SWAP_OUTPUT, /* the outputs of two requests do */
    CROWD_LOSE,        /* never comes back */
    CROWD_TWICE,       /* comes back twice */
    CROWD_EARLY,       /* comes back before it is done */
    CROWD_BEYOND,      /* the byte behind the output */
    CROWD_BEFORE,      /* the byte before the output */
    CROWD_BESIDE_IV,
    CROWD_RACE, /* a bounce buffer that two threads share */
    CROWD_LATE, /* one byte is written again when the next request is done */
    CROWD_INPUT,
    CROWD_AAD,
    CROWD_IV,
    CROWD_GIVEN_TAG,
    CROWD_REQUEST,   /* is changed */
    CROWD_TAG,       /* is wrong */
    CROWD_FORGERY,   /* is accepted */
    CROWD_ERROR,     /* -EIO */
    CROWD_REFUSE,    /* BUSY for ever, from so many requests on */
    CROWD_OPEN,      /* no session can be opened, from so many sessions on */
    CROWD_STALE_KEY, /* a session opened after one was closed has that one's key */
    CROWD_STRANGER,  /* comes back from another session's poll */
    CROWD_OUTCOME,   /* is one that does not exist */
    CROWD_KEEPS,     /* "prompt": process does not return */
    CROWD_PROMISE,   /* "alone": QUEUED with one request at a time, too */
    CROWD_POLL,      /* returns -EIO, once, after so many requests */
    CROWD_NO_STATUS, /* comes back without one */
    CROWD_MORE_BUSY, /* what HINT_MORE held back is forgotten when BUSY follows */
    CROWD_BESIDE,    /* a request is dropped when process and poll are inside at once */
    CROWD_NEXT_CURES, /* an interrupt is lost: nothing comes back until the next request goes, of any session */
    CROWD_BUSY_FORGETS,   /* what HINT_MORE held back is not submitted by BUSY, but by the next request */
    CROWD_IDLE,           /* a wrong byte after `every` ms without a request */
    CROWD_SESSIONS_NTH,   /* a wrong byte in the session's request of that number */
    CROWD_KEY_SIZE,       /* a wrong byte when the request before had a key of another size */
    CROWD_CHAIN_REGISTER, /* one IV register for all chained sessions */
    CROWD_LINE,           /* what was beside the output when it was taken is written back with it */
    CROWD_RESTORED,       /* the input is changed, and restored */
    CROWD_LEAK_REQUEST,   /* 256 bytes */
    CROWD_LEAK_SESSION,   /* 64 KiB */
};

void crowd_reset(enum crowd_fault fault, uint32_t every);
uint64_t crowd_refused(void); /* how often it was BUSY since then */
uint64_t crowd_performed(void);
uint32_t crowd_trace(
    void); /* of all requests since then: which, in which order, and where in memory they lay */

/* The toy cipher. key: 8 bytes, iv: 16, tag: 16. `text` is what a tag is made of: the ciphertext. */
void crowd_crypt(const uint8_t *key, const uint8_t *iv, const uint8_t *in, uint8_t *out, uint32_t size);
void crowd_tag(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_len,
               const uint8_t *text, uint32_t size, uint8_t *tag);

/* What follows that IV after a request of this size on a chained session. */
void crowd_chain(const uint8_t *key, uint8_t *iv, uint32_t size);

/* A request as these drivers serve it, without a fault. */
void crowd_answer(const bs_params *params, const uint8_t *key, bs_request *request);

/* The tests have their own bs_drivers[]. */
extern const struct bs_driver crowd_prompt, crowd_queued, crowd_alone;

#endif
