/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses about the bytes of SignedInfo that were signed. */
#include "xml/trap_priv.h"

#include "base/hex.h"
#include "xml/dxp.h"

#include <string.h>

bool
kn_trap_newline(kn_trap_work *w)
{
    static const char *const ends[][2] = { { "\n", "LF" }, { "\r\n", "CRLF" } };
    g_autoptr(GString) bytes = g_string_new_len(w->info->str, (gssize)w->info->len);

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_string_truncate(bytes, w->info->len);
        g_string_append(bytes, ends[i][0]);
        if (kn_trap_try_info(w, bytes->str, bytes->len, ends[i][1]))
            return true;
    }
    return false;
}

/* SignedInfo with these declarations instead of those in scope; takes the list. */
static bool
try_declarations(kn_trap_work *w, GPtrArray *declarations, const char *note)
{
    g_autoptr(GPtrArray) list = declarations;
    g_autoptr(GString) bytes = kn_text_with_declarations(w->info, list);

    return !g_string_equal(bytes, w->info) && kn_trap_try_info(w, bytes->str, bytes->len, note);
}

bool
kn_trap_xsi_added(kn_trap_work *w)
{
    g_autoptr(GPtrArray) now = kn_text_declarations(w->info);

    return !kn_text_has(now, "xsi") && try_declarations(w, kn_text_plus(now, "xsi", KN_XSI_NS), "");
}

bool
kn_trap_xsi_missing(kn_trap_work *w)
{
    g_autoptr(GPtrArray) now = kn_text_declarations(w->info);

    return kn_text_has(now, "xsi") && try_declarations(w, kn_text_minus(now, "xsi"), "");
}

/* Exactly the declaration that the names inside use. */
bool
kn_trap_exclusive(kn_trap_work *w)
{
    const xmlNs *ns = w->c->shape->signed_info->ns;
    const char *prefix = ns && ns->prefix ? (const char *)ns->prefix : "";
    g_autoptr(GPtrArray) now = kn_text_declarations(w->info);
    GPtrArray *only = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < now->len; i++) {
        g_autofree char *one = kn_text_prefix(now->pdata[i]);

        if (strcmp(one, prefix) == 0)
            g_ptr_array_add(only, g_strdup(now->pdata[i]));
    }
    return try_declarations(w, only, "");
}

#define LESS_MAX 4 /* declarations that are taken away one after the other */

bool
kn_trap_info_moved(kn_trap_work *w)
{
    const xmlNs *root = w->c->shape->root->ns;
    const char *keep = root && root->prefix ? (const char *)root->prefix : "";
    g_autoptr(GPtrArray) now = kn_text_declarations(w->info);
    unsigned tried = 0;

    if (!kn_text_has(now, "dxp")
        && try_declarations(w, kn_text_plus(now, "dxp", KN_DXP_NS), "with xmlns:dxp"))
        return true;
    for (guint i = 0; i < now->len && tried < LESS_MAX; i++) {
        g_autofree char *prefix = kn_text_prefix(now->pdata[i]);
        g_autofree char *note = g_strdup_printf("without xmlns%s%.40s", *prefix ? ":" : "", prefix);

        if (strcmp(prefix, "xsi") == 0 || strcmp(prefix, keep) == 0
            || (*prefix && kn_text_uses(w->info, prefix)))
            continue;
        tried++;
        if (try_declarations(w, kn_text_minus(now, prefix), note))
            return true;
    }
    return false;
}

static bool
try_form(kn_trap_work *w, GString *form, const char *note)
{
    g_autoptr(GString) bytes = form;

    return !g_string_equal(bytes, w->info) && kn_trap_try_info(w, bytes->str, bytes->len, note);
}

bool
kn_trap_info_reformatted(kn_trap_work *w)
{
    const char *text = w->info->str;
    size_t len = w->info->len;

    return try_form(w, kn_text_stripped(w->info), "without white space between the elements")
           || try_form(w, kn_text_replaced(text, len, "\n", "&#xD;\n"), "with CR before LF")
           || try_form(w, kn_text_replaced(text, len, "\n", "\r\n"), "with CRLF as bytes");
}

/* Where in raw an element of this name begins and ends. */
static bool
find_element(const char *raw, size_t len, const char *name, const char **from, const char **to)
{
    g_autofree char *open = g_strdup_printf("<%s", name), *close = g_strdup_printf("</%s>", name);
    const char *at = g_strstr_len(raw, (gssize)len, open);
    const char *end = at ? g_strstr_len(at, (gssize)(len - (size_t)(at - raw)), close) : NULL;

    if (!end)
        return false;
    *from = at;
    *to = end + strlen(close);
    return true;
}

bool
kn_trap_info_text(kn_trap_work *w)
{
    const xmlNs *ns = w->c->shape->signed_info->ns;
    const char *prefix = ns && ns->prefix ? (const char *)ns->prefix : "";
    g_autofree char *name = g_strconcat(prefix, *prefix ? ":" : "", "SignedInfo", NULL);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const char *from, *to;

    return (w->c->raw && find_element(w->c->raw, w->c->raw_len, name, &from, &to)
            && kn_trap_try_info(w, from, (size_t)(to - from), "as it stands in the message"))
           || try_form(w, kn_text_with_declarations(w->info, none), "no namespace declaration");
}

bool
kn_trap_sig_hex(kn_trap_work *w)
{
    uint8_t digest[KN_DIGEST_MAX];
    char hex[2 * KN_DIGEST_MAX + 1];
    size_t len = kn_md_len(w->row->signature_md);
    g_autofree char *upper = NULL;
    bool ok;

    if (!kn_trap_md(w, w->row->signature_md, w->info->str, w->info->len, digest))
        return false;
    kn_hex_encode(digest, len, hex);
    upper = g_ascii_strup(hex, -1);
    ok = kn_trap_try_info(w, hex, 2 * len, "hexadecimal text of the digest")
         || kn_trap_try_info(w, upper, 2 * len, "hexadecimal text of the digest, upper case")
         || kn_trap_try_info(w, (const char *)digest, len, "digest of the digest");
    if (ok) { /* side by side with SignedInfo it says nothing */
        w->fit->offset = KN_TRAP_NOWHERE;
        w->fit->path[0] = '\0';
    }
    return ok;
}
