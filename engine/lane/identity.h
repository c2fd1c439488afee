/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: has this id been seen, and what was answered then?  (MS-02; DESIGN §8.1) */
#ifndef KOUAN_LANE_IDENTITY_H
#define KOUAN_LANE_IDENTITY_H

#include "lane/work.h"

GHashTable *kn_identity_table(void); /* kn_seen_id by name */
/* Read trip: positions, and what the archive knows of the ids of this batch. */
bool kn_identity_read(kn_work *work, GError **err);
/* The earlier message with this id; NULL = none.  The original that an action brings back is not earlier than
 * itself. */
const kn_seen_id *kn_identity_of(const kn_work *work, const kn_item *item);
bool kn_identity_same_digest(const kn_seen_id *id, const kn_item *item);
/* What was answered then can still be had: its day was not dropped. */
bool kn_identity_has_receipt(const kn_seen_id *id);
/* The original receipt again: from the archive, or from an earlier message of this very batch. */
void kn_identity_answer(kn_lane *lane, const kn_seen_id *id, kn_item *item);
/* Decided: from here on the id is used, and its receipt is this message's. */
void kn_identity_note(kn_work *work, kn_item *item);

#endif
