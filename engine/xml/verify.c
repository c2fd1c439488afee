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

static bool
signed_info_inclusive(const kn_shape *shape, GString *out, GError **err)
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

bool
kn_xml_canonical_signed_info(const kn_shape *shape, GString *out, GError **err)
{
    g_autoptr(GString) inclusive = NULL;

    if (!shape->info_form.exclusive)
        return signed_info_inclusive(shape, out, err);
    inclusive = g_string_new(NULL);
    if (!signed_info_inclusive(shape, inclusive, err))
        return false;
    return kn_c14n_exclusive_part(inclusive, &shape->info_form, out)
           || kn_fail(err, KN_E_C14N_FAILED, "SignedInfo cannot be canonicalised exclusively");
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

/* G1. */
static bool
signed_info_ok(kn_xml *xml, const kn_shape *shape, EVP_PKEY *pinned, kn_why *why, GError **err)
{
    g_string_truncate(xml->signed_info, 0);
    if (!kn_xml_canonical_signed_info(shape, xml->signed_info, err))
        return false;
    why->signed_info_len = xml->signed_info->len;
    if (kn_crypto_verify(xml, shape->alg, pinned, xml->signed_info->str, xml->signed_info->len,
                         shape->value, shape->value_len, err))
        return true;
    /* Cheap on purpose: what a forger can reach never walks the document. */
    sha256_text(xml, xml->signed_info->str, xml->signed_info->len, why->signed_info_sha256);
    return false;
}

static bool
mismatch(kn_xml *xml, const kn_shape *shape, kn_why *why, GError **err)
{
    sha256_text(xml, xml->signed_info->str, xml->signed_info->len, why->signed_info_sha256);
    return kn_fail(err, KN_E_DIGEST_MISMATCH, "expected %s, found %s over %zu canonical bytes (%s)",
                   why->expected, why->found, why->document_len, kn_alg_row_of(shape->alg)->name);
}

static bool
same_digest(const kn_shape *shape, const uint8_t *found)
{
    size_t len = kn_alg_row_of(shape->alg)->digest_len;

    return shape->digest_len == len && CRYPTO_memcmp(found, shape->digest, len) == 0;
}

/* D1 of profile eport; the Signature is detached. */
static bool
document_ok(kn_xml *xml, const xmlDoc *doc, const kn_shape *shape, kn_why *why, GError **err)
{
    const kn_alg_row *row = kn_alg_row_of(shape->alg);
    uint8_t found[KN_DIGEST_MAX];

    if (!kn_c14n_digest(xml->md, doc, row->digest_md, found, &why->document_len, err))
        return false;
    base64_text(found, row->digest_len, why->found, sizeof(why->found));
    if (same_digest(shape, found))
        return true;
    why_document(xml, doc, why);
    return mismatch(xml, shape, why, err);
}

/* Digest in the shape's own canonical form, for w3c. */
static bool
digest_shaped(kn_xml *xml, xmlDoc *doc, const kn_shape *shape, GString *bytes,
              uint8_t found[KN_DIGEST_MAX], GError **err)
{
    kn_md md = kn_alg_row_of(shape->alg)->digest_md;

    if (!kn_c14n_document(doc, shape->signature, &shape->doc_form, bytes))
        return kn_fail(err, KN_E_C14N_FAILED, "the document cannot be canonicalised");
    return kn_crypto_digest(xml->md, md, bytes->str, bytes->len, found)
           || kn_fail(err, KN_E_ENGINE_ERROR, "digest failed");
}

/* D1 of profile w3c: what the sender is told after xmlsec1 said no. */
static bool
document_ok_w3c(kn_xml *xml, xmlDoc *doc, const kn_shape *shape, kn_why *why, GError **err)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    uint8_t found[KN_DIGEST_MAX];

    if (!digest_shaped(xml, doc, shape, bytes, found, err))
        return false;
    why->document_len = bytes->len;
    base64_text(found, shape->digest_len, why->found, sizeof(why->found));
    if (same_digest(shape, found))
        return true;
    sha256_text(xml, bytes->str, bytes->len, why->document_sha256);
    return mismatch(xml, shape, why, err);
}

