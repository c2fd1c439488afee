/* SPDX-License-Identifier: Apache-2.0 */
/* Again: a lane that judges archived messages once more, into a database of its own, without Kafka.  Everything from
 * admission to COMMIT is the lane's own code; only gathering and relay are left out.
 *
 * threads  one
 * errors   those of a lane; nothing is logged but what the caller lets through (kn_log_init)
 * source   EXACTLY_ONCE §7.3; DESIGN §1.1
 */
#ifndef KOUAN_LANE_AGAIN_H
#define KOUAN_LANE_AGAIN_H

#include "lane/lane.h"
#include "store/entry.h"

/* engine: with keys; conninfo: of the database to settle into, provisioned. */
bool kn_again_new(const kn_engine *engine, const char *conninfo, kn_lane **out, GError **err);
/* Takes a partition there.  Once each. */
bool kn_again_take(kn_lane *lane, const char *topic, int part, GError **err);
/* Number of the last history row of a partition there. */
int64_t kn_again_history(kn_lane *lane, const char *topic, int part);
/* The next message of its partition, as the archive has it (entry with payloads).  A verdict that was forced then (the
 * database's data error, a process that died) is obeyed. */
bool kn_again_settle(kn_lane *lane, const char *topic, const kn_entry *entry, GError **err);

#endif
