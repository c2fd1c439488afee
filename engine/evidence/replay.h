/* SPDX-License-Identifier: Apache-2.0 */
/* Replay: the whole archive executed once more into a scratch schema, and every verdict, history row and output held
 * against what was settled then (docs/REPLAY.md).
 *
 * compared   verdict; history rows (document, version, states, event, row, actor, time); outputs (destination, key,
 *            headers, bytes without signatures); records that have the same version
 * not        signatures and what hangs on them (chain, digests of shells); the words of a database's failure
 * threads    one
 * errors     those of a lane and of the store; differences are findings
 * source     EXACTLY_ONCE §7.3
 */
#ifndef KOUAN_EVIDENCE_REPLAY_H
#define KOUAN_EVIDENCE_REPLAY_H

#include "lane/engine.h"

#include <jansson.h>

typedef struct kn_replay_plan {
    const kn_engine *engine; /* with keys: receipts are signed again */
    const char *conninfo;    /* of the installation */
    const char *sql;         /* folder of the migrations */
    /* From time to time; may be NULL. */
    void (*progress)(int64_t done, int64_t all);
} kn_replay_plan;

typedef struct kn_replay_report {
    int64_t messages, outputs, history; /* executed and compared */
    int64_t differ;                     /* messages that differ */
    int64_t records_differ;
    int64_t
        unordered; /* what they had read then did not come about: their place in the order is a guess */
    json_t *
        examples; /* [{topic, partition, offset, type, guid, then, now, what}], at most KN_REPLAY_EXAMPLES */
    json_t *groups;  /* {"TYPE: THEN -> NOW": n} */
    json_t *records; /* [{kind, key, what}] */
} kn_replay_report;

#define KN_REPLAY_EXAMPLES 100

void kn_replay_report_clear(kn_replay_report *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_replay_report, kn_replay_report_clear)

/* false: also KN_E_EVIDENCE, days were dropped: what happened before what is kept is not known. */
bool kn_replay(const kn_replay_plan *plan, kn_replay_report *out, GError **err);

/* Two outputs' bytes are the same but for signatures, also inside of a shell. */
bool kn_replay_same_bytes(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
