/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/open.h"

#include "xml/internal.h"

#include <libxml/SAX2.h>
#include <libxml/catalog.h>
#include <libxml/dict.h>
#include <libxml/parserInternals.h>
#include <string.h>

/* A dictionary keeps every name it ever met; past this a lane takes a fresh parser. */
#define DICT_USAGE_MAX ((size_t)512 * 1024)
#define DATA_NS "http://www.chinaport.gov.cn/dxp"

const kn_xml_limits kn_xml_limits_default = {
    .max_bytes = 1024 * 1024,
    .max_tag_bytes = 16384,
    .max_tag_values = 96,
    .max_depth = 64,
    .max_attrs = 64,
    .max_ns_scope = 16,
    .max_elements = 65536,
    .max_text = 8192,
    .max_attr_value = 1024,
};

/* Elements whose text has a maximum of its own; 0 = the message limit. */
static const struct {
    const char *local, *ns;
    size_t max;
} text_rows[] = {
    { "Data", DATA_NS, 0 },
    { "X509Certificate", KN_DS_NS, 8192 },
    { "SignatureValue", KN_DS_NS, 1024 },
};

static size_t
code_points(const char *text, size_t len)
{
    size_t n = len;

    for (; len >= 8; len -= 8, text += 8) {
        uint64_t word = 0;

        memcpy(&word, text, 8); /* continuation bytes are 10xxxxxx */
        word = (word >> 7) & (~word >> 6) & UINT64_C(0x0101010101010101);
        n -= (size_t)__builtin_popcountll(word);
    }
    for (; len > 0; len--, text++)
        n -= ((unsigned char)*text & 0xC0) == 0x80;
    return n;
}

static void stop(xmlParserCtxt *ctxt, kn_error code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
stop(xmlParserCtxt *ctxt, kn_error code, const char *format, ...)
{
    kn_xml *xml = ctxt->_private;
    g_autofree char *text = NULL;
    va_list args;

    if (xml->parse_error)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    kn_fail(&xml->parse_error, code, "%s (line %d)", text, xmlSAX2GetLineNumber(ctxt));
    xmlStopParser(ctxt);
}

/* C14N aborts on relative namespace URIs, so a scheme is asked for: ALPHA *(ALPHA DIGIT + - .) ":".
 * An ampersand is refused because libxml2 keeps it as the text "&#38;" there (and only there), so two
 * different documents would have one canonical form. */
static bool
uri_usable(const char *uri)
{
    if (!g_ascii_isalpha(*uri) || strchr(uri, '&'))
        return false;
    while (g_ascii_isalnum(*uri) || *uri == '+' || *uri == '-' || *uri == '.')
        uri++;
    return *uri == ':';
}

static bool
namespaces_ok(xmlParserCtxt *ctxt, int n, const xmlChar **namespaces)
{
    for (int i = 0; i < n; i++) {
        const char *prefix = (const char *)namespaces[2 * i];
        const char *uri = (const char *)namespaces[2 * i + 1];

        if (!prefix && (!uri || !*uri))
            continue; /* xmlns="" takes the default namespace back */
        if (!uri || !uri_usable(uri)) {
            stop(ctxt, KN_E_XML_NS_RELATIVE, "namespace URI without a scheme, or with '&'");
            return false;
        }
    }
    return true;
}

static bool
attributes_ok(xmlParserCtxt *ctxt, const kn_xml_limits *limits, int n, const xmlChar **attributes)
{
    if ((size_t)n > limits->max_attrs) {
        stop(ctxt, KN_E_XML_LIMIT, "xml.max_attrs %zu", limits->max_attrs);
        return false;
    }
    for (int i = 0; i < n; i++) {
        const char *value = (const char *)attributes[5 * i + 3];
        size_t len = (size_t)((const char *)attributes[5 * i + 4] - value);

        if (len > limits->max_attr_value && code_points(value, len) > limits->max_attr_value) {
            stop(ctxt, KN_E_XML_LIMIT, "xml.max_attr_value %zu", limits->max_attr_value);
            return false;
        }
    }
    return true;
}

static size_t
text_max(const kn_xml_limits *limits, const xmlChar *local, const xmlChar *uri)
{
    for (size_t i = 0; uri && i < G_N_ELEMENTS(text_rows); i++)
        if (strcmp((const char *)local, text_rows[i].local) == 0
            && strcmp((const char *)uri, text_rows[i].ns) == 0)
            return text_rows[i].max ? text_rows[i].max : limits->max_bytes;
    return limits->max_text;
}

static void
on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int n_ns,
         const xmlChar **namespaces, int n_attrs, int n_defaulted, const xmlChar **attributes)
{
    xmlParserCtxt *ctxt = data;
    kn_xml *xml = ctxt->_private;
    const kn_xml_limits *limits = &xml->limits;

    if (xml->parse_error)
        return;
    if (xml->depth >= limits->max_depth) {
        stop(ctxt, KN_E_XML_LIMIT, "xml.max_depth %zu", limits->max_depth);
        return;
    }
    if (++xml->elements > limits->max_elements) {
        stop(ctxt, KN_E_XML_LIMIT, "xml.max_elements %zu", limits->max_elements);
        return;
    }
    xml->ns_scope += (size_t)n_ns;
    if (xml->ns_scope > limits->max_ns_scope) {
        stop(ctxt, KN_E_XML_LIMIT, "xml.max_ns_scope %zu", limits->max_ns_scope);
        return;
    }
    if (!attributes_ok(ctxt, limits, n_attrs, attributes) || !namespaces_ok(ctxt, n_ns, namespaces))
        return;
    xml->depth++;
    xml->level[xml->depth].text = 0;
    xml->level[xml->depth].max = text_max(limits, local, uri);
    xml->level[xml->depth].ns = (size_t)n_ns;
    xmlSAX2StartElementNs(ctxt, local, prefix, uri, n_ns, namespaces, n_attrs, n_defaulted,
                          attributes);
}

