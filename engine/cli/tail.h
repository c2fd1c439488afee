/* SPDX-License-Identifier: Apache-2.0 */
/* Reads topics from here on, without a group: what is committed after kn_tail_new returned.
 * threads  one
 * errors   KN_E_BUS_DOWN, KN_E_BUS_WRONG
 */
#ifndef KOUAN_CLI_TAIL_H
#define KOUAN_CLI_TAIL_H

#include "bus/consumer.h"

typedef struct kn_tail kn_tail;

/* topics: NULL-ended; all partitions of each. */
bool kn_tail_new(const kn_bus_conf *conf, const char *const *topics, kn_tail **out, GError **err);
void kn_tail_free(kn_tail *tail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_tail, kn_tail_free)
/* As kn_consumer_poll. */
bool kn_tail_poll(kn_tail *tail, int timeout_ms, kn_bus_record *out, GError **err);

#endif
