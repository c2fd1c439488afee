/* SPDX-License-Identifier: Apache-2.0 */
/* size: one table of edits, each breaking one rule of one signed document */
/* Shape (S), signature (G) and digest (D): hostile messages that each break one rule, and the forms
 * that must be accepted. */
#include "kit.h"

#include <string.h>

#include "xml/xml_auto.h"

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define TRANSFORM "<ds:Transform Algorithm=\"" DS "enveloped-signature\"></ds:Transform>"
#define FORGED "<k:amount unit=\"CNY\">999</k:amount>"

static kn_xml *xml;
static const kn_alg all_algs[] = { KN_ALG_SM2_SM3, KN_ALG_SM2_SM3_FIELD, KN_ALG_RSA_SHA256,
                                   KN_ALG_ECDSA_SHA256, KN_ALG_RSA_SHA1 };

static void
expect(const char *name, const char *text, kn_alg alg, kn_error want)
{
    kn_error got = kit_judge(xml, text, strlen(text), kit_key(alg), NULL);

    if (got != want)
        fail_msg("%s: %s instead of %s", name, kit_error_name(got), kit_error_name(want));
}

static void
verify_every_row(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(all_algs); i++) {
        g_autofree char *text = kit_signed(xml, all_algs[i], NULL);
        kn_why why;

        expect(kn_alg_row_of(all_algs[i])->name, text, all_algs[i], KN_E_OK);
        assert_int_equal(kit_judge(xml, text, strlen(text), kit_other_key(all_algs[i]), &why),
                         KN_E_SIG_BAD); /* cert_a_sig_b */
        assert_int_equal(strlen(why.signed_info_sha256), 64);
        assert_string_equal(why.found, "");
        assert_string_equal(why.key_name, "1234ABCD");
    }
}

