/* SPDX-License-Identifier: Apache-2.0 */
/* Looking: what the tables know of a message or a document, over a connection that cannot write.
 *
 * threads  one
 * errors   KN_E_STORE_DOWN, KN_E_STORE_WRONG, KN_E_NO_DOCUMENT (nothing found)
 * cost     by key, by guid of a proven message: index look-ups.  A trip number, or the guid of a message
 *          whose sender could not be proven: a scan in the worst case.
 */
#ifndef KOUAN_STORE_TRACE_H
#define KOUAN_STORE_TRACE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct kn_trace kn_trace;

bool kn_trace_open(const char *conninfo, kn_trace **out, GError **err);
void kn_trace_close(kn_trace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_trace, kn_trace_close)

/* what: a guid, a record's key, or a trip number.
 * partners, kinds: arrays of texts, where to look; borrowed
 * out: {"places": [{topic, part, off}], "documents": [{kind, key}]}, one of them not empty. */
bool kn_trace_find(kn_trace *trace, const char *what, const json_t *partners, const json_t *kinds,
                   json_t **out, GError **err);
/* {"record": {kind, key, owner, state, version, body}, "places": [{topic, part, off}]}: all messages that
 * ever changed it. */
bool kn_trace_document(kn_trace *trace, const char *kind, const char *key, json_t **out,
                       GError **err);
/* For an array of places: [{topic, part, off, at, type, guid, sender, verdict, trust, bytes,
 * changes [{kind, key, version, from, to, event, row, actor}],
 * outputs [{idx, to, type, guid, receiver, answers}]}], by time.  at: ms since 1970. */
bool kn_trace_places(kn_trace *trace, const json_t *places, json_t **out, GError **err);
/* Dictionaries of the archive: [{id, type, at, bytes, samples, before, after}], oldest first. */
bool kn_trace_dictionaries(kn_trace *trace, json_t **out, GError **err);
/* Versions of the trust set: [{version, digest, at, by, bytes, partitions}], oldest first; partitions: in
 * how many it is in force. */
bool kn_trace_trust(kn_trace *trace, json_t **out, GError **err);

/* An archived message as it came in, with what was answered.  Zero-initialise. */
typedef struct kn_trace_message {
    GBytes *payload;
    GBytes *key;     /* record key, or NULL */
    int64_t at_ms;   /* the time it was judged at */
    char *sender;    /* partner it was judged as, "" = none */
    char *verdict;   /* name of the error table, or REPEAT */
    int rules;       /* rule version */
    GBytes *receipt; /* the first answer: receipt or dead letter; NULL */
} kn_trace_message;

void kn_trace_message_clear(kn_trace_message *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_trace_message, kn_trace_message_clear)

/* By its coordinates.  false: KN_E_NO_DOCUMENT when there is no such row, or its payload is gone. */
bool kn_trace_read(kn_trace *trace, const char *topic, int part, int64_t off, kn_trace_message *out,
                   GError **err);

#endif
