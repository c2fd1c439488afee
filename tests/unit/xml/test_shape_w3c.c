/* SPDX-License-Identifier: Apache-2.0 */
/* Profile w3c (XML_SECURITY §6): every form with every row is taken, each step beyond it is refused by its rule,
 * and what a forger may move round an Id moves nothing. */
#include "kit.h"
#include "xml/xml_auto.h"
#include "xml/xmlsec.h"

#include <string.h>

#define EXC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define INC "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define DOC \
    "<k:Test xmlns:k=\"urn:kouan:test:1\" " \
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" guid=\"G\">" \
    "<k:Head><k:sender>TEST01</k:sender></k:Head><k:amount unit=\"CNY\">100</k:amount></k:Test>"

static kn_xml *xml;

static const kn_alg rows[] = { KN_ALG_SM2_SM3, KN_ALG_RSA_SHA256, KN_ALG_ECDSA_SHA256 };

/* clang-format off */
static const struct { const char *name; kn_w3c_form form; } forms[] = {
    { "as eport", { 0 } },
    { "exclusive SignedInfo", { .exclusive_info = true } },
    { "exclusive document", { .exclusive_doc = true } },
    { "both", { .exclusive_info = true, .exclusive_doc = true } },
    { "both with prefixes", { .exclusive_info = true, .exclusive_doc = true, .prefixes = "k xsi #default" } },
    { "by Id", { .id = "_a-1.b" } },
    { "all of it", { .exclusive_info = true, .exclusive_doc = true, .prefixes = "xsi", .id = "a" } },
};
#define ALL 6
/* clang-format on */

static char *
signed_as(kn_alg alg, const kn_w3c_form *form)
{
    GString *out = g_string_new(NULL);
    g_autoptr(GError) err = NULL;

    if (!kn_xml_sign_w3c(xml, kit_signer(alg), form, DOC, strlen(DOC), out, &err))
        fail_msg("%s", err->message);
    return g_string_free(out, FALSE);
}

static kn_error
judge_as(kn_profile profile, const char *text, kn_alg alg)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    kn_shape shape = { 0 };
    bool ok = kn_xml_open(xml, text, strlen(text), false, &doc, &err)
              && kn_xml_shape_as(profile, doc, &shape, &err)
              && kn_xml_verify(xml, doc, &shape, kit_key(alg), NULL, &err);

    kn_shape_clear(&shape);
    return ok ? KN_E_OK : kn_error_code(err);
}

static void
w3c_forms(void **unused)
{
    (void)unused;
    for (size_t a = 0; a < G_N_ELEMENTS(rows); a++)
        for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
            g_autofree char *text = signed_as(rows[a], &forms[i].form);
            g_autofree char *changed = kit_replace(text, ">100<", ">101<");
            g_autofree char *forged = kit_replace(text, "<ds:DigestValue>", "<ds:DigestValue>\n");

            if (judge_as(KN_PROFILE_W3C, text, rows[a]) != KN_E_OK)
                fail_msg("%s, row %d", forms[i].name, (int)rows[a]);
            assert_int_equal(judge_as(KN_PROFILE_W3C, changed, rows[a]), KN_E_DIGEST_MISMATCH);
            assert_int_equal(judge_as(KN_PROFILE_W3C, forged, rows[a]), KN_E_SIG_BAD);
        }
}

/* What only profile w3c takes is not eport's. */
static void
w3c_is_not_eport(void **unused)
{
    (void)unused;
    for (size_t i = 1; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *text = signed_as(KN_ALG_RSA_SHA256, &forms[i].form);
        kn_error code = judge_as(KN_PROFILE_EPORT, text, KN_ALG_RSA_SHA256);

        if (code != KN_E_SIG_C14N_REFUSED && code != KN_E_SIG_TRANSFORM && code != KN_E_SIG_REF_URI
            && code != KN_E_SIG_CHILD)
            fail_msg("%s: %s", forms[i].name, kit_error_name(code));
    }
}