/* clang-format off */
static const struct { const char *name, *from, *to; kn_error want; } edits[] = {
    { "tamper_body", ">100<", ">101<", KN_E_DIGEST_MISMATCH },
    { "tamper_attr", "version=\"1.0\"", "version=\"1.1\"", KN_E_DIGEST_MISMATCH },
    { "tamper_unit", "\"CNY\"", "\"USD\"", KN_E_DIGEST_MISMATCH },
    { "white space in the body", "<k:name>", " <k:name>", KN_E_DIGEST_MISMATCH },
    { "white space before Signature", "<ds:Signature ", "\n<ds:Signature ", KN_E_DIGEST_MISMATCH },
    { "namespace on an element", "<k:name>", "<k:name xmlns:z=\"urn:z\">", KN_E_DIGEST_MISMATCH },
    { "xsitype_inc: a prefix re-pointed", "urn:kouan:test:1", "urn:kouan:test:2", KN_E_SIG_BAD },
    { "namespace added to the root", " guid=", " xmlns:z=\"urn:z\" guid=", KN_E_SIG_BAD },
    { "newline inside SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo>\n", KN_E_SIG_BAD },
    { "prefix renamed in SignedInfo", "<ds:Reference URI=\"\">", "<ds:Reference  URI=''>", KN_E_OK },
    { "object_in_sig", "</ds:Signature>", "<ds:Object>" FORGED "</ds:Object></ds:Signature>", KN_E_SIG_CHILD },
    { "manifest", "</ds:Signature>", "<ds:Object><ds:Manifest></ds:Manifest></ds:Object></ds:Signature>",
      KN_E_SIG_CHILD },
    { "text in Signature", "<ds:KeyInfo>", "x<ds:KeyInfo>", KN_E_SIG_CHILD },
    { "attribute on Signature", "<ds:Signature ", "<ds:Signature x=\"1\" ", KN_E_SIG_CHILD },
    { "two attributes on Signature", "<ds:Signature ", "<ds:Signature Id=\"a\" x=\"1\" ", KN_E_SIG_CHILD },
    { "attribute on SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo Id=\"a\">", KN_E_SIG_CHILD },
    { "attribute on SignatureValue", "<ds:SignatureValue>", "<ds:SignatureValue Id=\"a\">", KN_E_SIG_CHILD },
    { "attribute on KeyInfo", "<ds:KeyInfo>", "<ds:KeyInfo Id=\"a\">", KN_E_SIG_CHILD },
    { "attribute on KeyName", "<ds:KeyName>", "<ds:KeyName a=\"\">", KN_E_SIG_CHILD },
    { "attribute on Transforms", "<ds:Transforms>", "<ds:Transforms a=\"1\">", KN_E_SIG_CHILD },
    { "attribute on DigestValue", "<ds:DigestValue>", "<ds:DigestValue a=\"1\">", KN_E_SIG_CHILD },
    { "signedinfo_twice", "<ds:SignatureValue>", "<ds:SignedInfo></ds:SignedInfo><ds:SignatureValue>", KN_E_SIG_CHILD },
    { "HMACOutputLength", "\"></ds:SignatureMethod>",
      "\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>", KN_E_SIG_CHILD },
    { "second attribute of a method", "<ds:SignatureMethod ", "<ds:SignatureMethod x=\"\" ", KN_E_SIG_CHILD },
    { "Algorithm in a namespace", "<ds:DigestMethod Algorithm", "<ds:DigestMethod ds:Algorithm", KN_E_SIG_CHILD },
    { "foreign element in SignedInfo", "<ds:Reference URI", "<k:x></k:x><ds:Reference URI", KN_E_SIG_CHILD },
    { "c14n_comments", C14N "\"", C14N "#WithComments\"", KN_E_SIG_C14N_REFUSED },
    { "c14n_exc", C14N "\"", "http://www.w3.org/2001/10/xml-exc-c14n#\"", KN_E_SIG_C14N_REFUSED },
    { "c14n 1.1", C14N "\"", "http://www.w3.org/2006/12/xml-c14n11\"", KN_E_SIG_C14N_REFUSED },
    { "md5_digest", "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5",
      KN_E_SIG_ALG_REFUSED },
    { "hmac_pubkey", "xmldsig-more#ecdsa-sha256", "xmldsig-more#hmac-sha256", KN_E_SIG_ALG_REFUSED },
    { "pair_mixed", "http://www.w3.org/2001/04/xmlenc#sha256", DS "sha1", KN_E_SIG_ALG_REFUSED },
    { "pair_mixed gm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
      "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3", KN_E_SIG_ALG_REFUSED },
    { "algorithm in upper case", "#ecdsa-sha256", "#ECDSA-SHA256", KN_E_SIG_ALG_REFUSED },
    { "row_key_type", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
      "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", KN_E_KEY_TYPE },
    { "id_body", "URI=\"\"", "URI=\"#body\"", KN_E_SIG_REF_URI },
    { "uri_absent", " URI=\"\"", "", KN_E_SIG_REF_URI },
    { "uri_file", "URI=\"\"", "URI=\"file:///etc/passwd\"", KN_E_SIG_REF_URI },
    { "uri_xpointer", "URI=\"\"", "URI=\"#xpointer(/)\"", KN_E_SIG_REF_URI },
    { "uri_inject", "URI=\"\"", "URI=\"#xpointer(id('a')|count(//*))\"", KN_E_SIG_REF_URI },
    { "Reference with Id", "URI=\"\"", "Id=\"a\" URI=\"\"", KN_E_SIG_REF_URI },
    { "Reference with Type", "URI=\"\"", "Type=\"urn:t\" URI=\"\"", KN_E_SIG_REF_URI },
    { "xpath", TRANSFORM,
      TRANSFORM "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:X"
      "Path>1</ds:XPath></ds:Transform>", KN_E_SIG_TRANSFORM },
    { "xpath instead", TRANSFORM,
      "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>"
        "1</ds:XPath></ds:Transform>", KN_E_SIG_TRANSFORM },
    { "xslt", TRANSFORM, "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>",
      KN_E_SIG_TRANSFORM },
    { "extra_c14n", TRANSFORM, TRANSFORM "<ds:Transform Algorithm=\"" C14N "\"></ds:Transform>", KN_E_SIG_TRANSFORM },
    { "enveloped twice", TRANSFORM, TRANSFORM TRANSFORM, KN_E_SIG_TRANSFORM },
    { "no transform", TRANSFORM, "", KN_E_SIG_TRANSFORM },
    { "no Transforms", "<ds:Transforms>" TRANSFORM "</ds:Transforms>", "", KN_E_SIG_TRANSFORM },
    { "digest_form", "<ds:DigestValue>", "<ds:DigestValue>*", KN_E_SIG_VALUE_FORM },
    { "digest too long", "<ds:DigestValue>", "<ds:DigestValue>AAAA", KN_E_SIG_VALUE_FORM },
    { "digest_split", "<ds:DigestValue>", "<ds:DigestValue>AAAA<k:x></k:x>", KN_E_SIG_VALUE_FORM },
    { "sigvalue_child", "</ds:SignatureValue>", "<k:x></k:x></ds:SignatureValue>", KN_E_SIG_VALUE_FORM },
    { "value too long", "<ds:SignatureValue>", "<ds:SignatureValue>AAAA", KN_E_SIG_VALUE_FORM },
    { "keyvalue_plus_cert", "<ds:X509Data>", "<ds:KeyValue></ds:KeyValue><ds:X509Data>", KN_E_KEY_INFO },
    { "retrieval_method", "<ds:X509Data>", "<ds:RetrievalMethod URI=\"#x\"></ds:RetrievalMethod><ds:X509Data>",
      KN_E_KEY_INFO },
    { "crl_in_message", "</ds:X509Data>", "<ds:X509CRL>AAAA</ds:X509CRL></ds:X509Data>", KN_E_KEY_INFO },
    { "issuer serial", "<ds:X509Data>", "<ds:X509Data><ds:X509IssuerSerial></ds:X509IssuerSerial>", KN_E_KEY_INFO },
    { "evil_in_keyinfo", "</ds:KeyInfo>", FORGED "</ds:KeyInfo>", KN_E_KEY_INFO },
    { "KeyName after X509Data", "</ds:KeyInfo>", "<ds:KeyName>1</ds:KeyName></ds:KeyInfo>", KN_E_KEY_INFO },
    { "certificate with child", "<ds:X509Certificate>", "<ds:X509Certificate><k:x></k:x>", KN_E_KEY_INFO },
    { "certificate no base64", "<ds:X509Certificate>", "<ds:X509Certificate>*", KN_E_KEY_CERT_BAD },
    { "after Signature", "</ds:Signature>", "</ds:Signature>" FORGED, KN_E_SIG_PLACE },
    { "text after Signature", "</ds:Signature>", "</ds:Signature>x", KN_E_SIG_PLACE },
    { "root_xml_lang", " guid=", " xml:lang=\"zh\" guid=", KN_E_ROOT_XML_ATTR },
    { "xml_id", "<k:name>", "<k:name xml:id=\"a\">", KN_E_ROOT_XML_ATTR },
    { "stray_ds", "<k:name>", "<ds:Object xmlns:ds=\"" DS "\"></ds:Object><k:name>", KN_E_SIG_COUNT },
    { "stray ds root child", "<k:Head>", "<d:Signed xmlns:d=\"" DS "\"></d:Signed><k:Head>", KN_E_SIG_COUNT },
    { "several KeyName", "<ds:KeyName>", "<ds:KeyName>other</ds:KeyName><ds:KeyName>", KN_E_OK },
    { "no KeyName", "<ds:KeyName>1234ABCD</ds:KeyName>", "", KN_E_OK },
    { "Id on Signature", "<ds:Signature ", "<ds:Signature Id=\"x\" ", KN_E_OK },
    { "white space between children", "<ds:KeyInfo>", "\n\t <ds:KeyInfo>\n", KN_E_OK },
    { "white space in SignatureValue", "<ds:SignatureValue>", "<ds:SignatureValue>\n ", KN_E_OK },
    { "comment in text", ">100<", ">1<!-- x -->00<", KN_E_OK },
    { "CDATA", ">100<", "><![CDATA[100]]><", KN_E_OK },
    { "character reference", ">100<", ">&#49;00<", KN_E_OK },
    { "attribute order", "guid=\"4CDE1CFD-EDED-46B1-946C-B8022E42FC94\" version=\"1.0\"",
      "version='1.0'   guid='4CDE1CFD-EDED-46B1-946C-B8022E42FC94'", KN_E_OK },
    { "self-closing", "></ds:DigestMethod>", "/>", KN_E_OK },
    { "xml:lang in the body", "<k:name>", "<k:name xml:lang=\"zh\">", KN_E_DIGEST_MISMATCH },
    { "comment before the root", "<k:Test", "<!-- c --><k:Test", KN_E_OK },
    { "xml declaration", "<k:Test", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<k:Test", KN_E_OK },
    { "line ends", "\n  <k:Head>", "\r\n  <k:Head>", KN_E_OK },
    { "CR kept", "\n  <k:Head>", "&#xD;\n  <k:Head>", KN_E_DIGEST_MISMATCH },
};
/* clang-format on */

/* One edit of the signed text each: first occurrence of from becomes to. */
static void
verify_edits(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
        g_autofree char *text = kit_replace(base, edits[i].from, edits[i].to);

        expect(edits[i].name, text, KN_ALG_ECDSA_SHA256, edits[i].want);
    }
}

