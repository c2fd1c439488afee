/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/schema.h"

#include "xml/internal.h"

#include <libxml/xmlschemastypes.h>
#include <stdatomic.h>
#include <string.h>

#define VIOLATIONS_MAX 3
#define XS_NS "http://www.w3.org/2001/XMLSchema"

struct kn_schema {
    char *name;
    xmlSchema *schema;
    bool wants_signature;
    long names_line; /* kn_schema_names_in_values */
    size_t index;    /* of the validation context in a kn_xml */
};

struct kn_schemas {
    GPtrArray *list; /* kn_schema */
};

/* The folder that may be read from while loading; NULL afterwards.  Start-up is single-threaded. */
static const char *loading_folder;
static atomic_uint refusals;

unsigned
kn_xml_loader_refusals(void)
{
    return atomic_load(&refusals);
}

/* Serves schema files of the folder by base name, and only while loading. */
static xmlParserInput *
closed_loader(const char *url, const char *id, xmlParserCtxt *ctxt)
{
    g_autofree char *path = NULL, *text = NULL;
    xmlParserInputBuffer *buffer = NULL;
    xmlParserInput *input = NULL;
    size_t len = 0;

    (void)id;
    if (!loading_folder || !url || strchr(url, '/') || strchr(url, '\\') || strstr(url, "..")
        || strchr(url, ':')) {
        atomic_fetch_add(&refusals, 1);
        return NULL;
    }
    path = g_build_filename(loading_folder, url, NULL);
    if (!g_file_get_contents(path, &text, &len, NULL)) {
        atomic_fetch_add(&refusals, 1);
        return NULL;
    }
    buffer = xmlParserInputBufferCreateMem(text, (int)len, XML_CHAR_ENCODING_NONE); /* copies */
    if (!buffer)
        return NULL;
    input = xmlNewIOInputStream(ctxt, buffer, XML_CHAR_ENCODING_NONE);
    if (!input)
        xmlFreeParserInputBuffer(buffer);
    else
        input->filename = (const char *)xmlStrdup((const xmlChar *)url);
    return input;
}

void
kn_schema_close_loader(void)
{
    xmlSetExternalEntityLoader(closed_loader);
}

static void
schema_free(void *data)
{
    kn_schema *schema = data;

    xmlSchemaFree(schema->schema);
    g_free(schema->name);
    g_free(schema);
}

void
kn_schemas_free(kn_schemas *schemas)
{
    if (!schemas)
        return;
    g_ptr_array_unref(schemas->list);
    g_free(schemas);
}

size_t
kn_schemas_count(const kn_schemas *schemas)
{
    return schemas ? schemas->list->len : 0;
}

const kn_schema *
kn_schemas_get(const kn_schemas *schemas, const char *name)
{
    for (size_t i = 0; name && i < kn_schemas_count(schemas); i++) {
        const kn_schema *schema = schemas->list->pdata[i];

        if (strcmp(schema->name, name) == 0)
            return schema;
    }
    return NULL;
}

const kn_schema *
kn_schemas_at(const kn_schemas *schemas, size_t i)
{
    return i < kn_schemas_count(schemas) ? schemas->list->pdata[i] : NULL;
}

const char *
kn_schema_name(const kn_schema *schema)
{
    return schema->name;
}

long
kn_schema_names_in_values(const kn_schema *schema)
{
    return schema->names_line;
}

bool
kn_schema_wants_signature(const kn_schema *schema)
{
    return schema->wants_signature;
}

static void
keep_first(void *data, xmlError *error)
{
    GString *text = data;

    if (error && error->level >= XML_ERR_ERROR && text->len == 0)
        g_string_append_printf(text, "line %d: %s", error->line,
                               error->message ? error->message : "?");
}

/* --- lint ------------------------------------------------------------------------------------- */

