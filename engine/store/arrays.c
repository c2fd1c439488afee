/* SPDX-License-Identifier: Apache-2.0 */
#include "store/arrays.h"

#include <assert.h>
#include <string.h>

#define ARRAY_HEAD 20 /* ndim, flags, element type, length, lower bound */
#define COLUMN_MAX ((size_t)1 << 30)
#define PG_EPOCH_MS 946684800000LL /* 2000-01-01 */

static const struct {
    Oid array, element;
} array_types[] = {
    { KN_OID_INT2S, KN_OID_INT2 },   { KN_OID_INT4S, KN_OID_INT4 },
    { KN_OID_INT8S, KN_OID_INT8 },   { KN_OID_TEXTS, KN_OID_TEXT },
    { KN_OID_BYTEAS, KN_OID_BYTEA }, { KN_OID_DATES, KN_OID_DATE },
    { KN_OID_JSONS, KN_OID_JSON },   { KN_OID_TIMESTAMPTZS, KN_OID_TIMESTAMPTZ },
    { KN_OID_JSONBS, KN_OID_JSONB },
};

void
kn_columns_init(kn_columns *columns)
{
    memset(columns, 0, sizeof *columns);
    for (int i = 0; i < KN_COLUMNS_MAX; i++) {
        columns->column[i].bytes = g_byte_array_new();
        columns->formats[i] = 1;
    }
}

void
kn_columns_clear(kn_columns *columns)
{
    for (int i = 0; i < KN_COLUMNS_MAX; i++)
        g_clear_pointer(&columns->column[i].bytes, g_byte_array_unref);
}

static Oid
element_of(Oid type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(array_types); i++)
        if (array_types[i].array == type)
            return array_types[i].element;
    return 0;
}

void
kn_columns_start(kn_columns *columns, const Oid *types, int n)
{
    assert(n <= KN_COLUMNS_MAX);
    columns->n = n;
    for (int i = 0; i < n; i++) {
        kn_column *c = &columns->column[i];

        c->element = element_of(types[i]);
        c->n = 0;
        c->has_null = false;
        g_byte_array_set_size(c->bytes, c->element ? ARRAY_HEAD : 0);
    }
}

static void
set_be32(uint8_t *at, uint32_t value)
{
    uint32_t be = GUINT32_TO_BE(value);

    memcpy(at, &be, sizeof be);
}

void
kn_columns_end(kn_columns *columns)
{
    for (int i = 0; i < columns->n; i++) {
        kn_column *c = &columns->column[i];

        if (c->element) {
            /* An empty array has no dimension and ends after the element type. */
            set_be32(c->bytes->data, c->n ? 1 : 0);
            set_be32(c->bytes->data + 4, c->has_null);
            set_be32(c->bytes->data + 8, c->element);
            set_be32(c->bytes->data + 12, c->n);
            set_be32(c->bytes->data + 16, 1);
        }
        columns->values[i] = !c->element && c->has_null ? NULL : (const char *)c->bytes->data;
        columns->lengths[i] = c->element && !c->n ? 12 : (int)c->bytes->len;
    }
}

uint8_t *
kn_put_room(kn_columns *columns, int i, size_t room)
{
    kn_column *c = &columns->column[i];
    size_t at = c->bytes->len + (c->element ? 4 : 0);

    assert(i < columns->n && room < COLUMN_MAX && at + room < COLUMN_MAX);
    g_byte_array_set_size(c->bytes, (unsigned)(at + room));
    return c->bytes->data + at;
}

void
kn_put_used(kn_columns *columns, int i, size_t room, size_t used)
{
    kn_column *c = &columns->column[i];
    unsigned len = c->bytes->len - (unsigned)(room - used);

    assert(used <= room);
    if (c->element)
        set_be32(c->bytes->data + len - used - 4, (uint32_t)used);
    g_byte_array_set_size(c->bytes, len);
    c->n++;
}

void
kn_put_null(kn_columns *columns, int i)
{
    kn_column *c = &columns->column[i];

    c->has_null = true;
    if (c->element)
        memset(kn_put_room(columns, i, 0) - 4, 0xff, 4);
    c->n++;
}

void
kn_put_bytes(kn_columns *columns, int i, const void *bytes, size_t len)
{
    uint8_t *at = kn_put_room(columns, i, len);

    if (len)
        memcpy(at, bytes, len);
    kn_put_used(columns, i, len, len);
}