static void
verify_moved(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);
    g_autofree char *sig = kit_between(base, "<ds:Signature ", "</ds:Signature>");
    g_autofree char *bare = kit_replace(base, sig, "");
    g_autofree char *doubled = g_strconcat(sig, sig, NULL);
    g_autofree char *two = kit_replace(base, sig, doubled);
    g_autofree char *with_head = g_strconcat(sig, "<k:Head>", NULL);
    g_autofree char *first = kit_replace(bare, "<k:Head>", with_head);
    g_autofree char *in_head = g_strconcat(sig, "</k:Head>", NULL);
    g_autofree char *inside = kit_replace(bare, "</k:Head>", in_head);
    g_autofree char *wrapped = g_strconcat("<k:Evil xmlns:k=\"urn:kouan:test:1\">" FORGED, base,
                                           "</k:Evil>", NULL);
    g_autofree char *nested_sig = g_strconcat(sig, "</ds:Object></ds:Signature>", NULL);
    g_autofree char *half = kit_replace(base, "</ds:Signature>", "<ds:Object>");
    g_autofree char *head = g_strndup(half, (gsize)(strstr(half, "<ds:Object>") + 11 - half));
    g_autofree char *in_object = g_strconcat(head, nested_sig, "</k:Test>", NULL);

    (void)unused;
    expect("unsigned", bare, KN_ALG_ECDSA_SHA256, KN_E_SIG_MISSING);
    expect("two_signatures", two, KN_ALG_ECDSA_SHA256, KN_E_SIG_COUNT);
    expect("signature inside Object", in_object, KN_ALG_ECDSA_SHA256, KN_E_SIG_COUNT);
    expect("sig_first", first, KN_ALG_ECDSA_SHA256, KN_E_SIG_PLACE);
    expect("sig_in_body", inside, KN_ALG_ECDSA_SHA256, KN_E_SIG_PLACE);
    expect("evil_root_wraps", wrapped, KN_ALG_ECDSA_SHA256, KN_E_SIG_PLACE);
}

