/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <kouan/mask.h>
#include <string.h>

typedef struct rule {
    long first, last; /* characters that stay */
    const char *stars;
} rule;

static const rule rules[] = {
    [KN_MASK_IDENTITY] = { 10, 4, "****" }, [KN_MASK_DOCUMENT] = { 2, 2, "****" },
    [KN_MASK_PHONE] = { 3, 4, "****" },     [KN_MASK_BANK] = { 6, 4, "******" },
    [KN_MASK_NAME] = { 1, 0, "*" },         [KN_MASK_MAIL] = { 1, 0, "***" },
    [KN_MASK_CARD] = { 4, 4, "*****" },
};

/* At least this many characters must be hidden by the stars; a name of one character hides nothing but says no more. */
#define HIDDEN_MIN 1

char *
kn_mask(kn_mask_kind kind, const char *value)
{
    const rule *r = &rules[kind];
    const char *at = kind == KN_MASK_MAIL && value ? strchr(value, '@') : NULL;
    g_autofree char *body = at ? g_strndup(value, (gsize)(at - value)) : g_strdup(value);
    long n;

    if (!value || !body || *value == '\0')
        return g_strdup("");
    if (!g_utf8_validate(value, -1, NULL))
        return g_strdup(r->stars);
    n = g_utf8_strlen(body, -1);
    if (n < r->first + r->last + HIDDEN_MIN)
        return g_strconcat(r->stars, at ? at : "", NULL);
    return g_strdup_printf("%.*s%s%s%s", (int)(g_utf8_offset_to_pointer(body, r->first) - body),
                           body, r->stars, g_utf8_offset_to_pointer(body, n - r->last),
                           at ? at : "");
}
