/* api.h for C: it cannot have includes or guards of its own because cffi reads it verbatim. */
#ifndef BS_CORE_H
#define BS_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "api.h"

#endif