/* The eight wrapping patterns, built from a signature whose reference names an id (2..7), or whose
 * signed copy hides in ds:Object (1, 8). */
static void
verify_wrapping(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);
    g_autofree char *sig = kit_between(base, "<ds:Signature ", "</ds:Signature>");
    g_autofree char *bare = kit_replace(base, sig, "");
    g_autofree char *copy = kit_replace(bare, "<k:Test ", "<k:Test Id=\"s\" ");
    g_autofree char *ref = kit_replace(sig, "URI=\"\"", "URI=\"#s\"");
    g_autofree char *object = g_strconcat("<ds:Object>", copy, "</ds:Object></ds:Signature>", NULL);
    g_autofree char *ref_object = kit_replace(ref, "</ds:Signature>", object);
    g_autofree char *sig_object = kit_replace(sig, "</ds:Signature>", object);
    const struct {
        const char *name, *id, *body, *signature;
        kn_error want;
    } rows[] = {
        { "xsw1", "evil", "", ref_object, KN_E_SIG_CHILD },
        { "xsw8", "s", "", sig_object, KN_E_SIG_CHILD },
        { "xsw2: copy in an extension", "evil", "<k:Extension>%s</k:Extension>", ref,
          KN_E_SIG_REF_URI },
        { "xsw3: copy as sibling", "evil", "%s", ref, KN_E_SIG_REF_URI },
        { "xsw4: copy inside the forged one", "evil", "<k:Test Id=\"e2\">%s</k:Test>", ref,
          KN_E_SIG_REF_URI },
        { "xsw5: same id, forged first", "s", "%s", ref, KN_E_SIG_REF_URI },
        { "xsw6: same id twice", "s", "<k:Test Id=\"s\"></k:Test>%s", ref, KN_E_SIG_REF_URI },
        { "xsw7: forged in an extension", "s",
          "<k:Extension><k:Test Id=\"s\">%s</k:Test></k:Extension>", ref, KN_E_SIG_REF_URI },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *body = *rows[i].body ? kit_replace(rows[i].body, "%s", copy)
                                              : g_strdup("");
        g_autofree char *text = g_strdup_printf(
            "<k:Test xmlns:k=\"urn:kouan:test:1\" Id=\"%s\">" FORGED "%s%s</k:Test>", rows[i].id,
            body, rows[i].signature);

        expect(rows[i].name, text, KN_ALG_ECDSA_SHA256, rows[i].want);
    }
}

