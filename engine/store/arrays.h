/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a statement in PostgreSQL's binary form: single values and whole columns (arrays).
 *
 * shape    array: dimensions, null flag, element type, length, lower bound, then length and bytes of
 *          each element, all big-endian; a null element has length -1
 * limits   a column stays below 1 GiB (the server's own); asserted
 * owns     buffers are reused from statement to statement; libpq copies what it is given
 * threads  one store
 */
#ifndef KOUAN_STORE_ARRAYS_H
#define KOUAN_STORE_ARRAYS_H

#include <glib.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define KN_COLUMNS_MAX 17

/* Type numbers of pg_type that never change. */
enum kn_oid {
    KN_OID_BYTEA = 17,
    KN_OID_INT8 = 20,
    KN_OID_INT2 = 21,
    KN_OID_INT4 = 23,
    KN_OID_TEXT = 25,
    KN_OID_JSON = 114,
    KN_OID_DATE = 1082,
    KN_OID_TIMESTAMPTZ = 1184,
    KN_OID_JSONB = 3802,
    KN_OID_JSONS = 199,
    KN_OID_BYTEAS = 1001,
    KN_OID_INT2S = 1005,
    KN_OID_INT4S = 1007,
    KN_OID_TEXTS = 1009,
    KN_OID_INT8S = 1016,
    KN_OID_DATES = 1182,
    KN_OID_TIMESTAMPTZS = 1185,
    KN_OID_JSONBS = 3807,
};

typedef struct kn_column {
    GByteArray *bytes;
    Oid element; /* 0: a single value */
    uint32_t n;
    bool has_null;
} kn_column;

typedef struct kn_columns {
    kn_column column[KN_COLUMNS_MAX];
    int n;
    const char *values[KN_COLUMNS_MAX];
    int lengths[KN_COLUMNS_MAX];
    int formats[KN_COLUMNS_MAX];
} kn_columns;

void kn_columns_init(kn_columns *columns);
void kn_columns_clear(kn_columns *columns);
/* Begins anew; types: n type numbers, arrays or single values. */
void kn_columns_start(kn_columns *columns, const Oid *types, int n);
/* Fills values, lengths, formats for libpq; borrowed until the next start. */
void kn_columns_end(kn_columns *columns);

/* One element (or the single value) of column i. */
void kn_put_null(kn_columns *columns, int i);
void kn_put_int2(kn_columns *columns, int i, int value);     /* must fit, asserted */
void kn_put_int4(kn_columns *columns, int i, int32_t value); /* also date: days since 2000-01-01 */
void kn_put_int8(kn_columns *columns, int i, int64_t value);
void kn_put_time(kn_columns *columns, int i, int64_t ms);       /* ms since 1970, UTC */
void kn_put_text(kn_columns *columns, int i, const char *text); /* NULL is null; json too */
void kn_put_bytes(kn_columns *columns, int i, const void *bytes, size_t len);
void kn_put_gbytes(kn_columns *columns, int i, GBytes *bytes);        /* NULL is null */
void kn_put_jsonb_text(kn_columns *columns, int i, const char *text); /* NULL is null */
void kn_put_jsonb(kn_columns *columns, int i, const json_t *json);    /* NULL is null */
/* Room for an element of unknown length: returns where to write at most room bytes; then
 * kn_put_used with what was written. */
uint8_t *kn_put_room(kn_columns *columns, int i, size_t room);
void kn_put_used(kn_columns *columns, int i, size_t room, size_t used);

/* Values of a binary result. The caller knows that they are not null and of that type. */
int kn_get_int2(const PGresult *res, int row, int col);
int32_t kn_get_int4(const PGresult *res, int row, int col);
int64_t kn_get_int8(const PGresult *res, int row, int col);
int64_t kn_get_time(const PGresult *res, int row, int col); /* ms since 1970, UTC */
/* New copies; NULL when null. */
char *kn_get_text(const PGresult *res, int row, int col);
GBytes *kn_get_bytes(const PGresult *res, int row, int col);
/* NULL when null or not what we wrote. */
json_t *kn_get_jsonb(const PGresult *res, int row, int col);

#endif
