/* The array of drivers: a new driver is one line here and one file in drivers/. */
#include "driver.h"

#include <stdarg.h>
#include <stdio.h>

extern const struct bs_driver bs_null_driver;
extern const struct bs_driver bs_libcrypto_driver;

const struct bs_driver *const bs_drivers[] = {
    &bs_null_driver,
    &bs_libcrypto_driver,
    NULL,
};

int bs_say(char *text, size_t text_size, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, text_size, format, arguments);
    va_end(arguments);
    return error;
}
