/* SPDX-License-Identifier: Apache-2.0 */
/* Ring: a timer's time has come, said by a message of the engine's own (lane/own.h).  A clock decides only when it is
 * appended; whether it counts is decided by the record and by record time, so it may come twice, late or early: a
 * version that is no longer the record's, or a time that has not come, does nothing and leaves nothing.
 *
 * source   schemas/xsd/internal.xsd; EXACTLY_ONCE §7.5
 */
#ifndef KOUAN_LANE_RING_H
#define KOUAN_LANE_RING_H

#include "lane/work.h"
#include "store/timers.h"

#define KN_RING_TYPE "Timer"

/* The signed message, appended to out; it belongs into partition due->part of the internal topic.  The same timer
 * has the same guid each time. */
bool kn_ring_write(const kn_engine *engine, const kn_store_due *due, int64_t now_ms, char guid[37],
                   GString *out, GError **err);

/* A proven one on its way; hangs on the item. */
struct kn_ring {
    char *kind, *key, *name;
    int version;
    const kn_handler *handler; /* NULL: nobody here knows such timers */
    const void *conf;
};

bool kn_ring_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err);
void kn_ring_free(kn_ring *ring);
/* Enters the handler, where the timer still stands.  *done false: records are wanted. */
bool kn_ring_decide(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err);

#endif
