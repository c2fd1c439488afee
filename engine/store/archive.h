/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads as the archive keeps them: one zstd frame each, the digest stays that of the raw bytes.
 * dict is the number of the dictionary a frame was made with (dictionary.h), 0 for none.
 * Private to store/. */
#ifndef KOUAN_STORE_ARCHIVE_H
#define KOUAN_STORE_ARCHIVE_H

#include "store/pg.h"

#define KN_ARCHIVE_PAYLOAD_MAX ((size_t)64 << 20)

/* Queues the rows of messages (kn_store_message*). */
bool kn_archive_add(kn_trip *trip, const GPtrArray *messages, GError **err);
/* The raw bytes of columns dict and payload; NULL *out when the payload is null. */
bool kn_archive_payload(kn_store *store, const PGresult *res, int row, int dict_col,
                        int payload_col, GBytes **out, GError **err);
/* The same for a reader without a store; a dictionary that is not in dicts is KN_E_STORE_WRONG. */
bool kn_archive_unpack(ZSTD_DCtx *zstd, kn_dict_set *dicts, const PGresult *res, int row,
                       int dict_col, int payload_col, GBytes **out, GError **err);
/* One frame; writer NULL: without a dictionary.  Returns what zstd returns. */
size_t kn_archive_pack(ZSTD_CCtx *zstd, const ZSTD_CDict *writer, void *room, size_t room_len,
                       const void *bytes, size_t len);

#endif
