/* SPDX-License-Identifier: Apache-2.0 */
/* The schema loader and rule V1; the message that handlers read. */
#include "kit.h"

#include <stdio.h>
#include <string.h>

#include "xml/internal.h"
#include "xml/msg.h"
#include "xml/xml_auto.h"

#define GUID "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"

static kn_xml *xml;
static kn_schemas *schemas;

static xmlDoc *
parsed(const char *text, size_t len)
{
    g_autoptr(GError) err = NULL;
    xmlDoc *doc = NULL;

    if (!kn_xml_open(xml, text, len, false, &doc, &err))
        fail_msg("%s\n%s", err->message, text);
    return doc;
}

/* --- schemas -------------------------------------------------------------------------------------- */

static void
schema_load(const char *text, kn_error want, const char *why)
{
    g_autofree char *folder = g_dir_make_tmp("kouan-xsd-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "t.xsd", NULL);
    const char *const names[] = { "t.xsd", NULL };
    kn_schemas *set = NULL;
    g_autoptr(GError) err = NULL;

    assert_true(g_file_set_contents(path, text, -1, NULL));
    if (kn_schemas_load(folder, names, &set, &err)) {
        kn_schemas_free(set);
        if (want != KN_E_OK)
            fail_msg("%s: loaded", why);
    } else if (kn_error_code(err) != want) {
        fail_msg("%s: %s", why, err->message);
    }
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(folder), 0);
}

#define XSD(body) "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">" body "</xs:schema>"
#define PATTERN(p) \
    XSD("<xs:element name=\"a\"><xs:simpleType><xs:restriction base=\"xs:string\">" \
        "<xs:pattern value=\"" p "\"/></xs:restriction></xs:simpleType></xs:element>")

static void
schema_lint(void **unused)
{
    unsigned before = kn_xml_loader_refusals();

    (void)unused;
    schema_load(XSD("<xs:element name=\"a\"/>"), KN_E_OK, "plain");
    schema_load(PATTERN("[A-Z]{2}[0-9]{3}(-[0-9])?"), KN_E_OK, "linear pattern");
    schema_load(PATTERN("(a|aa)+b"), KN_E_CONFIG, "regex_bomb");
    schema_load(PATTERN("(a*)*b"), KN_E_CONFIG, "nested repetition");
    schema_load(PATTERN("((a{2,3})x)*"), KN_E_CONFIG, "deeper nested repetition");
    schema_load(PATTERN("a*a*a*b"), KN_E_CONFIG, "repetitions side by side: seconds");
    schema_load(PATTERN("(a?a?)+b"), KN_E_CONFIG, "optional parts, repeated");
    schema_load(PATTERN("a{0,90}a{0,90}b"), KN_E_CONFIG, "bounded, side by side");
    schema_load(PATTERN("\\s*.*\\s*x"), KN_E_CONFIG, "blanks and anything");
    schema_load(PATTERN("\\s*a+"), KN_E_CONFIG, "two without bound");
    schema_load(PATTERN("a?a?a?a?a?a?a?a?a?b"), KN_E_CONFIG, "512 ways");
    schema_load(PATTERN("a?a?a?a?a?a?a?a?b"), KN_E_OK, "256 ways");
    schema_load(PATTERN("\\s*[0-9]{4}(\\.[0-9]{1,9})?(Z|[+\\-][0-9]{2})\\s*"), KN_E_OK, "a time");
    schema_load(PATTERN("[^&lt;]*"), KN_E_OK, "one without bound");
    schema_load(PATTERN("a{2"), KN_E_CONFIG, "a quantifier without end");
    schema_load(PATTERN("a{x}"), KN_E_CONFIG, "one without a number");
    schema_load(PATTERN("[a"), KN_E_CONFIG, "a class without end");
    schema_load(PATTERN("(a"), KN_E_CONFIG, "a group without end");
    schema_load(PATTERN("a)"), KN_E_CONFIG, "an end without group");
    schema_load(XSD("<xs:include schemaLocation=\"http://127.0.0.1:9/x.xsd\"/>"), KN_E_CONFIG,
                "URL");
    schema_load(XSD("<xs:include schemaLocation=\"../x.xsd\"/>"), KN_E_CONFIG, "other folder");
    schema_load(XSD("<xs:include schemaLocation=\"/etc/passwd\"/>"), KN_E_CONFIG, "absolute");
    schema_load(XSD("<xs:include schemaLocation=\"missing.xsd\"/>"), KN_E_CONFIG, "missing");
    schema_load(XSD("<xs:element name=\"a\" type=\"xs:nothing\"/>"), KN_E_CONFIG, "unknown type");
    schema_load("<a/>", KN_E_CONFIG, "no schema");
    schema_load("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" XSD(""), KN_E_CONFIG,
                "DOCTYPE");
    schema_load("", KN_E_CONFIG, "empty");
    assert_true(kn_xml_loader_refusals() > before);
    assert_null(kn_schemas_get(schemas, "nothing.xsd"));
    assert_true(kn_schema_wants_signature(kn_schemas_get(schemas, "receipt.xsd")));
}

