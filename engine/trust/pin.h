/* SPDX-License-Identifier: Apache-2.0 */
/* Pinned certificates ([keys] certificates) looked at when they are loaded: one that would be refused in
 * every message is a mistake of the entry.  Inside of trust/ only. */
#ifndef KOUAN_TRUST_PIN_H
#define KOUAN_TRUST_PIN_H

#include "trust/card.h"
#include "trust/partner_file.h"

/* Of one entry that was read without a mistake.  Mistakes: no chain to the anchors, usage, a key that no
 * row takes.  Hints: revoked.  When its chain ends is kept in the pin. */
void kn_pins_check(kn_partner_box *box, const kn_card_rules *rules, GPtrArray *mistakes,
                   GPtrArray *hints);
/* One certificate in two entries: who sent a message would hang on its name alone. */
void kn_pins_unique(const GPtrArray *boxes, GPtrArray *mistakes);

#endif