/* clang-format off */
static const struct { const char *name, *from, *to; kn_error error; } edits[] = {
    /* references */
    { "another Id", "URI=\"#a\"", "URI=\"#b\"", KN_E_SIG_REF_URI },
    { "a file", "URI=\"#a\"", "URI=\"file:///etc/passwd\"", KN_E_SIG_REF_URI },
    { "a server", "URI=\"#a\"", "URI=\"http://192.0.2.1/x\"", KN_E_SIG_REF_URI },
    { "an xpointer", "URI=\"#a\"", "URI=\"#xpointer(/)\"", KN_E_SIG_REF_URI },
    { "an xpointer of the Id", "URI=\"#a\"", "URI=\"#xpointer(id('a'))\"", KN_E_SIG_REF_URI },
    { "an Id that ends quotes", "URI=\"#a\"", "URI=\"#a'b\"", KN_E_SIG_REF_URI },
    { "no URI", " URI=\"#a\"", "", KN_E_SIG_REF_URI },
    { "a type beside it", "URI=\"#a\"", "URI=\"#a\" Type=\"t\"", KN_E_SIG_REF_URI },
    { "the Id on a child (wrapping)", "<k:Head>", "<k:Head Id=\"a\">", KN_E_ID_AMBIGUOUS },
    { "the same as id", "<k:Head>", "<k:Head id=\"a\">", KN_E_ID_AMBIGUOUS },
    { "the same as ID", "<k:Head>", "<k:Head ID=\"a\">", KN_E_ID_AMBIGUOUS },
    { "the same in a namespace", "<k:Head>", "<k:Head k:Id=\"a\">", KN_E_ID_AMBIGUOUS },
    { "xml:id", "<k:Head>", "<k:Head xml:id=\"a\">", KN_E_ROOT_XML_ATTR },
    { "the Id moved to a child", " Id=\"a\"", "", KN_E_SIG_REF_URI },
    { "two references", "</ds:SignedInfo>", "<ds:Reference URI=\"\"></ds:Reference></ds:SignedInfo>",
      KN_E_SIG_REF_COUNT },
    /* transforms */
    { "an unknown one first", "#enveloped-signature", "#enveloped-signatur", KN_E_SIG_TRANSFORM },
    { "XSLT behind", "Transform Algorithm=\"" EXC "\"",
      "Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"", KN_E_SIG_TRANSFORM },
    { "base64 behind", "Transform Algorithm=\"" EXC "\"",
      "Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"", KN_E_SIG_TRANSFORM },
    { "with comments", "Transform Algorithm=\"" EXC "\"", "Transform Algorithm=\"" EXC "WithComments\"",
      KN_E_SIG_TRANSFORM },
    { "a third", "</ds:Transforms>", "<ds:Transform Algorithm=\"" INC "\"></ds:Transform></ds:Transforms>",
      KN_E_SIG_TRANSFORM },
    { "none at all", "<ds:Transforms>", "<ds:Transforms><ds:X></ds:X>", KN_E_SIG_TRANSFORM },
    /* canonicalization */
    { "SignedInfo with comments", "Method Algorithm=\"" EXC "\"", "Method Algorithm=\"" EXC "WithComments\"",
      KN_E_SIG_CHILD },
    { "C14N 1.1",
      "Method Algorithm=\"" EXC "\"><ec:InclusiveNamespaces xmlns:ec=\"" EXC
      "\" PrefixList=\"xsi\"></ec:InclusiveNamespaces>",
      "Method Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\">", KN_E_SIG_C14N_REFUSED },
    { "prefixes with two spaces", "PrefixList=\"xsi\"", "PrefixList=\"k  xsi\"", KN_E_SIG_C14N_REFUSED },
    { "a prefix twice", "PrefixList=\"xsi\"", "PrefixList=\"xsi xsi\"", KN_E_SIG_C14N_REFUSED },
    { "a prefix that is none", "PrefixList=\"xsi\"", "PrefixList=\"x:y\"", KN_E_SIG_C14N_REFUSED },
    { "an empty list is none: the value decides", "PrefixList=\"xsi\"", "PrefixList=\"\"", KN_E_SIG_BAD },
    { "seventeen prefixes", "PrefixList=\"xsi\"", "PrefixList=\"a b c d e f g h i j k l m n o p q\"",
      KN_E_SIG_C14N_REFUSED },
    { "another child of the method", "<ec:InclusiveNamespaces xmlns:ec=\"" EXC "\"",
      "<ec:Inclusive xmlns:ec=\"" EXC "\"", KN_E_XML_MALFORMED },
    /* algorithms */
    { "HMAC with the public key", "xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256", KN_E_SIG_ALG_REFUSED },
    { "SHA-1", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
      "http://www.w3.org/2000/09/xmldsig#rsa-sha1", KN_E_SIG_ALG_REFUSED },
    { "another digest", "xmlenc#sha256", "xmlenc#sha512", KN_E_SIG_ALG_REFUSED },
    /* content and place */
    { "xsi:type", "<k:amount ", "<k:amount xsi:type=\"k:t\" ", KN_E_XSI_TYPE_REFUSED },
    { "a second signature", "<k:Head>",
      "<k:Head><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>", KN_E_SIG_COUNT },
    { "the signature inside", "<k:Head>",
      "<k:Head><ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Object>", KN_E_SIG_COUNT },
    { "something behind it", "</ds:Signature>", "</ds:Signature><k:x></k:x>", KN_E_SIG_PLACE },
    { "an Object", "</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>", KN_E_SIG_CHILD },
    { "guid changed", "guid=\"G\"", "guid=\"H\"", KN_E_DIGEST_MISMATCH },
    { "an attribute more", "unit=\"CNY\"", "unit=\"CNY\" x=\"1\"", KN_E_DIGEST_MISMATCH },
    { "an element more", "</k:Head>", "<k:x></k:x></k:Head>", KN_E_DIGEST_MISMATCH },
    { "a used namespace changed", "xmlns:k=\"urn:kouan:test:1\"", "xmlns:k=\"urn:kouan:test:2\"",
      KN_E_DIGEST_MISMATCH },
};
/* clang-format on */

static void
w3c_refused(void **unused)
{
    g_autofree char *good = signed_as(KN_ALG_RSA_SHA256, &forms[ALL].form);
    unsigned wrong = 0;

    (void)unused;
    assert_int_equal(judge_as(KN_PROFILE_W3C, good, KN_ALG_RSA_SHA256), KN_E_OK);
    for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autofree char *text = kit_replace(good, edits[i].from, edits[i].to);
        kn_error code = judge_as(KN_PROFILE_W3C, text, KN_ALG_RSA_SHA256);

        if (code != edits[i].error) {
            print_message("%s: %s, expected %s\n", edits[i].name, kit_error_name(code),
                          kit_error_name(edits[i].error));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Rows that w3c does not have, and a key that is another's. */
static void
w3c_rows_and_keys(void **unused)
{
    static const kn_alg others[] = { KN_ALG_SM2_SM3_FIELD, KN_ALG_RSA_SHA1 };
    g_autofree char *good = signed_as(KN_ALG_ECDSA_SHA256, &forms[ALL].form);

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *text = kit_signed(xml, others[i], DOC);

        assert_int_equal(judge_as(KN_PROFILE_W3C, text, others[i]), KN_E_SIG_ALG_REFUSED);
    }
    assert_int_equal(judge_as(KN_PROFILE_W3C, good, KN_ALG_RSA_SHA256), KN_E_KEY_TYPE);
}

/* --- two opinions ------------------------------------------------------------------------------------------ */

static bool
says_no(xmlDoc *doc, const kn_shape *shape, EVP_PKEY *pinned, GError **err)
{
    (void)doc, (void)shape, (void)pinned;
    return kn_fail(err, KN_E_SIG_BAD, "no");
}

static bool
says_yes(xmlDoc *doc, const kn_shape *shape, EVP_PKEY *pinned, GError **err)
{
    (void)doc, (void)shape, (void)pinned, (void)err;
    return true;
}

static void
w3c_second_opinion(void **unused)
{
    static const kn_w3c_form plain = { 0 };
    g_autofree char *good = signed_as(KN_ALG_RSA_SHA256, &plain);
    g_autofree char *bad = kit_replace(good, ">100<", ">101<");

    (void)unused;
    kn_xml_set_verifier(xml, says_no, KN_OPINION_ALWAYS, 0);
    assert_int_equal(judge_as(KN_PROFILE_EPORT, good, KN_ALG_RSA_SHA256), KN_E_SECOND_OPINION);
    assert_int_equal(judge_as(KN_PROFILE_EPORT, bad, KN_ALG_RSA_SHA256), KN_E_DIGEST_MISMATCH);
    assert_int_equal(judge_as(KN_PROFILE_W3C, good, KN_ALG_RSA_SHA256), KN_E_SECOND_OPINION);
    kn_xml_set_verifier(xml, says_yes, KN_OPINION_ALWAYS, 0);
    assert_int_equal(judge_as(KN_PROFILE_EPORT, bad, KN_ALG_RSA_SHA256), KN_E_SECOND_OPINION);
    kn_xml_set_verifier(xml, says_no, KN_OPINION_OFF, 0);
    assert_int_equal(judge_as(KN_PROFILE_EPORT, good, KN_ALG_RSA_SHA256), KN_E_OK);
    kn_xml_set_verifier(xml, NULL, KN_OPINION_OFF, 0);
    assert_int_equal(judge_as(KN_PROFILE_W3C, good, KN_ALG_RSA_SHA256), KN_E_ENGINE_ERROR);
    kn_xml_set_verifier(xml, kn_xmlsec_verify, KN_OPINION_ALWAYS, 0);
    assert_int_equal(judge_as(KN_PROFILE_EPORT, good, KN_ALG_RSA_SHA256), KN_E_OK);
}

static int
setup(void **unused)
{
    (void)unused;
    if (!kn_xml_setup(NULL) || !kn_xmlsec_setup(NULL))
        return -1;
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
        cmocka_unit_test(w3c_forms),          cmocka_unit_test(w3c_is_not_eport),
        cmocka_unit_test(w3c_refused),        cmocka_unit_test(w3c_rows_and_keys),
        cmocka_unit_test(w3c_second_opinion),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
