/* SPDX-License-Identifier: Apache-2.0 */
/* Manifest: name, length and SM3 of every member of an evidence file, signed by the engine (evidence.xsd).
 * errors   KN_E_EVIDENCE; KN_E_CONFIG: no key to sign with */
#ifndef KOUAN_EVIDENCE_MANIFEST_H
#define KOUAN_EVIDENCE_MANIFEST_H

#include "evidence/signed.h"
#include "lane/engine.h"

#define KN_MANIFEST_TYPE "Manifest"

typedef struct kn_manifest_row {
    char *name;
    int64_t bytes;
    uint8_t sm3[KN_SM3_BYTES];
} kn_manifest_row;

typedef struct kn_manifest {
    char *kind, *document, *time;
    GArray *rows; /* kn_manifest_row */
    char signer[65];
} kn_manifest;

void kn_manifest_clear(kn_manifest *manifest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_manifest, kn_manifest_clear)

/* rows: kn_manifest_row, borrowed. */
bool kn_manifest_write(const kn_engine *engine, const char *kind, const char *document,
                       const GArray *rows, GString *out, GError **err);
bool kn_manifest_read(kn_xml *xml, const char *bytes, size_t len, kn_manifest *out, GError **err);

#endif
