/* SPDX-License-Identifier: Apache-2.0 */
/* Ticker: looks for timers whose time has come in the partitions this process holds, and appends their messages to the
 * internal topic (lane/ring.h).  It decides nothing; dying anywhere in between only means that another looks.
 *
 * threads  the keeper's; store and producer are the caller's
 * errors   of store and bus
 */
#ifndef KOUAN_LANE_TICKER_H
#define KOUAN_LANE_TICKER_H

#include "bus/producer.h"
#include "lane/engine.h"
#include "store/store.h"

typedef struct kn_ticker kn_ticker;

kn_ticker *kn_ticker_new(const kn_engine *engine);
void kn_ticker_free(kn_ticker *ticker);
/* Is there anything to look at now? */
bool kn_ticker_due(const kn_ticker *ticker);
/* One look.  *producer NULL: made when there is something to append. */
bool kn_ticker_look(kn_ticker *ticker, kn_store *store, kn_producer **producer, GError **err);

#endif