static void
verify_keyinfo(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);
    g_autofree char *info = kit_between(base, "<ds:KeyInfo>", "</ds:KeyInfo>");
    g_autofree char *data = kit_between(base, "<ds:X509Data>", "</ds:X509Data>");
    g_autofree char *cert = kit_between(base, "<ds:X509Certificate>", "</ds:X509Certificate>");
    g_autofree char *two = g_strconcat(cert, cert, NULL);
    g_autofree char *two_data = g_strconcat(data, data, NULL);
    g_autoptr(GString) many = g_string_new(NULL);
    g_autofree char *no_info = kit_replace(base, info, "");
    g_autofree char *empty = kit_replace(base, info, "<ds:KeyInfo></ds:KeyInfo>");
    g_autofree char *value = kit_replace(base, info,
                                         "<ds:KeyInfo><ds:KeyValue></ds:KeyValue></ds:KeyInfo>");
    g_autofree char *by_name = kit_replace(base, data, "");
    g_autofree char *certs = kit_replace(base, cert, two);
    g_autofree char *datas = kit_replace(base, data, two_data);
    g_autofree char *certs_many = NULL;

    (void)unused;
    for (int i = 0; i < 1600; i++)
        g_string_append(many, cert);
    certs_many = kit_replace(base, cert, many->str);
    expect("no_keyinfo", no_info, KN_ALG_ECDSA_SHA256, KN_E_KEY_MISSING);
    expect("empty KeyInfo", empty, KN_ALG_ECDSA_SHA256, KN_E_KEY_MISSING);
    expect("keyvalue", value, KN_ALG_ECDSA_SHA256, KN_E_KEY_INFO);
    expect("two_certs", certs, KN_ALG_ECDSA_SHA256, KN_E_KEY_INFO);
    expect("two X509Data", datas, KN_ALG_ECDSA_SHA256, KN_E_KEY_INFO);
    expect("certs_1600", certs_many, KN_ALG_ECDSA_SHA256, KN_E_KEY_INFO);
    /* shape leaves KeyName alone to trust (key.by_name): cert is NULL, nothing else changes */
    expect("by name", by_name, KN_ALG_ECDSA_SHA256, KN_E_OK);
}

static void
verify_references(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);
    g_autofree char *ref = kit_between(base, "<ds:Reference ", "</ds:Reference>");
    g_autofree char *two = g_strconcat(ref, ref, NULL);
    g_autoptr(GString) many = g_string_new(NULL);
    g_autofree char *none_text = kit_replace(base, ref, "");
    g_autofree char *two_text = kit_replace(base, ref, two);
    g_autofree char *many_text = NULL;

    (void)unused;
    for (int i = 0; i < 20000; i++)
        g_string_append(many, "<ds:Reference URI=\"\"/>");
    many_text = kit_replace(base, ref, many->str);
    expect("no reference", none_text, KN_ALG_ECDSA_SHA256, KN_E_SIG_REF_COUNT);
    expect("two_refs", two_text, KN_ALG_ECDSA_SHA256, KN_E_SIG_REF_COUNT);
    expect("refs_20000", many_text, KN_ALG_ECDSA_SHA256, KN_E_SIG_REF_COUNT);
}

static char *
with_value(const char *base, const uint8_t *value, size_t len)
{
    g_autofree char *old = kit_between(base, "<ds:SignatureValue>", "</ds:SignatureValue>");
    g_autofree char *b64 = g_base64_encode(value, len);
    g_autofree char *fresh = g_strdup_printf("<ds:SignatureValue>%s</ds:SignatureValue>", b64);

    return kit_replace(base, old, fresh);
}

static uint8_t *
value_of(const char *base, size_t *len)
{
    g_autofree char *text = kit_between(base, "<ds:SignatureValue>", "</ds:SignatureValue>");

    *strstr(text, "</") = '\0';
    return g_base64_decode(text + strlen("<ds:SignatureValue>"), len);
}

