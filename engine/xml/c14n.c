/* SPDX-License-Identifier: Apache-2.0 */
/* Inclusive C14N 1.0 without comments, written straight off the tree that kn_xml_open made (elements,
 * attributes, text).  Anything else in the tree is a failure, never partial output.  Held against
 * libxml2's own canonicaliser in tests/unit/xml/test_c14n.c. */
#include "xml/internal.h"

#include <string.h>

typedef struct scope {
    const char *prefix; /* "" = default */
    const char *href;
} scope;

typedef struct walk {
    kn_sink *sink;
    scope rendered[KN_XML_NS_CEILING];
    size_t n;
    uint8_t marks[KN_XML_DEPTH_CEILING + 2]; /* declarations rendered by each open element */
    size_t depth;
} walk;

/* 1 text only, 2 attribute only, 3 both */
static const uint8_t escape_class[256] = {
    ['&'] = 3, ['<'] = 3, ['>'] = 1, ['\r'] = 3, ['"'] = 2, ['\t'] = 2, ['\n'] = 2,
};

static const char *
escape_of(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#x9;";
    case '\n': return "&#xA;";
    default: return "&#xD;";
    }
}

static void
sink_out(kn_sink *sink, const char *bytes, size_t len)
{
    if (sink->text)
        g_string_append_len(sink->text, bytes, (gssize)len);
    else if (EVP_DigestUpdate(sink->md, bytes, len) != 1)
        sink->failed = true;
}

static void
sink_flush(kn_sink *sink)
{
    sink_out(sink, sink->buf, sink->used);
    sink->used = 0;
}

static void
put(kn_sink *sink, const char *bytes, size_t len)
{
    sink->total += len;
    if (len > sizeof(sink->buf) - sink->used) {
        sink_flush(sink);
        if (len >= sizeof(sink->buf)) {
            sink_out(sink, bytes, len);
            return;
        }
    }
    memcpy(sink->buf + sink->used, bytes, len);
    sink->used += len;
}

static void
put_text(kn_sink *sink, const char *text)
{
    put(sink, text, strlen(text));
}

static void
put_escaped(kn_sink *sink, const char *text, uint8_t class)
{
    const char *run = text, *at = text;

    for (; *at; at++) {
        const char *escape = NULL;

        if (!(escape_class[(unsigned char)*at] & class))
            continue;
        escape = escape_of((unsigned char)*at);
        put(sink, run, (size_t)(at - run));
        put(sink, escape, strlen(escape));
        run = at + 1;
    }
    put(sink, run, (size_t)(at - run));
}

void
kn_c14n_escape_text(GString *out, const char *text, size_t len)
{
    size_t run = 0;

    for (size_t i = 0; i < len; i++) {
        if (!(escape_class[(unsigned char)text[i]] & 1))
            continue;
        g_string_append_len(out, text + run, (gssize)(i - run));
        g_string_append(out, escape_of((unsigned char)text[i]));
        run = i + 1;
    }
    g_string_append_len(out, text + run, (gssize)(len - run));
}

void
kn_c14n_escape_attr(GString *out, const char *text)
{
    for (; *text; text++)
        if (escape_class[(unsigned char)*text] & 2)
            g_string_append(out, escape_of((unsigned char)*text));
        else
            g_string_append_c(out, *text);
}

static const char *
rendered_href(const walk *w, const char *prefix)
{
    for (size_t i = w->n; i > 0; i--)
        if (strcmp(w->rendered[i - 1].prefix, prefix) == 0)
            return w->rendered[i - 1].href;
    return "";
}

/* Adds or replaces a declaration in a small set. */
static bool
set_scope(scope *set, size_t *n, const char *prefix, const char *href)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(set[i].prefix, prefix) == 0) {
            set[i].href = href;
            return true;
        }
    if (*n == KN_XML_NS_CEILING)
        return false;
    set[(*n)++] = (scope){ .prefix = prefix, .href = href };
    return true;
}

static bool
collect(const xmlNode *node, scope *set, size_t *n)
{
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next) {
        const char *prefix = ns->prefix ? (const char *)ns->prefix : "";

        if (strcmp(prefix, "xml") == 0)
            continue;
        if (!set_scope(set, n, prefix, ns->href ? (const char *)ns->href : ""))
            return false;
    }
    return true;
}

