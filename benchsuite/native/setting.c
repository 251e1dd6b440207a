/* Options in the lines of a setting: see bs_option. */
#include <string.h>

#include "driver.h"

const char *bs_setting_find(const char *setting, const char *name, size_t *length)
{
    size_t size = strlen(name);
    for (const char *line = setting, *end; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        if (strncmp(line, name, size) == 0 && line[size] == '=') {
            *length = (size_t)(end - line) - size - 1;
            return line + size + 1;
        }
    }
    return NULL;
}

void bs_setting_text(const char *setting, const char *name, char *value, size_t room)
{
    size_t length = 0;
    const char *found = bs_setting_find(setting, name, &length);
    if (length >= room)
        length = room - 1;
    if (found)
        memcpy(value, found, length);
    value[length] = '\0';
}

unsigned bs_setting_word(const char *setting, const bs_option *option)
{
    size_t length = 0;
    const char *found = bs_setting_find(setting, option->name, &length);
    unsigned number = 1;
    for (const char *word = option->words, *end; found; word = end + 1, number++) {
        end = strchrnul(word, '|');
        if ((size_t)(end - word) == length && memcmp(word, found, length) == 0)
            return number;
        if (!*end)
            break;
    }
    return 0;
}
