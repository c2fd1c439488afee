/* SPDX-License-Identifier: Apache-2.0 */
/* Those who send in a bench: enterprises that sign bare messages, or a portal that carries messages
 * of their cards; made below a folder that `kouan pki` filled, with the algorithm the bench asks for.
 *
 * files    bench/<id>.{pem,key}, partners/<id>.ini; ids BENCH01 .. (enterprises), BENCHPORTAL
 * threads  loaded by one, read-only afterwards
 */
#ifndef KOUAN_BENCH_PARTY_H
#define KOUAN_BENCH_PARTY_H

#include "pki/kn_pki.h"
#include "xml/sign.h"

#define KN_BENCH_PORTAL "BENCHPORTAL"
#define KN_BENCH_PARTIES_MAX 31 /* synthetic enterprises of kn_pki_enterprise_at */

typedef struct kn_bench_party {
    char id[17]; /* partner id of the enterprise */
    char card_no[14];
    const kn_pki_enterprise *enterprise;
    kn_signer *own;  /* key of the enterprise: bare messages */
    kn_signer *card; /* its operator's card: inner messages */
} kn_bench_party;

typedef struct kn_bench_parties {
    kn_bench_party *list;
    size_t n;
    kn_signer *portal; /* signs shells */
} kn_bench_parties;

/* Makes keys, certificates and partner entries of n parties.  receipts: row their receipts are signed
 * with.  false: KN_E_USAGE (n out of range), KN_E_IO, KN_E_ENGINE_ERROR. */
bool kn_bench_parties_make(const char *folder, kn_pki_family family, size_t n, kn_alg receipts,
                           GError **err);
/* Loads n of them. */
bool kn_bench_parties_load(const char *folder, kn_pki_family family, size_t n,
                           kn_bench_parties *out, GError **err);
void kn_bench_parties_clear(kn_bench_parties *parties);

#endif
