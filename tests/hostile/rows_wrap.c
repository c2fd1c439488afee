/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapping: an honest Signature over a part, and something else where the reader looks. */
#include "edits.h"

#include <string.h>

#define IS(e, c, r) .error = KN_E_##e, .code = c, .rule = r
#define ON (ON_P256 | ON_SM2 | ON_FIELD | ON_OSM2 | ON_ISM2)

/* A copy of the document without Signature. */
static GString *
copy_of(const hostile_draft *d)
{
    GString *s = g_string_new(d->body->str);

    hostile_replace(s, "@SIG@", "", d->row->name);
    return s;
}

static GString *
signed_copy(const hostile_draft *d)
{
    GString *s = copy_of(d);

    hostile_replace(s, " xmlns:xsi=", " Id=\"part\" xmlns:xsi=", d->row->name);
    return s;
}

/* What stands in the document's own place is not what was signed. */
static void
forge(GString *s, const char *who)
{
    if (strstr(s->str, "@DATA@"))
        hostile_replace(s, "@DATA@", "Zm9yZ2Vk", who);
    else
        hostile_replace(s, "2200.5", "9999.9", who);
}

/* The signed copy just behind the root's start tag. */
static void
put_inside(hostile_draft *d, const char *text)
{
    (void)g_string_insert(d->body, strchr(d->body->str, '>') + 1 - d->body->str, text);
}

/* Patterns 1 to 8 of the literature on SAML, brought to this document. */
static void
wrap(hostile_draft *d)
{
    g_autoptr(GString) honest = signed_copy(d);
    g_autoptr(GString) evil = copy_of(d);
    g_autofree char *object = g_strdup_printf("</ds:KeyInfo><ds:Object>%s</ds:Object>",
                                              honest->str);
    g_autofree char *before = g_strconcat(honest->str, "@SIG@", NULL);
    g_autofree char *extension = NULL;
    const char *who = d->row->name;
    long n = d->row->n;

    forge(evil, who);
    forge(d->body, who);
    extension = g_strdup_printf("<x xmlns=\"\">%s</x>%s@SIG@", n == 7 ? evil->str : honest->str,
                                n == 7 ? honest->str : "");
    edit_part(d);
    if (n == 5 || n == 8)
        hostile_replace(d->body, " xmlns:xsi=", " Id=\"part\" xmlns:xsi=", who);
    if (n == 1 || n == 8)
        hostile_replace(d->sig, "</ds:KeyInfo>", object, who);
    else if (n == 2 || n == 7)
        hostile_replace(d->body, "@SIG@", extension, who);
    else if (n == 3 || n == 5)
        hostile_replace(d->body, "@SIG@", before, who);
    else
        put_inside(d, honest->str);
    if (n == 6) /* the forged one, with the same id, behind the honest one */
        hostile_replace(evil, " xmlns:xsi=", " Id=\"part\" xmlns:xsi=", who);
    if (n == 6)
        put_inside(d, evil->str);
    d->digest_nth = n == 5 || n == 6 || n == 8 ? 2 : 1;
}

/* Only the declaration, or the shell's Data, is signed; the rest is free. */
static void
sign_part(hostile_draft *d)
{
    const char *shell = strstr(d->body->str, "<dxp:Data>");

    hostile_replace(d->body, shell ? "<dxp:Data>" : "<ck:Declaration>",
                    shell ? "<dxp:Data Id=\"part\">" : "<ck:Declaration Id=\"part\">",
                    d->row->name);
    edit_part(d);
}

/* The Reference names nothing that is there. */
static void
sign_nothing(hostile_draft *d)
{
    hostile_replace(d->sig, "URI=\"\"", "URI=\"#nowhere\"", d->row->name);
}

/* clang-format off */
static const hostile_row rows[] = {
    { "xsw1", "forged in place, signed copy in ds:Object", ON, IS(SIG_CHILD, "1001", "S5"), .edit_body = wrap,
      .n = 1 },
    { "xsw2", "signed copy in an extension", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap, .n = 2 },
    { "xsw3", "signed copy as a sibling", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap, .n = 3 },
    { "xsw4", "signed copy inside the forged one", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap, .n = 4 },
    { "xsw5", "the same id twice, the forged one first", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap,
      .n = 5 },
    { "xsw6", "the same id twice, a forged copy more", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap, .n = 6 },
    { "xsw7", "a forged one in an extension", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = wrap, .n = 7 },
    { "xsw8", "signed copy in ds:Object, the same id on both", ON, IS(SIG_CHILD, "1001", "S5"), .edit_body = wrap,
      .n = 8 },
    { "evil_root_wraps", "the signed document hidden inside a forged one", ON | ON_RSA | ON_SHA1, IS(SIG_PLACE,
      "1001", "S4"),
      .edit_bytes = edit_wrap_root },
    { "id_body", "an honest Reference to a part", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = sign_part },
    { "id_nowhere", "a Reference to nothing", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = sign_nothing },
    { "id_xpointer", "the same as xpointer(id())", ON, IS(SIG_REF_URI, "1001", "S7"), .edit_body = sign_part,
      .bytes = { "URI=\"#part\"", "URI=\"#xpointer(id('part'))\"" } },
    { 0 },
};
/* clang-format on */

const hostile_list hostile_wrap = { "wrapping", rows, false };