void
kn_xml_set_verifier(kn_xml *xml, kn_verifier verifier, kn_opinion opinion, uint8_t salt)
{
    xml->verifier = verifier;
    xml->opinion = verifier ? opinion : KN_OPINION_OFF;
    xml->salt = salt;
}

static bool
disagree(const char *we, const GError *said, GError **err)
{
    return kn_fail(err, KN_E_SECOND_OPINION, "directly verified it is %s, xmlsec1 says: %s", we,
                   said ? said->message : "good");
}

static bool
verify_w3c(kn_xml *xml, xmlDoc *doc, kn_shape *shape, EVP_PKEY *pinned, kn_why *why, GError **err)
{
    g_autoptr(GError) said = NULL;
    bool good = false;

    if (!xml->verifier)
        return kn_fail(err, KN_E_ENGINE_ERROR, "profile w3c is not set up here");
    kn_xml_signature_attach(shape);
    good = xml->verifier(doc, shape, pinned, &said);
    kn_xml_signature_detach(shape);
    if (good) {
        g_strlcpy(why->found, why->expected, sizeof(why->found));
        return true;
    }
    if (kn_error_code(said) != KN_E_SIG_BAD) {
        g_propagate_error(err, g_steal_pointer(&said));
        return false;
    }
    return document_ok_w3c(xml, doc, shape, why, err) ? disagree("good", said, err) : false;
}

static bool
in_sample(const kn_xml *xml, const kn_shape *shape)
{
    uint8_t last = shape->value[shape->value_len - 1];

    return xml->opinion == KN_OPINION_ALWAYS
           || (xml->opinion == KN_OPINION_SAMPLE
               && (uint8_t)(last ^ xml->salt) % KN_OPINION_SAMPLE_OF == 0);
}

/* The verdict on an eport document, where the sample wants a second one: both must say the same.  Asked
 * only behind a good SignedInfo, because xmlsec1 digests first and costs a forger nothing. */
static bool
verify_eport(kn_xml *xml, xmlDoc *doc, kn_shape *shape, EVP_PKEY *pinned, kn_why *why, GError **err)
{
    g_autoptr(GError) ours = NULL, said = NULL;
    bool good = false, second = false;

    kn_xml_signature_detach(shape);
    good = document_ok(xml, doc, shape, why, &ours);
    if (in_sample(xml, shape) && (good || kn_error_code(ours) == KN_E_DIGEST_MISMATCH)) {
        kn_xml_signature_attach(shape);
        second = xml->verifier(doc, shape, pinned, &said);
        kn_xml_signature_detach(shape);
        if (second != good)
            return disagree(good ? "good" : "bad", said, err);
    }
    if (!good)
        g_propagate_error(err, g_steal_pointer(&ours));
    return good;
}

bool
kn_xml_verify(kn_xml *xml, xmlDoc *doc, kn_shape *shape, EVP_PKEY *pinned, kn_why *why,
              GError **err)
{
    kn_why local = { 0 };

    why = why ? why : &local;
    why_start(why, shape);
    if (!signed_info_ok(xml, shape, pinned, why, err))
        return false;
    return shape->profile == KN_PROFILE_W3C ? verify_w3c(xml, doc, shape, pinned, why, err)
                                            : verify_eport(xml, doc, shape, pinned, why, err);
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

bool
kn_xml_digest_shaped(kn_xml *xml, xmlDoc *doc, const kn_shape *shape, char out_b64[64],
                     GError **err)
{
    g_autoptr(GString) bytes = NULL;
    uint8_t digest[KN_DIGEST_MAX];

    if (shape->profile == KN_PROFILE_EPORT)
        return kn_xml_digest(xml, doc, shape->alg, out_b64, err);
    bytes = g_string_new(NULL);
    if (!digest_shaped(xml, doc, shape, bytes, digest, err))
        return false;
    base64_text(digest, kn_alg_row_of(shape->alg)->digest_len, out_b64, 64);
    return true;
}
