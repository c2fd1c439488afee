/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: parked messages as records of kind "parked", so that version, history, chain, audit and trace are those of
 * any document.  A row is opened in the transaction that parks the message, and closed in the one that releases or
 * discards it; two operators at once cannot both have it.
 *
 * key      topic-partition-offset of the message
 * body     topic, partition, offset, error, detail, guid, type, sender, at (ms), bytes;
 *          acts: [{do, by, reason, guid, at}]
 * source   EXACTLY_ONCE §9.3; DESIGN §8.8
 */
#ifndef KOUAN_LANE_LEDGER_H
#define KOUAN_LANE_LEDGER_H

#include "lane/work.h"

#define KN_LEDGER_KIND "parked"
#define KN_LEDGER_OPEN "OPEN"

extern const kn_machine kn_ledger_machine;

char *kn_ledger_key(const char *topic, int part, int64_t off);
/* false: the row an action speaks of is not loaded yet, it is asked for now. */
bool kn_ledger_ready(kn_item *item, kn_ask *ask);
/* May the action do what it wants?  KN_E_OK, or why not: it changes nothing then. */
kn_error kn_ledger_permits(const kn_item *item, kn_ask *ask);
/* When the message is decided: opens a row, or moves the one that its action speaks of. */
bool kn_ledger_note(kn_work *work, kn_item *item, kn_ask *ask, GError **err);

#endif
