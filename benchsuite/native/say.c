#include <stdarg.h>
#include <stdio.h>

#include "driver.h"

int bs_say(char *text, size_t text_size, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(text, text_size, format, args);
    va_end(args);
    return error;
}
