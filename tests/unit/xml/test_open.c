/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

#include "base/clock.h"
#include "xml/xml_auto.h"

#define ROOT(body) "<r xmlns=\"urn:t\">" body "</r>"

static kn_xml *xml;

static kn_error
open_code(const char *bytes, size_t len, bool gb)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) err = NULL;

    if (kn_xml_open(xml, bytes, len, gb, &doc, &err))
        return KN_E_OK;
    assert_null(doc);
    assert_true(g_utf8_validate(err->message, -1, NULL));
    return kn_error_code(err);
}

/* clang-format off */
static const struct { const char *bytes; kn_error want; const char *why; } vectors[] = {
    { ROOT("<a>1</a>"), KN_E_OK, "plain" },
    { "\xEF\xBB\xBF" ROOT(""), KN_E_OK, "UTF-8 byte order mark" },
    { "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n" ROOT(""), KN_E_OK, "declaration" },
    { "<?xml version=\"1.0\"?>" ROOT(""), KN_E_OK, "declaration without encoding" },
    { "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?>" ROOT(""), KN_E_OK, "both" },
    { ROOT("A<!-- x > < y -->B"), KN_E_OK, "comment with brackets" },
    { ROOT("<![CDATA[<a> ]] & ]]>"), KN_E_OK, "CDATA" },
    { ROOT("<a b='>'>1</a>"), KN_E_OK, "'>' in a value" },
    { "<r xmlns=''/>", KN_E_OK, "default namespace taken back" },
    { ROOT("&amp;&#x41;&lt;"), KN_E_OK, "predefined entities and character references" },
    { "", KN_E_XML_MALFORMED, "no bytes" },
    { "   ", KN_E_XML_MALFORMED, "white space" },
    { "hello", KN_E_XML_MALFORMED, "no XML" },
    { ROOT("") ROOT(""), KN_E_XML_MALFORMED, "two roots" },
    { "<r xmlns='urn:t'><a></r>", KN_E_XML_MALFORMED, "cut_off: end tag of a missing" },
    { "<r xmlns='urn:t'", KN_E_XML_MALFORMED, "cut_off: inside a tag" },
    { "<r><![CDATA[", KN_E_XML_MALFORMED, "ends in CDATA" },
    { "<r><!-- ", KN_E_XML_MALFORMED, "ends in a comment" },
    { ROOT("<a b='<'/>"), KN_E_XML_MALFORMED, "'<' in a value" },
    { ROOT("<p:a/>"), KN_E_XML_MALFORMED, "prefix without declaration" },
    { ROOT("&undefined;"), KN_E_XML_MALFORMED, "entity that nobody declared" },
    { ROOT("\x80"), KN_E_XML_MALFORMED, "invalid UTF-8" },
    { ROOT("\xED\xA0\x80"), KN_E_XML_MALFORMED, "surrogate" },
    { ROOT("\x01"), KN_E_XML_MALFORMED, "control character" },
    { ROOT("&#1;"), KN_E_XML_MALFORMED, "control character by reference" },
    { "<?xml version='1.0' encoding='GBK'?>" ROOT(""), KN_E_XML_ENCODING, "gbk_declared" },
    { "<?xml version='1.0' encoding='UTF-16'?>" ROOT(""), KN_E_XML_ENCODING, "utf16 declared" },
    { "<?xml version='1.0' encoding='UTF-7'?>" ROOT(""), KN_E_XML_ENCODING, "UTF-7" },
    { "\xFE\xFF" ROOT(""), KN_E_XML_ENCODING, "UTF-16 byte order mark" },
    { "\xEF\xBB\xBF\xEF\xBB\xBF" ROOT(""), KN_E_XML_ENCODING, "two byte order marks" },
    { "<!DOCTYPE r>" ROOT(""), KN_E_XML_DOCTYPE, "doctype" },
    { "<!DOCTYPE r [<!ENTITY e 'x'>]>" ROOT("&e;"), KN_E_XML_DOCTYPE, "doctype_entity" },
    { "<!DOCTYPE r [<!ATTLIST r a CDATA 'x'>]>" ROOT(""), KN_E_XML_DOCTYPE, "doctype_defattr" },
    { "<!DOCTYPE r SYSTEM 'file:///etc/passwd'>" ROOT(""), KN_E_XML_DOCTYPE, "xxe" },
    { "<!DOCTYPE r [<!ENTITY a 'aa'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'>]>" ROOT("&c;"),
      KN_E_XML_DOCTYPE, "billion_laughs" },
    { "<!DOCTYPE a [<!ENTITY e '<b>&e;</b>'>]><a>&e;</a>", KN_E_XML_DOCTYPE, "entity_tree" },
    { "<!--c--><!DOCTYPE r>" ROOT(""), KN_E_XML_DOCTYPE, "doctype after a comment" },
    { ROOT("<!ELEMENT x ANY>"), KN_E_XML_DOCTYPE, "declaration inside" },
    { "<?p x?>" ROOT(""), KN_E_XML_PI, "pi_head" },
    { ROOT("") "<?p x?>", KN_E_XML_PI, "pi_tail" },
    { ROOT("<?p x?>"), KN_E_XML_PI, "pi inside" },
    { " <?xml version='1.0'?>" ROOT(""), KN_E_XML_PI, "declaration not at the first byte" },
    { "<?xml-stylesheet href='x'?>" ROOT(""), KN_E_XML_PI, "style sheet" },
    { "<r xmlns='relative/path'/>", KN_E_XML_NS_RELATIVE, "rel_ns" },
    { "<r xmlns:p='#x'/>", KN_E_XML_NS_RELATIVE, "rel_ns on a prefix nobody uses" },
    { "<r><a xmlns='x'/></r>", KN_E_XML_NS_RELATIVE, "rel_ns inside" },
    { "<r xmlns='urn:a&amp;b'/>", KN_E_XML_NS_RELATIVE, "the parser keeps &#38; in such a URI" },
};
/* clang-format on */