static void
on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxt *ctxt = data;
    kn_xml *xml = ctxt->_private;

    if (xml->parse_error)
        return;
    xml->ns_scope -= xml->level[xml->depth].ns;
    xml->depth--;
    xmlSAX2EndElementNs(ctxt, local, prefix, uri);
}

static void
on_text(void *data, const xmlChar *text, int len)
{
    xmlParserCtxt *ctxt = data;
    kn_xml *xml = ctxt->_private;

    if (xml->parse_error || len <= 0)
        return;
    xml->level[xml->depth].text += code_points((const char *)text, (size_t)len);
    if (xml->level[xml->depth].text > xml->level[xml->depth].max) {
        stop(ctxt, KN_E_XML_LIMIT, "xml.max_text %zu", xml->level[xml->depth].max);
        return;
    }
    xmlSAX2Characters(ctxt, text, len);
}

static void
on_subset(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    stop(data, KN_E_XML_DOCTYPE, "DOCTYPE");
}

static void
on_pi(void *data, const xmlChar *target, const xmlChar *text)
{
    (void)target, (void)text;
    stop(data, KN_E_XML_PI, "processing instruction");
}

static void
on_reference(void *data, const xmlChar *name)
{
    (void)name;
    stop(data, KN_E_XML_MALFORMED, "entity reference");
}

/* Messages of libxml2 may quote a value, so only line and code of the first error are kept. */
static void
on_error(void *data, xmlError *error)
{
    xmlParserCtxt *ctxt = data;
    kn_xml *xml = ctxt->_private;

    if (!error || error->level < XML_ERR_ERROR || xml->malformed)
        return;
    xml->malformed = true;
    if (!xml->parse_error)
        kn_fail(&xml->parse_error, KN_E_XML_MALFORMED, "not well-formed, line %d (parser code %d)",
                error->line, error->code);
}

static xmlParserCtxt *
parser_new(kn_xml *xml)
{
    xmlParserCtxt *ctxt = xmlNewParserCtxt();

    if (!ctxt)
        return NULL;
    ctxt->_private = xml;
    ctxt->sax->startElementNs = on_start;
    ctxt->sax->endElementNs = on_end;
    ctxt->sax->characters = on_text;
    ctxt->sax->ignorableWhitespace = on_text;
    ctxt->sax->internalSubset = on_subset;
    ctxt->sax->externalSubset = on_subset;
    ctxt->sax->processingInstruction = on_pi;
    ctxt->sax->reference = on_reference;
    ctxt->sax->comment = NULL;    /* comments never enter the tree */
    ctxt->sax->cdataBlock = NULL; /* CDATA comes through characters */
    ctxt->sax->serror = on_error;
    ctxt->sax->warning = NULL;
    ctxt->sax->error = NULL;
    ctxt->sax->fatalError = NULL;
    return ctxt;
}

