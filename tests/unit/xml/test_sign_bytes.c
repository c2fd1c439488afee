/* SPDX-License-Identifier: Apache-2.0 */
/* Signing bytes as they stand: whatever lies outside the Signature comes out as it went in, and what would
 * not verify does not come out at all. */
#include "xml/sign.h"

#include "kit.h"

#include <string.h>

#include "xml/xml_auto.h"
#include "xml/xmlsec.h"

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define EC_METHOD "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define EC_DIGEST "http://www.w3.org/2001/04/xmlenc#sha256"
#define ROOT "<k:T xmlns:k=\"urn:kouan:test:1\" version='1.0'>"
/* p: prefix with its colon; what tools leave for the signer, white space of their own kept. */
#define TEMPLATE(p, c14n, more, method, digest, value, key_info) \
    "<" p "Signature xmlns:ds='" DS "' xmlns=\"" DS "\">\n<" p "SignedInfo>\n <" p \
    "CanonicalizationMethod Algorithm=\"" c14n "\"/><" p "SignatureMethod Algorithm=\"" method \
    "\"/><" p "Reference URI=\"\"><" p "Transforms><" p "Transform Algorithm=\"" DS \
    "enveloped-signature\"/>" more "</" p "Transforms><" p "DigestMethod Algorithm=\"" digest \
    "\"/><" p "DigestValue/></" p "Reference></" p "SignedInfo><" p "SignatureValue>" value "</" p \
    "SignatureValue>" key_info "</" p "Signature>"
#define EMPTY(p) TEMPLATE(p, C14N, "", EC_METHOD, EC_DIGEST, " \n ", "")

static kn_xml *xml;
static const kn_alg all_algs[] = { KN_ALG_SM2_SM3, KN_ALG_SM2_SM3_FIELD, KN_ALG_RSA_SHA256,
                                   KN_ALG_ECDSA_SHA256, KN_ALG_RSA_SHA1 };

/* before and behind: what stands round the Signature, byte for byte. */
static const struct {
    const char *what, *bytes, *before, *behind;
} forms[] = {
    { "plain", ROOT "<k:a/></k:T>", ROOT "<k:a/>", "</k:T>" },
    { "declaration, BOM, line breaks",
      "\xEF\xBB\xBF<?xml version='1.0'?>\r\n" ROOT "\r\n\t<k:a  b = 'x'/>\r\n</k:T >\r\n",
      "\xEF\xBB\xBF<?xml version='1.0'?>\r\n" ROOT "\r\n\t<k:a  b = 'x'/>\r\n", "</k:T >\r\n" },
    { "comments round and behind",
      "<!-- </k:T> -->" ROOT "<!-- a --></k:T><!-- </k:T> -->\n<!----> ",
      "<!-- </k:T> -->" ROOT "<!-- a -->", "</k:T><!-- </k:T> -->\n<!----> " },
    { "CDATA with an end tag in it", ROOT "<k:a><![CDATA[</k:T>]]></k:a></k:T>",
      ROOT "<k:a><![CDATA[</k:T>]]></k:a>", "</k:T>" },
    { "root that closes itself", "<k:T xmlns:k=\"urn:kouan:test:1\" />\n",
      "<k:T xmlns:k=\"urn:kouan:test:1\" >", "</k:T>\n" },
    { "default namespace", "<T xmlns=\"urn:t\"><a>渝</a></T>", "<T xmlns=\"urn:t\"><a>渝</a>",
      "</T>" },
};

static kn_error
try_sign(kn_alg alg, const kn_w3c_form *form, const char *bytes, GString *out)
{
    g_autoptr(GError) err = NULL;
    bool ok = kn_xml_sign_bytes(xml, kit_signer(alg), form, bytes, strlen(bytes), false, out, &err);

    assert_true(ok == (err == NULL));
    assert_true(ok == (out->len > 0)); /* all or nothing */
    return ok ? KN_E_OK : kn_error_code(err);
}

static void
stays_and_verifies(const char *what, kn_alg alg, const char *bytes, const char *before,
                   const char *behind)
{
    g_autoptr(GString) out = g_string_new(NULL);
    kn_error code = try_sign(alg, NULL, bytes, out);

    if (code != KN_E_OK)
        fail_msg("%s: %s", what, kit_error_name(code));
    if (!g_str_has_prefix(out->str, before) || !g_str_has_suffix(out->str, behind)
        || !strstr(out->str + strlen(before), "Signature xmlns"))
        fail_msg("%s: other bytes were changed: %s", what, out->str);
    assert_true(out->len > strlen(before) + strlen(behind) + 500);
    assert_int_equal(kit_judge(xml, out->str, out->len, kit_key(alg), NULL), KN_E_OK);
    assert_int_equal(kit_judge(xml, out->str, out->len, kit_other_key(alg), NULL), KN_E_SIG_BAD);
}

