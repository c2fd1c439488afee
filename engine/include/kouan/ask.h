/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for records.  A handler asks for everything it needs, returns KN_WAIT while something is
 * pending, and is entered again from the start when the engine has loaded what the batch asked for.
 * Within a batch a later message sees the records as the earlier one left them.
 */
#ifndef KOUAN_ASK_H
#define KOUAN_ASK_H

#include <kouan/record.h>
#include <stdbool.h>

typedef struct kn_ask kn_ask;

/* The record, borrowed until the decision ends; NULL when it does not exist or is not loaded yet
 * (kn_ask_pending tells which). */
const kn_record *kn_ask_record(kn_ask *ask, const char *kind, const char *key);
/* Something asked for is not loaded yet: return KN_WAIT. */
bool kn_ask_pending(const kn_ask *ask);

#endif
