/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dictionary.h"

#include "store/archive.h"
#include "store/vault.h"

#include <string.h>
#include <zdict.h>

#define LEAST_SAMPLES 100
#define KEPT_BACK 5 /* one in so many is not trained with, but measured */
#define SAMPLE_MAX ((size_t)64 << 10)

bool
kn_store_load_dictionaries(kn_store *store, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    return kn_trip_one(&trip, KN_SQL_DICTIONARIES, err)
           && kn_dict_set_fill(store->dicts, trip.results[0], err);
}

/* --- samples --------------------------------------------------------------------------------------- */

typedef struct type_samples {
    GPtrArray *train, *kept; /* GBytes * */
} type_samples;

static void
samples_free(void *p)
{
    type_samples *s = p;

    g_ptr_array_unref(s->train);
    g_ptr_array_unref(s->kept);
    g_free(s);
}

static type_samples *
samples_of(GHashTable *types, const char *type)
{
    type_samples *s = g_hash_table_lookup(types, type);

    if (!s) {
        s = g_new0(type_samples, 1);
        s->train = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        s->kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        (void)g_hash_table_insert(types, g_strdup(type), s);
    }
    return s;
}

static void
sort_in(GHashTable *types, GBytes *payload, int per_type)
{
    char type[KN_DICT_TYPE_MAX];
    size_t len;
    const void *bytes = g_bytes_get_data(payload, &len);
    type_samples *s;
    unsigned n;

    kn_dict_type(bytes, len, type);
    s = *type && len <= SAMPLE_MAX ? samples_of(types, type) : NULL;
    n = s ? s->train->len + s->kept->len : 0;
    if (!s || n >= (unsigned)per_type) {
        g_bytes_unref(payload);
        return;
    }
    g_ptr_array_add(n % KEPT_BACK == KEPT_BACK - 1 ? s->kept : s->train, payload);
}

static bool
collect(kn_store *store, const kn_store_training *how, GHashTable *types, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_DICTIONARY_SAMPLES);

    kn_put_int8(c, 0, how->depth);
    if (!kn_trip_one(&trip, KN_SQL_DICTIONARY_SAMPLES, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        GBytes *payload = NULL;

        if (!kn_archive_payload(store, trip.results[0], row, 0, 1, &payload, err))
            return false;
        if (payload)
            sort_in(types, payload, how->per_type);
    }
    return true;
}

/* --- training ---------------------------------------------------------------------------------------- */

static GByteArray *
train(const GPtrArray *samples, size_t max)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_autofree size_t *sizes = g_new(size_t, samples->len);
    GByteArray *out = g_byte_array_new();
    size_t len;

    for (unsigned i = 0; i < samples->len; i++) {
        const uint8_t *bytes = g_bytes_get_data(samples->pdata[i], &sizes[i]);

        (void)g_byte_array_append(all, bytes, (unsigned)sizes[i]);
    }
    g_byte_array_set_size(out, (unsigned)max);
    len = ZDICT_trainFromBuffer(out->data, max, all->data, sizes, samples->len);
    g_byte_array_set_size(out, ZDICT_isError(len) ? 0 : (unsigned)len);
    return out;
}

/* Bytes of the messages kept back, packed; writer NULL: without a dictionary. */
static int64_t
packed(kn_store *store, const GPtrArray *messages, const ZSTD_CDict *writer)
{
    g_autoptr(GByteArray) room = g_byte_array_new();
    int64_t sum = 0;

    for (unsigned i = 0; i < messages->len; i++) {
        size_t len, used;
        const void *bytes = g_bytes_get_data(messages->pdata[i], &len);

        g_byte_array_set_size(room, (unsigned)ZSTD_compressBound(len));
        used = kn_archive_pack(store->zstd_in, writer, room->data, room->len, bytes, len);
        sum += (int64_t)(ZSTD_isError(used) ? len : used);
    }
    return sum;
}