static void
verify_values(void **unused)
{
    uint8_t ones[32];

    (void)unused;
    memset(ones, 0xFF, sizeof(ones));
    for (size_t i = 0; i < G_N_ELEMENTS(all_algs); i++) {
        kn_alg alg = all_algs[i];
        g_autofree char *base = kit_signed(xml, alg, NULL);
        size_t len = 0;
        g_autofree uint8_t *value = value_of(base, &len);

        for (int bit = 0; bit < 16; bit++) { /* sigvalue_flip */
            size_t at = kit_random() % len;
            g_autofree char *text = NULL;

            value[at] ^= (uint8_t)(1u << (bit % 8));
            text = with_value(base, value, len);
            expect("sigvalue_flip", text, alg, KN_E_SIG_BAD);
            value[at] ^= (uint8_t)(1u << (bit % 8));
        }
        {
            g_autofree char *shorter = with_value(base, value, len - 1);

            expect("value one byte short", shorter, alg, KN_E_SIG_VALUE_FORM);
        }
        if (!kn_alg_row_of(alg)->raw_rs)
            continue;
        for (int part = 0; part < 4; part++) { /* sm2_zero: r or s = 0 or >= n */
            uint8_t forged[64];
            g_autofree char *text = NULL;

            memcpy(forged, value, 64);
            if (part < 2)
                memset(forged + 32 * part, 0, 32);
            else
                memcpy(forged + 32 * (part - 2), ones, 32);
            text = with_value(base, forged, 64);
            expect("sm2_zero", text, alg, KN_E_SIG_BAD);
        }
    }
}

/* DER on the wire, and SM2 without its identifier: made with OpenSSL directly. */
static void
verify_sm2_dialects(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_SM2_SM3, NULL);
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) info = g_string_new(NULL);
    kn_shape shape = { 0 };
    uint8_t der[80], raw[64] = { 0 };
    size_t der_len = sizeof(der);
    g_autoptr(EVP_MD_CTX) md = EVP_MD_CTX_new();
    g_autofree char *text = NULL, *noid = NULL;

    (void)unused;
    assert_true(kn_xml_open(xml, base, strlen(base), false, &doc, NULL));
    assert_true(kn_xml_shape(doc, &shape, NULL));
    assert_true(kn_xml_canonical_signed_info(&shape, info, NULL));
    kn_shape_clear(&shape);
    assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sm3(), NULL, kit_key(KN_ALG_SM2_SM3)), 1);
    assert_int_equal(EVP_DigestSign(md, der, &der_len, (const uint8_t *)info->str, info->len), 1);
    text = with_value(base, der, der_len);
    expect("sm2_der", text, KN_ALG_SM2_SM3, KN_E_SIG_VALUE_FORM);
    {
        size_t r_len = der[3], s_len = der[5 + r_len];

        memcpy(raw + (r_len < 32 ? 32 - r_len : 0), der + 4 + (r_len > 32), MIN(r_len, 32));
        memcpy(raw + 32 + (s_len < 32 ? 32 - s_len : 0), der + 6 + r_len + (s_len > 32),
               MIN(s_len, 32));
    }
    noid = with_value(base, raw, 64);
    expect("sm2_noid", noid, KN_ALG_SM2_SM3, KN_E_SIG_BAD);
}

static void
verify_why(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_RSA_SHA256, NULL);
    g_autofree char *text = kit_replace(base, ">100<", ">101<");
    g_autofree char *digest = kit_between(base, "<ds:DigestValue>", "</ds:DigestValue>");
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) err = NULL;
    kn_shape shape = { 0 };
    kn_why why;

    (void)unused;
    assert_true(kn_xml_open(xml, text, strlen(text), false, &doc, NULL));
    assert_true(kn_xml_shape(doc, &shape, NULL));
    assert_true(shape.cert_len > 200);
    assert_string_equal(shape.key_name, "1234ABCD");
    assert_false(kn_xml_verify(xml, doc, &shape, kit_key(KN_ALG_RSA_SHA256), &why, &err));
    assert_int_equal(kn_error_code(err), KN_E_DIGEST_MISMATCH);
    assert_non_null(strstr(err->message, why.expected));
    assert_non_null(strstr(err->message, why.found));
    assert_non_null(strstr(digest, why.expected));
    assert_string_not_equal(why.expected, why.found);
    assert_int_equal(strlen(why.document_sha256), 64);
    assert_int_equal(why.document_len, strlen(KIT_DOC)); /* KIT_DOC is written in canonical form */
    assert_null(strstr(err->message, "101"));
    kn_shape_clear(&shape);
}

