/* Drivers of crowd.h's toy cipher, right or with one fault, for requests that are performed one by one: "prompt" at
 * once, "queued" by poll, and "promises" by poll though it says that it does not. */
#ifndef ONE_FAULT_H
#define ONE_FAULT_H

#include <stdint.h>

#include "driver.h"

enum { ONE_KEY = 8, ONE_IV = 16, ONE_LARGEST = 5000 };

enum fault {
    RIGHT,
    OUTPUT,          /* a wrong byte in the midst of a text, and one at its end */
    LARGE,           /* a wrong byte above 1000 bytes */
    WRONG_TAG,       /* three bytes of it */
    PREVIOUS_IV,     /* the IV of the request before */
    PREVIOUS_OUTPUT, /* the output of the request before, if it was as long */
    WRITES_INPUT,    /* a byte of the input is changed */
    RESTORES_INPUT,  /* and changed back */
    WRITES_IV,
    RESTORES_IV,
    WRITES_AAD,
    WRITES_GIVEN_TAG,
    BEHIND, /* five bytes behind the output */
    BEFORE, /* a byte before it */
    BEHIND_IV,
    READS_BEHIND, /* the third byte behind the input */
    READS_BEFORE, /* the fourth byte before AAD and input */
    READS_BEHIND_IV,
    CHANGES_REQUEST,
    ERROR,
    FORGERY, /* is accepted */
    ACCEPTS, /* what must be refused */
    NO_STATUS,
    LATER, /* the output is changed when the next request comes */
    TWICE,
    EVER_AGAIN,
    STRANGER,
    LOSES,
    REFUSES,    /* BUSY for ever */
    NO_OUTCOME, /* process answers what does not exist */
    BAD_POLL,
    NOT_SERVED, /* sizes above 1000: -EOPNOTSUPP */
    CHAIN,      /* every message of a chain begins with its first IV */
};

struct one_fault {
    enum fault fault;
    uint64_t at;     /* the request that has it, where it is one of a session's */
    uint32_t opened; /* sessions */
};

extern struct one_fault one_fault;

/* Sizes that do not exist: -EINVAL. */
static inline int one_forbids(uint32_t size)
{
    return size % 7 == 6;
}

extern const struct bs_driver one_prompt, one_queued, one_promises;

#endif
