/* SPDX-License-Identifier: Apache-2.0 */
/* Drop: what is left of a day of the archive that was taken away: a document signed by the engine that says what it
 * held, where the chain stood before and behind it, which seal covers that, and where its messages were exported to
 * (docs/EVIDENCE.md §5).
 *
 * threads  one; kn_signed_setup before what reads
 * errors   those of the store; KN_E_EVIDENCE: it may not be dropped, or its document does not hold
 * source   schemas/xsd/evidence.xsd, ArchiveDrop
 */
#ifndef KOUAN_EVIDENCE_DROP_H
#define KOUAN_EVIDENCE_DROP_H

#include "base/sm3.h"
#include "lane/engine.h"
#include "store/days.h"
#include "xml/open.h"

#define KN_DROP_TYPE "ArchiveDrop"

typedef struct kn_drop_part {
    char *topic;
    int part;
    int64_t first, last, messages;
    int64_t history;              /* last number in history then */
    uint8_t before[KN_SM3_BYTES], /* chain under the first message */
        after[KN_SM3_BYTES];      /* and behind the last one */
    int seal;                     /* one that names a head behind it, which its rows lead to */
} kn_drop_part;

typedef struct kn_drop_file {
    char *name, *sm3; /* as it lies in export_dir */
} kn_drop_file;

typedef struct kn_drop {
    int32_t day;
    char *by, *reason, *time;
    GArray *parts; /* kn_drop_part */
    GArray *files; /* kn_drop_file */
} kn_drop;

void kn_drop_init(kn_drop *drop, int32_t day);
void kn_drop_clear(kn_drop *drop);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_drop, kn_drop_clear)

/* YYYY-MM-DD; out needs 11 bytes. */
void kn_drop_day_text(int32_t day, char out[11]);
bool kn_drop_day_parse(const char *text, int32_t *day);

/* Reads the whole day, and what leads from it to a seal: fills parts.  KN_E_EVIDENCE: not under a seal yet, or not as
 * it was settled. */
bool kn_drop_prepare(kn_store *store, kn_drop *drop, GError **err);
/* Writes and signs the document, keeps it with the borders of the chain, and drops the day. */
bool kn_drop_commit(const kn_engine *engine, kn_store *store, const kn_drop *drop, int64_t now_ms,
                    GError **err);
/* Verifies and reads. */
bool kn_drop_read(kn_xml *xml, const char *bytes, size_t len, kn_drop *out, GError **err);

typedef struct kn_drops kn_drops; /* every document there is */
/* Reads all; what does not hold (a changed document, a day that does not follow) is added to wrong (char *). */
bool kn_drops_open(kn_store *store, GPtrArray *wrong, kn_drops **out, GError **err);
void kn_drops_free(kn_drops *drops);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_drops, kn_drops_free)
unsigned kn_drops_count(const kn_drops *drops);
/* The dropped day that held this message, NULL = none; borrowed. */
const kn_drop *kn_drops_of(const kn_drops *drops, const char *topic, int part, int64_t off);
/* Its last part of the partition, NULL = none was dropped; borrowed. */
const kn_drop_part *kn_drops_last(const kn_drops *drops, const char *topic, int part);

#endif