static void
sign_bytes_keeps_the_rest(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(all_algs); k++)
            stays_and_verifies(forms[i].what, all_algs[k], forms[i].bytes, forms[i].before,
                               forms[i].behind);
}

/* --- templates ------------------------------------------------------------------------------------------ */

static const struct {
    const char *what, *template, *kept; /* kept: a piece of the template that must still be there */
} templates[] = {
    { "prefix ds", EMPTY("ds:"),
      "<ds:Signature xmlns:ds='" DS "' xmlns=\"" DS "\">\n<ds:SignedInfo>" },
    { "no prefix", EMPTY(""), ">\n<SignedInfo>\n <CanonicalizationMethod " },
    { "empty KeyInfo",
      TEMPLATE("ds:", C14N, "", EC_METHOD, EC_DIGEST, "", "\n<ds:KeyInfo >\n</ds:KeyInfo>"),
      "<ds:KeyInfo >\n<ds:X509Data>" },
    { "KeyName of its own, X509Data that closes itself",
      TEMPLATE("", C14N, "", EC_METHOD, EC_DIGEST, "",
               "<KeyInfo><KeyName>mine</KeyName><X509Data/></KeyInfo>"),
      "<KeyName>mine</KeyName><X509Data><X509Certificate>M" },
    { "KeyName and certificate empty",
      TEMPLATE("", C14N, "", EC_METHOD, EC_DIGEST, "",
               "<KeyInfo><KeyName/><X509Data><X509Certificate/></X509Data></KeyInfo>"),
      "<X509Certificate>M" },
    { "an element with that name in a comment and in CDATA before it",
      "<!-- <ds:Signature> --><k:b><![CDATA[<ds:Signature></ds:Signature>]]></k:b>" EMPTY("ds:"),
      "<!-- <ds:Signature> --><k:b><![CDATA[<ds:Signature></ds:Signature>]]></k:b><ds:Sig" },
};

static void
sign_bytes_fills_templates(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(templates); i++) {
        g_autofree char *bytes = g_strconcat(ROOT "\n <k:a/>\n ", templates[i].template,
                                             "\n</k:T>\n", NULL);
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(xmlDoc) doc = NULL;

        assert_true(kn_xml_open(xml, bytes, strlen(bytes), false, &doc, NULL));
        assert_int_equal(kn_xml_template_algorithm(doc), KN_ALG_ECDSA_SHA256);
        assert_int_equal(kn_xml_template_profile(doc), KN_PROFILE_EPORT);
        stays_and_verifies(templates[i].what, KN_ALG_ECDSA_SHA256, bytes, ROOT "\n <k:a/>\n ",
                           "\n</k:T>\n");
        assert_int_equal(try_sign(KN_ALG_ECDSA_SHA256, NULL, bytes, out), KN_E_OK);
        if (!strstr(out->str, templates[i].kept))
            fail_msg("%s: the template was changed: %s", templates[i].what, out->str);
    }
    assert_int_equal(kn_xml_template_algorithm(NULL), KN_ALG_NONE);
}

/* What is signed once is signed; what its output was made of does not matter. */
static void
sign_bytes_never_twice(void **unused)
{
    g_autoptr(GString) once = g_string_new(NULL), twice = g_string_new(NULL);

    (void)unused;
    assert_int_equal(try_sign(KN_ALG_RSA_SHA256, NULL, ROOT "</k:T>", once), KN_E_OK);
    assert_int_equal(try_sign(KN_ALG_RSA_SHA256, NULL, once->str, twice), KN_E_SIG_COUNT);
}

/* --- other charsets ---------------------------------------------------------------------------------------- */

