/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: one list a CA, verified when it is loaded, by us and not by OpenSSL's chain code.
 *
 * A list counts for every certificate its CA issued, from whatever time on: what is revoked is refused
 * at any message time.  It counts until nextUpdate, or until the age limit of the entry, whichever comes
 * first; then what it says nothing about is KEY_CRL_STALE.
 *
 * threads  read-only after loading
 * source   XML_SECURITY §5, §9; RFC 5280 §5
 */
#ifndef KOUAN_TRUST_CRL_H
#define KOUAN_TRUST_CRL_H

#include "trust/anchors.h"

/* After all anchors: issuer, cRLSign, signature and form are checked here, its times are not.
 * file: its name in area KN_AREA_PEM.  false: KN_E_CONFIG, naming the file. */
bool kn_crl_add(kn_anchors *anchors, kn_files *files, const char *file, GError **err);
/* After all lists: "hours" for every CA, "CN=hours" for one.  false: KN_E_CONFIG. */
bool kn_crl_limit(kn_anchors *anchors, char **limits, GError **err);
/* The newest list of this CA, by thisUpdate, then by number; NULL = none. */
const kn_anchor_crl *kn_crl_of(const kn_anchors *anchors, X509 *issuer);

/* May next follow now?  A CA whose list in next is older than its list in now is a mistake, "file:
 * [group] key: what", added to mistakes (GPtrArray of char *, owned): it would lift revocations. */
void kn_crl_compare(const kn_partners *now, const kn_partners *next, GPtrArray *mistakes);

#endif
