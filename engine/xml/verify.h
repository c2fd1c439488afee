/* SPDX-License-Identifier: Apache-2.0 */
/* The narrow verify function: G1 (SignedInfo under the pinned key), then D1 (digest of the tree that
 * is processed).  KeyInfo is not consulted here.
 *
 * eport    directly; xmlsec1 may be asked for a second opinion
 * w3c      G1 directly, because what a forger can reach must be cheap; then xmlsec1 verifies all of it
 * threads  one kn_xml per lane; keys may be shared
 * source   XML_SECURITY §3 (G, D), §4, §6, §10
 */
#ifndef KOUAN_XML_VERIFY_H
#define KOUAN_XML_VERIFY_H

#include "xml/open.h"
#include "xml/shape.h"

#include <openssl/evp.h>

/* What an integrator needs to see (receipt, log, explain).  The two SHA-256 are hexadecimal and
 * filled on failure only; of a document the failure did not reach, length 0 and "". */
typedef struct kn_why {
    kn_alg alg;
    char expected[48]; /* DigestValue of the message, base64 */
    char found[48];    /* digest of the tree, base64; "" when the run ended at G1 */
    char key_name[132];
    size_t signed_info_len; /* bytes of the canonical form */
    size_t document_len;
    char signed_info_sha256[65];
    char document_sha256[65];
} kn_why;

/* Verifies the whole signature of a tree that has passed the gate; nothing of kn_xml_verify is used.  The
 * Signature is in its place.  false: KN_E_SIG_BAD (no, for whatever reason), ENGINE_ERROR.  xmlsec.h has one. */
typedef bool (*kn_verifier)(xmlDoc *doc, const kn_shape *shape, EVP_PKEY *pinned, GError **err);

typedef enum kn_opinion { KN_OPINION_OFF, KN_OPINION_SAMPLE, KN_OPINION_ALWAYS } kn_opinion;

#define KN_OPINION_SAMPLE_OF 16 /* one message in so many */

/* Who verifies profile w3c, and how often it is asked about eport.  Without one, w3c is ENGINE_ERROR.
 * salt     shifts the sample; which message is in it hangs on salt and SignatureValue alone, so a message
 *          that comes again is treated the same, and nobody outside can choose one that is not in it
 * Disagreement in either direction is KN_E_SECOND_OPINION: parked, never accepted. */
void kn_xml_set_verifier(kn_xml *xml, kn_verifier verifier, kn_opinion opinion, uint8_t salt);

/* pinned   public key of the proven certificate (step K), borrowed
 * why      filled in any case; may be NULL
 * true:    the Signature is left detached (kn_xml_signature_attach puts it back)
 * false:   KN_E_SIG_BAD, _DIGEST_MISMATCH (text names expected and found digest), _C14N_FAILED,
 *          _SECOND_OPINION (xmlsec1 and we disagree),
 *          _KEY_TYPE (key does not fit the row), _SIG_VALUE_FORM (RSA: not of modulus length),
 *          ENGINE_ERROR; the Signature's place is then undefined (attached or detached) */
bool kn_xml_verify(kn_xml *xml, xmlDoc *doc, kn_shape *shape, EVP_PKEY *pinned, kn_why *why,
                   GError **err);

/* Digest of the whole canonical document with the document digest of alg: the identity of a message
 * without a signature of its own.  false: KN_E_C14N_FAILED, ENGINE_ERROR. */
bool kn_xml_digest(kn_xml *xml, xmlDoc *doc, kn_alg alg, char out_b64[64], GError **err);

/* Digest of the document as a Reference of that shape has it (canonical form, row); the Signature is detached. */
bool kn_xml_digest_shaped(kn_xml *xml, xmlDoc *doc, const kn_shape *shape, char out_b64[64],
                          GError **err);

/* Canonical bytes of the document (Signature not removed), appended to out; for archive and explain. */
bool kn_xml_canonical(xmlDoc *doc, GString *out, GError **err);
/* Canonical bytes of SignedInfo as its shape says (inclusive: with all namespaces in scope), appended to out. */
bool kn_xml_canonical_signed_info(const kn_shape *shape, GString *out, GError **err);

#endif
