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

#endif
