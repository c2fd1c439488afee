/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: payloads of the archive, and the dictionaries trained from them, are encrypted before they leave this
 * process, so that who reads the database's files, backups or replicas reads no message.
 *
 * The key file is text, mode 0600, one key a line: "ID HEX", a number from 1 up and 64 hexadecimal digits;
 * '#' begins a comment.  The highest ID encrypts; the others open what was encrypted before.  To change the key:
 * `kouan vault add FILE` on every host, then a restart; never take a line away while there are rows of its time.
 *
 * shape    "KV1" 0, ID (4 bytes, big-endian), nonce (12, random), ciphertext of a zstd frame, tag (16):
 *          AES-256-GCM, the first 20 bytes are authenticated too.  No zstd frame begins like this, so rows
 *          written before there was a key stay readable.
 * limits   random nonces: a new key at the latest after 2^32 payloads (NIST SP 800-38D §8.3)
 * threads  kn_vault_init once, before they start; the rest any
 * errors   KN_E_CONFIG (the file), KN_E_STORE_WRONG (a row), KN_E_ENGINE_ERROR
 * source   PI-02
 */
#ifndef KOUAN_STORE_VAULT_H
#define KOUAN_STORE_VAULT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KN_VAULT_HEAD 20
#define KN_VAULT_TAG 16
#define KN_VAULT_KEY 32

/* Keys of a file, for whoever only looks: ids in the order of the file.  free with g_array_unref. */
typedef struct kn_vault_key {
    uint32_t id;
    uint8_t bytes[KN_VAULT_KEY];
} kn_vault_key;
bool kn_vault_read(const char *file, GArray **out, GError **err);

/* From here on this process encrypts with the newest key of the file; NULL or "" = it writes plain frames and
 * opens nothing.  false: as it was, but rows that need a key are refused with the same reason. */
bool kn_vault_init(const char *file, GError **err);
/* Id of the key that encrypts; 0 = none. */
uint32_t kn_vault_writes(void);

/* What a payload grows by: 0 without a key. */
size_t kn_vault_room(void);
/* at: room for KN_VAULT_HEAD bytes, then len bytes of plain text, then room for the tag; encrypted in place.
 * Only where kn_vault_room() is not 0. */
bool kn_vault_lock(uint8_t *at, size_t len, GError **err);
bool kn_vault_is_locked(const void *bytes, size_t len);
/* The plain text of locked bytes, newly allocated. */
bool kn_vault_open(const void *bytes, size_t len, uint8_t **out, size_t *out_len, GError **err);

#endif
