/* SPDX-License-Identifier: Apache-2.0 */
/* Watch: what a process shows of itself at [ops] listen, and to the service manager.
 *
 *   /metrics   engine/ops/metric.def, Prometheus text
 *   /healthz   200 while every lane goes round; 503 names the one that stands still or has ended
 *   /readyz    200 while every lane has its partitions and reaches database and broker; 503 says which not
 *
 * threads  pages are made on the server's own thread; they read atomics of the lanes and nothing else
 */
#ifndef KOUAN_LANE_WATCH_H
#define KOUAN_LANE_WATCH_H

#include "lane/lane.h"

typedef struct kn_watch kn_watch;

/* lanes: n of them, for as long as the watch lives.  false: KN_E_CONFIG, cannot listen. */
bool kn_watch_start(const kn_engine *engine, kn_lane *const *lanes, size_t n, kn_watch **out,
                    GError **err);
void kn_watch_free(kn_watch *watch);
/* Once in a while: READY and WATCHDOG for the service manager. */
void kn_watch_notify(kn_watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_watch, kn_watch_free)

#endif
