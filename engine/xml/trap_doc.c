/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses about the document that was digested: other digests, other forms of the tree. */
#include "xml/trap_priv.h"

#include "base/hex.h"
#include "xml/dxp.h"
#include "xml/verify.h"

#include <string.h>

/* Takes the form. */
static bool
try_form(kn_trap_work *w, GString *form, const char *note)
{
    g_autoptr(GString) bytes = form;

    return !g_string_equal(bytes, w->doc) && kn_trap_try_doc(w, bytes->str, bytes->len, note);
}

bool
kn_trap_digest_other(kn_trap_work *w)
{
    uint8_t digest[KN_DIGEST_MAX];

    for (kn_md md = 0; md < KN_MD_COUNT; md++)
        if (md != w->row->digest_md && w->digest_len == kn_md_len(md) && kn_trap_may_digest(w)
            && kn_trap_md(w, md, w->doc->str, w->doc->len, digest)
            && memcmp(digest, w->digest, w->digest_len) == 0)
            return kn_trap_fits(w, kn_md_name(md));
    return false;
}

/* Is DigestValue something made of the hexadecimal text of this digest? */
static const char *
hex_use(kn_trap_work *w, kn_md md, const char *hex)
{
    size_t len = 2 * kn_md_len(md);
    uint8_t digest[KN_DIGEST_MAX];

    if (g_ascii_strcasecmp(w->digest_text, hex) == 0)
        return "hexadecimal text instead of base64";
    if (w->digest_len == len && g_ascii_strncasecmp((const char *)w->digest, hex, len) == 0)
        return "base64 of the hexadecimal text";
    if (w->digest_len == kn_md_len(md) && kn_trap_md(w, md, hex, len, digest)
        && memcmp(digest, w->digest, w->digest_len) == 0)
        return "digest of the hexadecimal text";
    return NULL;
}

bool
kn_trap_digest_hex(kn_trap_work *w)
{
    uint8_t digest[KN_DIGEST_MAX];
    char hex[2 * KN_DIGEST_MAX + 1];

    if (!w->digest_text)
        return false;
    for (kn_md md = 0; md < KN_MD_COUNT; md++) {
        g_autofree char *upper = NULL;
        const char *use;

        if (!kn_trap_may_digest(w) || !kn_trap_md(w, md, w->doc->str, w->doc->len, digest))
            return false;
        kn_hex_encode(digest, kn_md_len(md), hex);
        upper = g_ascii_strup(hex, -1);
        use = hex_use(w, md, hex);
        use = use ? use : hex_use(w, md, upper);
        if (use)
            return kn_trap_fits(w, use);
    }
    return false;
}

/* The document with only keep bytes, from the front or from the end, of the white space before the
 * root's end tag. */
static bool
try_space(kn_trap_work *w, size_t from, size_t end, size_t keep_from, size_t keep_len)
{
    g_autoptr(GString) form = g_string_new_len(w->doc->str, (gssize)from);

    if (keep_len == end - from)
        return false;
    g_string_append_len(form, w->doc->str + keep_from, (gssize)keep_len);
    g_string_append_len(form, w->doc->str + end, (gssize)(w->doc->len - end));
    return kn_trap_try_doc(w, form->str, form->len, "");
}

#define LINES_MAX 2 /* line breaks of the document's own that are looked for */

bool
kn_trap_space(kn_trap_work *w)
{
    const xmlNode *after = w->c->shape->after;
    const char *text = w->doc->str;
    size_t end = w->doc->len, from,
           behind = after && after->content ? strlen((const char *)after->content) : 0;
    unsigned lines = 0;

    while (end > 0 && text[end - 1] != '<')
        end--;
    if (end == 0)
        return false;
    end--;
    for (from = end; from > 0 && strchr(" \t\r\n", text[from - 1]);)
        from--;
    if (try_space(w, from, end, from, 0))
        return true;
    if (behind > 0 && behind < end - from && try_space(w, from, end, end - behind, behind))
        return true;
    for (size_t i = from; i < end && lines < LINES_MAX; i++)
        if (text[i] == '\n' && ++lines && try_space(w, from, end, from, i + 1 - from))
            return true;
    return false;
}

bool
kn_trap_reformatted(kn_trap_work *w)
{
    static const char *const units[][2] = { { "  ", "indented with two blanks" },
                                            { "    ", "indented with four blanks" },
                                            { "\t", "indented with tabs" },
                                            { "", "a line for each element" } };
    g_autoptr(GString) stripped = kn_text_stripped(w->doc);

    if (!g_string_equal(stripped, w->doc)
        && kn_trap_try_doc(w, stripped->str, stripped->len,
                           "without white space between the elements"))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(units) && !w->budget->lane; i++)
        if (try_form(w, kn_text_indented(stripped, units[i][0]), units[i][1]))
            return true;
    return false;
}

