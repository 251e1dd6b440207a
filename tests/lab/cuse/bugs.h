/* Faults of the bytes: what a device does wrong that answers in time. The fault that was set chooses one of them. */
#ifndef LAB_BUGS_H
#define LAB_BUGS_H

#include "file.h"

/* Of a session that is being opened: 0, or an errno. */
int bugs_open(struct session *session);

/* Before an operation, with its session not held yet: what is remembered of it. */
void bugs_begin(const struct job *job);

/* The IV of an operation, as the device has it. */
void bugs_iv(struct session *session, struct job *job);

/* After it. */
void bugs_end(struct session *session, struct job *job);

/* How many bytes of a text without whole blocks are taken: `size`, or fewer. 0: it is refused. */
size_t bugs_taken(const struct session *session, size_t size);

/* How much of a hash's part counts. */
size_t bugs_part(const struct session *session, size_t size);

int bugs_beyond(void);    /* 1: a byte more is written */
int bugs_writes_iv(void); /* 1: the IV comes back */

/* Of an AEAD operation: its errno, which may become 0; and its tag is in `out`, behind `text` bytes, when it encrypts. */
int bugs_aead(struct session *session, const struct abi_authcrypt *call, const uint8_t *nonce,
              const uint8_t *aad, const uint8_t *tag, uint8_t *out, size_t text, int error);

#endif
