/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/sign.h"

#include "xml/internal.h"
#include "xml/verify.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

void
kn_signer_free(kn_signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->key);
    g_free(signer->cert_b64);
    g_free(signer->serial_hex);
    g_free(signer);
}

static char *
serial_text(X509 *cert)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    char *out = g_strdup(hex ? hex : "");

    OPENSSL_free(hex);
    BN_free(number);
    return out;
}

/* A private half that is not the one of its public half: OpenSSL compares only the public ones, and such a
 * key signs what nobody can verify. */
static bool
key_works(EVP_PKEY *key, X509 *cert)
{
    static const uint8_t text[] = "kouan";
    const EVP_MD *md = EVP_PKEY_is_a(key, "SM2") ? EVP_sm3() : EVP_sha256();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t value[KN_SIG_VALUE_MAX * 2];
    size_t len = sizeof value;
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1
              && EVP_DigestSign(ctx, value, &len, text, sizeof text) == 1
              && EVP_MD_CTX_reset(ctx) == 1
              && EVP_DigestVerifyInit(ctx, NULL, md, NULL, X509_get0_pubkey(cert)) == 1
              && EVP_DigestVerify(ctx, value, len, text, sizeof text) == 1;

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}

bool
kn_signer_new(kn_alg alg, EVP_PKEY *key, X509 *cert, kn_signer **out, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    unsigned char *der = NULL;
    kn_signer *signer = NULL;
    int len = 0;

    if (alg == KN_ALG_NONE || !EVP_PKEY_is_a(key, row->key_type))
        return kn_fail(err, KN_E_CONFIG, "the signing key is not of the type that %s needs",
                       row->name);
    if (X509_check_private_key(cert, key) != 1) {
        ERR_clear_error();
        return kn_fail(err, KN_E_CONFIG, "the signing key does not belong to the certificate");
    }
    if (!key_works(key, cert))
        return kn_fail(err, KN_E_CONFIG, "the signing key's private half is damaged");
    len = i2d_X509(cert, &der);
    if (len <= 0)
        return kn_fail(err, KN_E_CONFIG, "the signing certificate cannot be encoded");
    signer = g_new0(kn_signer, 1);
    signer->alg = alg;
    EVP_PKEY_up_ref(key);
    signer->key = key;
    signer->cert_b64 = g_base64_encode(der, (size_t)len);
    signer->serial_hex = serial_text(cert);
    OPENSSL_free(der);
    *out = signer;
    return true;
}

/* Never asks a terminal for a passphrase. */
static int
no_passphrase(char *buf, int size, int writing, void *data)
{
    (void)buf, (void)size, (void)writing, (void)data;
    return -1;
}

bool
kn_signer_load(kn_alg alg, const char *key_pem_path, const char *cert_pem_path, kn_signer **out,
               GError **err)
{
    g_autoptr(BIO) key_file = BIO_new_file(key_pem_path, "r");
    g_autoptr(BIO) cert_file = BIO_new_file(cert_pem_path, "r");
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) cert = NULL;

    if (!key_file || !cert_file) {
        ERR_clear_error();
        return kn_fail(err, KN_E_IO, "%s: cannot be read", key_file ? cert_pem_path : key_pem_path);
    }
    key = PEM_read_bio_PrivateKey(key_file, NULL, no_passphrase, NULL);
    cert = PEM_read_bio_X509(cert_file, NULL, no_passphrase, NULL);
    if (!key || !cert) {
        ERR_clear_error();
        return kn_fail(err, KN_E_CONFIG, "%s: no PEM %s", key ? cert_pem_path : key_pem_path,
                       key ? "certificate" : "private key");
    }
    if (!kn_signer_new(alg, key, cert, out, err)) {
        g_prefix_error(err, "%s: ", key_pem_path);
        return false;
    }
    return true;
}

/* Canonical start tag of SignedInfo: the root's namespaces with ds among them, sorted. */
static void
signed_info_start(GString *out, const GPtrArray *ns)
{
    bool done = false;

    g_string_append(out, "<ds:SignedInfo");
    for (guint i = 0; i <= ns->len; i += 2) {
        const char *prefix = i < ns->len ? ns->pdata[i] : NULL;
        int order = prefix ? strcmp(prefix, "ds") : 1;

        if (!done && order >= 0) {
            g_string_append(out, " xmlns:ds=\"" KN_DS_NS "\"");
            done = true;
        }
        if (!prefix || order == 0)
            continue;
        if (!*prefix && !*(const char *)ns->pdata[i + 1])
            continue;
        g_string_append(out, *prefix ? " xmlns:" : " xmlns");
        g_string_append(out, prefix);
        g_string_append(out, "=\"");
        kn_c14n_escape_attr(out, ns->pdata[i + 1]);
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, '>');
}

