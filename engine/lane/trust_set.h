/* SPDX-License-Identifier: Apache-2.0 */
/* Trust set: everything about trust that may change while the engine runs: partner entries with the
 * anchors, certificates and CRLs they name, code tables, card rules.  Made whole, never changed
 * afterwards; a change is another set, in force from a switch message on (README, "Trust sets").
 *
 * threads  immutable and counted: any thread may hold a reference
 * source   DESIGN §8, 11; EXACTLY_ONCE §7.1
 */
#ifndef KOUAN_LANE_TRUST_SET_H
#define KOUAN_LANE_TRUST_SET_H

#include "trust/partner.h"

#include <kouan/codes.h>
#include <stdatomic.h>

typedef struct kn_config kn_config;

typedef struct kn_trust_set {
    atomic_int refs;
    kn_codes *codes;
    kn_partners *partners;
    GHashTable *topics; /* partner id -> topic of its receipts */
} kn_trust_set;

/* Reads what the configuration names on disk.  key_file: the engine's own file, for the card rules.
 * false: KN_E_CONFIG. */
bool kn_trust_set_load(const kn_config *config, GKeyFile *key_file, const char *file_name,
                       kn_trust_set **out, GError **err);
kn_trust_set *kn_trust_set_ref(kn_trust_set *set);
void kn_trust_set_unref(kn_trust_set *set); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_trust_set, kn_trust_set_unref)

/* Topic of a partner's receipts: its entry's, or <prefix>.out.<id>; borrowed. */
const char *kn_trust_set_topic(const kn_trust_set *set, const kn_partner *partner);

#endif