static void
open_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        kn_error got = open_code(vectors[i].bytes, strlen(vectors[i].bytes), false);

        if (got != vectors[i].want)
            fail_msg("%s: %s", vectors[i].why, kit_error_name(got));
    }
    assert_int_equal(open_code("<r>a\0b</r>", 10, false), KN_E_XML_ENCODING);
    assert_int_equal(open_code("<\0r\0/\0>\0", 8, false),
                     KN_E_XML_ENCODING); /* utf16 without mark */
}

static void
open_one_text(void **unused)
{
    static const char bytes[] = "<r xmlns='urn:t'><a>A<!-- c -->.e<![CDATA[vi]]>l&#x21;</a></r>";
    g_autoptr(xmlDoc) doc = NULL;
    const xmlNode *a = NULL;

    (void)unused;
    assert_true(kn_xml_open(xml, bytes, strlen(bytes), false, &doc, NULL));
    a = xmlDocGetRootElement(doc)->children;
    assert_non_null(a->children);
    assert_null(a->children->next);
    assert_int_equal(a->children->type, XML_TEXT_NODE);
    assert_string_equal((const char *)a->children->content, "A.evil!");
}

/* --- limits: each generator breaks one ------------------------------------------------------------ */

static GString *
nested(size_t n)
{
    GString *s = g_string_new(NULL);

    for (size_t i = 0; i < n; i++)
        g_string_append(s, "<a>");
    for (size_t i = 0; i < n; i++)
        g_string_append(s, "</a>");
    return s;
}

static GString *
attributes(size_t n, const char *value)
{
    GString *s = g_string_new("<a");

    for (size_t i = 0; i < n; i++)
        g_string_append_printf(s, " a%zu='%s'", i, value);
    g_string_append(s, "/>");
    return s;
}

