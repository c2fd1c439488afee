/* SPDX-License-Identifier: Apache-2.0 */
/* SM3 and HMAC-SM3 for one lane: the algorithm is fetched once and contexts are used again, since a
 * fetch for each digest costs more than a short digest itself.
 *
 * threads  a kn_sm3 belongs to one lane
 * errors   none after _new: what could still fail is memory, and that ends the process
 * source   GB/T 32905, RFC 2104; vectors in tests/unit/base/test_sm3.c
 */
#ifndef KOUAN_BASE_SM3_H
#define KOUAN_BASE_SM3_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define KN_SM3_BYTES 32

typedef struct kn_sm3 kn_sm3;

/* key: at most 64 bytes, for kn_sm3_keyed; copied.  NULL when this OpenSSL has no SM3. */
kn_sm3 *kn_sm3_new(const uint8_t *key, size_t key_len);
void kn_sm3_free(kn_sm3 *sm3);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_sm3, kn_sm3_free)

void kn_sm3_of(kn_sm3 *sm3, const void *bytes, size_t len, uint8_t out[KN_SM3_BYTES]);
/* Of two runs of bytes as if they stood together; out may be one of them. */
void kn_sm3_of_two(kn_sm3 *sm3, const void *first, size_t first_len, const void *second,
                   size_t second_len, uint8_t out[KN_SM3_BYTES]);
/* HMAC-SM3 under the key of kn_sm3_new. */
void kn_sm3_keyed(kn_sm3 *sm3, const void *bytes, size_t len, uint8_t out[KN_SM3_BYTES]);

#endif
