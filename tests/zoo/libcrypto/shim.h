/* The functions that the driver looks for in a libcrypto (OpenSSL 3's names), with the chosen bug in between:
 * shim_ciphers.c, shim_hashes.c, and shim.c with all else. None is linked against the real library: its own calls
 * of these functions would come here, too. */
#ifndef ZOO_SHIM_H
#define ZOO_SHIM_H

#include "zoo.h"

#pragma GCC visibility push(hidden)

extern const struct bug *bug; /* the chosen one */

void *real(const char *name); /* that function of the real library */
int begun(void);              /* the operation is there that the bug begins at */
int operation(void);          /* counts one; 0: it fails */

#pragma GCC visibility pop

/* `call`: the real function of that name. */
#define REAL(result, name, parameters) \
    static result(*call) parameters;   \
    if (!call)                         \
    call = (result(*) parameters)real(#name)

/* A second one in the same function, under a name of its own. */
#define REAL_NEXT(result, called, name, parameters) \
    static result(*called) parameters;              \
    if (!called)                                    \
    called = (result(*) parameters)real(#name)

/* Whether the bug has this hook, and has begun. */
#define HAS(hook) (bug->hook && begun())

#endif
