/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of seals by a third party (RFC 3161).  How its service is reached is not ours: a program of the
 * configuration gets the query in one file and leaves the reply in another.
 *
 * errors   KN_E_EVIDENCE: the reply does not stamp this document; KN_E_IO: the program failed
 */
#ifndef KOUAN_EVIDENCE_STAMP_H
#define KOUAN_EVIDENCE_STAMP_H

#include "lane/engine.h"
#include "store/seal.h"

/* Stamps seals that have none, 1000 at most; *made counts them.  No program configured: none. */
bool kn_stamp_seals(const kn_config *config, kn_store *store, int *made, GError **err);
/* The reply is to the document's SHA-256.  tsa_ca: who signed it leads there; NULL or "": not looked at. */
bool kn_stamp_check(const char *token, size_t token_len, const char *document, size_t len,
                    const char *tsa_ca, GError **err);

#endif
