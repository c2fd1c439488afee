/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the lane's contexts, the canonicaliser, base64, signature
 * values.  Not for anybody outside. */
#ifndef KOUAN_XML_INTERNAL_H
#define KOUAN_XML_INTERNAL_H

#include "base/alg.h"
#include "xml/open.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#include <kouan/error.h>
#include <libxml/xmlschemas.h>
#include <stdint.h>

#define KN_DS_NS "http://www.w3.org/2000/09/xmldsig#"
#define KN_C14N_URI "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define KN_ENVELOPED_URI KN_DS_NS "enveloped-signature"

#define KN_KEY_CACHE 32

/* A key with its initialised operation; a repeated signer costs no fetch from the provider. */
typedef struct kn_key_slot {
    EVP_PKEY *key; /* borrowed from ctx, which holds a reference, so the address stays unique */
    EVP_PKEY_CTX *ctx;
    kn_alg alg;
    bool sign;
    int size; /* bytes of a signature value of an RSA key */
} kn_key_slot;

struct kn_xml {
    kn_xml_limits limits;
    const kn_schemas *schemas;
    xmlParserCtxt *parser;
    EVP_MD_CTX *md;
    GString *signed_info; /* canonical SignedInfo of the message in hand */
    kn_key_slot keys[KN_KEY_CACHE];
    size_t next_key;
    kn_verifier verifier; /* xmlsec1, or NULL */
    kn_opinion opinion;
    uint8_t salt;               /* which messages are in the sample */
    xmlSchemaValidCtxt **valid; /* one per schema, made on first use */
    size_t n_valid;
    /* state of the parse in hand */
    GError *parse_error;
    bool malformed; /* libxml2 reported an error */
    size_t depth, elements, ns_scope;
    struct {
        size_t text; /* code points so far */
        size_t max;
        size_t ns;
    } level[KN_XML_DEPTH_CEILING + 2];
};

/* --- bytes before the parser (prescan.c) */
/* Rules X3, X4 and valid UTF-8.  *skip_out: length of a byte order mark. */
bool kn_prescan(const kn_xml_limits *limits, const char *bytes, size_t len, size_t *skip_out,
                GError **err);
/* Rule X2: strict GB18030 to UTF-8, the declaration rewritten. */
bool kn_prescan_gb18030(const char *bytes, size_t len, GString **out, GError **err);

/* --- digests and signature values (crypto.c) */
bool kn_crypto_setup(GError **err);
const EVP_MD *kn_crypto_md(kn_md md); /* fetched by kn_crypto_setup */
/* One whole digest; out has room for kn_md_len(md). */
bool kn_crypto_digest(EVP_MD_CTX *ctx, kn_md md, const void *bytes, size_t len, uint8_t *out);
bool kn_crypto_verify(kn_xml *xml, kn_alg alg, EVP_PKEY *key, const void *bytes, size_t len,
                      const uint8_t *value, size_t value_len, GError **err);
bool kn_crypto_sign(kn_xml *xml, kn_alg alg, EVP_PKEY *key, const void *bytes, size_t len,
                    uint8_t value[KN_SIG_VALUE_MAX], size_t *value_len, GError **err);
void kn_crypto_forget(kn_xml *xml); /* drops the cached keys */
/* r||s as SEQUENCE { INTEGER r, INTEGER s } and back; r and s have at most 32 bytes. */
#define KN_DER_MAX 72
size_t kn_crypto_der_from_raw(const uint8_t raw[64], uint8_t out[KN_DER_MAX]);
bool kn_crypto_raw_from_der(const uint8_t *der, size_t len, uint8_t out[64]);

/* --- base64 (base64.c) */
/* Strict: alphabet, padding and zero spare bits; XML white space allowed anywhere.  At most max bytes.
 * false: no base64 or longer than max. */
bool kn_base64_decode(const char *text, uint8_t *out, size_t max, size_t *len_out);
/* Text of the only child, when the element has exactly one text child; NULL otherwise. */
const char *kn_only_text(const xmlNode *node);

/* --- canonicaliser (c14n.c): inclusive C14N 1.0 without comments, straight off the tree */
typedef struct kn_sink {
    EVP_MD_CTX *md; /* or */
    GString *text;
    size_t total;
    size_t used;
    bool failed;
    char buf[8192];
} kn_sink;

/* Apex = the root: ancestors NULL.  Otherwise the apex's ancestors from the root down (no attribute
 * of the XML namespace on them, S2), NULL-ended; their declarations are rendered on the apex. */
bool kn_c14n(const xmlNode *apex, const xmlNode *const *ancestors, kn_sink *sink);
void kn_c14n_escape_text(GString *out, const char *text, size_t len);
void kn_c14n_escape_attr(GString *out, const char *text);
/* Digest of the canonical document; *len_out its length (may be NULL). */
bool kn_c14n_digest(EVP_MD_CTX *ctx, const xmlDoc *doc, kn_md md, uint8_t *out, size_t *len_out,
                    GError **err);

/* --- canonical forms of profile w3c (c14n_exc.c), appended to out; false: C14N failed */
/* inclusive: canonical bytes of a part with everything in scope rendered on its apex.  In place libxml2
 * would walk the whole document for the part, which is what a forger would like (XML_SECURITY §4). */
bool kn_c14n_exclusive_part(const GString *inclusive, const kn_c14n_form *form, GString *out);
/* The document without detached (at document level behind the root, or NULL). */
bool kn_c14n_document(xmlDoc *doc, xmlNode *detached, const kn_c14n_form *form, GString *out);

/* --- signatures (sign_w3c.c) */
/* The element ds:Signature in that form, digest and value as given, base64. */
struct kn_signer;
struct kn_w3c_form;
void kn_xml_put_signature(GString *out, const struct kn_signer *signer,
                          const struct kn_w3c_form *form, const char *digest, const char *value);

/* --- schemas (schema.c, pattern.c) */
/* A pattern facet whose matching is linear in the text, whatever the text is (XML_SECURITY §7). */
bool kn_pattern_linear(const char *pattern);
void kn_schema_close_loader(void); /* installs the closed entity loader */
size_t kn_schemas_count(const kn_schemas *schemas);

#endif
