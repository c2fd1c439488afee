/* SPDX-License-Identifier: Apache-2.0 */
/* Switch: the message from which on a partition goes by another trust set (README, "Trust sets").
 *
 * source   schemas/xsd/trust.xsd; EXACTLY_ONCE §7.1
 */
#ifndef KOUAN_LANE_SWITCH_H
#define KOUAN_LANE_SWITCH_H

#include "lane/lane_priv.h"

#define KN_SWITCH_TYPE "TrustSwitch"

/* A signed switch to a version, appended to out; guid gets its id, which is the same each time.
 * false: KN_E_CONFIG (no key in [sign]), KN_E_ENGINE_ERROR. */
bool kn_switch_write(const kn_engine *engine, int version, const uint8_t digest[KN_SM3_BYTES],
                     int64_t now_ms, char guid[37], GString *out, GError **err);
/* A proven one: what it names is at hand (lane/own.h). */
bool kn_switch_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err);

#endif