static bool
lint(const xmlNode *node, const char *name, int depth, GError **err)
{
    if (depth > KN_XML_DEPTH_CEILING)
        return kn_fail(err, KN_E_CONFIG, "%s: nested too deep", name);
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)node->name, "pattern") == 0) {
            xmlChar *text = xmlGetNoNsProp(node, (const xmlChar *)"value");
            bool ok = text && kn_pattern_linear((const char *)text);

            xmlFree(text);
            if (!ok)
                return kn_fail(err, KN_E_CONFIG, "%s:%ld: pattern is not in the linear subset",
                               name, xmlGetLineNo(node));
        }
        if (strcmp((const char *)node->name, "import") == 0
            || strcmp((const char *)node->name, "include") == 0) {
            xmlChar *where = xmlGetNoNsProp(node, (const xmlChar *)"schemaLocation");
            bool outside = where && (strpbrk((const char *)where, "/\\:") != NULL);

            xmlFree(where);
            if (outside)
                return kn_fail(err, KN_E_CONFIG, "%s:%ld: import from outside the folder", name,
                               xmlGetLineNo(node));
        }
        if (!lint(node->children, name, depth + 1, err))
            return false;
    }
    return true;
}

/* One of the words of value is xs:QName or xs:NOTATION, whatever prefix xs has there. */
static bool
is_naming_type(const xmlNode *node, const char *value)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t\r\n", -1);

    for (size_t i = 0; words[i]; i++) {
        char *colon = strchr(words[i], ':');
        const char *local = colon ? colon + 1 : words[i];
        const xmlNs *ns = NULL;

        if (strcmp(local, "QName") != 0 && strcmp(local, "NOTATION") != 0)
            continue;
        if (colon)
            *colon = '\0';
        ns = xmlSearchNs(node->doc, (xmlNode *)(uintptr_t)node,
                         colon ? (const xmlChar *)words[i] : NULL);
        if (ns && strcmp((const char *)ns->href, XS_NS) == 0)
            return true;
    }
    return false;
}

static long
names_in_values(const xmlNode *node)
{
    static const char *const attributes[] = { "type", "base", "itemType", "memberTypes" };
    long line = 0;

    for (; node && line == 0; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)node->name, "import") == 0
            || strcmp((const char *)node->name, "include") == 0)
            return xmlGetLineNo(node);
        for (size_t i = 0; i < G_N_ELEMENTS(attributes) && line == 0; i++) {
            xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)attributes[i]);

            if (value && is_naming_type(node, (const char *)value))
                line = xmlGetLineNo(node);
            xmlFree(value);
        }
        if (line == 0)
            line = names_in_values(node->children);
    }
    return line;
}

/* --- loading ----------------------------------------------------------------------------------- */

static bool
load_one(kn_schemas *schemas, const char *folder, const char *name, GError **err)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) first = g_string_new(NULL);
    xmlSchemaParserCtxt *ctxt = NULL;
    kn_schema *schema = NULL;
    size_t len = 0;

    if (!g_file_get_contents(path, &text, &len, NULL))
        return kn_fail(err, KN_E_IO, "%s: cannot be read", path);
    doc = xmlReadMemory(text, (int)len, name, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc || doc->intSubset)
        return kn_fail(err, KN_E_CONFIG, "%s: not a schema file", path);
    if (!lint(doc->children, name, 0, err))
        return false;
    schema = g_new0(kn_schema, 1);
    schema->name = g_strdup(name);
    schema->wants_signature = strstr(text, KN_DS_NS) != NULL;
    schema->names_line = names_in_values(doc->children);
    schema->index = schemas->list->len;
    loading_folder = folder;
    ctxt = xmlSchemaNewDocParserCtxt(doc);
    if (ctxt) {
        xmlSchemaSetParserStructuredErrors(ctxt, keep_first, first);
        schema->schema = xmlSchemaParse(ctxt);
        xmlSchemaFreeParserCtxt(ctxt);
    }
    loading_folder = NULL;
    if (!schema->schema) {
        schema_free(schema);
        return kn_fail(err, KN_E_CONFIG, "%s: no valid schema: %s", path, g_strchomp(first->str));
    }
    g_ptr_array_add(schemas->list, schema);
    return true;
}

