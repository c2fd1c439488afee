/* SPDX-License-Identifier: Apache-2.0 */
#include "chaos_read.h"

#include <openssl/evp.h>
#include <string.h>

static void
digest(const void *bytes, size_t len, char out[65])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    (void)g_strlcpy(out, "-", 65);
    if (EVP_Digest(len ? bytes : "", len, raw, &n, EVP_sm3(), NULL) != 1 || n != 32)
        return;
    for (unsigned i = 0; i < n; i++)
        (void)g_snprintf(out + i * 2UL, 3, "%02x", raw[i]);
}

/* Text between two marks, or NULL. */
static const char *
between(const char *text, size_t len, const char *from, const char *to, size_t *found)
{
    const char *start = memmem(text, len, from, strlen(from)), *end;

    if (!start)
        return NULL;
    start += strlen(from);
    end = memmem(start, (size_t)(text + len - start), to, strlen(to));
    if (!end)
        return NULL;
    *found = (size_t)(end - start);
    return start;
}

/* A receipt in a shell stands inside, as base64. */
static char *
unshelled(const char *text, size_t len, size_t *out_len)
{
    size_t n = 0;
    const char *data = between(text, len, "<dxp:Data>", "</dxp:Data>", &n);
    g_autofree char *copy = data ? g_strndup(data, n) : NULL;

    return copy ? (char *)g_base64_decode(copy, out_len) : NULL;
}

static const char *
is(const char *text, size_t len, const char *element, const char *value)
{
    g_autofree char *from = g_strdup_printf("<rcp:%s>", element);
    size_t n = 0;
    const char *found = between(text, len, from, "<", &n);

    if (!found)
        return "-";
    return n == strlen(value) && strncmp(found, value, n) == 0 ? "1" : "0";
}

void
chaos_facts_read(const void *payload, size_t len, chaos_facts *out)
{
    const char *text = payload ? payload : "", *guid;
    size_t inner_len = 0, n = 0;
    g_autofree char *inner = unshelled(text, len, &inner_len);

    digest(text, len, out->sm3);
    if (inner) {
        text = inner;
        len = inner_len;
    }
    out->technical = is(text, len, "receiptKind", "technical");
    out->final = is(text, len, "final", "true");
    guid = between(text, len, "<rcp:oriGuid>", "<", &n);
    if (guid && n > 0 && n < sizeof out->ori_guid)
        (void)g_snprintf(out->ori_guid, sizeof out->ori_guid, "%.*s", (int)n, guid);
    else
        (void)g_strlcpy(out->ori_guid, "-", sizeof out->ori_guid);
}
