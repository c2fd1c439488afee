/* SPDX-License-Identifier: Apache-2.0 */
/* Files for the judges of judges.sh:
 *   interop_files make FOLDER              keys, signed messages, templates, canonical SignedInfo
 *   interop_files embed TEMPLATE DER OUT   puts a DER signature as raw r||s into a template
 *   interop_files check ALGORITHM FOLDER FILE   our verdict, with FOLDER/ALGORITHM.pub
 */
#include "kit.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "xml/xml_auto.h"

static kn_xml *xml;

static const kn_alg algs[] = { KN_ALG_SM2_SM3, KN_ALG_SM2_SM3_FIELD, KN_ALG_RSA_SHA256,
                               KN_ALG_ECDSA_SHA256 };

static void
save(const char *folder, const char *name, const char *ending, const char *bytes, size_t len)
{
    g_autofree char *path = g_strdup_printf("%s/%s%s", folder, name, ending);

    if (!g_file_set_contents(path, bytes, (gssize)len, NULL))
        fail_msg("%s", path);
}

/* SM2 keys as hexadecimal text, the form sm-crypto reads. */
static void
save_sm2_hex(const char *folder, const char *name, EVP_PKEY *key)
{
    uint8_t point[65], number[32];
    char hex[131];
    size_t len = 0;
    BIGNUM *d = NULL;

    assert_int_equal(EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof(point), &len), 1);
    assert_int_equal(len, 65);
    kn_hex_encode(point, 65, hex);
    save(folder, name, ".pubhex", hex, 130);
    assert_int_equal(EVP_PKEY_get_bn_param(key, "priv", &d), 1);
    assert_int_equal(BN_bn2binpad(d, number, 32), 32);
    BN_clear_free(d);
    kn_hex_encode(number, 32, hex);
    save(folder, name, ".privhex", hex, 64);
}

static void
save_signed(const char *folder, kn_alg alg)
{
    const char *name = kn_alg_row_of(alg)->name;
    g_autofree char *text = kit_signed(xml, alg, NULL);
    g_autofree char *value = kit_between(text, "<ds:SignatureValue>", "</ds:SignatureValue>");
    g_autofree char *template = kit_replace(text, value,
                                            "<ds:SignatureValue>@VALUE@</ds:SignatureValue>");
    g_autofree char *sig = kit_between(text, "<ds:Signature ", "</ds:Signature>");
    g_autofree char *bare = kit_replace(text, sig, "");
    g_autofree char *digest = kit_between(text, "<ds:DigestValue>", "</ds:DigestValue>");
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) info = g_string_new(NULL);
    kn_shape shape = { 0 };
    char hex[2 * KN_SIG_VALUE_MAX + 1];

    kit_write_pem(alg, folder);
    assert_true(kn_xml_open(xml, text, strlen(text), false, &doc, NULL));
    assert_true(kn_xml_shape(doc, &shape, NULL));
    assert_true(kn_xml_canonical_signed_info(&shape, info, NULL));
    kn_hex_encode(shape.value, shape.value_len, hex);
    save(folder, name, ".xml", text, strlen(text));
    save(folder, name, ".bare.xml", bare, strlen(bare));
    *strstr(digest, "</") = '\0';
    save(folder, name, ".digest", digest + strlen("<ds:DigestValue>"),
         strlen(digest) - strlen("<ds:DigestValue>"));
    save(folder, name, ".template", template, strlen(template));
    save(folder, name, ".info", info->str, info->len);
    save(folder, name, ".value", hex, 2 * shape.value_len);
    if (strcmp(kn_alg_row_of(alg)->key_type, "SM2") == 0)
        save_sm2_hex(folder, name, kit_key(alg));
    kn_shape_clear(&shape);
}

/* What xmlsec1 is to sign: prefix, white space and order as other tools write them. */
static void
save_foreign(const char *folder, kn_alg alg)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    g_autofree char *sig = g_strdup_printf(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n"
        "  <CanonicalizationMethod "
        "Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>\n"
        "  <SignatureMethod Algorithm=\"%s\"/>\n  <Reference URI=\"\"><Transforms>"
        "<Transform "
        "Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/></Transforms>\n"
        "   <DigestMethod Algorithm=\"%s\"/><DigestValue/></Reference>\n </SignedInfo>\n"
        " <SignatureValue/>\n "
        "<KeyInfo><KeyName>1234ABCD</KeyName><X509Data><X509Certificate/></X509Data>"
        "</KeyInfo>\n</Signature>\n</k:Test>",
        row->signature_uri, row->digest_uri);
    g_autofree char *text = kit_replace(KIT_DOC, "</k:Test>", sig);

    save(folder, row->name, ".foreign", text, strlen(text));
}

static int
make(const char *folder)
{
    for (size_t i = 0; i < G_N_ELEMENTS(algs); i++) {
        save_signed(folder, algs[i]);
        if (strcmp(kn_alg_row_of(algs[i])->key_type, "SM2") != 0)
            save_foreign(folder, algs[i]);
    }
    return 0;
}

static int
embed(const char *template, const char *der_path, const char *out)
{
    g_autofree char *text = NULL, *der = NULL, *b64 = NULL, *done = NULL;
    const unsigned char *at = NULL;
    size_t len = 0;
    uint8_t raw[64];
    ECDSA_SIG *sig = NULL;

    if (!g_file_get_contents(template, &text, NULL, NULL)
        || !g_file_get_contents(der_path, &der, &len, NULL))
        return 2;
    at = (const unsigned char *)der;
    sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32) != 32
        || BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32) != 32)
        return 2;
    ECDSA_SIG_free(sig);
    b64 = g_base64_encode(raw, sizeof(raw));
    done = kit_replace(text, "@VALUE@", b64);
    return g_file_set_contents(out, done, -1, NULL) ? 0 : 2;
}

static int
check(const char *name, const char *folder, const char *file)
{
    g_autofree char *pub = g_strdup_printf("%s/%s.pub", folder, name), *text = NULL;
    g_autoptr(BIO) bio = BIO_new_file(pub, "r");
    g_autoptr(EVP_PKEY) key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    size_t len = 0;
    kn_error verdict = KN_E_OK;

    if (!key || !g_file_get_contents(file, &text, &len, NULL))
        return 2;
    verdict = kit_judge(xml, text, len, key, NULL);
    (void)printf("%s: %s\n", file, kit_error_name(verdict));
    return verdict == KN_E_OK ? 0 : 1;
}

int
main(int argc, char **argv)
{
    int result = 2;

    if (!kn_xml_setup(NULL))
        return 2;
    xml = kn_xml_new(NULL, NULL);
    if (argc == 3 && strcmp(argv[1], "make") == 0)
        result = make(argv[2]);
    else if (argc == 5 && strcmp(argv[1], "embed") == 0)
        result = embed(argv[2], argv[3], argv[4]);
    else if (argc == 5 && strcmp(argv[1], "check") == 0)
        result = check(argv[2], argv[3], argv[4]);
    kn_xml_free(xml);
    return result;
}
