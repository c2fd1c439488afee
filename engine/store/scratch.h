/* SPDX-License-Identifier: Apache-2.0 */
/* A scratch schema beside the tables of an installation: the same tables, with its topics, slots and trust sets, and
 * positions that have settled nothing yet.  The installation's own tables are only read.
 *
 * threads  one
 * errors   KN_E_STORE_DOWN, KN_E_STORE_WRONG
 */
#ifndef KOUAN_STORE_SCRATCH_H
#define KOUAN_STORE_SCRATCH_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct kn_scratch kn_scratch;

/* sql: folder of the migrations.  A schema of that name that is left from a death is replaced. */
bool kn_scratch_make(const char *conninfo, const char *name, const char *sql, kn_scratch **out,
                     GError **err);
/* Connection text whose tables are those of the scratch schema; borrowed. */
const char *kn_scratch_conninfo(const kn_scratch *scratch);
/* How the records an archived message had read are now: as it had seen them, not yet, or not any more. */
typedef enum kn_scratch_view {
    KN_SCRATCH_STANDS,
    KN_SCRATCH_WAITS,
    KN_SCRATCH_PASSED,
} kn_scratch_view;
/* reads: JSON [[kind, key, version]]. */
bool kn_scratch_stands(kn_scratch *scratch, const char *reads, kn_scratch_view *view, GError **err);
/* Records of the same version that differ, or that only one side has: [{kind, key, what}], at most 100; *n: how
 * many. */
bool kn_scratch_records(kn_scratch *scratch, json_t **out, int64_t *n, GError **err);
/* Drops the schema. */
void kn_scratch_free(kn_scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_scratch, kn_scratch_free)

#endif
