/* SPDX-License-Identifier: Apache-2.0 */
/* What the ways in share: admit.c (route, proof, binding) and admit_shell.c (shells).  false is always
 * a refusal, with its error. */
#ifndef KOUAN_LANE_ADMIT_PRIV_H
#define KOUAN_LANE_ADMIT_PRIV_H

#include "lane/lane_priv.h"

/* Root's name and guid as read, so that a refusal can say which message it speaks of. */
void kn_admit_note(kn_item *item, const xmlDoc *doc);
/* S1; sets the route. */
bool kn_admit_root(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err);
/* S2..S9, S6 for this partner, K1..K6, G1, D1. */
bool kn_admit_prove(kn_lane *lane, kn_item *item, kn_role role, xmlDoc *doc, kn_shape *shape,
                    const kn_certificate **cert, GError **err);
/* From here on guid and digest identify the message. */
void kn_admit_digest(kn_item *item, const uint8_t *digest, size_t len);
/* V1, B; takes the document when it returns true. */
bool kn_admit_check(kn_lane *lane, kn_item *item, xmlDoc **doc, const kn_certificate *cert,
                    GError **err);

/* Everything again for the message that an action brings back (kn_item_judged). */
bool kn_admit_judged(kn_lane *lane, kn_item *item, GError **err);

/* A message whose root is a shell of the partner's. */
bool kn_admit_shell(kn_lane *lane, kn_item *item, xmlDoc *shell, GError **err);

#endif
