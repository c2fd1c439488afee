/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/span.h"

#include <string.h>

typedef struct walk {
    size_t wanted; /* start tags before the one that is wanted */
    size_t seen, depth, level;
    bool inside;
} walk;

/* --- the tree's side --------------------------------------------------------------------------------- */

static const xmlNode *
next_in_order(const xmlNode *n)
{
    if (n->type == XML_ELEMENT_NODE && n->children)
        return n->children;
    while (n && n->type != XML_DOCUMENT_NODE && !n->next)
        n = n->parent;
    return n ? n->next : NULL;
}

static size_t
elements_before(const xmlNode *node)
{
    size_t count = 0;

    for (const xmlNode *n = xmlDocGetRootElement(node->doc); n && n != node; n = next_in_order(n))
        count += n->type == XML_ELEMENT_NODE;
    return count;
}

/* --- the text's side --------------------------------------------------------------------------------- */

/* Bytes of the character at p.  In GB18030 a second byte may look like ']', never like a quote, '<' or '>'. */
static size_t
width(const char *p, const char *end, bool gb18030)
{
    size_t n = 1;

    if (gb18030 && (unsigned char)*p >= 0x81 && end - p > 1)
        n = g_ascii_isdigit(p[1]) ? 4 : 2;
    return MIN(n, (size_t)(end - p));
}

static const char *
behind(const char *p, const char *end, const char *closing, bool gb18030)
{
    size_t len = strlen(closing);

    for (; (size_t)(end - p) >= len; p += width(p, end, gb18030))
        if (memcmp(p, closing, len) == 0)
            return p + len;
    return end;
}

static const char *
behind_tag(const char *p, const char *end)
{
    char quote = 0;

    for (; p < end; p++) {
        if (quote)
            quote = *p == quote ? 0 : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '>')
            return p + 1;
    }
    return end;
}

/* What has no name: comments, CDATA sections, the declaration.  NULL: p begins a tag. */
static const char *
behind_other(const char *p, const char *end, bool gb18030)
{
    static const struct {
        const char *open, *close;
    } kinds[] = { { "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" } };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t len = strlen(kinds[i].open);

        if ((size_t)(end - p) >= len && memcmp(p, kinds[i].open, len) == 0)
            return behind(p + len, end, kinds[i].close, gb18030);
    }
    return NULL;
}

/* One tag from p to stop.  true: the span is whole. */
static bool
take_tag(walk *w, const char *bytes, const char *p, const char *stop, kn_span *span)
{
    size_t from = (size_t)(p - bytes), to = (size_t)(stop - bytes);
    bool alone = stop[-2] == '/';

    if (p[1] == '/') {
        w->depth--;
        if (!w->inside || w->depth != w->level)
            return false;
        span->close = from;
        span->end = to;
        return true;
    }
    if (!w->inside && w->seen++ == w->wanted) {
        *span = (kn_span){ from, to, to, to };
        w->level = w->depth;
        w->inside = true;
        if (alone)
            return true;
    }
    w->depth += !alone;
    return false;
}

bool
kn_span_of(const GString *bytes, bool gb18030, const xmlNode *node, kn_span *out)
{
    const char *p = bytes->str, *end = bytes->str + bytes->len;
    walk w = { .wanted = elements_before(node) };
    kn_span span = { 0 };

    while (p < end) {
        const char *stop = NULL;

        p = memchr(p, '<', (size_t)(end - p));
        if (!p)
            return false;
        stop = behind_other(p, end, gb18030);
        if (!stop) {
            stop = behind_tag(p, end);
            if (take_tag(&w, bytes->str, p, stop, &span)) {
                *out = span;
                return true;
            }
        }
        p = stop;
    }
    return false;
}

/* --- writing ------------------------------------------------------------------------------------------- */

char *
kn_span_name(const GString *bytes, const kn_span *span)
{
    const char *name = bytes->str + span->open + 1;

    return g_strndup(name, strcspn(name, " \t\r\n/>"));
}

static bool
closes_itself(const kn_span *span)
{
    return span->inner == span->end;
}

static void
put(GString *bytes, size_t from, size_t to, const char *text)
{
    g_string_erase(bytes, (gssize)from, (gssize)(to - from));
    g_string_insert(bytes, (gssize)from, text);
}

void
kn_span_fill(GString *bytes, const kn_span *span, const char *text)
{
    g_autofree char *name = kn_span_name(bytes, span);
    g_autofree char *whole = g_strconcat(">", text, "</", name, ">", NULL);

    if (closes_itself(span))
        put(bytes, span->end - 2, span->end, whole);
    else
        put(bytes, span->inner, span->close, text);
}

void
kn_span_append(GString *bytes, const kn_span *span, const char *text)
{
    if (closes_itself(span))
        kn_span_fill(bytes, span, text);
    else
        put(bytes, span->close, span->close, text);
}

void
kn_span_attribute(GString *bytes, const kn_span *span, const char *text)
{
    size_t at = span->inner - (closes_itself(span) ? 2 : 1);

    put(bytes, at, at, text);
}
