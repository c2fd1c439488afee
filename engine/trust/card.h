/* SPDX-License-Identifier: Apache-2.0 */
/* Card identity: which card, which enterprise, which class, read from a certificate's extensions by
 * a table of OIDs (EPORT §3; further keys under a private arc).  The extension .5.8, the holder's
 * identity number, is never read, and a table that names it does not load.
 *
 * A value is one DER string (UTF8String, PrintableString, IA5String, VisibleString, TeletexString);
 * bytes that are not ASCII in anything but a UTF8String are read as GB18030, as old cards need.
 * An extension that is absent, doubled, badly formed or of the wrong shape gives "", never a guess.
 *
 * threads  rules are read-only after loading
 * source   EPORT §3; DESIGN §8, 3; SC-04
 */
#ifndef KOUAN_TRUST_CARD_H
#define KOUAN_TRUST_CARD_H

#include <glib.h>
#include <openssl/types.h>
#include <stdbool.h>

#define KN_CARD_ARC "1.3.6.1.4.1.5315.100"    /* E-port */
#define KN_CARD_OWN_ARC "1.3.6.1.4.1.58888.1" /* ours, for facts that real cards lack */

/* What can be read; the key in [card.oids] stands beside it in card.c. */
typedef enum kn_card_fact {
    KN_FACT_ENTERPRISE,
    KN_FACT_CLASS, /* a code; [card.classes] says which are legal and which operator */
    KN_FACT_NUMBER,
    KN_FACT_ORGCODE,
    KN_FACT_USCC,
    KN_FACT_CUSTOMS10,
    KN_FACT_CUSTOMS10_SECOND,
    KN_FACT_REGISTRATION_CUSTOMS,
    KN_FACT_COUNT
} kn_card_fact;

typedef struct kn_card_rules kn_card_rules;

typedef struct kn_card_facts {
    char *values
        [KN_FACT_COUNT]; /* never NULL after reading; "" where unknown; class: "legal", "operator", "" */
} kn_card_facts;

/* From groups [card.oids] and [card.classes]; file may be NULL (defaults of EPORT §3 and our arc).
 * false: KN_E_CONFIG. */
bool kn_card_rules_load(GKeyFile *file, const char *file_name, kn_card_rules **out, GError **err);
void kn_card_rules_free(kn_card_rules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_card_rules, kn_card_rules_free)

/* Reads all facts; out is overwritten, the caller clears it. */
void kn_card_read(const kn_card_rules *rules, const X509 *cert, kn_card_facts *out);
void kn_card_facts_clear(kn_card_facts *facts);

/* Text of the one extension with this OID, UTF-8, owned by the caller; NULL as said above. */
char *kn_card_extension_text(const X509 *cert, const ASN1_OBJECT *oid);

#endif
