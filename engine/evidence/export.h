/* SPDX-License-Identifier: Apache-2.0 */
/* Export: the life of one document, or one message, as a file that stands on its own (docs/EVIDENCE.md §4).
 *
 * threads  one
 * errors   those of store and trace; KN_E_CONFIG: no key in [sign];
 *          KN_E_EVIDENCE: a message is not under a seal yet, or the rows are not as they were settled
 */
#ifndef KOUAN_EVIDENCE_EXPORT_H
#define KOUAN_EVIDENCE_EXPORT_H

#include "lane/engine.h"
#include "store/store.h"
#include "store/trace.h"

#define KN_EVIDENCE_MAX ((size_t)256 << 20) /* bytes of an evidence file */

typedef struct kn_export_plan {
    const kn_engine *engine; /* with keys */
    kn_store *store;
    kn_trace *trace;
    const json_t *partners, *kinds; /* where to look for what (kn_trace_find) */
} kn_export_plan;

/* what: key, trip number or guid.  The archive is appended to out. */
bool kn_export(const kn_export_plan *plan, const char *what, GString *out, GError **err);
/* The same for messages of one partition by their offsets, in order.  KN_E_OUTPUT_TOO_BIG: fewer at a time. */
bool kn_export_messages(const kn_export_plan *plan, int topic, int part, const int64_t *offs,
                        unsigned n, GString *out, GError **err);
/* The same for a document whose kind and key are known. */
bool kn_export_document(const kn_export_plan *plan, const char *kind, const char *key, GString *out,
                        GError **err);

#endif