/* A second byte that looks like ']' in CDATA: read as UTF-8 the section would end too early. */
static void
sign_bytes_gb18030(void **unused)
{
    static const char before[] =
        "<?xml version=\"1.0\" encoding=\"GBK\"?><T xmlns=\"urn:t\"><a><![CDATA["
        "\x81\x5D]></T>\xD3\xE5]]></a>";
    g_autofree char *bytes = g_strconcat(before, "</T>", NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    const kn_signer *signer = kit_signer(KN_ALG_SM2_SM3);

    (void)unused;
    assert_true(kn_xml_sign_bytes(xml, signer, NULL, bytes, strlen(bytes), true, out, &err));
    assert_true(g_str_has_prefix(out->str, before) && g_str_has_suffix(out->str, "</T>"));
    assert_true(kn_xml_check_signed(xml, signer, out, true, NULL));
    assert_false(kn_xml_check_signed(xml, signer, out, false, NULL)); /* X4: its declaration */
    assert_false(kn_xml_check_signed(xml, kit_signer(KN_ALG_RSA_SHA256), out, true, NULL));
    g_string_truncate(out, 0);
    assert_false(kn_xml_sign_bytes(xml, signer, NULL, bytes, strlen(bytes), false, out, &err));
    assert_int_equal(kn_error_code(err), KN_E_XML_ENCODING);
    assert_int_equal(out->len, 0);
}

/* --- profile w3c ---------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct { const char *what; kn_w3c_form form; const char *bytes, *before, *behind; } w3c[] = {
    { "exclusive", { true, true, NULL, NULL }, ROOT "<k:a/></k:T>\n", ROOT "<k:a/>", "</k:T>\n" },
    { "exclusive with a list", { true, true, "k", NULL }, ROOT "<k:a b = ''/> </k:T>", ROOT "<k:a b = ''/> ",
      "</k:T>" },
    { "an Id that is put in", { true, true, NULL, "it" }, ROOT "<k:a c='>'/></k:T>",
      "<k:T xmlns:k=\"urn:kouan:test:1\" version='1.0' Id=\"it\"><k:a c='>'/>", "</k:T>" },
    { "an Id that is there", { false, false, NULL, "it" }, "<T Id = 'it' ><a/></T>", "<T Id = 'it' ><a/>", "</T>" },
    { "an Id into a root that closes itself", { false, false, NULL, "it" }, "<T/>", "<T Id=\"it\">", "</T>" },
};
/* clang-format on */

static void
sign_bytes_w3c(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(w3c); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(xmlDoc) doc = NULL;
        kn_error code = try_sign(KN_ALG_SM2_SM3, &w3c[i].form, w3c[i].bytes, out);

        if (code != KN_E_OK)
            fail_msg("%s: %s", w3c[i].what, kit_error_name(code));
        if (!g_str_has_prefix(out->str, w3c[i].before)
            || !g_str_has_suffix(out->str, w3c[i].behind))
            fail_msg("%s: other bytes were changed: %s", w3c[i].what, out->str);
        assert_true(kn_xml_open(xml, out->str, out->len, false, &doc, NULL));
        assert_int_equal(kn_xml_template_profile(doc), KN_PROFILE_W3C);
        assert_true(kn_xml_check_signed(xml, kit_signer(KN_ALG_SM2_SM3), out, false, NULL));
        assert_false(kn_xml_check_signed(xml, kit_signer(KN_ALG_RSA_SHA256), out, false, NULL));
    }
}

/* Without xmlsec1 profile w3c cannot be verified, so nothing is given out. */
static void
sign_bytes_w3c_needs_a_verifier(void **unused)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    kn_xml *bare = kn_xml_new(NULL, NULL);

    (void)unused;
    assert_false(kn_xml_sign_bytes(bare, kit_signer(KN_ALG_SM2_SM3), &w3c[0].form, w3c[0].bytes,
                                   strlen(w3c[0].bytes), false, out, &err));
    assert_int_equal(kn_error_code(err), KN_E_ENGINE_ERROR);
    assert_int_equal(out->len, 0);
    kn_xml_free(bare);
}

/* --- refusals --------------------------------------------------------------------------------------------------- */

#define WITH_ID \
    { \
        false, false, NULL, "it" \
    }
#define EXCLUSIVE \
    { \
        true, true, NULL, NULL \
    }
#define OF(c14n, more, method, digest, value, info) \
    ROOT TEMPLATE("ds:", c14n, more, method, digest, value, info) "</k:T>"
#define XPATH "<ds:Transform Algorithm='http://www.w3.org/TR/1999/REC-xpath-19991116'/>"
#define X509(text) \
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" text \
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
#define KEY_VALUE "<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>"
#define NO_DIGEST \
    ROOT "<Signature xmlns='" DS "'><SignedInfo><SignatureMethod Algorithm='" EC_METHOD \
         "'/><Reference><DigestMethod Algorithm='" EC_DIGEST \
         "'/></Reference></SignedInfo><SignatureValue/></Signature></k:T>"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