bool
kn_schemas_add(kn_schemas *schemas, const char *folder, const char *const *names, GError **err)
{
    for (; *names; names++) {
        if (kn_schemas_get(schemas, *names))
            continue;
        if (!load_one(schemas, folder, *names, err))
            return false;
    }
    return true;
}

bool
kn_schemas_load(const char *folder, const char *const *names, kn_schemas **out, GError **err)
{
    kn_schemas *schemas = g_new0(kn_schemas, 1);

    schemas->list = g_ptr_array_new_with_free_func(schema_free);
    if (!kn_schemas_add(schemas, folder, names, err)) {
        kn_schemas_free(schemas);
        return false;
    }
    *out = schemas;
    return true;
}

/* --- V1 ---------------------------------------------------------------------------------------- */

typedef struct findings {
    GString *text;
    size_t n;
} findings;

/* Element name and line; never libxml2's message, which quotes values. */
static void
on_violation(void *data, xmlError *error)
{
    findings *found = data;
    const xmlNode *node = error ? error->node : NULL;

    if (!error || error->level < XML_ERR_ERROR || ++found->n > VIOLATIONS_MAX)
        return;
    g_string_append_printf(found->text, "%s%s line %d (%s)", found->n > 1 ? "; " : "",
                           node && node->name ? (const char *)node->name : "?", error->line,
                           error->code == XML_SCHEMAV_ELEMENT_CONTENT ? "element not expected here"
                           : error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1
                                   || error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4
                               ? "attribute"
                               : "value");
}

static xmlSchemaValidCtxt *
context_of(kn_xml *xml, const kn_schema *schema)
{
    if (schema->index >= xml->n_valid)
        return NULL;
    if (!xml->valid[schema->index])
        xml->valid[schema->index] = xmlSchemaNewValidCtxt(schema->schema);
    return xml->valid[schema->index];
}

bool
kn_xml_validate(kn_xml *xml, xmlDoc *doc, const kn_schema *schema, GError **err)
{
    g_autoptr(GString) text = g_string_new(NULL);
    findings found = { .text = text };
    xmlSchemaValidCtxt *ctxt = context_of(xml, schema);
    int verdict = 0;

    if (!ctxt)
        return kn_fail(err, KN_E_ENGINE_ERROR, "schema %s is not one of this lane's", schema->name);
    xmlSchemaSetValidStructuredErrors(ctxt, on_violation, &found);
    verdict = xmlSchemaValidateDoc(ctxt, doc);
    xmlSchemaSetValidStructuredErrors(ctxt, NULL, NULL);
    if (verdict < 0)
        return kn_fail(err, KN_E_XSD_ABORTED, "the validator gave up on %s", schema->name);
    if (verdict > 0)
        return kn_fail(err, KN_E_XSD_INVALID, "%s%s", text->str,
                       found.n > VIOLATIONS_MAX ? "; and more" : "");
    return true;
}

typedef struct listener {
    void (*each)(void *data, const xmlNode *node, int line, const char *text);
    void *data;
} listener;

static void
on_each_violation(void *data, xmlError *error)
{
    const listener *to = data;

    if (error && error->level >= XML_ERR_ERROR)
        to->each(to->data, error->node, error->line, error->message ? error->message : "");
}

bool
kn_xml_violations(kn_xml *xml, xmlDoc *doc, const kn_schema *schema,
                  void (*each)(void *data, const xmlNode *node, int line, const char *text),
                  void *data, GError **err)
{
    listener to = { each, data };
    xmlSchemaValidCtxt *ctxt = context_of(xml, schema);
    int verdict = 0;

    if (!ctxt)
        return kn_fail(err, KN_E_ENGINE_ERROR, "schema %s is not one of this lane's", schema->name);
    xmlSchemaSetValidStructuredErrors(ctxt, on_each_violation, &to);
    verdict = xmlSchemaValidateDoc(ctxt, doc);
    xmlSchemaSetValidStructuredErrors(ctxt, NULL, NULL);
    return verdict >= 0
           || kn_fail(err, KN_E_XSD_ABORTED, "the validator gave up on %s", schema->name);
}
