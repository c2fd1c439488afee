/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses about bytes instead of a tree: signed as text, comments kept, another charset. */
#include "xml/trap_priv.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <string.h>

#define BOM "\xEF\xBB\xBF"

/* --- signed as text ------------------------------------------------------------------------------------ */

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The bytes without the element Signature; NULL when it is not found.  *cut: where it stood. */
static GString *
without_signature(const kn_trap_work *w, size_t *cut)
{
    const xmlNs *ns = w->c->shape->signature->ns;
    const char *prefix = ns && ns->prefix ? (const char *)ns->prefix : "";
    g_autofree char *name = g_strconcat(prefix, *prefix ? ":" : "", "Signature", NULL);
    g_autofree char *open = g_strdup_printf("<%s", name), *close = g_strdup_printf("</%s>", name);
    const char *raw = w->c->raw, *end = raw + w->c->raw_len, *from = raw, *to;
    GString *out;

    while ((from = g_strstr_len(from, end - from, open))
           && (from + strlen(open) >= end
               || (!is_space(from[strlen(open)]) && from[strlen(open)] != '>')))
        from++;
    to = from ? g_strstr_len(from, end - from, close) : NULL;
    if (!to)
        return NULL;
    *cut = (size_t)(from - raw);
    out = g_string_new_len(raw, from - raw);
    g_string_append_len(out, to + strlen(close), end - to - (gssize)strlen(close));
    return out;
}

typedef struct piece {
    const char *note;
    size_t from, to;
} piece;

/* Pieces of a message that a program may have taken for the document. */
static size_t
pieces_of(const GString *text, piece out[5])
{
    size_t bom = text->len >= 3 && memcmp(text->str, BOM, 3) == 0 ? 3 : 0, root = bom,
           end = text->len;
    bool declared = g_str_has_prefix(text->str + bom, "<?xml");

    if (declared) {
        const char *close = strstr(text->str, "?>");

        root = close ? (size_t)(close - text->str) + 2 : bom;
        while (root < text->len && is_space(text->str[root]))
            root++;
    }
    while (end > 0 && is_space(text->str[end - 1]))
        end--;
    out[0] = (piece){ "from the first to the last tag", root, end };
    out[1] = (piece){ "with the line break at the end", root, text->len };
    out[2] = (piece){ "with the XML declaration", bom, end };
    out[3] = (piece){ "with the XML declaration and the line break at the end", bom, text->len };
    out[4] = (piece){ "with the byte order mark", 0, text->len };
    return 5;
}

static bool
try_pieces(kn_trap_work *w, const GString *text)
{
    piece pieces[5];
    size_t n = pieces_of(text, pieces);

    for (size_t i = 0; i < n; i++) {
        bool again = pieces[i].from >= pieces[i].to;

        for (size_t k = 0; k < i; k++)
            again |= pieces[k].from == pieces[i].from && pieces[k].to == pieces[i].to;
        if (!again
            && kn_trap_try_doc(w, text->str + pieces[i].from, pieces[i].to - pieces[i].from,
                               pieces[i].note))
            return true;
    }
    return false;
}

bool
kn_trap_text(kn_trap_work *w)
{
    size_t cut = 0, from;
    g_autoptr(GString) text = w->c->raw && !w->c->gb18030 ? without_signature(w, &cut) : NULL;

    if (!text)
        return false;
    if (try_pieces(w, text))
        return true;
    if (w->budget->lane)
        return false;
    for (from = cut; from > 0 && is_space(text->str[from - 1]);)
        from--;
    if (from == cut)
        return false;
    (void)g_string_erase(text, (gssize)from, (gssize)(cut - from));
    return try_pieces(w, text);
}

/* --- comments kept -------------------------------------------------------------------------------------- */

static xmlNode *
last_signature(xmlDoc *doc)
{
    xmlNode *node = xmlDocGetRootElement(doc);

    for (node = node ? node->last : NULL; node; node = node->prev)
        if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, "Signature") == 0)
            return node;
    return NULL;
}

/* The only place where bytes are parsed twice: with what the first parse drops on purpose.  They passed
 * the first one, so there is no DOCTYPE and no processing instruction in them. */
