/* The drivers of this build by their names. */
#ifndef BS_REGISTRY_H
#define BS_REGISTRY_H

#include "driver.h"

/* NULL and a sentence where there is no such driver. */
const struct bs_driver *bs_driver_find(const char *name, char *text, size_t text_size);

/* 0, or -errno and a sentence: params that a driver of these flags has no words for. */
int bs_driver_refuses(const struct bs_driver *driver, const bs_params *params, char *text, size_t text_size);

#endif
