/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of one document's signature, whatever the verdict: both canonical forms, both digests,
 * the certificate shown, the trap that fits.  Facts only; nothing is judged here.
 * Of the certificate: serial, country, organisation, class.  Never a holder's name or number.
 */
#ifndef KOUAN_CLI_FINDING_H
#define KOUAN_CLI_FINDING_H

#include "xml/trap.h"

#include <jansson.h>

typedef struct kn_finding {
    const char *what; /* "shell", "message": literals */
    xmlDoc *doc;      /* borrowed, alive as long as this */
    const char *raw;  /* its bytes, borrowed */
    size_t raw_len;
    bool gb18030;
    bool has_signature;
    bool shaped; /* shape is filled */
    kn_shape shape;
    EVP_PKEY *key; /* of the certificate shown, or NULL */
    char *serial, *subject, *holder_class;
    char found[64]; /* digest of the document by the row, base64; "" */
    GString *info;  /* canonical SignedInfo; NULL when it has no shape */
    GString *canonical;
    kn_trap_fit fit;
} kn_finding;

/* Fills all but fit; what cannot be known stays empty. */
void kn_finding_read(kn_xml *xml, const char *what, xmlDoc *doc, const char *raw, size_t raw_len,
                     bool gb18030, kn_finding *out);
void kn_finding_clear(kn_finding *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_finding, kn_finding_clear)

/* Looks for the trap behind this refusal. */
bool kn_finding_trap(kn_xml *xml, kn_finding *f, kn_error error, EVP_PKEY *const *others, size_t n);
/* One object, new reference. */
json_t *kn_finding_json(const kn_finding *f);

#endif