static void
verify_attach(void **unused)
{
    g_autofree char *base = kit_signed(xml, KN_ALG_ECDSA_SHA256, NULL);
    g_autofree char *spaced = kit_replace(base, "</ds:Signature>", "</ds:Signature>\n ");
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL),
                       without = g_string_new(NULL);
    kn_shape shape = { 0 };

    (void)unused;
    assert_true(kn_xml_open(xml, spaced, strlen(spaced), false, &doc, NULL));
    assert_true(kn_xml_shape(doc, &shape, NULL));
    assert_true(kn_xml_canonical(doc, before, NULL));
    kn_xml_signature_detach(&shape);
    kn_xml_signature_detach(&shape);
    assert_true(kn_xml_canonical(doc, without, NULL));
    assert_null(strstr(without->str, "Signature"));
    assert_false(kn_xml_has_signature(doc));
    kn_xml_signature_attach(&shape);
    kn_xml_signature_attach(&shape);
    assert_true(kn_xml_canonical(doc, after, NULL));
    assert_string_equal(before->str, after->str);
    assert_true(kn_xml_has_signature(doc));
    kn_xml_signature_detach(&shape);
    /* document first, shape second: the other order is every other test's */
    xmlFreeDoc(g_steal_pointer(&doc));
    kn_shape_clear(&shape);
}

static void
verify_other_spelling(void **unused)
{
    static const struct {
        const char *name, *doc;
    } docs[] = {
        { "default namespace", "<Test xmlns=\"urn:kouan:test:1\" guid=\"x\"><a>1</a></Test>" },
        { "no namespace", "<Test guid=\"x\"><a>1</a></Test>" },
        { "prefix after ds",
          "<z:Test xmlns:z=\"urn:z\" xmlns:a=\"urn:a\"><z:a a:b=\"1\" b=\"2\"/></z:Test>" },
        { "ds on the root", "<z:Test xmlns:z=\"urn:z\" xmlns:ds=\"" DS "\"><z:a/></z:Test>" },
        { "ds prefix for something else", "<ds:Test xmlns:ds=\"urn:z\"><ds:a/></ds:Test>" },
        { "default taken back inside", "<Test xmlns=\"urn:a\"><b xmlns=\"\"><c/></b></Test>" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(docs); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(all_algs); j++) {
            g_autofree char *text = kit_signed(xml, all_algs[j], docs[i].doc);

            expect(docs[i].name, text, all_algs[j], KN_E_OK);
        }
}

/* Signing refuses what it could not verify again. */
static void
verify_sign_refuses(void **unused)
{
    static const struct {
        const char *doc;
        kn_error want;
    } docs[] = {
        { "<r xml:lang='zh'/>", KN_E_ROOT_XML_ATTR },
        { "<r><ds:Signature xmlns:ds='" DS "'/></r>", KN_E_SIG_COUNT },
        { "<r>", KN_E_XML_MALFORMED },
        { "<!DOCTYPE r><r/>", KN_E_XML_DOCTYPE },
    };
    g_autoptr(GString) out = g_string_new("kept");

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(docs); i++) {
        g_autoptr(GError) err = NULL;

        assert_false(kn_xml_sign(xml, kit_signer(KN_ALG_ECDSA_SHA256), docs[i].doc,
                                 strlen(docs[i].doc), out, &err));
        assert_int_equal(kn_error_code(err), docs[i].want);
        assert_string_equal(out->str, "kept");
    }
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
        cmocka_unit_test(verify_every_row),
        cmocka_unit_test(verify_edits),
        cmocka_unit_test(verify_moved),
        cmocka_unit_test(verify_wrapping),
        cmocka_unit_test(verify_keyinfo),
        cmocka_unit_test(verify_references),
        cmocka_unit_test(verify_values),
        cmocka_unit_test(verify_sm2_dialects),
        cmocka_unit_test(verify_why),
        cmocka_unit_test(verify_attach),
        cmocka_unit_test(verify_other_spelling),
        cmocka_unit_test(verify_sign_refuses),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