bool
kn_trap_comments(kn_trap_work *w)
{
    xmlDoc *doc = NULL;
    xmlNode *signature = NULL;
    xmlChar *bytes = NULL;
    bool ok = false;
    int len = -1;

    if (!w->c->raw || w->c->gb18030 || w->c->raw_len > INT32_MAX
        || !g_strstr_len(w->c->raw, (gssize)w->c->raw_len, "<!--"))
        return false;
    doc = xmlReadMemory(w->c->raw, (int)w->c->raw_len, NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR
                            | XML_PARSE_NOWARNING);
    signature = doc ? last_signature(doc) : NULL;
    if (signature) {
        xmlUnlinkNode(signature);
        xmlFreeNode(signature);
        len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 1, &bytes);
    }
    if (len > 0)
        ok = kn_trap_try_doc(w, (const char *)bytes, (size_t)len, "");
    xmlFree(bytes);
    xmlFreeDoc(doc);
    return ok;
}

/* --- charsets ------------------------------------------------------------------------------------------- */

bool
kn_trap_gbk(kn_trap_work *w)
{
    static const char *const charsets[] = { "GB18030", "GBK" };

    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
        size_t len = 0;
        g_autofree char *bytes = g_convert(w->doc->str, (gssize)w->doc->len, charsets[i], "UTF-8",
                                           NULL, &len, NULL);

        if (bytes && kn_trap_try_doc(w, bytes, len, charsets[i])) {
            /* Offsets of two charsets say nothing. */
            w->fit->offset = KN_TRAP_NOWHERE;
            w->fit->path[0] = '\0';
            return true;
        }
    }
    if (w->c->raw && w->c->gb18030) {
        size_t cut;
        g_autoptr(GString) text = without_signature(w, &cut);

        if (text && try_pieces(w, text)) {
            w->fit->offset = KN_TRAP_NOWHERE;
            w->fit->path[0] = '\0';
            return true;
        }
    }
    return false;
}

/* Bytes of GB18030 that are in the private use area for one table and have a place of their own for
 * another: GB18030-2005 and -2022. */
static const struct {
    gunichar private_use, own;
} twins[] = {
    { 0xE78D, 0xFE10 }, { 0xE78E, 0xFE12 }, { 0xE78F, 0xFE11 }, { 0xE790, 0xFE13 },
    { 0xE791, 0xFE14 }, { 0xE792, 0xFE15 }, { 0xE793, 0xFE16 }, { 0xE794, 0xFE17 },
    { 0xE795, 0xFE18 }, { 0xE796, 0xFE19 }, { 0xE81E, 0x9FB4 }, { 0xE826, 0x9FB5 },
    { 0xE82B, 0x9FB6 }, { 0xE82C, 0x9FB7 }, { 0xE832, 0x9FB8 }, { 0xE843, 0x9FB9 },
    { 0xE854, 0x9FBA }, { 0xE864, 0x9FBB },
};

static gunichar
twin_of(gunichar c)
{
    for (size_t i = 0; i < G_N_ELEMENTS(twins); i++)
        if (twins[i].private_use == c || twins[i].own == c)
            return twins[i].private_use == c ? twins[i].own : twins[i].private_use;
    return 0;
}

char *
kn_trap_private_use(const char *utf8, size_t len)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gunichar seen[8];
    size_t n = 0;

    for (const char *at = utf8; at < utf8 + len && n < G_N_ELEMENTS(seen);
         at = g_utf8_next_char(at)) {
        gunichar c = (*at & 0x80) ? g_utf8_get_char(at) : 0;
        bool again = !twin_of(c) && !(c >= 0xE000 && c <= 0xF8FF);

        for (size_t i = 0; i < n; i++)
            again |= seen[i] == c;
        if (again)
            continue;
        seen[n++] = c;
        g_string_append_printf(out, "%sU+%04X", n > 1 ? " " : "", c);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool
kn_trap_twins(kn_trap_work *w)
{
    g_autoptr(GString) other = g_string_sized_new(w->doc->len);
    g_autofree char *list = kn_trap_private_use(w->doc->str, w->doc->len);
    g_autofree char *note = g_strdup_printf("characters %s", list);

    if (!*list)
        return false;
    for (const char *at = w->doc->str; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at), twin = twin_of(c);

        g_string_append_unichar(other, twin ? twin : c);
    }
    return kn_trap_try_doc(w, other->str, other->len, note);
}
