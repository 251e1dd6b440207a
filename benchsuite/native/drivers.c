/* The array of drivers: a new driver is one line here and one file in drivers/. */
#include "driver.h"

#define DRIVERS(X)         \
    X(bs_null_driver)      \
    X(bs_libcrypto_driver) \
    X(bs_afalg_driver)     \
    X(bs_cryptodev_driver) \
    X(bs_sim_driver)       \
    X(bs_sim_realtime_driver)

#define DECLARE(driver) extern const struct bs_driver driver;
DRIVERS(DECLARE)

#define ADDRESS(driver) &driver,
const struct bs_driver *const bs_drivers[] = {DRIVERS(ADDRESS) NULL};
