/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/verify.h"

#include "base/hex.h"
#include "xml/internal.h"

#include <openssl/crypto.h>
#include <string.h>

static void
base64_text(const uint8_t *bytes, size_t len, char *out, size_t room)
{
    g_autofree char *text = g_base64_encode(bytes, len);

    g_strlcpy(out, text, room);
}

static void
sink_to(kn_sink *sink, GString *text)
{
    sink->md = NULL;
    sink->text = text;
    sink->total = sink->used = 0;
    sink->failed = false;
}

bool
kn_xml_canonical(xmlDoc *doc, GString *out, GError **err)
{
    size_t before = out->len;
    kn_sink sink;

    sink_to(&sink, out);
    if (!kn_c14n(xmlDocGetRootElement(doc), NULL, &sink)) {
        g_string_truncate(out, before);
        return kn_fail(err, KN_E_C14N_FAILED, "the document cannot be canonicalised");
    }
    return true;
}

bool
kn_xml_canonical_signed_info(const kn_shape *shape, GString *out, GError **err)
{
    const xmlNode *ancestors[] = { shape->root, shape->signature, NULL };
    size_t before = out->len;
    kn_sink sink;

    sink_to(&sink, out);
    if (!kn_c14n(shape->signed_info, ancestors, &sink)) {
        g_string_truncate(out, before);
        return kn_fail(err, KN_E_C14N_FAILED, "SignedInfo cannot be canonicalised");
    }
    return true;
}

static void
sha256_text(kn_xml *xml, const void *bytes, size_t len, char out[65])
{
    uint8_t digest[32];

    if (kn_crypto_digest(xml->md, KN_MD_SHA256, bytes, len, digest))
        kn_hex_encode(digest, sizeof(digest), out);
}

static void
why_start(kn_why *why, const kn_shape *shape)
{
    *why = (kn_why){ .alg = shape->alg };
    base64_text(shape->digest, shape->digest_len, why->expected, sizeof(why->expected));
    if (shape->key_name)
        g_strlcpy(why->key_name, shape->key_name, sizeof(why->key_name));
}

/* The costly members, wanted only after a failure. */
static void
why_document(kn_xml *xml, const xmlDoc *doc, kn_why *why)
{
    uint8_t digest[32];

    if (kn_c14n_digest(xml->md, doc, KN_MD_SHA256, digest, &why->document_len, NULL))
        kn_hex_encode(digest, sizeof(digest), why->document_sha256);
}

bool
kn_xml_verify(kn_xml *xml, xmlDoc *doc, kn_shape *shape, EVP_PKEY *pinned, kn_why *why,
              GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(shape->alg);
    kn_why local = { 0 };
    uint8_t found[KN_DIGEST_MAX];

    why = why ? why : &local;
    why_start(why, shape);
    g_string_truncate(xml->signed_info, 0);
    if (!kn_xml_canonical_signed_info(shape, xml->signed_info, err))
        return false;
    why->signed_info_len = xml->signed_info->len;
    if (!kn_crypto_verify(xml, shape->alg, pinned, xml->signed_info->str, xml->signed_info->len,
                          shape->value, shape->value_len, err)) {
        /* Cheap on purpose: what a forger can reach never walks the document. */
        sha256_text(xml, xml->signed_info->str, xml->signed_info->len, why->signed_info_sha256);
        return false;
    }
    kn_xml_signature_detach(shape);
    if (!kn_c14n_digest(xml->md, doc, row->digest_md, found, &why->document_len, err))
        return false;
    base64_text(found, row->digest_len, why->found, sizeof(why->found));
    if (shape->digest_len != row->digest_len
        || CRYPTO_memcmp(found, shape->digest, row->digest_len) != 0) {
        sha256_text(xml, xml->signed_info->str, xml->signed_info->len, why->signed_info_sha256);
        why_document(xml, doc, why);
        return kn_fail(err, KN_E_DIGEST_MISMATCH,
                       "expected %s, found %s over %zu canonical bytes (%s)", why->expected,
                       why->found, why->document_len, row->name);
    }
    return true;
}

bool
kn_xml_digest(kn_xml *xml, xmlDoc *doc, kn_alg alg, char out_b64[64], GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(alg);
    uint8_t digest[KN_DIGEST_MAX];

    if (!kn_c14n_digest(xml->md, doc, row->digest_md, digest, NULL, err))
        return false;
    base64_text(digest, kn_md_len(row->digest_md), out_b64, 64);
    return true;
}
