/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's own messages: signed by a key of [sign] and taken only with that very certificate, whoever put them
 * into the topic.  They have an offset, an archive row and a place in the chain like any other, no partner, no
 * inbox row and no receipt (README, "Own messages").
 *
 * TO ADD ONE: 1. its root in a schema of schemas/xsd  2. a row in own.c
 * source   DESIGN §4; EXACTLY_ONCE §7.5
 */
#ifndef KOUAN_LANE_OWN_H
#define KOUAN_LANE_OWN_H

#include "lane/lane_priv.h"

struct kn_own_kind {
    const char *root; /* in KN_OWN_NS; NULL ends the table */
    kn_own_schema schema;
    /* The message is proven and fits its schema: what does it want?  false: a refusal, or trouble. */
    bool (*admit)(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err);
};

#define KN_OWN_NS "urn:kouan:engine:1"
#define KN_OWN_PREFIX "ke"

/* NULL: not one of them. */
const kn_own_kind *kn_own_of(const xmlDoc *doc);
/* S, K6, G, D, V1, B1; then what its kind does.  Sets item->own. */
bool kn_own_admit(kn_lane *lane, kn_item *item, const kn_own_kind *kind, xmlDoc *doc, GError **err);
/* Text of <group><name>; the schema has seen to it that there is one text node.  Borrowed; "" = absent. */
const char *kn_own_text(const xmlDoc *doc, const char *group, const char *name);

/* --- writing: root with guid and Head, the caller's group, the signature ----------------------------- */

/* A guid that is the same each time for the same words: derived with the engine's secret. */
void kn_own_guid(const kn_engine *engine, const char *root, const char *words, char guid[37]);

/* Root and Head; then the caller's elements; then the signature, appended to out.
 * finish false: KN_E_CONFIG (no key in [sign]), KN_E_ENGINE_ERROR. */
void kn_own_begin(kn_writer *writer, const kn_engine *engine, const char *root, const char *guid,
                  int64_t now_ms);
void kn_own_put_number(kn_writer *writer, const char *name, int64_t value);
void kn_own_put_digest(kn_writer *writer, const char *name, const uint8_t digest[KN_SM3_BYTES]);
bool kn_own_finish(kn_writer *writer, const kn_engine *engine, const char *root, GString *out,
                   GError **err);

typedef struct kn_own_field {
    const char *name, *value; /* name NULL ends the list */
} kn_own_field;

/* All of that for one group of texts. */
bool kn_own_write(const kn_engine *engine, const char *root, const char *guid, int64_t now_ms,
                  const char *group, const kn_own_field *fields, GString *out, GError **err);

#endif
