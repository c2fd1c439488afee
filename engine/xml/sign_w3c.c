/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in the forms of profile w3c.  A draft with an empty value is written, read again through our own
 * gate, and its SignedInfo signed as the gate would see it; so nothing leaves that the gate would refuse. */
#include "xml/internal.h"
#include "xml/sign.h"
#include "xml/verify.h"

#include <string.h>

#define EXC_URI "http://www.w3.org/2001/10/xml-exc-c14n#"
#define VALUE_TAG "<ds:SignatureValue>"

static void
put_method(GString *out, const char *element, bool exclusive, const char *prefixes)
{
    g_string_append_printf(out, "<ds:%s Algorithm=\"%s\">", element,
                           exclusive ? EXC_URI : KN_C14N_URI);
    if (exclusive && prefixes) {
        g_string_append(out, "<ec:InclusiveNamespaces xmlns:ec=\"" EXC_URI "\" PrefixList=\"");
        kn_c14n_escape_attr(out, prefixes);
        g_string_append(out, "\"></ec:InclusiveNamespaces>");
    }
    g_string_append_printf(out, "</ds:%s>", element);
}

void
kn_xml_put_signature(GString *out, const kn_signer *signer, const kn_w3c_form *form,
                     const char *digest, const char *value)
{
    const kn_alg_row *row = kn_alg_row_of(signer->alg);

    g_string_append(out, "<ds:Signature xmlns:ds=\"" KN_DS_NS "\"><ds:SignedInfo>");
    put_method(out, "CanonicalizationMethod", form->exclusive_info, form->prefixes);
    g_string_append_printf(out, "<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>",
                           row->signature_uri);
    g_string_append(out, form->id ? "<ds:Reference URI=\"#" : "<ds:Reference URI=\"");
    kn_c14n_escape_attr(out, form->id ? form->id : "");
    g_string_append(out, "\"><ds:Transforms><ds:Transform Algorithm=\"" KN_ENVELOPED_URI
                         "\"></ds:Transform>");
    if (form->exclusive_doc)
        put_method(out, "Transform", true, form->prefixes);
    g_string_append_printf(
        out,
        "</ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
        "<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>" VALUE_TAG
        "%s</ds:SignatureValue><ds:KeyInfo><ds:KeyName>%s</ds:KeyName>"
        "<ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data>"
        "</ds:KeyInfo></ds:Signature>",
        row->digest_uri, digest, value, signer->serial_hex, signer->cert_b64);
}

/* The document with a signature whose value is zeros. */
static bool
draft(kn_xml *xml, const kn_signer *signer, const kn_w3c_form *form, xmlDoc *doc, GString *out,
      GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(signer->alg);
    g_auto(GStrv) names = form->prefixes ? g_strsplit(form->prefixes, " ", -1) : NULL;
    kn_c14n_form doc_form = { .exclusive = form->exclusive_doc, .prefixes = names };
    g_autoptr(GString) text = g_string_new(NULL), signed_ = g_string_new(NULL);
    uint8_t digest[KN_DIGEST_MAX];
    static const uint8_t nothing[KN_SIG_VALUE_MAX];
    g_autofree char *digest_text = NULL, *value = NULL;
    const char *end_tag = NULL;

    if (!kn_xml_canonical(doc, text, err))
        return false;
    if (!kn_c14n_document(doc, NULL, &doc_form, signed_))
        return kn_fail(err, KN_E_C14N_FAILED, "the document cannot be canonicalised");
    if (!kn_crypto_digest(xml->md, row->digest_md, signed_->str, signed_->len, digest))
        return kn_fail(err, KN_E_ENGINE_ERROR, "digest failed");
    digest_text = g_base64_encode(digest, row->digest_len);
    end_tag = g_strrstr(text->str, "</"); /* canonical: nothing self-closes */
    g_string_append_len(out, text->str, end_tag - text->str);
    value = g_base64_encode(nothing, row->raw_rs ? 64 : (size_t)EVP_PKEY_get_size(signer->key));
    kn_xml_put_signature(out, signer, form, digest_text, value);
    g_string_append(out, end_tag);
    return true;
}

static bool
sign_draft(kn_xml *xml, const kn_signer *signer, const GString *text, GString *out, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    kn_shape shape = { 0 };
    uint8_t value[KN_SIG_VALUE_MAX];
    size_t value_len = 0;
    g_autofree char *value_text = NULL;
    const char *at = NULL;
    bool ok = kn_xml_open(xml, text->str, text->len, false, &doc, err)
              && kn_xml_shape_w3c(doc, &shape, err);

    g_string_truncate(xml->signed_info, 0);
    ok = ok && kn_xml_canonical_signed_info(&shape, xml->signed_info, err)
         && kn_crypto_sign(xml, signer->alg, signer->key, xml->signed_info->str,
                           xml->signed_info->len, value, &value_len, err);
    kn_shape_clear(&shape);
    if (!ok)
        return false;
    value_text = g_base64_encode(value, value_len);
    at = g_strrstr(text->str, VALUE_TAG) + strlen(VALUE_TAG);
    g_string_append_len(out, text->str, at - text->str);
    g_string_append(out, value_text);
    g_string_append(out, strstr(at, "</"));
    return true;
}

bool
kn_xml_sign_w3c(kn_xml *xml, const kn_signer *signer, const kn_w3c_form *form, const char *bytes,
                size_t len, GString *out, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!kn_xml_open(xml, bytes, len, false, &doc, err))
        return false;
    if (kn_xml_has_signature(doc))
        return kn_fail(err, KN_E_SIG_COUNT, "the document carries a signature already");
    if (form->id)
        (void)xmlSetProp(xmlDocGetRootElement(doc), (const xmlChar *)"Id",
                         (const xmlChar *)form->id);
    return draft(xml, signer, form, doc, text, err) && sign_draft(xml, signer, text, out, err);
}
