/* SPDX-License-Identifier: Apache-2.0 */
/* Making and dropping a receipt; used by decision.c only. */
#ifndef KOUAN_DECISION_RECEIPT_H
#define KOUAN_DECISION_RECEIPT_H

#include "decision/decision_priv.h"

kn_receipt *kn_receipt_new(bool reply);
void kn_receipt_free(void *item); /* a GDestroyNotify; NULL is fine */
void kn_receipt_strip(
    kn_receipt *receipt); /* drops status, text and body; keeps keys, state, actions */

#endif