static const ZSTD_CDict *
in_force(const kn_store *store, const GPtrArray *messages)
{
    size_t len;
    const void *bytes = g_bytes_get_data(messages->pdata[0], &len);
    int id;

    return kn_dict_set_writer(store->dicts, bytes, len, &id);
}

static void
measure(kn_store *store, const type_samples *s, const GByteArray *bytes, kn_store_trained *t)
{
    ZSTD_CDict *writer = ZSTD_createCDict(bytes->data, bytes->len, KN_DICT_LEVEL);

    for (unsigned i = 0; i < s->kept->len; i++)
        t->raw += (int64_t)g_bytes_get_size(s->kept->pdata[i]);
    t->before = packed(store, s->kept, in_force(store, s->kept));
    t->after = packed(store, s->kept, writer);
    (void)ZSTD_freeCDict(writer);
}

static bool
keep(kn_store *store, const GByteArray *bytes, kn_store_trained *t, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_DICTIONARY_ADD);
    size_t grown = kn_vault_room();
    uint8_t *at;

    kn_put_text(c, 0, t->type);
    at = kn_put_room(c, 1, bytes->len + grown);
    memcpy(at + (grown ? KN_VAULT_HEAD : 0), bytes->data, bytes->len);
    if (grown && !kn_vault_lock(at, bytes->len, err)) /* what messages have in common is of them */
        return false;
    kn_put_used(c, 1, bytes->len + grown, bytes->len + grown);
    kn_put_int4(c, 2, t->samples);
    kn_put_int8(c, 3, t->before);
    kn_put_int8(c, 4, t->after);
    if (!kn_trip_one(&trip, KN_SQL_DICTIONARY_ADD, err))
        return false;
    t->id = kn_get_int2(trip.results[0], 0, 0);
    return true;
}

static bool
train_type(kn_store *store, const kn_store_training *how, const type_samples *s,
           kn_store_trained *t, GError **err)
{
    g_autoptr(GByteArray) bytes = NULL;

    t->samples = (int)s->train->len;
    if (t->samples < LEAST_SAMPLES) {
        t->why = "too few messages";
        return true;
    }
    bytes = train(s->train, how->bytes);
    if (bytes->len == 0) {
        t->why = "they have nothing in common";
        return true;
    }
    measure(store, s, bytes, t);
    if (t->after * 100 > t->before * (100 - how->least_gain)) {
        t->why = "it would not gain enough";
        return true;
    }
    return keep(store, bytes, t, err);
}

static void
trained_free(void *p)
{
    kn_store_trained *t = p;

    g_free(t->type);
    g_free(t);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
kn_store_dictionary_train(kn_store *store, const kn_store_training *how, GPtrArray **out,
                          GError **err)
{
    g_autoptr(GHashTable) types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                        samples_free);
    g_autoptr(GPtrArray) report = g_ptr_array_new_with_free_func(trained_free);
    g_autofree char **names = NULL;
    unsigned n;

    if (!kn_store_load_dictionaries(store, err) || !collect(store, how, types, err))
        return false;
    names = (char **)g_hash_table_get_keys_as_array(types, &n);
    qsort(names, n, sizeof *names, by_name);
    for (unsigned i = 0; i < n; i++) {
        kn_store_trained *t = g_new0(kn_store_trained, 1);

        t->type = g_strdup(names[i]);
        g_ptr_array_add(report, t);
        if (!train_type(store, how, g_hash_table_lookup(types, names[i]), t, err))
            return false;
    }
    *out = g_steal_pointer(&report);
    return true;
}

bool
kn_store_dictionary_drop(kn_store *store, int id, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_DICTIONARY_DROP);

    kn_put_int2(c, 0, (int16_t)id);
    if (!kn_trip_one(&trip, KN_SQL_DICTIONARY_DROP, err))
        return false;
    return PQntuples(trip.results[0]) == 1
           || kn_fail(
               err, KN_E_NO_DOCUMENT,
               "dictionary %d is not there, or the newest of its type, or was replaced less than "
               "three days ago, or messages name it",
               id);
}
