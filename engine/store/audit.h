/* SPDX-License-Identifier: Apache-2.0 */
/* Audit: every message with what it did, in the order of time, read from the archive and the history over a
 * connection that cannot write.  There is no table of its own: what is settled and what is audited is one write,
 * so it cannot be switched off and cannot disagree (AU-01, AU-05), and the hash chain covers it (AU-03).
 *
 * threads  one
 * errors   KN_E_STORE_DOWN, KN_E_STORE_WRONG
 * cost     the day partitions and the stretch of history that the time covers; rows are streamed
 * source   AU-01, AU-02
 */
#ifndef KOUAN_STORE_AUDIT_H
#define KOUAN_STORE_AUDIT_H

#include "store/trace.h"

#include <stdint.h>

/* NULL or "" in a text: any. */
typedef struct kn_audit_query {
    int64_t since_ms, until_ms; /* [since, until) of the record's Kafka time */
    const char *sender;         /* partner that sent it */
    const char *enterprise;     /* record key: organisation code */
    const char *object;         /* key of a document it changed */
    const char *verdict;        /* name of the error table; "OK" */
    bool failures;              /* only what was not accepted */
} kn_audit_query;

/* One event: a message, or one of several changes it made; members that are not known are absent:
 * {at (ms), topic, part, off, guid, type, sender, enterprise, card (masked), verdict,
 *  kind, key, version, from, to, event, row, actor (a card number: masked)}.
 * false ends the reading without an error. */
typedef bool kn_audit_row(void *arg, const json_t *event);

bool kn_audit_read(kn_trace *trace, const kn_audit_query *query, kn_audit_row *row, void *arg,
                   GError **err);

#endif
