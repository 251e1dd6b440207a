/* The functions without which the driver takes a file for no libcrypto, each going on to the real one. Weak: a file
 * linked with this one puts its own in their place. (What else the driver looks for, it finds in the
 * library that this is linked against.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#include "drivers/libcrypto/functions.h"

#if defined(__x86_64__)
#define GO_ON(name) "jmp *real_" #name "(%rip)\n"
#elif defined(__aarch64__)
#define GO_ON(name) "adrp x16, real_" #name "\nldr x16, [x16, :lo12:real_" #name "]\nbr x16\n"
#else
#error "a jump for this architecture is missing"
#endif

#define STUB_MAY(name, older)
#define STUB_MUST(name, older)                                     \
    __attribute__((visibility("hidden"), used)) void *real_##name; \
    __asm__(".text\n.weak " #name "\n.type " #name ", %function\n" #name ":\n" GO_ON(name));
#define STUB(need, result, name, older, arguments) STUB_##need(name, older)
BS_LIBCRYPTO_FUNCTIONS(STUB)

static void *find(void *library, const char *name, const char *older)
{
    void *symbol = dlsym(library, name);
    if (!symbol && older)
        symbol = dlsym(library, older);
    if (!symbol)
        abort();
    return symbol;
}

#define FIND_MAY(name, older)
#define FIND_MUST(name, older)                     real_##name = find(library, #name, older);
#define FIND(need, result, name, older, arguments) FIND_##need(name, older)

__attribute__((constructor)) static void find_all(void)
{
    void *library = dlopen(LIBCRYPTO, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        abort();
    BS_LIBCRYPTO_FUNCTIONS(FIND)
}
