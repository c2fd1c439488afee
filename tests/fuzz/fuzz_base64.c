/* SPDX-License-Identifier: Apache-2.0 */
/* Door: base64 of digests, values, certificates and shells.  What is taken is the one coding of its
 * bytes, white space aside; what is refused is no such coding. */
#include "xml/internal.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char *
without_blanks(const char *text)
{
    GString *s = g_string_new(NULL);

    for (; *text; text++)
        if (!strchr(" \t\r\n", *text))
            g_string_append_c(s, *text);
    return g_string_free(s, FALSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len); /* ends at a NUL, as in a tree */
    g_autofree char *dense = without_blanks(text);
    size_t room = strlen(text) / 4 * 3 + 3, out_len = SIZE_MAX;
    g_autofree uint8_t *out = g_malloc(room);
    bool ok = kn_base64_decode(text, out, room, &out_len);
    g_autofree char *again = ok ? g_base64_encode(out, out_len) : NULL;

    assert(ok == (out_len != SIZE_MAX));
    if (ok) {
        assert(strcmp(again, dense) == 0);
        /* Exactly enough room is enough, one byte less is not. */
        g_autofree uint8_t *exact = g_malloc(MAX(out_len, 1));
        size_t exact_len = 0;

        assert(kn_base64_decode(text, exact, out_len, &exact_len) && exact_len == out_len);
        assert(out_len == 0 || !kn_base64_decode(text, exact, out_len - 1, &exact_len));
    } else if (*dense) {
        size_t other_len = 0;
        g_autofree uint8_t *other = g_base64_decode(dense, &other_len);
        g_autofree char *canonical = g_base64_encode(other, other_len);

        assert(strcmp(canonical, dense) != 0);
    }
    return 0;
}
