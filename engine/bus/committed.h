/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets a group has committed, for tools: nobody joins the group for that.
 * errors   KN_E_BUS_DOWN, KN_E_BUS_WRONG
 */
#ifndef KOUAN_BUS_COMMITTED_H
#define KOUAN_BUS_COMMITTED_H

#include "bus/consumer.h"

/* Fills committed of each part: K, -1 = the group has none. */
bool kn_bus_committed(const kn_bus_conf *conf, kn_bus_part *parts, size_t n, GError **err);

#endif
