/* SPDX-License-Identifier: Apache-2.0 */
/* Keeper: the thread of a kouand that looks after trust sets: which one this process begins with, new
 * files when it is told to reload, partitions that a switch has not reached, and what will end soon.
 *
 * It has a connection and a producer of its own; lanes meet it only through switch messages.
 * A reload that cannot be is an alarm for each reason, and everything stays as it is.
 */
#ifndef KOUAN_LANE_KEEPER_H
#define KOUAN_LANE_KEEPER_H

#include "lane/engine.h"

#include <stdatomic.h>

typedef struct kn_keeper kn_keeper;

/* Before lanes start: the set that partitions without one adopt is in the book afterwards.  Waits for a
 * database that is away.  reload: set to true by a signal; taken back here.
 * false: KN_E_STORE_WRONG, KN_E_STORE_DOWN (waited long enough, or *stop) */
bool kn_keeper_start(const kn_engine *engine, atomic_bool *reload, const atomic_bool *stop,
                     kn_keeper **out, GError **err);
/* Ends its thread. */
void kn_keeper_free(kn_keeper *keeper);

#endif
