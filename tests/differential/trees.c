/* SPDX-License-Identifier: Apache-2.0 */
#include "trees.h"

#include <libxml/c14n.h>
#include <string.h>

#include "xml/internal.h"
#include "xml/shape.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#define PREFIXES 5

/* --- texts --------------------------------------------------------------------------------------- */

static void
put_value(GString *out, kn_rng *rng, bool attribute)
{
    static const char *const pieces[] = { "a",       "渝",     " ",      "&amp;",
                                          "&lt;",    "&gt;",   "&#13;",  "&#10;",
                                          "&#9;",    "&quot;", "&apos;", "\xF0\xA0\xAE\xB7",
                                          "12345",   "\n",     "\t",     "\r\n",
                                          "\r",      "p1:x",   ">",      "&#xA0;",
                                          "&#x2028;" };

    for (size_t n = kn_rng_below(rng, 5); n > 0; n--)
        g_string_append(out, pieces[kn_rng_below(rng, G_N_ELEMENTS(pieces))]);
    if (!attribute && kn_rng_below(rng, 8) == 0)
        g_string_append(out, "<!-- c --><![CDATA[<x> & \"y\"]]>");
}

static void
put_declarations(GString *out, kn_rng *rng, bool root)
{
    static const char *const uris[] = { "urn:1", "urn:2", "http://x/y?a=1", "urn:x:%C3%84",
                                        "urn:d" };
    size_t start = kn_rng_below(rng, PREFIXES);

    for (size_t i = 0; i < PREFIXES; i++) {
        size_t p = (start + i) % PREFIXES;

        if (root || kn_rng_below(rng, 9) == 0)
            g_string_append_printf(out, " xmlns:p%zu='%s'", p,
                                   uris[kn_rng_below(rng, G_N_ELEMENTS(uris))]);
    }
    if (kn_rng_below(rng, 6) == 0)
        g_string_append(out, kn_rng_below(rng, 2) ? " xmlns='urn:d'" : " xmlns=''");
}

static void
put_attributes(GString *out, kn_rng *rng, bool root)
{
    static const char *const plain[] = { "z", "b", "Id", "a", "é" };

    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
        if (kn_rng_below(rng, 6) == 0) {
            g_string_append_printf(out, " %s=\"", plain[i]);
            put_value(out, rng, true);
            g_string_append_c(out, '"');
        }
    for (size_t p = 0; p < PREFIXES; p++)
        if (kn_rng_below(rng, 10) == 0)
            g_string_append_printf(out, " p%zu:a%zu='%zu'", p, kn_rng_below(rng, 8), p);
    if (!root && kn_rng_below(rng, 12) == 0)
        g_string_append(out, kn_rng_below(rng, 2) ? " xml:lang='zh'" : " xml:space=\"preserve\"");
}

static void
put_element(GString *out, kn_rng *rng, int depth)
{
    size_t pick = kn_rng_below(rng, PREFIXES + 1);
    g_autofree char *name = pick < PREFIXES ? g_strdup_printf("p%zu:e", pick) : g_strdup("e");

    g_string_append_printf(out, "<%s", name);
    put_declarations(out, rng, depth == 0);
    put_attributes(out, rng, depth == 0);
    if (depth > 2 && kn_rng_below(rng, 4) == 0) {
        g_string_append(out, " />");
        return;
    }
    g_string_append_c(out, '>');
    for (size_t n = depth < 2 ? 2 : kn_rng_below(rng, 4); n > 0; n--) {
        put_value(out, rng, false);
        if (depth < 7)
            put_element(out, rng, depth + 1);
    }
    put_value(out, rng, false);
    g_string_append_printf(out, "</%s>", name);
}

GString *
kn_tree_text(kn_rng *rng)
{
    GString *out = g_string_new(kn_rng_below(rng, 4) ? "" : "<!-- before -->\n");

    put_element(out, rng, 0);
    return out;
}

/* --- comparison ------------------------------------------------------------------------------------ */

static const xmlNode *
some_child(const xmlNode *parent, kn_rng *rng)
{
    const xmlNode *found = NULL;
    size_t n = 0;

    for (const xmlNode *c = parent ? parent->children : NULL; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && kn_rng_below(rng, ++n) == 0)
            found = c;
    return found;
}