static GString *
ns_levels(size_t levels, size_t each)
{
    GString *s = g_string_new(NULL);

    for (size_t i = 0; i < levels; i++) {
        g_string_append(s, "<a");
        for (size_t j = 0; j < each; j++)
            g_string_append_printf(s, " xmlns:p%zu_%zu='urn:%zu'", i, j, j);
        g_string_append(s, ">");
    }
    for (size_t i = 0; i < levels; i++)
        g_string_append(s, "</a>");
    return s;
}

static GString *
siblings(size_t n)
{
    GString *s = g_string_new("<a>");

    for (size_t i = 0; i < n; i++)
        g_string_append(s, "<b/>");
    g_string_append(s, "</a>");
    return s;
}

static GString *
long_text(size_t n, const char *character)
{
    GString *s = g_string_new("<a>");

    for (size_t i = 0; i < n; i++)
        g_string_append(s, character);
    g_string_append(s, "</a>");
    return s;
}

static GString *
split_text(size_t pieces)
{
    GString *s = g_string_new("<a>");

    for (size_t i = 0; i < pieces; i++)
        g_string_append(s, "0123456789<b/>");
    g_string_append(s, "</a>");
    return s;
}

static GString *
long_value(size_t n)
{
    GString *s = g_string_new("<a b='");

    for (size_t i = 0; i < n; i++)
        g_string_append(s, "渝");
    g_string_append(s, "'/>");
    return s;
}

static GString *
dxp_data(size_t n)
{
    GString *s = g_string_new("<d:Data xmlns:d='http://www.chinaport.gov.cn/dxp'>");

    for (size_t i = 0; i < n; i++)
        g_string_append_c(s, 'A');
    g_string_append(s, "</d:Data>");
    return s;
}

static void
limit_is(GString *text, kn_error want, const char *why)
{
    int64_t before = kn_clock_thread_cpu_us(), used = 0;
    kn_error got = open_code(text->str, text->len, false);

    used = kn_clock_thread_cpu_us() - before;
    if (got != want)
        fail_msg("%s: %s", why, kit_error_name(got));
    /* The budget before authentication; doubled tenfold here because sanitizers slow it down. */
    if (used > 3000000)
        fail_msg("%s: %" G_GINT64_FORMAT " us", why, used);
    g_string_free(text, TRUE);
}

static void
open_limits(void **unused)
{
    (void)unused;
    limit_is(nested(64), KN_E_OK, "depth 64");
    limit_is(nested(65), KN_E_XML_LIMIT, "depth 65");
    limit_is(nested(5000), KN_E_XML_LIMIT, "depth_5000");
    limit_is(attributes(64, "1"), KN_E_OK, "64 attributes");
    limit_is(attributes(65, "1"), KN_E_XML_LIMIT, "65 attributes");
    limit_is(attributes(97, "1"), KN_E_XML_TAG_LIMIT, "97 quoted values");
    limit_is(attributes(20000, "1"), KN_E_XML_TAG_LIMIT, "many_attrs");
    limit_is(attributes(20000, ">"), KN_E_XML_TAG_LIMIT, "many_attrs_gt");
    limit_is(ns_levels(1, 16), KN_E_OK, "16 declarations");
    limit_is(ns_levels(1, 17), KN_E_XML_LIMIT, "17 declarations");
    limit_is(ns_levels(60, 32), KN_E_XML_LIMIT, "ns_scope");
    limit_is(ns_levels(1, 64), KN_E_XML_LIMIT, "ns_flat");
    limit_is(siblings(65535), KN_E_OK, "65536 elements");
    limit_is(siblings(65536), KN_E_XML_LIMIT, "one more");
    limit_is(siblings(260000), KN_E_XML_LIMIT, "elements");
    limit_is(long_text(8192, "渝"), KN_E_OK, "8192 characters, three bytes each");
    limit_is(long_text(8193, "渝"), KN_E_XML_LIMIT, "one character more");
    limit_is(long_text(1000000, "x"), KN_E_XML_LIMIT, "text_long");
    limit_is(long_text(8193, "&#65;"), KN_E_XML_LIMIT, "by character references");
    limit_is(split_text(820), KN_E_XML_LIMIT, "text of one element in many pieces");
    limit_is(long_value(1024), KN_E_OK, "attribute of 1024 characters");
    limit_is(long_value(1025), KN_E_XML_LIMIT, "attribute of 1025");
    limit_is(long_value(6000), KN_E_XML_TAG_LIMIT, "tag of 18 KB");
    limit_is(dxp_data(900000), KN_E_OK, "dxp:Data goes up to the message limit");
    limit_is(dxp_data(1048576), KN_E_XML_TOO_BIG, "too_big");
}

