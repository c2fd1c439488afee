/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <string.h>

char *
kn_case_expand(const char *text, kn_case_var var, void *arg)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
        g_autofree char *name = end ? g_strndup(text + 2, (size_t)(end - text) - 2) : NULL;
        const char *value = name ? var(arg, name) : NULL;

        if (name && !value) {
            (void)g_string_free(out, TRUE);
            return NULL;
        }
        if (name) {
            g_string_append(out, value);
            text = end + 1;
        } else {
            g_string_append_c(out, *text++);
        }
    }
    return g_string_free(out, FALSE);
}

/* "Declaration/Rows/Row[2]/remark" below node. */
static xmlNode *
find(xmlNode *node, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (size_t i = 0; parts[i] && node; i++) {
        char *bracket = strchr(parts[i], '[');
        int want = bracket ? (int)g_ascii_strtoll(bracket + 1, NULL, 10) : 1;
        xmlNode *child = node->children;

        if (bracket)
            *bracket = '\0';
        for (; child; child = child->next)
            if (child->type == XML_ELEMENT_NODE && xmlStrEqual(child->name, BAD_CAST parts[i])
                && --want == 0)
                break;
        node = child;
    }
    return node;
}

static void
set_text(xmlNode *node, const char *text)
{
    xmlNode *kid;

    while ((kid = node->children)) {
        xmlUnlinkNode(kid);
        xmlFreeNode(kid);
    }
    (void)xmlAddChild(node, xmlNewText(BAD_CAST text));
}

static void
copy_after(xmlNode *node, json_int_t times)
{
    for (json_int_t i = 0; i < times; i++)
        (void)xmlAddNextSibling(node, xmlCopyNode(node, 1));
}

static char *
fill(const char *unit, json_int_t times)
{
    GString *text = g_string_new(NULL);

    for (json_int_t i = 0; i < times; i++)
        g_string_append(text, unit);
    return g_string_free(text, FALSE);
}

/* [verb, path, value, times]: set, del, fill, copy, attr, add (an element name below path). */
static bool
edit(xmlNode *root, const json_t *one, kn_case_var var, void *arg)
{
    const char *verb = json_string_value(json_array_get(one, 0));
    const char *path = json_string_value(json_array_get(one, 1));
    const char *given = json_string_value(json_array_get(one, 2));
    json_int_t times = json_integer_value(json_array_get(one, json_array_size(one) - 1));
    g_autofree char *value = given ? kn_case_expand(given, var, arg) : NULL;
    xmlNode *node = verb && path ? (*path ? find(root, path) : root) : NULL;

    if (g_strcmp0(verb, "attr") == 0 && path && value)
        return xmlSetProp(root, BAD_CAST path, BAD_CAST value) != NULL;
    if (!node || (given && !value))
        return false;
    if (strcmp(verb, "set") == 0 && value) {
        set_text(node, value);
    } else if (strcmp(verb, "fill") == 0 && value) {
        g_autofree char *text = fill(value, times);

        set_text(node, text);
    } else if (strcmp(verb, "copy") == 0) {
        copy_after(node, times);
    } else if (strcmp(verb, "add") == 0 && value) {
        (void)xmlNewChild(node, node->ns, BAD_CAST value, BAD_CAST "x");
    } else if (strcmp(verb, "del") == 0) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    } else {
        return false;
    }
    return true;
}

static void
prune(xmlNode *node)
{
    for (xmlNode *child = node->children, *next; child; child = next) {
        next = child->next;
        if (child->type != XML_ELEMENT_NODE)
            continue;
        prune(child);
        if (!child->children) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        }
    }
}

xmlDoc *
kn_case_message(const char *path, const json_t *edits, bool keep_empty, kn_case_var var, void *arg,
                char **why)
{
    xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS);

    if (!doc) {
        *why = g_strdup_printf("%s cannot be read", path);
        return NULL;
    }
    for (size_t i = 0; i < json_array_size(edits); i++)
        if (!edit(xmlDocGetRootElement(doc), json_array_get(edits, i), var, arg)) {
            *why = g_strdup_printf("edit %zu does not fit %s", i, path);
            xmlFreeDoc(doc);
            return NULL;
        }
    if (!keep_empty)
        prune(xmlDocGetRootElement(doc));
    return doc;
}

G_GNUC_PRINTF(2, 3)
static void
first_violation(void *arg, const char *format, ...)
{
    char **why = arg;
    va_list args;

    va_start(args, format);
    if (!*why)
        *why = g_strdup_vprintf(format, args);
    va_end(args);
}

bool
kn_case_valid(xmlDoc *doc, const char *xsd, char **why)
{
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(xsd);
    xmlSchema *schema = xmlSchemaParse(parser);
    xmlSchemaValidCtxt *ctxt = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
    bool ok = false;

    if (ctxt) {
        xmlSchemaSetValidErrors(ctxt, first_violation, first_violation, why);
        ok = xmlSchemaValidateDoc(ctxt, doc) == 0;
    } else {
        *why = g_strdup_printf("%s: no schema", xsd);
    }
    xmlSchemaFreeValidCtxt(ctxt);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return ok;
}
