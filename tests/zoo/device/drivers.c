/* The array of drivers of the core's variant: those that there are, and the zoo's. */
#define bs_drivers sound_drivers
#include "../../../benchsuite/native/drivers.c"
#undef bs_drivers

extern const struct bs_driver zoo_driver;

const struct bs_driver *const bs_drivers[] = {DRIVERS(ADDRESS) & zoo_driver, NULL};
