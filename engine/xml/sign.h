/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with the accepted profile: enveloped Signature as the root's last child, written by
 * template (no white space inside, prefix ds, base64 in one line, KeyName, certificate).
 *
 * threads  a kn_signer is read-only after loading and shared by lanes
 * source   XML_SECURITY §2, §4; EPORT §2
 */
#ifndef KOUAN_XML_SIGN_H
#define KOUAN_XML_SIGN_H

#include "base/alg.h"
#include "xml/open.h"
#include "xml/write.h"

#include <openssl/evp.h>

typedef struct kn_signer {
    kn_alg alg;
    EVP_PKEY *key;
    char *cert_b64;   /* DER of the certificate, one line */
    char *serial_hex; /* KeyName: serial number, upper-case hexadecimal */
} kn_signer;

/* key and certificate are PEM files; passphrase-less.  false: KN_E_IO, KN_E_CONFIG (key does not fit
 * the row or the certificate). */
bool kn_signer_load(kn_alg alg, const char *key_pem_path, const char *cert_pem_path,
                    kn_signer **out, GError **err);
/* From objects in memory, both borrowed (references are taken). */
bool kn_signer_new(kn_alg alg, EVP_PKEY *key, X509 *cert, kn_signer **out, GError **err);
void kn_signer_free(kn_signer *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_signer, kn_signer_free)

/* Signs a document of our own writer: no parse.  The signed document is appended to out.
 * digest_b64 (64 bytes or NULL) receives the DigestValue.  false: KN_E_ENGINE_ERROR, out as before. */
bool kn_xml_sign_canonical(kn_xml *xml, const kn_signer *signer, const kn_canonical *doc,
                           GString *out, char digest_b64[64], GError **err);
/* Signs any document that passes kn_xml_open and carries no signature yet; what is appended to out
 * is its canonical form with the Signature.  false: errors of kn_xml_open, KN_E_SIG_COUNT (already
 * signed), KN_E_ROOT_XML_ATTR, KN_E_C14N_FAILED, ENGINE_ERROR. */
bool kn_xml_sign(kn_xml *xml, const kn_signer *signer, const char *bytes, size_t len, GString *out,
                 GError **err);
/* Form of a signature of profile w3c (XML_SECURITY §6); all zero is what eport has. */
typedef struct kn_w3c_form {
    bool exclusive_info; /* canonicalization of SignedInfo */
    bool exclusive_doc;  /* of the document, as second transform */
    const char
        *prefixes;  /* PrefixList of the exclusive ones, names and single spaces; NULL = none */
    const char *id; /* written as Id into the root and referred to; NULL: URI="" */
} kn_w3c_form;

/* kn_xml_sign in that form: for partners' tools and for tests; receipts stay eport.  false: also what
 * kn_xml_shape_w3c says of the result (an id or a PrefixList that it does not take). */
bool kn_xml_sign_w3c(kn_xml *xml, const kn_signer *signer, const kn_w3c_form *form,
                     const char *bytes, size_t len, GString *out, GError **err);

/* Signs the bytes as they stand: none outside the Signature changes, but that a root which closes itself gets
 * an end tag, and form->id its attribute.
 *
 * form     NULL: eport.  A template (a Signature whose SignatureValue is empty) says itself what form it has:
 *          then NULL; it stays as it is, and its empty values are filled, certificate and KeyName among them
 * gb18030  the bytes' charset, as for kn_xml_open
 * The result has been through kn_xml_check_signed.
 * false:   errors of kn_xml_open, of the gate (shape.h) and of that; KN_E_SIG_COUNT: it is signed already;
 *          KN_E_SIG_ALG_REFUSED: the template names another row than the signer's; KN_E_SIG_C14N_REFUSED: a
 *          form, and a template; KN_E_KEY_INFO: the template holds another certificate; out as before */
bool kn_xml_sign_bytes(kn_xml *xml, const kn_signer *signer, const kn_w3c_form *form,
                       const char *bytes, size_t len, bool gb18030, GString *out, GError **err);
/* Opens, shapes and verifies as a receiver does, with the signer's key.  Profile w3c needs a verifier. */
bool kn_xml_check_signed(kn_xml *xml, const kn_signer *signer, const GString *bytes, bool gb18030,
                         GError **err);
/* Row that a template (or a signature) names; KN_ALG_NONE: there is none, or no row of ours. */
kn_alg kn_xml_template_algorithm(const xmlDoc *doc);
/* The profile whose gate it needs; eport where there is none. */
kn_profile kn_xml_template_profile(const xmlDoc *doc);

#endif