static int
below(void *user, xmlNodePtr node, xmlNodePtr parent)
{
    if (node && node->type == XML_NAMESPACE_DECL)
        node = parent;
    for (; node; node = node->parent)
        if (node == user)
            return 1;
    return 0;
}

/* libxml2's form of apex in place, or of all of doc. */
static bool
oracle(xmlDoc *doc, const xmlNode *apex, const kn_c14n_form *form, GString *out)
{
    xmlOutputBuffer *buffer = xmlAllocOutputBuffer(NULL);
    int mode = form->exclusive ? XML_C14N_EXCLUSIVE_1_0 : XML_C14N_1_0;
    bool ok = xmlC14NExecute(doc, apex ? below : NULL, (void *)(uintptr_t)apex, mode,
                             (xmlChar **)form->prefixes, 0, buffer)
              >= 0;

    (void)g_string_assign(out, "");
    if (ok)
        g_string_append_len(out, (const char *)xmlBufContent(buffer->buffer),
                            (gssize)xmlBufUse(buffer->buffer));
    (void)xmlOutputBufferClose(buffer);
    return ok;
}

static bool
same(const GString *ours, const GString *theirs, const char *what, char out[128])
{
    if (g_string_equal(ours, theirs))
        return true;
    (void)g_snprintf(out, 128, "%s differs", what);
    return false;
}

/* A grandchild stands for SignedInfo; attributes of the XML namespace above it are refused by S2. */
static bool
part_same(xmlDoc *doc, xmlDoc *other, const xmlNode *apex, kn_rng *rng, char out[128])
{
    static char *const lists[][4] = { { NULL },
                                      { (char *)"p1", NULL },
                                      { (char *)"p0", (char *)"p4", (char *)"#default", NULL } };
    kn_c14n_form form = { 0 };
    g_autoptr(GString) ours = g_string_new(NULL), theirs = g_string_new(NULL);
    kn_shape shape = { .root = xmlDocGetRootElement(doc),
                       .signature = apex->parent,
                       .signed_info = (xmlNode *)(uintptr_t)apex };

    if (!kn_xml_canonical_signed_info(&shape, ours, NULL) || !oracle(other, apex, &form, theirs)
        || !same(ours, theirs, "a part, inclusive,", out))
        return false;
    form.exclusive = true;
    form.prefixes = (char **)(uintptr_t)lists[kn_rng_below(rng, G_N_ELEMENTS(lists))];
    shape.info_form = form;
    (void)g_string_assign(ours, "");
    return kn_xml_canonical_signed_info(&shape, ours, NULL) && oracle(other, apex, &form, theirs)
           && same(ours, theirs, "a part, exclusive,", out);
}

kn_tree_result
kn_tree_judge(kn_xml *xml, const char *text, size_t len, kn_rng *rng, bool spoil, char out[128])
{
    g_autoptr(xmlDoc) doc = NULL, other = NULL;
    g_autoptr(GString) ours = g_string_new(NULL), theirs = g_string_new(NULL);
    const xmlNode *middle = NULL, *apex = NULL;
    kn_c14n_form whole = { 0 };

    (void)g_snprintf(out, 128, "one of the two failed");
    if (!kn_xml_open(xml, text, len, false, &doc, NULL))
        return KN_TREE_NOT_OPENED;
    other = xmlReadMemory(spoil ? "<a> </a>" : text, spoil ? 8 : (int)len, NULL, NULL,
                          XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!other || !kn_xml_canonical(doc, ours, NULL) || !oracle(other, NULL, &whole, theirs)
        || !same(ours, theirs, "the document", out))
        return KN_TREE_DIFFERS;
    middle = some_child(xmlDocGetRootElement(doc), rng);
    apex = some_child(middle, rng);
    for (const xmlAttr *a = middle ? middle->properties : NULL; a && apex; a = a->next)
        if (a->ns && strcmp((const char *)a->ns->href, (const char *)XML_XML_NAMESPACE) == 0)
            apex = NULL;
    return !apex || part_same(doc, doc, apex, rng, out) ? KN_TREE_SAME : KN_TREE_DIFFERS;
}
