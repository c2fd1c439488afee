/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/fields.h"

#include "store/chain.h"

#include <string.h>

static bool
read_field(const char *bytes, size_t len, size_t *at, kn_field_text *out)
{
    size_t n = 0, digits = 0;

    if (len - *at >= 2 && memcmp(bytes + *at, "-,", 2) == 0) {
        *out = (kn_field_text){ NULL, 0 };
        *at += 2;
        return true;
    }
    for (; *at + digits < len && digits < 10 && g_ascii_isdigit(bytes[*at + digits]); digits++)
        n = n * 10 + (size_t)(bytes[*at + digits] - '0');
    if (digits == 0 || *at + digits >= len || bytes[*at + digits] != ':')
        return false;
    *at += digits + 1;
    if (n >= len - *at || bytes[*at + n] != ',')
        return false;
    *out = (kn_field_text){ bytes + *at, n };
    *at += n + 1;
    return true;
}

bool
kn_fields_begin(const char *bytes, size_t len, size_t *at)
{
    *at = sizeof KN_CHAIN_FIRST - 1;
    return len >= *at && memcmp(bytes, KN_CHAIN_FIRST, *at) == 0;
}

bool
kn_fields_next(const char *bytes, size_t len, size_t *at, kn_fields *out)
{
    size_t here = *at;

    if (here >= len)
        return false;
    *out = (kn_fields){ .letter = bytes[here++] };
    while (here < len && bytes[here] != '\n') {
        if (out->n == KN_FIELDS_MAX || !read_field(bytes, len, &here, &out->field[out->n]))
            return false;
        out->n++;
    }
    if (here == len
        || !((out->letter == 'M' && out->n == KN_M_COUNT)
             || (out->letter == 'H' && out->n == KN_H_COUNT)))
        return false;
    *at = here + 1;
    return true;
}

char *
kn_fields_dup(const kn_fields *f, int i)
{
    return f->field[i].bytes ? g_strndup(f->field[i].bytes, f->field[i].len) : NULL;
}

bool
kn_fields_int(const kn_fields *f, int i, int64_t *out)
{
    g_autofree char *text = kn_fields_dup(f, i);

    return text && g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, out, NULL);
}
