/* SPDX-License-Identifier: Apache-2.0 */
/* What certificate.c needs of a kn_partners besides partner.h.  Inside of trust/ only. */
#ifndef KOUAN_TRUST_PARTNERS_H
#define KOUAN_TRUST_PARTNERS_H

#include "trust/card.h"
#include "trust/partner.h"

/* Never NULL; borrowed. */
const kn_card_rules *kn_partners_rules_of_cards(const kn_partners *partners);

#endif
