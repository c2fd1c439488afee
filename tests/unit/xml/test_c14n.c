/* SPDX-License-Identifier: Apache-2.0 */
/* Our canonicaliser against libxml2's, on generated documents and on the official samples. */
#include "kit.h"

#include <libxml/c14n.h>
#include <string.h>

#include "xml/internal.h"

static kn_xml *xml;

static void
compare(const char *bytes, size_t len, const char *name)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) ours = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    xmlChar *theirs = NULL;
    int their_len = 0;

    if (!kn_xml_open(xml, bytes, len, false, &doc, &err))
        fail_msg("%s: %s", name, err->message);
    assert_true(kn_xml_canonical(doc, ours, NULL));
    their_len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &theirs);
    assert_true(their_len > 0);
    if ((size_t)their_len != ours->len || memcmp(theirs, ours->str, ours->len) != 0)
        fail_msg("%s:\n%s\nours:   %s\ntheirs: %s", name, bytes, ours->str, (char *)theirs);
    xmlFree(theirs);
}

static void
c14n_vectors(void **unused)
{
    static const struct {
        const char *in, *out, *why;
    } vectors[] = {
        { "<a/>", "<a></a>", "no self-closing tag" },
        { "<a  c='1' b = '2' ></a >", "<a b=\"2\" c=\"1\"></a>", "order, quotes, spaces" },
        { "<a xmlns:z='urn:z' xmlns:b='urn:b' xmlns='urn:d'/>",
          "<a xmlns=\"urn:d\" xmlns:b=\"urn:b\" xmlns:z=\"urn:z\"></a>", "declarations sorted" },
        { "<a xmlns='urn:d'><b xmlns='urn:d'/></a>", "<a xmlns=\"urn:d\"><b></b></a>",
          "superfluous" },
        { "<a xmlns='urn:d'><b xmlns=''><c xmlns=''/></b></a>",
          "<a xmlns=\"urn:d\"><b xmlns=\"\"><c></c></b></a>", "default taken back once" },
        { "<a xmlns=''/>", "<a></a>", "nothing to take back" },
        { "<a xmlns:p='urn:1'><b xmlns:p='urn:2'><c xmlns:p='urn:1'/></b><d xmlns:p='urn:1'/></a>",
          "<a xmlns:p=\"urn:1\"><b xmlns:p=\"urn:2\"><c xmlns:p=\"urn:1\"></c></b><d></d></a>",
          "re-declared" },
        { "<a xmlns:x='urn:b' xmlns:y='urn:a' x:q='1' y:q='2' q='3'/>",
          "<a xmlns:x=\"urn:b\" xmlns:y=\"urn:a\" q=\"3\" y:q=\"2\" x:q=\"1\"></a>",
          "attributes by URI, not by prefix" },
        { "<a b='&quot;&amp;&lt;>&#9;&#10;&#13;'/>",
          "<a b=\"&quot;&amp;&lt;>&#x9;&#xA;&#xD;\"></a>", "attribute escapes" },
        { "<a>&quot;&amp;&lt;&gt;&#9;&#10;&#13;</a>", "<a>\"&amp;&lt;&gt;\t\n&#xD;</a>",
          "text escapes" },
        { "<a>x\r\ny\rz</a>", "<a>x\ny\nz</a>", "line ends" },
        { "<a>1<!-- c -->2<![CDATA[<3>]]></a>", "<a>12&lt;3&gt;</a>", "comment, CDATA" },
        { "<!-- c -->\n<a/>\n<!-- d -->", "<a></a>", "outside the root" },
        { "<a xml:lang='zh'><b xml:space='preserve'/></a>",
          "<a xml:lang=\"zh\"><b xml:space=\"preserve\"></b></a>", "xml: attributes stay" },
        { "<a>渝𠮷</a>", "<a>渝𠮷</a>", "UTF-8 as it is" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(xmlDoc) doc = NULL;
        g_autoptr(GString) ours = g_string_new(NULL);

        assert_true(kn_xml_open(xml, vectors[i].in, strlen(vectors[i].in), false, &doc, NULL));
        assert_true(kn_xml_canonical(doc, ours, NULL));
        if (strcmp(ours->str, vectors[i].out) != 0)
            fail_msg("%s: %s", vectors[i].why, ours->str);
        compare(vectors[i].in, strlen(vectors[i].in), vectors[i].why);
    }
}

/* --- generated documents --------------------------------------------------------------------------- */

static void
random_text(GString *out, bool attribute)
{
    static const char *const pieces[] = { "a",    "渝",    " ",     "&amp;", "&lt;",
                                          "&gt;", "&#13;", "&#10;", "&#9;",  "&quot;",
                                          "𠮷",   "12345", "\n",    "\t" };
    unsigned n = kit_random() % 6;

    while (n-- > 0)
        g_string_append(out, pieces[kit_random() % G_N_ELEMENTS(pieces)]);
    if (!attribute && kit_random() % 8 == 0)
        g_string_append(out, "<!-- c --><![CDATA[<x> & y]]>");
}

static void
random_element(GString *out, int depth, unsigned known)
{
    unsigned mine = 0, pick = 0;

    for (unsigned p = 0; p < 4; p++)
        if (depth == 0 || kit_random() % 10 == 0)
            mine |= 1u << p;
    known |= mine;
    pick = kit_random() % 5;
    g_string_append_printf(out, pick < 4 ? "<p%u:e" : "<e", pick);
    for (unsigned p = 4; p-- > 0;)
        if (mine & 1u << p)
            g_string_append_printf(out, " xmlns:p%u='urn:%u'", p, kit_random() % 3);
    if (kit_random() % 8 == 0)
        g_string_append(out, kit_random() % 2 ? " xmlns='urn:d'" : " xmlns=''");
    if (kit_random() % 3 == 0) {
        g_string_append(out, " z='");
        random_text(out, true);
        g_string_append(out, "' b=\"");
        random_text(out, true);
        g_string_append_printf(out, "\" p%u:a='1'", kit_random() % 4);
    }
    g_string_append_c(out, '>');
    for (unsigned n = kit_random() % 4; n > 0; n--) {
        random_text(out, false);
        if (depth < 6)
            random_element(out, depth + 1, known);
    }
    random_text(out, false);
    g_string_append_printf(out, pick < 4 ? "</p%u:e>" : "</e>", pick);
}

static void
c14n_generated(void **unused)
{
    int compared = 0;

    (void)unused;
    for (int i = 0; i < 3000; i++) {
        g_autoptr(GString) doc = g_string_new(NULL);

        random_element(doc, 0, 0);
        {
            /* xml.max_ns_scope may refuse a deep one; those are not this test's matter */
            g_autoptr(xmlDoc) probe = NULL;

            if (!kn_xml_open(xml, doc->str, doc->len, false, &probe, NULL))
                continue;
        }
        compare(doc->str, doc->len, "generated");
        compared++;
    }
    assert_true(compared > 2000); /* else the generator has gone astray */
}

/* SignedInfo as part of the document: libxml2 with a visibility callback is the oracle. */
static int
below_info(void *user, xmlNodePtr node, xmlNodePtr parent)
{
    const xmlNode *info = user;

    if (node && node->type == XML_NAMESPACE_DECL)
        node = parent;
    for (; node; node = node->parent)
        if (node == info)
            return 1;
    return 0;
}

static void
c14n_signed_info(void **unused)
{
    static const char *const docs[] = {
        KIT_DOC,
        "<Test xmlns=\"urn:t\" xmlns:zz=\"urn:z\" xmlns:aa=\"urn:a\"><a>1</a></Test>",
        "<ds:Test xmlns:ds=\"urn:t\" xmlns:d=\"urn:z\"><ds:a/></ds:Test>",
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(docs); i++) {
        g_autofree char *text = kit_signed(xml, KN_ALG_ECDSA_SHA256, docs[i]);
        g_autoptr(xmlDoc) doc = NULL;
        g_autoptr(GString) ours = g_string_new(NULL), again = g_string_new(NULL);
        kn_shape shape = { 0 };
        xmlOutputBuffer *buffer = xmlAllocOutputBuffer(NULL);

        assert_true(kn_xml_open(xml, text, strlen(text), false, &doc, NULL));
        assert_true(kn_xml_shape(doc, &shape, NULL));
        assert_true(kn_xml_canonical_signed_info(&shape, ours, NULL));
        assert_true(
            xmlC14NExecute(doc, below_info, shape.signed_info, XML_C14N_1_0, NULL, 0, buffer) >= 0);
        assert_string_equal(ours->str, (const char *)xmlBufContent(buffer->buffer));
        xmlOutputBufferClose(buffer);
        kn_xml_signature_detach(&shape); /* the same bytes when detached */
        assert_true(kn_xml_canonical_signed_info(&shape, again, NULL));
        assert_string_equal(ours->str, again->str);
        kn_shape_clear(&shape);
    }
}

static void
c14n_samples(void **unused)
{
    g_autoptr(GDir) dir = g_dir_open("../shared/eport/samples", 0, NULL);
    const char *name = NULL;

    (void)unused;
    if (!dir) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename("../shared/eport/samples", name, NULL),
                        *bytes = NULL;
        size_t len = 0;

        assert_true(g_file_get_contents(path, &bytes, &len, NULL));
        compare(bytes, len, name);
    }
}

/* What is not of the profile must fail, not be skipped. */
static void
c14n_refuses(void **unused)
{
    g_autoptr(xmlDoc) doc = xmlReadMemory("<a><!-- c --></a>", 17, NULL, NULL, 0);
    g_autoptr(GString) out = g_string_new("kept");
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_false(kn_xml_canonical(doc, out, &err));
    assert_int_equal(kn_error_code(err), KN_E_C14N_FAILED);
    assert_string_equal(out->str, "kept");
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
        cmocka_unit_test(c14n_vectors),     cmocka_unit_test(c14n_generated),
        cmocka_unit_test(c14n_signed_info), cmocka_unit_test(c14n_samples),
        cmocka_unit_test(c14n_refuses),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
