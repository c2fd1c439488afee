/* SPDX-License-Identifier: Apache-2.0 */
/* Lane: one thread that takes partitions, settles batches and publishes what is settled.
 *
 * kn_lane_run returns on *stop (everything published, partitions handed over) or on an error whose
 * outcome is STOP.  On doubt about ownership the process leaves by _exit(EX_TEMPFAIL): the ordinary
 * start knows everything.
 */
#ifndef KOUAN_LANE_LANE_H
#define KOUAN_LANE_LANE_H

#include "lane/engine.h"

#include <stdatomic.h>

typedef struct kn_lane kn_lane;

kn_lane *kn_lane_new(const kn_engine *engine, int number, atomic_bool *stop);
void kn_lane_free(kn_lane *lane);
bool kn_lane_run(kn_lane *lane, GError **err);
/* Microseconds since the lane last went round its loop; any thread. */
int64_t kn_lane_silence_us(const kn_lane *lane);
/* One object: counters and CPU by stage; any thread.  New reference. */
json_t *kn_lane_stats_json(const kn_lane *lane);

#endif
