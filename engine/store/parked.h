/* SPDX-License-Identifier: Apache-2.0 */
/* Parked messages, as the ledger has them (lane/ledger.h), for people.
 *
 * threads  one
 * errors   KN_E_STORE_DOWN, KN_E_STORE_WRONG
 * cost     open ones: an index of them alone; all: every one there ever was
 */
#ifndef KOUAN_STORE_PARKED_H
#define KOUAN_STORE_PARKED_H

#include "store/trace.h"

/* [{key, owner, state, version, body, verdict}], by the time they came; verdict: of the message that moved it last.
 * key NULL: every one that is open, or with all every one. */
bool kn_parked_list(kn_trace *trace, const char *key, bool all, json_t **out, GError **err);

#endif
