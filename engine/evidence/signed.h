/* SPDX-License-Identifier: Apache-2.0 */
/* Documents the engine has signed for outsiders: opened and verified with nothing but their own bytes.  Who the
 * certificate belongs to is for the reader to compare.
 *
 * threads  one; kn_signed_setup once before
 * errors   KN_E_EVIDENCE: no document of ours, or not unchanged
 */
#ifndef KOUAN_EVIDENCE_SIGNED_H
#define KOUAN_EVIDENCE_SIGNED_H

#include "xml/shape.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

typedef struct kn_signed {
    xmlDoc *doc;
    kn_shape shape;
    X509 *cert; /* that the signature holds under */
} kn_signed;

void kn_signed_clear(kn_signed *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_signed, kn_signed_clear)

bool kn_signed_setup(GError **err);
/* With limits no engine goes beyond: what was taken once must be read here.  kn_xml_free. */
kn_xml *kn_signed_xml_new(void);
/* root: local name in the engine's namespace; NULL: any document with a signature of either profile. */
bool kn_signed_open(kn_xml *xml, const char *root, const char *bytes, size_t len, kn_signed *out,
                    GError **err);
/* SHA-256 of the DER, hexadecimal. */
void kn_signed_fingerprint(X509 *cert, char out[65]);
/* Text of the first child element of that name, "" where there is none; borrowed. */
const char *kn_signed_text(const xmlNode *parent, const char *name);
/* First child element of that name at or behind from, NULL. */
const xmlNode *kn_signed_next(const xmlNode *from, const char *name);

#endif
