/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dict_set.h"

#include "store/vault.h"

#include <kouan/error.h>
#include <string.h>

#define LOOK 1024 /* a declaration and a comment may stand before the root */

typedef struct dict {
    int id;
    GBytes *bytes;
    ZSTD_DDict *reader; /* made when first wanted */
} dict;

typedef struct newest {
    int id;
    ZSTD_CDict *writer;
} newest;

struct kn_dict_set {
    GHashTable *all;   /* id → dict */
    GHashTable *types; /* type → newest */
};

static void
dict_free(void *p)
{
    dict *d = p;

    (void)ZSTD_freeDDict(d->reader);
    g_bytes_unref(d->bytes);
    g_free(d);
}

static void
newest_free(void *p)
{
    newest *n = p;

    (void)ZSTD_freeCDict(n->writer);
    g_free(n);
}

kn_dict_set *
kn_dict_set_new(void)
{
    kn_dict_set *set = g_new0(kn_dict_set, 1);

    set->all = g_hash_table_new_full(NULL, NULL, NULL, dict_free);
    set->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, newest_free);
    return set;
}

void
kn_dict_set_free(kn_dict_set *set)
{
    if (!set)
        return;
    g_hash_table_unref(set->all);
    g_hash_table_unref(set->types);
    g_free(set);
}

static bool
add(kn_dict_set *set, int id, char *type, GBytes *bytes, GError **err)
{
    size_t len;
    const void *data = g_bytes_get_data(bytes, &len);
    ZSTD_CDict *writer = ZSTD_createCDict(data, len, KN_DICT_LEVEL);
    newest *n;
    dict *d;

    if (!writer || ZSTD_getDictID_fromDict(data, len) == 0) {
        (void)ZSTD_freeCDict(writer);
        g_free(type);
        g_bytes_unref(bytes);
        return kn_fail(err, KN_E_STORE_WRONG, "archive dictionary %d is none that zstd trained",
                       id);
    }
    n = g_new0(newest, 1);
    *n = (newest){ id, writer };
    (void)g_hash_table_replace(set->types, type, n);
    d = g_new0(dict, 1);
    *d = (dict){ .id = id, .bytes = bytes };
    (void)g_hash_table_insert(set->all, GINT_TO_POINTER(id), d);
    return true;
}

/* The bytes as zstd trained them. */
static GBytes *
bytes_of(const PGresult *res, int row, GError **err)
{
    const void *bytes = PQgetvalue(res, row, 2);
    size_t len = (size_t)PQgetlength(res, row, 2);
    uint8_t *plain = NULL;

    if (!kn_vault_is_locked(bytes, len))
        return kn_get_bytes(res, row, 2);
    return kn_vault_open(bytes, len, &plain, &len, err) ? g_bytes_new_take(plain, len) : NULL;
}

bool
kn_dict_set_fill(kn_dict_set *set, const PGresult *res, GError **err)
{
    for (int row = 0; row < PQntuples(res); row++) {
        int id = kn_get_int2(res, row, 0);
        GBytes *bytes;

        if (g_hash_table_contains(set->all, GINT_TO_POINTER(id)))
            continue;
        bytes = bytes_of(res, row, err);
        if (!bytes || !add(set, id, kn_get_text(res, row, 1), bytes, err))
            return false;
    }
    return true;
}

const ZSTD_CDict *
kn_dict_set_writer(const kn_dict_set *set, const void *payload, size_t len, int *id)
{
    char type[KN_DICT_TYPE_MAX];
    const newest *n;

    *id = KN_DICT_NONE;
    if (g_hash_table_size(set->types) == 0)
        return NULL;
    kn_dict_type(payload, len, type);
    n = g_hash_table_lookup(set->types, type);
    if (!n)
        return NULL;
    *id = n->id;
    return n->writer;
}

const ZSTD_DDict *
kn_dict_set_reader(kn_dict_set *set, int id)
{
    dict *d = g_hash_table_lookup(set->all, GINT_TO_POINTER(id));

    if (d && !d->reader) {
        size_t len;
        const void *data = g_bytes_get_data(d->bytes, &len);

        d->reader = ZSTD_createDDict(data, len);
    }
    return d ? d->reader : NULL;
}

/* --- type ------------------------------------------------------------------------------------------ */

/* The first '<' that opens an element.  Bytes nobody has judged yet: only ever a look into a table. */
static const char *
root_tag(const char *p, const char *end)
{
    while ((p = memchr(p, '<', (size_t)(end - p)))) {
        if (++p >= end)
            return NULL;
        if (*p != '?' && *p != '!')
            return p;
    }
    return NULL;
}

void
kn_dict_type(const void *payload, size_t len, char out[KN_DICT_TYPE_MAX])
{
    const char *end = (const char *)payload + MIN(len, LOOK);
    const char *name = len > 0 ? root_tag(payload, end) : NULL, *p = name;

    out[0] = '\0';
    if (!name)
        return;
    for (; p < end && !strchr(" \t\r\n/>", *p); p++)
        if (*p == ':')
            name = p + 1;
    if (p == end || (size_t)(p - name) >= KN_DICT_TYPE_MAX)
        return;
    memcpy(out, name, (size_t)(p - name));
    out[p - name] = '\0';
}