static void
open_gb18030(void **unused)
{
    static const char decl[] = "<?xml version='1.0' encoding='gb2312'?>";
    g_autoptr(xmlDoc) doc = NULL;
    GString *s = g_string_new(decl);

    (void)unused;
    g_string_append(s, "<r>\xD3\xE5\x81\x39\xEE\x39</r>"); /* U+6E1D, U+3400 (four bytes) */
    assert_true(kn_xml_open(xml, s->str, s->len, true, &doc, NULL));
    assert_string_equal((const char *)xmlDocGetRootElement(doc)->children->content, "渝㐀");
    assert_int_equal(open_code(s->str, s->len, false), KN_E_XML_ENCODING);
    g_string_assign(s, decl);
    g_string_append(s, "<r>\xD3</r>");
    assert_int_equal(open_code(s->str, s->len, true), KN_E_XML_CHARSET); /* invalid pair */
    g_string_assign(s, decl);
    g_string_append(s, "<r>x</r>\xD3");
    assert_int_equal(open_code(s->str, s->len, true), KN_E_XML_CHARSET); /* gb_cut */
    g_string_assign(s, "<r>x</r>");
    assert_int_equal(open_code(s->str, s->len, true), KN_E_XML_ENCODING); /* says nothing */
    g_string_assign(s, "<?xml version='1.0' encoding='UTF-8'?><r>x</r>");
    assert_int_equal(open_code(s->str, s->len, true), KN_E_XML_ENCODING);
    g_string_assign(s, decl);
    g_string_append(s, "<!DOCTYPE r><r>x</r>");
    assert_int_equal(open_code(s->str, s->len, true), KN_E_XML_DOCTYPE);
    g_string_free(s, TRUE);
}

/* After any refusal the reused context takes the next message as if nothing had happened. */
static void
open_reuse(void **unused)
{
    g_autoptr(GString) deep = nested(5000);

    (void)unused;
    for (int i = 0; i < 200; i++) {
        g_autofree char *fresh = g_strdup_printf("<r><n%d_%u/></r>", i, kit_random());

        assert_int_equal(open_code(deep->str, deep->len, false), KN_E_XML_LIMIT);
        assert_int_equal(open_code("<r><a></r>", 10, false), KN_E_XML_MALFORMED);
        assert_int_equal(open_code(fresh, strlen(fresh), false), KN_E_OK);
    }
}

/* A tree outlives the lane that parsed it. */
static void
open_outlives(void **unused)
{
    kn_xml *other = kn_xml_new(NULL, NULL);
    g_autoptr(xmlDoc) doc = NULL;

    (void)unused;
    assert_true(kn_xml_open(other, KIT_DOC, strlen(KIT_DOC), false, &doc, NULL));
    kn_xml_free(other);
    assert_string_equal((const char *)xmlDocGetRootElement(doc)->name, "Test");
}

static int
setup(void **unused)
{
    (void)unused;
    if (!kn_xml_setup(NULL))
        return -1;
    xml = kn_xml_new(NULL, NULL);
    return 0;
}

static int
teardown(void **unused)
{
    (void)unused;
    kn_xml_free(xml);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_vectors), cmocka_unit_test(open_one_text),
        cmocka_unit_test(open_limits),  cmocka_unit_test(open_gb18030),
        cmocka_unit_test(open_reuse),   cmocka_unit_test(open_outlives),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
