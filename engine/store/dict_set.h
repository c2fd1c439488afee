/* SPDX-License-Identifier: Apache-2.0 */
/* The archive's dictionaries in memory: the newest of a type to write with, all of them to read with.
 * Private to store/.
 *
 * type     local name of a payload's root element, found in its first bytes: DxpMsg for a shell
 * threads  a set belongs to one store
 * source   DESIGN §7; schemas/sql/003-dictionary.sql
 */
#ifndef KOUAN_STORE_DICT_SET_H
#define KOUAN_STORE_DICT_SET_H

#include "store/arrays.h"

#include <zstd.h>

#define KN_DICT_NONE 0
#define KN_DICT_TYPE_MAX 64 /* with its NUL; longer names have no dictionary */
#define KN_DICT_LEVEL 1     /* 3 saves 1 % of a signed message and costs half as much again */

typedef struct kn_dict_set kn_dict_set;

kn_dict_set *kn_dict_set_new(void);
void kn_dict_set_free(kn_dict_set *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_dict_set, kn_dict_set_free)

/* Binary rows (id, type, bytes) in the order of ids; those that are there already stay.
 * false: KN_E_STORE_WRONG, a dictionary that zstd cannot read. */
bool kn_dict_set_fill(kn_dict_set *set, const PGresult *res, GError **err);
/* The newest for a payload; NULL and KN_DICT_NONE: none. */
const ZSTD_CDict *kn_dict_set_writer(const kn_dict_set *set, const void *payload, size_t len,
                                     int *id);
/* NULL: not in the set. */
const ZSTD_DDict *kn_dict_set_reader(kn_dict_set *set, int id);

/* "" where no element begins in the first bytes, or its name is too long. */
void kn_dict_type(const void *payload, size_t len, char out[KN_DICT_TYPE_MAX]);

#endif
