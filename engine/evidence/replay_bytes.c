/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs without their signatures.  They are our own writer's bytes, so a signature is one stretch of text. */
#include "evidence/replay.h"

#include <string.h>

#define DEPTH_MAX 3

/* Text of the first element <open>...</close>, where there is one; *end is behind it. */
static const char *
find(const char *from, const char *to, const char *word)
{
    return from < to ? g_strstr_len(from, to - from, word) : NULL;
}

static void normal(const char *bytes, size_t len, int depth, GString *out);

/* What a shell carries is a document of ours in base64. */
static void
inner(const char *from, const char *to, int depth, GString *out)
{
    g_autofree char *text = g_strndup(from, (size_t)(to - from));
    size_t len = 0;
    g_autofree unsigned char *bytes = g_base64_decode(text, &len);

    normal((const char *)bytes, len, depth + 1, out);
}

static void
normal(const char *bytes, size_t len, int depth, GString *out)
{
    static const char open[] = "<ds:Signature ", close[] = "</ds:Signature>", data[] = "<dxp:Data>",
                      data_end[] = "</dxp:Data>";
    const char *at = bytes, *end = bytes + len;

    while (at < end) {
        const char *sig = find(at, end, open), *sig_end = sig ? find(sig, end, close) : NULL;
        const char *in = depth < DEPTH_MAX ? find(at, end, data) : NULL,
                   *in_end = in ? find(in, end, data_end) : NULL;

        if (in_end && (!sig_end || in < sig)) {
            (void)g_string_append_len(out, at, in - at);
            inner(in + strlen(data), in_end, depth, out);
            at = in_end;
        } else if (sig_end) {
            (void)g_string_append_len(out, at, sig - at);
            at = sig_end + strlen(close);
        } else {
            (void)g_string_append_len(out, at, end - at);
            return;
        }
    }
}

bool
kn_replay_same_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    g_autoptr(GString) x = g_string_sized_new(a_len), y = g_string_sized_new(b_len);

    if (a_len == b_len && memcmp(a, b, a_len) == 0)
        return true;
    normal(a, a_len, 0, x);
    normal(b, b_len, 0, y);
    return g_string_equal(x, y);
}