/* Renders those of the set that change what an ancestor rendered, sorted by prefix. */
static bool
put_namespaces(walk *w, scope *set, size_t n)
{
    size_t first = w->n;

    for (size_t i = 0; i < n; i++) {
        size_t at = 0;

        if (strcmp(rendered_href(w, set[i].prefix), set[i].href) == 0)
            continue;
        if (w->n == KN_XML_NS_CEILING)
            return false;
        for (at = w->n; at > first && strcmp(w->rendered[at - 1].prefix, set[i].prefix) > 0; at--)
            w->rendered[at] = w->rendered[at - 1];
        w->rendered[at] = set[i];
        w->n++;
    }
    for (size_t i = first; i < w->n; i++) {
        const scope *s = &w->rendered[i];

        put_text(w->sink, *s->prefix ? " xmlns:" : " xmlns");
        put_text(w->sink, s->prefix);
        put(w->sink, "=\"", 2);
        put_escaped(w->sink, s->href, 2);
        put(w->sink, "\"", 1);
    }
    w->marks[w->depth] = (uint8_t)(w->n - first);
    return true;
}

static int
attr_compare(const xmlAttr *a, const xmlAttr *b)
{
    const char *a_ns = a->ns ? (const char *)a->ns->href : "";
    const char *b_ns = b->ns ? (const char *)b->ns->href : "";
    int order = strcmp(a_ns, b_ns);

    return order ? order : strcmp((const char *)a->name, (const char *)b->name);
}

static void
put_name(kn_sink *sink, const xmlNs *ns, const xmlChar *name)
{
    if (ns && ns->prefix) {
        put_text(sink, (const char *)ns->prefix);
        put(sink, ":", 1);
    }
    put_text(sink, (const char *)name);
}

#define ATTRS_MAX 256

static bool
put_attrs(kn_sink *sink, const xmlNode *node)
{
    const xmlAttr *sorted[ATTRS_MAX];
    size_t n = 0;

    for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
        size_t at = n;

        if (n == ATTRS_MAX)
            return false;
        for (; at > 0 && attr_compare(sorted[at - 1], attr) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = attr;
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        put(sink, " ", 1);
        put_name(sink, sorted[i]->ns, sorted[i]->name);
        put(sink, "=\"", 2);
        for (const xmlNode *part = sorted[i]->children; part; part = part->next) {
            if (part->type != XML_TEXT_NODE)
                return false;
            if (part->content)
                put_escaped(sink, (const char *)part->content, 2);
        }
        put(sink, "\"", 1);
    }
    return true;
}

static bool
open_element(walk *w, const xmlNode *node, const xmlNode *const *ancestors)
{
    scope set[KN_XML_NS_CEILING];
    size_t n = 0;

    if (w->depth > KN_XML_DEPTH_CEILING)
        return false;
    put(w->sink, "<", 1);
    put_name(w->sink, node->ns, node->name);
    for (; ancestors && *ancestors; ancestors++)
        if (!collect(*ancestors, set, &n))
            return false;
    if (node->nsDef || n > 0) {
        if (!collect(node, set, &n) || !put_namespaces(w, set, n))
            return false;
    } else {
        w->marks[w->depth] = 0;
    }
    if (node->properties && !put_attrs(w->sink, node))
        return false;
    put(w->sink, ">", 1);
    w->depth++;
    return true;
}

static void
close_element(walk *w, const xmlNode *node)
{
    w->depth--;
    w->n -= w->marks[w->depth];
    put(w->sink, "</", 2);
    put_name(w->sink, node->ns, node->name);
    put(w->sink, ">", 1);
}

bool
kn_c14n(const xmlNode *apex, const xmlNode *const *ancestors, kn_sink *sink)
{
    walk w = { .sink = sink };
    const xmlNode *node = apex;

    if (!apex || apex->type != XML_ELEMENT_NODE)
        return false;
    for (;;) {
        if (node->type == XML_ELEMENT_NODE) {
            if (!open_element(&w, node, node == apex ? ancestors : NULL))
                return false;
            if (node->children) {
                node = node->children;
                continue;
            }
            close_element(&w, node);
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            if (node->content)
                put_escaped(sink, (const char *)node->content, 1);
        } else {
            return false;
        }
        while (node != apex && !node->next) {
            node = node->parent;
            close_element(&w, node);
        }
        if (node == apex)
            break;
        node = node->next;
    }
    sink_flush(sink);
    return !sink->failed;
}

bool
kn_c14n_digest(EVP_MD_CTX *ctx, const xmlDoc *doc, kn_md md, uint8_t *out, size_t *len_out,
               GError **err)
{
    kn_sink sink;

    sink.md = ctx;
    sink.text = NULL;
    sink.total = sink.used = 0;
    sink.failed = false;
    if (EVP_DigestInit_ex2(ctx, kn_crypto_md(md), NULL) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "digest %s not available", kn_md_name(md));
    if (!kn_c14n(xmlDocGetRootElement(doc), NULL, &sink))
        return kn_fail(err, sink.failed ? KN_E_ENGINE_ERROR : KN_E_C14N_FAILED,
                       "the document cannot be canonicalised");
    if (EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "digest failed");
    if (len_out)
        *len_out = sink.total;
    return true;
}