void
kn_put_int2(kn_columns *columns, int i, int value)
{
    uint16_t be = GUINT16_TO_BE((uint16_t)value);

    assert(value >= INT16_MIN && value <= INT16_MAX);
    kn_put_bytes(columns, i, &be, sizeof be);
}

void
kn_put_int4(kn_columns *columns, int i, int32_t value)
{
    uint32_t be = GUINT32_TO_BE((uint32_t)value);

    kn_put_bytes(columns, i, &be, sizeof be);
}

void
kn_put_int8(kn_columns *columns, int i, int64_t value)
{
    uint64_t be = GUINT64_TO_BE((uint64_t)value);

    kn_put_bytes(columns, i, &be, sizeof be);
}

void
kn_put_time(kn_columns *columns, int i, int64_t ms)
{
    kn_put_int8(columns, i, (ms - PG_EPOCH_MS) * 1000);
}

void
kn_put_text(kn_columns *columns, int i, const char *text)
{
    if (text)
        kn_put_bytes(columns, i, text, strlen(text));
    else
        kn_put_null(columns, i);
}

void
kn_put_gbytes(kn_columns *columns, int i, GBytes *bytes)
{
    size_t len = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &len) : NULL;

    if (bytes)
        kn_put_bytes(columns, i, data, len);
    else
        kn_put_null(columns, i);
}

static int
append_json(const char *text, size_t len, void *bytes)
{
    g_byte_array_append(bytes, (const uint8_t *)text, (unsigned)len);
    return 0;
}

/* jsonb: the version of its binary form, then the text. Returns where the value began. */
static unsigned
begin_jsonb(kn_columns *columns, int i)
{
    *kn_put_room(columns, i, 1) = 1;
    return columns->column[i].bytes->len - 1;
}

static void
end_jsonb(kn_columns *columns, int i, unsigned start)
{
    size_t used = columns->column[i].bytes->len - start;

    kn_put_used(columns, i, used, used);
}

void
kn_put_jsonb_text(kn_columns *columns, int i, const char *text)
{
    unsigned start;

    if (!text) {
        kn_put_null(columns, i);
        return;
    }
    start = begin_jsonb(columns, i);
    (void)append_json(text, strlen(text), columns->column[i].bytes);
    end_jsonb(columns, i, start);
}

void
kn_put_jsonb(kn_columns *columns, int i, const json_t *json)
{
    unsigned start;

    if (!json) {
        kn_put_null(columns, i);
        return;
    }
    start = begin_jsonb(columns, i);
    /* Unsorted: jsonb sorts keys in its own way. */
    (void)json_dump_callback(json, append_json, columns->column[i].bytes,
                             JSON_COMPACT | JSON_ENCODE_ANY);
    end_jsonb(columns, i, start);
}

int
kn_get_int2(const PGresult *res, int row, int col)
{
    uint16_t be;

    assert(PQgetlength(res, row, col) == (int)sizeof be);
    memcpy(&be, PQgetvalue(res, row, col), sizeof be);
    return (int16_t)GUINT16_FROM_BE(be);
}

int32_t
kn_get_int4(const PGresult *res, int row, int col)
{
    uint32_t be;

    assert(PQgetlength(res, row, col) == (int)sizeof be);
    memcpy(&be, PQgetvalue(res, row, col), sizeof be);
    return (int32_t)GUINT32_FROM_BE(be);
}

int64_t
kn_get_int8(const PGresult *res, int row, int col)
{
    uint64_t be;

    assert(PQgetlength(res, row, col) == (int)sizeof be);
    memcpy(&be, PQgetvalue(res, row, col), sizeof be);
    return (int64_t)GUINT64_FROM_BE(be);
}

int64_t
kn_get_time(const PGresult *res, int row, int col)
{
    return kn_get_int8(res, row, col) / 1000 + PG_EPOCH_MS;
}

char *
kn_get_text(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return NULL;
    return g_strndup(PQgetvalue(res, row, col), (size_t)PQgetlength(res, row, col));
}

GBytes *
kn_get_bytes(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return NULL;
    return g_bytes_new(PQgetvalue(res, row, col), (size_t)PQgetlength(res, row, col));
}

json_t *
kn_get_jsonb(const PGresult *res, int row, int col)
{
    const char *at = PQgetvalue(res, row, col);
    int len = PQgetlength(res, row, col);

    if (len < 1 || at[0] != 1)
        return NULL;
    return json_loadb(at + 1, (size_t)len - 1, JSON_DECODE_ANY, NULL);
}
