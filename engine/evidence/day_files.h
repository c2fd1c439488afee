/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of a day as evidence files, before the day is dropped: each stands on its own and is verified as it
 * lies on the disk (docs/EVIDENCE.md §4, §5).
 *
 * threads  one
 * errors   those of kn_export; KN_E_IO
 */
#ifndef KOUAN_EVIDENCE_DAY_FILES_H
#define KOUAN_EVIDENCE_DAY_FILES_H

#include "evidence/drop.h"
#include "evidence/export.h"

/* Writes DIR/YYYY-MM-DD/TOPIC-PARTITION-FIRST-LAST.tar for everything the drop names (kn_drop_prepare) and notes each
 * with its digest.  A file that is there already from an earlier try is written anew. */
bool kn_day_files(const kn_export_plan *plan, kn_drop *drop, const char *dir, GError **err);

#endif