/* clang-format off */
static const struct { const char *what, *bytes; kn_error error; kn_w3c_form form; } refused[] = {
    { "signed already", OF(C14N, "", EC_METHOD, EC_DIGEST, "AAAA", ""), KN_E_SIG_COUNT, { 0 } },
    { "template of another row", OF(C14N, "", "urn:x", EC_DIGEST, "", ""), KN_E_SIG_ALG_REFUSED, { 0 } },
    { "template of a mixed pair", OF(C14N, "", EC_METHOD, DS "sha1", "", ""), KN_E_SIG_ALG_REFUSED, { 0 } },
    { "template of another canonical form", OF(C14N "#WithComments", "", EC_METHOD, EC_DIGEST, "", ""),
      KN_E_SIG_C14N_REFUSED, { 0 } },
    { "template with XPath", OF(C14N, XPATH, EC_METHOD, EC_DIGEST, "", ""), KN_E_SIG_TRANSFORM, { 0 } },
    { "template with another certificate", OF(C14N, "", EC_METHOD, EC_DIGEST, "", X509("MAAA")),
      KN_E_KEY_INFO, { 0 } },
    { "template with a KeyValue", OF(C14N, "", EC_METHOD, EC_DIGEST, "", KEY_VALUE), KN_E_KEY_INFO, { 0 } },
    { "template without DigestValue", NO_DIGEST, KN_E_SIG_CHILD, { 0 } },
    { "template that is not last", ROOT EMPTY("ds:") "<k:a/></k:T>", KN_E_SIG_PLACE, { 0 } },
    { "two templates", ROOT EMPTY("ds:") EMPTY("ds:") "</k:T>", KN_E_SIG_COUNT, { 0 } },
    { "template and a form", ROOT EMPTY("ds:") "</k:T>", KN_E_SIG_C14N_REFUSED, EXCLUSIVE },
    { "ds element in the body", ROOT "<x:Object xmlns:x='" DS "'/></k:T>", KN_E_SIG_COUNT, { 0 } },
    { "template below the root", ROOT "<k:a>" EMPTY("ds:") "</k:a></k:T>", KN_E_SIG_COUNT, { 0 } },
    { "xml:lang on the root", "<k:T xmlns:k='urn:k' xml:lang='zh'/>", KN_E_ROOT_XML_ATTR, { 0 } },
    { "xml:id somewhere", ROOT "<k:a xml:id='a'/></k:T>", KN_E_ROOT_XML_ATTR, { 0 } },
    { "DOCTYPE", "<!DOCTYPE a><a/>", KN_E_XML_DOCTYPE, { 0 } },
    { "not well-formed", "<a>", KN_E_XML_MALFORMED, { 0 } },
    { "nothing", "", KN_E_XML_MALFORMED, { 0 } },
    { "root with another Id", "<T Id='that'/>", KN_E_SIG_REF_URI, WITH_ID },
    { "an Id that breaks out of its quotes", "<T/>", KN_E_SIG_REF_URI, { false, false, NULL, "a' b='c" } },
    { "the Id somewhere else too", "<T><a Id='it'/></T>", KN_E_ID_AMBIGUOUS, WITH_ID },
    { "a type that could be re-pointed", "<T xmlns:x='" XSI "' x:type='a'/>", KN_E_XSI_TYPE_REFUSED, EXCLUSIVE },
};
/* clang-format on */

static void
sign_bytes_refuses(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        const kn_w3c_form *f = &refused[i].form;
        const kn_w3c_form *form = f->exclusive_doc || f->id ? f : NULL;
        g_autoptr(GString) out = g_string_new(NULL);
        kn_error code = try_sign(KN_ALG_ECDSA_SHA256, form, refused[i].bytes, out);

        if (code != refused[i].error)
            fail_msg("%s: %s instead of %s", refused[i].what, kit_error_name(code),
                     kit_error_name(refused[i].error));
    }
}

static int
setup(void **unused)
{
    (void)unused;
    assert_true(kn_xml_setup(NULL) && kn_xmlsec_setup(NULL));
    xml = kn_xml_new(NULL, NULL);
    kn_xml_set_verifier(xml, kn_xmlsec_verify, KN_OPINION_OFF, 0);
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
        cmocka_unit_test(sign_bytes_keeps_the_rest),
        cmocka_unit_test(sign_bytes_fills_templates),
        cmocka_unit_test(sign_bytes_never_twice),
        cmocka_unit_test(sign_bytes_gb18030),
        cmocka_unit_test(sign_bytes_w3c),
        cmocka_unit_test(sign_bytes_w3c_needs_a_verifier),
        cmocka_unit_test(sign_bytes_refuses),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
