/* The drivers of this build by their names. */
#ifndef BS_REGISTRY_H
#define BS_REGISTRY_H

#include "driver.h"

/* NULL and a sentence where there is no such driver. */
const struct bs_driver *bs_driver_find(const char *name, char *text, size_t text_size);

#endif
