/* SPDX-License-Identifier: Apache-2.0 */
/* Rollout: how a trust set that was read from disk comes into force: it gets a version in the database,
 * and a switch message to it is appended to every input partition.
 *
 * Nothing here is exact: dying anywhere leaves a version without all of its switches, and whoever looks
 * next appends what is missing.  A switch that comes twice does nothing (lane/switch.c).
 *
 * threads  one; store and producer are the caller's
 */
#ifndef KOUAN_LANE_ROLLOUT_H
#define KOUAN_LANE_ROLLOUT_H

#include "bus/producer.h"
#include "lane/engine.h"
#include "store/trust.h"

/* What this host's files are, seen from the database. */
typedef enum kn_rollout_found {
    KN_ROLLOUT_SAME, /* the newest version has the same files */
    KN_ROLLOUT_MADE, /* a new version was made of them */
    KN_ROLLOUT_OLD,  /* an older version had these files, and nobody asked to go back to it */
} kn_rollout_found;

/* set      as read from disk, not shared yet; gets its version unless what was found is OLD
 * asked    a person wants these files (SIGHUP, kouan trust switch): going back is allowed
 * newest   the version in force afterwards
 * false:   KN_E_CONFIG: it cannot follow the one in force (an older CRL, a topic that is not
 *          provisioned), all reasons, one a line; errors of the store */
bool kn_rollout_version(const kn_engine *engine, kn_store *store, kn_trust_set *set, bool asked,
                        const char *made_by, kn_rollout_found *found, kn_store_trust *newest,
                        GError **err);

/* Partitions a switch goes to: all of every input topic, or those that are behind.
 * GArray of kn_store_behind; topics are borrowed from engine or store. */
GArray *kn_rollout_all(const kn_engine *engine);

/* Appends the switch to each; true when the broker has acknowledged all of them. */
bool kn_rollout_announce(const kn_engine *engine, kn_producer *producer,
                         const kn_store_trust *newest, const GArray *parts, GError **err);

#endif