/* A validator that gives up refuses.  The lint lets no such schema in, so the context is changed. */
static void
schema_gives_up(void **unused)
{
    static const char pattern[] = PATTERN("a*a*a*a*a*b");
    const kn_schema *schema = kn_schemas_get(schemas, "receipt.xsd");
    xmlSchemaParserCtxt *parser = xmlSchemaNewMemParserCtxt(pattern, (int)strlen(pattern));
    xmlSchema *hostile = xmlSchemaParse(parser);
    kn_xml *own = kn_xml_new(NULL, schemas);
    g_autofree char *letters = g_strnfill(500, 'a');
    g_autofree char *text = g_strdup_printf("<a>%s</a>", letters);
    g_autoptr(xmlDoc) doc = parsed(text, strlen(text));
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_non_null(hostile);
    for (size_t i = 0; i < own->n_valid; i++)
        own->valid[i] = xmlSchemaNewValidCtxt(hostile);
    assert_false(kn_xml_validate(own, doc, schema, &err));
    assert_int_equal(kn_error_code(err), KN_E_XSD_ABORTED);
    kn_xml_free(own);
    xmlSchemaFree(hostile);
    xmlSchemaFreeParserCtxt(parser);
}

static void
schema_violations(void **unused)
{
    const kn_schema *schema = kn_schemas_get(schemas, "receipt.xsd");
    static const char text[] =
        "<r:Receipt xmlns:r=\"urn:kouan:receipt:1\" guid=\"SECRET1\" version=\"SECRET2\">\n"
        "<r:Head><r:receiptKind>SECRET3</r:receiptKind>\n<r:final>SECRET4</r:final></r:Head>"
        "</r:Receipt>";
    static const char include[] = "<r:Receipt xmlns:r=\"urn:kouan:receipt:1\"><xi:include "
                                  "xmlns:xi=\"http://www.w3.org/2001/XInclude\""
                                  " href=\"file:///etc/passwd\" parse=\"text\"/></r:Receipt>";
    static const char hinted[] = "<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
                                 " xsi:noNamespaceSchemaLocation=\"http://127.0.0.1:9/x.xsd\"/>";
    const char *const all[] = { text, include, hinted };
    unsigned before = kn_xml_loader_refusals();

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(xmlDoc) doc = parsed(all[i], strlen(all[i]));
        g_autoptr(GError) err = NULL;

        assert_false(kn_xml_validate(xml, doc, schema, &err));
        assert_int_equal(kn_error_code(err), KN_E_XSD_INVALID);
        assert_null(strstr(err->message, "SECRET"));
        if (i == 0) {
            assert_non_null(strstr(err->message, "receiptKind"));
            assert_non_null(strstr(err->message, "line 2"));
        }
    }
    assert_int_equal(kn_xml_loader_refusals(), before); /* nothing even asked */
}

/* --- the message ----------------------------------------------------------------------------------- */

