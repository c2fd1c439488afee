/* SPDX-License-Identifier: Apache-2.0 */
/* Herald: the thread that carries this process's alarms to [kafka] alarm_topic, so that a pager, an SMS gateway or
 * another host's console hears them without reading logs.
 *
 * shape    one record an alarm: key = its code, value = the log line as a JSON object with "instance" and,
 *          where alarms were dropped before it, "dropped"
 * promise  best effort, at least once: alarms wait (256 of them, then the oldest goes) while the broker is away.
 *          The log line is always there; nothing waits for a herald.
 * threads  one of its own, with its own producer
 */
#ifndef KOUAN_LANE_HERALD_H
#define KOUAN_LANE_HERALD_H

#include "lane/engine.h"

typedef struct kn_herald kn_herald;

/* engine outlives it.  One a process. */
kn_herald *kn_herald_start(const kn_engine *engine);
/* Ends; what waits gets a last short chance.  NULL is fine. */
void kn_herald_free(kn_herald *herald);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_herald, kn_herald_free)

#endif
