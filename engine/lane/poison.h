/* SPDX-License-Identifier: Apache-2.0 */
/* Poison: messages that the database does not take, or that kill; and partitions that stand still because of
 * them (EXACTLY_ONCE §9.3).  Private to lane/.
 *
 * A halted partition settles nothing more: what it has on Kafka waits, what it has settled is still published,
 * the lane's other partitions go on.  The halt is this process's own: a restart tries again.
 */
#ifndef KOUAN_LANE_POISON_H
#define KOUAN_LANE_POISON_H

#include "lane/lane_priv.h"

/* Admitted messages, in offset order a partition: as a batch, then as policy.h says. */
bool kn_poison_settle(kn_lane *lane, kn_item *const *items, size_t n, GError **err);
/* One message of a partition whose former owner died: marked before it is touched, parked unread at the third
 * death. */
bool kn_poison_suspect(kn_lane *lane, kn_item *item, GError **err);
/* A settled message is counted; too many parked ones halt its partition. */
void kn_poison_note(kn_lane *lane, const kn_item *item);

bool kn_poison_halted(const kn_part *part);
/* A partition taken anew by the process that halted it stays so while nobody has settled more of it. */
void kn_poison_taken(kn_lane *lane, kn_part *part);

/* What the last failure of a store call means; STOP for what no statement said. */
kn_store_todo kn_poison_todo(const kn_store *store, const GError *err);

#endif
