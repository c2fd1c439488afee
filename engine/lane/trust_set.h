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

#include "base/sm3.h"
#include "trust/partner.h"

#include <kouan/codes.h>
#include <stdatomic.h>

typedef struct kn_config kn_config;

typedef struct kn_trust_set {
    atomic_int refs;
    int version; /* number in the database; 0: not there yet.  Set before the set is shared */
    uint8_t digest[KN_SM3_BYTES]; /* SM3 of bundle */
    GBytes *bundle;               /* the files it was made of, byte for byte; no keys, no secret */
    kn_codes *codes;
    kn_partners *partners;
    GHashTable *topics; /* partner id -> topic of its receipts */
    GPtrArray *hints;   /* files that look as if they were read; of a set from disk */
} kn_trust_set;

/* Reads what the configuration names on disk.  key_file: the engine's own file, for the card rules.
 * Every mistake is added to mistakes (GPtrArray of char *, owned).  Always makes a set; with mistakes it is
 * good for nothing but further checks. */
kn_trust_set *kn_trust_set_collect(const kn_config *config, GKeyFile *key_file,
                                   const char *file_name, GPtrArray *mistakes);
/* The same; false: KN_E_CONFIG, all mistakes, one a line. */
bool kn_trust_set_load(const kn_config *config, GKeyFile *key_file, const char *file_name,
                       kn_trust_set **out, GError **err);
/* Makes it of a bundle again.  false: KN_E_CONFIG, KN_E_IO: written by another version of the program. */
bool kn_trust_set_unpack(const kn_config *config, GBytes *bundle, kn_trust_set **out, GError **err);
kn_trust_set *kn_trust_set_ref(kn_trust_set *set);
void kn_trust_set_unref(kn_trust_set *set); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_trust_set, kn_trust_set_unref)

/* Topic of a partner's receipts: its entry's, or <prefix>.out.<id>; borrowed. */
const char *kn_trust_set_topic(const kn_trust_set *set, const kn_partner *partner);

#endif
