/* SPDX-License-Identifier: Apache-2.0 */
/* Reload: the files of a trust set read and judged as at a start, beside the set that is in force.
 * What a start refuses a reload refuses, and `kouan config check` tells the same beforehand. */
#ifndef KOUAN_LANE_RELOAD_H
#define KOUAN_LANE_RELOAD_H

#include "lane/engine.h"

/* Reads kouan.ini again for its card rules alone, then the folders it named at start.
 * false: KN_E_CONFIG, every mistake, one a line. */
bool kn_reload_read(const kn_engine *engine, kn_trust_set **out, GError **err);
/* A set of a loaded engine: handlers' own checks of the code tables, and trust_check.h.  hints may be
 * NULL. */
void kn_reload_judge(const kn_engine *engine, const kn_trust_set *set, bool with_keys,
                     GPtrArray *mistakes, GPtrArray *hints);

#endif