static void
msg_reads(void **unused)
{
    static const char text[] =
        "<k:T xmlns:k=\"urn:k\" guid=\"" GUID "\">\n <k:Head><k:a> x </k:a><k:e/></k:Head>"
        "<k:Row><k:n>1</k:n></k:Row>\n<k:Row><k:n>2</k:n></k:Row>"
        "<ds:Row xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:n>3</ds:n></ds:Row></k:T>";
    const kn_msg_facts facts = { .partner = "P",
                                 .digest = "D",
                                 .in_shell = true,
                                 .card = { .number = "JJ0G912345678", .signed_ = true } };
    g_autoptr(kn_msg) msg = kn_msg_new(parsed(text, strlen(text)), &facts, NULL);
    kn_node *root = NULL, *row = NULL;

    (void)unused;
    assert_non_null(msg);
    assert_string_equal(kn_msg_type(msg), "T");
    assert_string_equal(kn_msg_ns(msg), "urn:k");
    assert_string_equal(kn_msg_guid(msg), GUID);
    assert_string_equal(kn_msg_partner(msg), "P");
    assert_string_equal(kn_msg_digest(msg), "D");
    assert_true(kn_msg_in_shell(msg));
    assert_string_equal(kn_msg_card(msg)->number, "JJ0G912345678");
    assert_string_equal(kn_msg_card(msg)->customs10[1], "");
    assert_string_equal(kn_msg_text(msg, "Head/a"), "x");
    assert_ptr_equal(kn_msg_text(msg, "Head/a"), kn_msg_text(msg, "Head/a"));
    assert_string_equal(kn_msg_text(msg, "Head/e"), "");
    assert_string_equal(kn_msg_text(msg, "Head"), "");
    assert_null(kn_msg_text(msg, "Head/b"));
    assert_null(kn_msg_text(msg, "a"));
    assert_null(kn_msg_text(msg, "Hea"));
    assert_null(kn_msg_node(msg, "Head/a/x"));
    root = kn_msg_node(msg, "");
    row = kn_node_next(root, "Row", NULL);
    assert_string_equal(kn_node_text(msg, row, "n"), "1");
    row = kn_node_next(root, "Row", row);
    assert_string_equal(kn_node_text(msg, row, "n"), "2");
    assert_null(kn_node_next(root, "Row", row)); /* the ds one is no content */
    assert_null(kn_node_next(NULL, "Row", NULL));
    assert_null(kn_node_text(msg, NULL, ""));
}

static void
msg_refuses(void **unused)
{
    static const struct {
        const char *text;
        kn_error want;
    } rows[] = {
        { "<a/>", KN_E_FIELD_MISSING },
        { "<a guid=''/>", KN_E_FIELD_FORMAT },
        { "<a guid='4cde1cfd-eded-46b1-946c-b8022e42fc94'/>", KN_E_FIELD_FORMAT },
        { "<a xmlns:x='urn:x' x:guid='" GUID "'/>", KN_E_FIELD_MISSING },
    };
    const kn_msg_facts facts = { 0 };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xmlDoc) doc = parsed(rows[i].text, strlen(rows[i].text));
        g_autoptr(GError) err = NULL;

        assert_null(kn_msg_new(doc, &facts, &err));
        assert_int_equal(kn_error_code(err), rows[i].want);
    }
}

static int
setup(void **unused)
{
    static const char *const names[] = { "receipt.xsd", "dxp-terminal.xsd", "receipt.xsd", NULL };

    (void)unused;
    if (!kn_xml_setup(NULL) || !kn_schemas_load("schemas/xsd", names, &schemas, NULL))
        return -1;
    xml = kn_xml_new(NULL, schemas);
    return 0;
}

static int
teardown(void **unused)
{
    (void)unused;
    kn_xml_free(xml);
    kn_schemas_free(schemas);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_lint),       cmocka_unit_test(schema_gives_up),
        cmocka_unit_test(schema_violations), cmocka_unit_test(msg_reads),
        cmocka_unit_test(msg_refuses),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
