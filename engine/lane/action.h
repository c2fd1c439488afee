/* SPDX-License-Identifier: Apache-2.0 */
/* Action: an operator's word about a parked message, as a message of the engine's own (lane/own.h).  A release
 * brings the original back from the archive and judges it in the action's place: signature and creation time by
 * the time it first came, rules and trust by today's.  Its effects, its final receipt and the operator's name are
 * one transaction.
 *
 * source   schemas/xsd/internal.xsd; DESIGN §8.8; EXACTLY_ONCE §7.5, §9.3
 */
#ifndef KOUAN_LANE_ACTION_H
#define KOUAN_LANE_ACTION_H

#include "lane/lane_priv.h"

#define KN_ACTION_TYPE "OperatorAction"

/* What an action wants; the texts are borrowed. */
typedef struct kn_action {
    bool discard; /* else release */
    const char *topic;
    int part;
    int64_t off;
    const char *by, *reason;
} kn_action;

/* The signed action, appended to out; it belongs into the same partition number of the internal topic as the
 * original.  false: KN_E_CONFIG, KN_E_ENGINE_ERROR. */
bool kn_action_write(const kn_engine *engine, const kn_action *action, int64_t now_ms,
                     char guid[37], GString *out, GError **err);

/* A proven one on its way; hangs on the item. */
struct kn_act {
    char *guid, *type; /* of the action; the item's are the original's from here on */
    bool discard;
    char *topic;
    int topic_id, part; /* topic_id -1: no such topic */
    int64_t off;
    char *key; /* of the record in the ledger */
    char *by, *reason;
    bool done;            /* this attempt did what it wants */
    bool found;           /* the archive has the original's bytes */
    kn_bus_record record; /* the original: bytes, key, place, time */
    GBytes *payload, *record_key;
    char *sender, *trace; /* headers of the original's record; NULL = absent */
};

bool kn_action_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err);
void kn_act_free(kn_act *act);

#endif
