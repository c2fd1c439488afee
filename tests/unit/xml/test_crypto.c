/* SPDX-License-Identifier: Apache-2.0 */
/* Known answers: SM3 and SM2 (GB/T 32918.5), with and without the identifier; strict base64; rows. */
#include "kit.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/alg.h"
#include "base/hex.h"
#include "xml/internal.h"

#define PX "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
#define PY "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
#define R_HEX "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
#define S_HEX "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"

static kn_xml *xml;

static void
crypto_sm3(void **unused)
{
    static const struct {
        const char *in, *out;
    } vectors[] = {
        { "", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b" },
        { "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
        { "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
          "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732" },
        { "<a b=\"1\">渝</a>", "79002dbe843e4b770615312e78c41fc7f128cc8d75b6692dd798bc8730271720" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        uint8_t digest[32];
        char hex[65];

        assert_true(
            kn_crypto_digest(xml->md, KN_MD_SM3, vectors[i].in, strlen(vectors[i].in), digest));
        kn_hex_encode(digest, 32, hex);
        assert_string_equal(hex, vectors[i].out);
    }
    {
        /* the same through the tree: the document's SM3 is that of its canonical bytes */
        static const char doc_text[] = "<a b='1'>渝</a>";
        g_autoptr(xmlDoc) doc = NULL;
        uint8_t digest[32];
        char b64[64];
        g_autofree char *want = NULL;

        assert_true(kn_xml_open(xml, doc_text, strlen(doc_text), false, &doc, NULL));
        assert_true(kn_xml_digest(xml, doc, KN_ALG_SM2_SM3, b64, NULL));
        assert_true(kn_hex_decode(vectors[3].out, digest, 32));
        want = g_base64_encode(digest, 32);
        assert_string_equal(b64, want);
    }
}

static EVP_PKEY *
standard_key(void)
{
    uint8_t point[65] = { 0x04 };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    EVP_PKEY *key = NULL;
    char group[] = "SM2";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end(),
    };

    assert_true(kn_hex_decode(PX, point + 1, 32));
    assert_true(kn_hex_decode(PY, point + 33, 32));
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static void
crypto_sm2_standard(void **unused)
{
    static const char message[] = "message digest";
    g_autoptr(EVP_PKEY) key = standard_key();
    g_autoptr(GError) err = NULL;
    uint8_t value[64];

    (void)unused;
    assert_true(kn_hex_decode(R_HEX, value, 32));
    assert_true(kn_hex_decode(S_HEX, value + 32, 32));
    if (!kn_crypto_verify(xml, KN_ALG_SM2_SM3, key, message, strlen(message), value, 64, &err))
        fail_msg("%s", err->message);
    value[63] ^= 1;
    assert_false(
        kn_crypto_verify(xml, KN_ALG_SM2_SM3, key, message, strlen(message), value, 64, &err));
    assert_int_equal(kn_error_code(err), KN_E_SIG_BAD);
    g_clear_error(&err);
    value[63] ^= 1;
    assert_false(kn_crypto_verify(xml, KN_ALG_SM2_SM3, key, "message digesT", 14, value, 64, &err));
    {
        /* The trap: without the identifier OpenSSL 3.0 says no to the very same signature. */
        uint8_t der[72];
        size_t len = 72;
        g_autoptr(EVP_MD_CTX) md = EVP_MD_CTX_new();

        assert_true(kn_hex_decode("3046022100" R_HEX "022100" S_HEX, der, len));
        assert_int_equal(EVP_DigestVerifyInit(md, NULL, EVP_sm3(), NULL, key), 1);
        assert_int_not_equal(
            EVP_DigestVerify(md, der, len, (const uint8_t *)message, strlen(message)), 1);
    }
}

/* Padding of r and s: sign until a short one came by; each verifies. */
static void
crypto_short_numbers(void **unused)
{
    bool short_r = false, short_s = false;

    (void)unused;
    for (int i = 0; i < 4000 && !(short_r && short_s); i++) {
        uint8_t value[KN_SIG_VALUE_MAX];
        size_t len = 0;

        assert_true(kn_crypto_sign(xml, KN_ALG_ECDSA_SHA256, kit_key(KN_ALG_ECDSA_SHA256), &i,
                                   sizeof(i), value, &len, NULL));
        assert_int_equal(len, 64);
        if (value[0] != 0 && value[32] != 0)
            continue;
        short_r = short_r || value[0] == 0;
        short_s = short_s || value[32] == 0;
        assert_true(kn_crypto_verify(xml, KN_ALG_ECDSA_SHA256, kit_key(KN_ALG_ECDSA_SHA256), &i,
                                     sizeof(i), value, len, NULL));
    }
    assert_true(short_r && short_s);
}

/* More keys than the cache holds, in turn. */
static void
crypto_cache(void **unused)
{
    EVP_PKEY *keys[KN_KEY_CACHE + 3];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        keys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
            uint8_t value[KN_SIG_VALUE_MAX];
            size_t len = 0, next = (i + 1) % G_N_ELEMENTS(keys);

            assert_true(
                kn_crypto_sign(xml, KN_ALG_ECDSA_SHA256, keys[i], "x", 1, value, &len, NULL));
            assert_true(
                kn_crypto_verify(xml, KN_ALG_ECDSA_SHA256, keys[i], "x", 1, value, len, NULL));
            assert_false(
                kn_crypto_verify(xml, KN_ALG_ECDSA_SHA256, keys[next], "x", 1, value, len, NULL));
        }
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        EVP_PKEY_free(keys[i]);
}

static void
base64_vectors(void **unused)
{
    static const struct {
        const char *text;
        int len;
        const char *why;
    } vectors[] = {
        { "", 0, "nothing" },
        { "AA==", 1, "one byte" },
        { "AAA=", 2, "two" },
        { "AAAA", 3, "three" },
        { " A\nA\t=\r= ", 1, "white space anywhere" },
        { "/+09", 3, "all corners" },
        { "AA", -1, "padding missing" },
        { "AA=", -1, "half the padding" },
        { "A===", -1, "one digit" },
        { "A", -1, "one digit alone" },
        { "AB==", -1, "spare bits not zero" },
        { "AAB=", -1, "spare bits not zero" },
        { "AA==AA==", -1, "after padding" },
        { "AAAA=", -1, "padding too much" },
        { "====", -1, "padding only" },
        { "A-_A", -1, "URL alphabet" },
        { "AAA*", -1, "foreign" },
        { "AAAAAAAAAAAA", -1, "too long" },
    };
    uint8_t out[8];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        size_t len = 99;
        bool ok = kn_base64_decode(vectors[i].text, out, sizeof(out), &len);

        if (ok != (vectors[i].len >= 0) || (ok && len != (size_t)vectors[i].len))
            fail_msg("%s", vectors[i].why);
    }
}

static void
alg_rows(void **unused)
{
    (void)unused;
    for (int i = 1; i < KN_ALG_COUNT; i++) {
        const kn_alg_row *row = kn_alg_row_of((kn_alg)i);

        assert_int_equal(kn_alg_by_name(row->name), i);
        assert_int_equal(kn_alg_by_uris(row->signature_uri, row->digest_uri), i);
        assert_int_equal(row->digest_len, kn_md_len(row->digest_md));
        for (int j = 1; j < KN_ALG_COUNT; j++)
            if (strcmp(row->digest_uri, kn_alg_row_of((kn_alg)j)->digest_uri) != 0)
                assert_int_equal(
                    kn_alg_by_uris(row->signature_uri, kn_alg_row_of((kn_alg)j)->digest_uri),
                    KN_ALG_NONE);
    }
    assert_int_equal(kn_alg_by_name("none"), KN_ALG_NONE);
    assert_int_equal(kn_alg_by_name(NULL), KN_ALG_NONE);
    assert_int_equal(kn_alg_by_uris("", ""), KN_ALG_NONE);
    assert_int_equal(kn_alg_by_uris(NULL, NULL), KN_ALG_NONE);
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
        cmocka_unit_test(crypto_sm3),           cmocka_unit_test(crypto_sm2_standard),
        cmocka_unit_test(crypto_short_numbers), cmocka_unit_test(crypto_cache),
        cmocka_unit_test(base64_vectors),       cmocka_unit_test(alg_rows),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