bool
kn_trap_crlf(kn_trap_work *w)
{
    const char *text = w->doc->str;
    size_t len = w->doc->len;

    return try_form(w, kn_text_replaced(text, len, "\n", "&#xD;\n"), "CR as &#xD; before LF")
           || try_form(w, kn_text_replaced(text, len, "\n", "\r\n"), "CRLF as bytes")
           || try_form(w, kn_text_replaced(text, len, "&#xD;", ""), "without CR");
}

bool
kn_trap_doc_moved(kn_trap_work *w)
{
    g_autoptr(GPtrArray) now = kn_text_declarations(w->doc);
    unsigned tried = 0;

    if (try_form(w, kn_text_without_unused(w->doc), "declarations below the root taken away"))
        return true;
    for (guint i = 0; i < now->len && tried < 4; i++) {
        g_autofree char *prefix = kn_text_prefix(now->pdata[i]);
        g_autofree char *note = g_strdup_printf("root without xmlns:%.40s", prefix);
        g_autoptr(GPtrArray) less = NULL;

        if (kn_text_uses(w->doc, prefix))
            continue;
        tried++;
        less = kn_text_minus(now, prefix);
        if (try_form(w, kn_text_with_declarations(w->doc, less), note))
            return true;
    }
    if (!kn_text_has(now, "xsi")) {
        g_autoptr(GPtrArray) more = kn_text_plus(now, "xsi", KN_XSI_NS);

        if (try_form(w, kn_text_with_declarations(w->doc, more), "root with xmlns:xsi"))
            return true;
    }
    if (!kn_text_has(now, "dxp")) {
        g_autoptr(GPtrArray) more = kn_text_plus(now, "dxp", KN_DXP_NS);

        return try_form(w, kn_text_with_declarations(w->doc, more), "root with xmlns:dxp");
    }
    return false;
}

/* --- the Signature left in ------------------------------------------------------------------------------ */

/* Content between <name> and </name> taken out; the tags too when whole. */
static void
empty_element(GString *text, const char *name, bool whole)
{
    g_autofree char *open = g_strdup_printf("<%s>", name), *close = g_strdup_printf("</%s>", name);
    char *from = strstr(text->str, open), *to = from ? strstr(from, close) : NULL;
    size_t at, end;

    if (!to)
        return;
    at = (size_t)(from - text->str) + (whole ? 0 : strlen(open));
    end = (size_t)(to - text->str) + (whole ? strlen(close) : 0);
    (void)g_string_erase(text, (gssize)at, (gssize)(end - at));
}

bool
kn_trap_with_signature(kn_trap_work *w)
{
    static const struct {
        const char *note;
        const char *empty[2], *without[2];
    } states[] = {
        { "with empty DigestValue and SignatureValue",
          { "DigestValue", "SignatureValue" },
          { NULL } },
        { "the same, KeyInfo not there yet", { "DigestValue", "SignatureValue" }, { "KeyInfo" } },
        { "with empty DigestValue, nothing behind SignedInfo",
          { "DigestValue" },
          { "SignatureValue", "KeyInfo" } },
        { "with an empty SignatureValue", { "SignatureValue" }, { NULL } },
    };
    const xmlNs *ns = w->c->shape->signature->ns;
    const char *prefix = ns && ns->prefix ? (const char *)ns->prefix : "";
    bool detached = w->c->shape->detached, ok;
    g_autoptr(GString) whole = g_string_new(NULL);

    kn_xml_signature_attach(w->c->shape);
    ok = kn_xml_canonical(w->c->doc, whole, NULL);
    if (detached)
        kn_xml_signature_detach(w->c->shape);
    for (size_t i = 0; ok && i < G_N_ELEMENTS(states); i++) {
        g_autoptr(GString) form = g_string_new_len(whole->str, (gssize)whole->len);

        for (size_t k = 0; k < 2; k++) {
            g_autofree char *empty = g_strconcat(prefix, *prefix ? ":" : "", states[i].empty[k],
                                                 NULL);
            g_autofree char *without = g_strconcat(prefix, *prefix ? ":" : "", states[i].without[k],
                                                   NULL);

            if (states[i].empty[k])
                empty_element(form, empty, false);
            if (states[i].without[k])
                empty_element(form, without, true);
        }
        if (kn_trap_try_doc(w, form->str, form->len, states[i].note))
            return true;
    }
    return false;
}