static void
signed_info_rest(GString *out, const kn_alg_row *row, const char *digest_b64)
{
    g_string_append_printf(
        out,
        "<ds:CanonicalizationMethod Algorithm=\"" KN_C14N_URI "\"></ds:CanonicalizationMethod>"
        "<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>"
        "<ds:Reference URI=\"\"><ds:Transforms>"
        "<ds:Transform Algorithm=\"" KN_ENVELOPED_URI "\"></ds:Transform></ds:Transforms>"
        "<ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
        "<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        row->signature_uri, row->digest_uri, digest_b64);
}

bool
kn_xml_sign_canonical(kn_xml *xml, const kn_signer *signer, const kn_canonical *doc, GString *out,
                      char digest_b64[64], GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(signer->alg);
    GString *info = xml->signed_info;
    uint8_t digest[KN_DIGEST_MAX], value[KN_SIG_VALUE_MAX];
    size_t value_len = 0, rest = 0;
    g_autofree char *digest_text = NULL, *value_text = NULL;

    if (!kn_crypto_digest(xml->md, row->digest_md, doc->text->str, doc->text->len, digest))
        return kn_fail(err, KN_E_ENGINE_ERROR, "digest failed");
    digest_text = g_base64_encode(digest, row->digest_len);
    g_string_truncate(info, 0);
    signed_info_start(info, doc->ns);
    rest = info->len;
    signed_info_rest(info, row, digest_text);
    if (!kn_crypto_sign(xml, signer->alg, signer->key, info->str, info->len, value, &value_len,
                        err))
        return false;
    value_text = g_base64_encode(value, value_len);
    g_string_append_len(out, doc->text->str, (gssize)doc->end_tag);
    g_string_append(out, "<ds:Signature xmlns:ds=\"" KN_DS_NS "\"><ds:SignedInfo>");
    g_string_append_len(out, info->str + rest, (gssize)(info->len - rest));
    g_string_append_printf(out,
                           "<ds:SignatureValue>%s</ds:SignatureValue><ds:KeyInfo>"
                           "<ds:KeyName>%s</ds:KeyName><ds:X509Data><ds:X509Certificate>%s"
                           "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
                           value_text, signer->serial_hex, signer->cert_b64);
    g_string_append(out, doc->text->str + doc->end_tag);
    if (digest_b64)
        g_strlcpy(digest_b64, digest_text, 64);
    return true;
}

static int
pair_order(const void *a, const void *b)
{
    return strcmp(((const kn_ns *)a)->prefix, ((const kn_ns *)b)->prefix);
}

/* The root's declarations as kn_canonical keeps them. */
static GPtrArray *
root_namespaces(const xmlNode *root)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(kn_ns));

    for (const xmlNs *ns = root->nsDef; ns; ns = ns->next) {
        kn_ns pair = { ns->prefix ? (const char *)ns->prefix : "",
                       ns->href ? (const char *)ns->href : "" };

        if (strcmp(pair.prefix, "xml") != 0)
            g_array_append_val(pairs, pair);
    }
    g_array_sort(pairs, pair_order);
    for (guint i = 0; i < pairs->len; i++) {
        g_ptr_array_add(out, g_strdup(g_array_index(pairs, kn_ns, i).prefix));
        g_ptr_array_add(out, g_strdup(g_array_index(pairs, kn_ns, i).uri));
    }
    return out;
}

bool
kn_xml_sign(kn_xml *xml, const kn_signer *signer, const char *bytes, size_t len, GString *out,
            GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(kn_canonical) canonical = NULL;
    const xmlNode *root = NULL;
    const char *end_tag = NULL;

    if (!kn_xml_open(xml, bytes, len, false, &doc, err))
        return false;
    if (kn_xml_has_signature(doc))
        return kn_fail(err, KN_E_SIG_COUNT, "the document carries a signature already");
    root = xmlDocGetRootElement(doc);
    for (const xmlAttr *attr = root->properties; attr; attr = attr->next)
        if (attr->ns && strcmp((const char *)attr->ns->href, (const char *)XML_XML_NAMESPACE) == 0)
            return kn_fail(err, KN_E_ROOT_XML_ATTR, "xml:%s on the root", attr->name);
    canonical = g_new0(kn_canonical, 1);
    canonical->text = g_string_sized_new(len + 256);
    canonical->ns = root_namespaces(root);
    if (!kn_xml_canonical(doc, canonical->text, err))
        return false;
    end_tag = g_strrstr(canonical->text->str, "</"); /* canonical: nothing self-closes */
    canonical->end_tag = (size_t)(end_tag - canonical->text->str);
    return kn_xml_sign_canonical(xml, signer, canonical, out, NULL, err);
}