static bool
parse(kn_xml *xml, const char *bytes, size_t len, xmlDoc **out, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    bool well_formed = false;

    if (xml->parser && xmlDictGetUsage(xml->parser->dict) > DICT_USAGE_MAX) {
        xmlFreeParserCtxt(xml->parser);
        xml->parser = NULL;
    }
    if (!xml->parser)
        xml->parser = parser_new(xml);
    if (!xml->parser)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no parser context");
    g_clear_error(&xml->parse_error);
    xml->malformed = false;
    xml->depth = xml->elements = xml->ns_scope = 0;
    xml->level[0].text = 0;
    xml->level[0].max = xml->limits.max_text;
    doc = xmlCtxtReadMemory(xml->parser, bytes, (int)len, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    well_formed = xml->parser->wellFormed != 0;
    if (xml->parse_error) {
        g_propagate_error(err, g_steal_pointer(&xml->parse_error));
        return false;
    }
    if (!doc || !well_formed || xml->malformed || !xmlDocGetRootElement(doc))
        return kn_fail(err, KN_E_XML_MALFORMED, "not well-formed");
    if (doc->intSubset || doc->extSubset)
        return kn_fail(err, KN_E_XML_DOCTYPE, "DOCTYPE");
    *out = g_steal_pointer(&doc);
    return true;
}

bool
kn_xml_open(kn_xml *xml, const char *bytes, size_t len, bool gb18030, xmlDoc **out, GError **err)
{
    g_autoptr(GString) utf8 = NULL;
    size_t skip = 0;

    if (len > xml->limits.max_bytes)
        return kn_fail(err, KN_E_XML_TOO_BIG, "%zu bytes, msg.max_bytes is %zu", len,
                       xml->limits.max_bytes);
    if (gb18030) {
        if (!kn_prescan_gb18030(bytes, len, &utf8, err))
            return false;
        if (utf8->len > xml->limits.max_bytes)
            return kn_fail(err, KN_E_XML_TOO_BIG, "%zu bytes as UTF-8, msg.max_bytes is %zu",
                           utf8->len, xml->limits.max_bytes);
        bytes = utf8->str;
        len = utf8->len;
    }
    if (!kn_prescan(&xml->limits, bytes, len, &skip, err))
        return false;
    return parse(xml, bytes + skip, len - skip, out, err);
}

bool
kn_xml_setup(GError **err)
{
    static bool done;

    if (done)
        return true;
    LIBXML_TEST_VERSION
    xmlInitParser();
    /* Else the first look-up opens the system's catalog. */
    xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
    kn_schema_close_loader();
    if (!kn_crypto_setup(err))
        return false;
    done = true;
    return true;
}

kn_xml *
kn_xml_new(const kn_xml_limits *limits, const kn_schemas *schemas)
{
    kn_xml *xml = g_new0(kn_xml, 1);

    xml->limits = limits ? *limits : kn_xml_limits_default;
    xml->limits.max_depth = MIN(xml->limits.max_depth, KN_XML_DEPTH_CEILING);
    xml->limits.max_ns_scope = MIN(xml->limits.max_ns_scope, KN_XML_NS_CEILING);
    xml->schemas = schemas;
    xml->md = EVP_MD_CTX_new();
    g_assert_nonnull(xml->md); /* at start: a lane without memory does not begin */
    xml->signed_info = g_string_sized_new(4096);
    xml->n_valid = kn_schemas_count(schemas);
    xml->valid = g_new0(xmlSchemaValidCtxt *, xml->n_valid + 1);
    return xml;
}

void
kn_xml_free(kn_xml *xml)
{
    if (!xml)
        return;
    for (size_t i = 0; i < xml->n_valid; i++)
        xmlSchemaFreeValidCtxt(xml->valid[i]);
    g_free(xml->valid);
    kn_crypto_forget(xml);
    xmlFreeParserCtxt(xml->parser);
    EVP_MD_CTX_free(xml->md);
    g_string_free(xml->signed_info, TRUE);
    g_clear_error(&xml->parse_error);
    g_free(xml);
}
