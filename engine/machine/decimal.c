/* SPDX-License-Identifier: Apache-2.0 */
#include <kouan/field.h>
#include <string.h>

#define SCALE_MAX 9

static bool
push_digit(int64_t *value, char digit)
{
    return !__builtin_mul_overflow(*value, 10, value)
           && !__builtin_add_overflow(*value, digit - '0', value);
}

bool
kn_decimal_read(const char *text, int scale, int64_t *out)
{
    int64_t value = 0;
    int decimals = -1; /* after the point; -1 = no point yet */

    if (!text || !g_ascii_isdigit(*text) || scale < 0 || scale > SCALE_MAX)
        return false;
    for (; *text; text++) {
        if (*text == '.' && decimals < 0 && g_ascii_isdigit(text[1])) {
            decimals = 0;
            continue;
        }
        if (!g_ascii_isdigit(*text) || (decimals >= 0 && ++decimals > scale)
            || !push_digit(&value, *text))
            return false;
    }
    for (int i = MAX(decimals, 0); i < scale; i++)
        if (!push_digit(&value, '0'))
            return false;
    *out = value;
    return true;
}

void
kn_decimal_text(int64_t value, int scale, char out[32])
{
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;
    size_t end;

    for (int i = 0; i < MIN(scale, SCALE_MAX); i++)
        unit *= 10;
    (void)g_snprintf(out, 32, "%s%" G_GUINT64_FORMAT, value < 0 ? "-" : "", size / unit);
    if (scale <= 0 || size % unit == 0)
        return;
    end = strlen(out);
    (void)g_snprintf(out + end, 32 - end, ".%0*" G_GUINT64_FORMAT, MIN(scale, SCALE_MAX),
                     size % unit);
    for (end = strlen(out); out[end - 1] == '0'; end--)
        out[end - 1] = '\0';
}
