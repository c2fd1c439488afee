/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entry.h"

#include "store/archive.h"

#include <string.h>

#define PAGE_ROWS 1000
#define DIGEST_LEN 32

static void
message_free(void *data)
{
    kn_store_message_clear(data);
    g_free(data);
}

void
kn_entry_free(kn_entry *entry)
{
    if (!entry)
        return;
    g_ptr_array_unref(entry->messages);
    g_array_unref(entry->history);
    g_ptr_array_unref(entry->texts);
    g_free(entry);
}

static void
entry_free(void *entry)
{
    kn_entry_free(entry);
}

void
kn_entry_text(const kn_entry *entry, const kn_store *store, GString *out)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    const char *topic = kn_store_topic_name(store, in->topic);

    kn_chain_begin(out);
    kn_chain_message(out, in, topic, NULL);
    for (unsigned i = 0; i < entry->history->len; i++)
        kn_chain_history(out, &g_array_index(entry->history, kn_store_history, i), topic);
    for (unsigned i = 1; i < entry->messages->len; i++) {
        const kn_store_message *m = g_ptr_array_index(entry->messages, i);

        kn_chain_message(out, m, topic, m->dest >= 0 ? kn_store_topic_name(store, m->dest) : NULL);
    }
}

/* --- rows ------------------------------------------------------------------------------------------ */

enum {
    OFF,
    IDX,
    DAY,
    DEST,
    KEY,
    HEADER,
    DICT,
    PAYLOAD,
    DIGEST,
    AT,
    VERDICT,
    RULES,
    READS,
    TRUST,
    CHAIN
};
enum { H_SEQ, H_OFF, H_KIND, H_KEY, H_VERSION, H_FROM, H_TO, H_EVENT, H_ROW, H_ACTOR, H_AT };

static bool
get_digest(const PGresult *res, int row, int col, uint8_t out[DIGEST_LEN])
{
    if (PQgetisnull(res, row, col) || PQgetlength(res, row, col) != DIGEST_LEN)
        return false;
    memcpy(out, PQgetvalue(res, row, col), DIGEST_LEN);
    return true;
}

static const char *
keep(kn_entry *entry, char *text)
{
    if (text)
        g_ptr_array_add(entry->texts, text);
    return text;
}

/* As the lane wrote it: jsonb gives the same value in another spelling. */
static char *
get_reads(const PGresult *res, int row)
{
    json_t *reads = kn_get_jsonb(res, row, READS);
    char *text = reads ? json_dumps(reads, JSON_COMPACT) : NULL, *copy = g_strdup(text);

    free(text); /* allow: jansson allocated it */
    json_decref(reads);
    return copy;
}

static bool
message_of(const kn_entry_walk *walk, const PGresult *res, int row, kn_entry *entry, GError **err)
{
    kn_store_message *m = g_new0(kn_store_message, 1);

    g_ptr_array_add(entry->messages, m);
    m->day = kn_get_int4(res, row, DAY);
    m->topic = walk->topic;
    m->part = walk->part;
    m->off = kn_get_int8(res, row, OFF);
    m->idx = kn_get_int2(res, row, IDX);
    m->dest = PQgetisnull(res, row, DEST) ? -1 : kn_get_int2(res, row, DEST);
    m->key = kn_get_bytes(res, row, KEY);
    m->header = kn_get_text(res, row, HEADER);
    m->at_ms = kn_get_time(res, row, AT);
    m->verdict = keep(entry, kn_get_text(res, row, VERDICT));
    m->rules = PQgetisnull(res, row, RULES) ? 0 : kn_get_int4(res, row, RULES);
    m->trust = PQgetisnull(res, row, TRUST) ? 0 : kn_get_int4(res, row, TRUST);
    m->reads = get_reads(res, row);
    if (m->idx == 0)
        entry->chained = get_digest(res, row, CHAIN, m->chain);
    if (!get_digest(res, row, DIGEST, m->digest))
        return kn_fail(err, KN_E_STORE_WRONG, "offset %" G_GINT64_FORMAT ": no digest", m->off);
    return !walk->payloads
           || kn_archive_payload(walk->store, res, row, DICT, PAYLOAD, &m->payload, err);
}

static kn_entry *
entry_new(const PGresult *res, int row)
{
    kn_entry *entry = g_new0(kn_entry, 1);

    entry->off = kn_get_int8(res, row, OFF);
    entry->day = kn_get_int4(res, row, DAY);
    entry->messages = g_ptr_array_new_with_free_func(message_free);
    entry->history = g_array_new(FALSE, TRUE, sizeof(kn_store_history));
    entry->texts = g_ptr_array_new_with_free_func(g_free);
    return entry;
}

/* Rows of whole messages only; all of them when the page was not full. */
static int
whole_rows(const PGresult *res)
{
    int n = PQntuples(res);
    int64_t cut;

    if (n < PAGE_ROWS)
        return n;
    cut = kn_get_int8(res, n - 1, OFF);
    while (n > 0 && kn_get_int8(res, n - 1, OFF) == cut)
        n--;
    return n;
}

static bool
read_messages(kn_entry_walk *walk, GError **err)
{
    g_auto(kn_trip) trip = { .store = walk->store };
    kn_columns *c = kn_trip_params(&trip, walk->payloads ? KN_SQL_ENTRIES_WHOLE : KN_SQL_ENTRIES);
    const PGresult *res;
    kn_entry *entry = NULL;
    int n;

    kn_put_int2(c, 0, walk->topic);
    kn_put_int4(c, 1, walk->part);
    kn_put_int8(c, 2, walk->off);
    kn_put_int8(c, 3, walk->to);
    kn_put_int8(c, 4, PAGE_ROWS);
    if (!kn_trip_one(&trip, walk->payloads ? KN_SQL_ENTRIES_WHOLE : KN_SQL_ENTRIES, err))
        return false;
    res = trip.results[0];
    n = whole_rows(res);
    if (n == 0 && PQntuples(res) > 0)
        return kn_fail(err, KN_E_STORE_WRONG, "one message has more than %d rows", PAGE_ROWS);
    for (int row = 0; row < n; row++) {
        if (!entry || entry->off != kn_get_int8(res, row, OFF)) {
            entry = entry_new(res, row);
            g_ptr_array_add(walk->page, entry);
        }
        if ((int)entry->messages->len != kn_get_int2(res, row, IDX))
            return kn_fail(err, KN_E_STORE_WRONG,
                           "offset %" G_GINT64_FORMAT ": row %u of the message is missing",
                           entry->off, entry->messages->len);
        if (!message_of(walk, res, row, entry, err))
            return false;
    }
    return true;
}

static void
add_history(const kn_entry_walk *walk, const PGresult *res, int row, kn_entry *entry)
{
    kn_store_history h = {
        .topic = walk->topic,
        .part = walk->part,
        .seq = kn_get_int8(res, row, H_SEQ),
        .off = kn_get_int8(res, row, H_OFF),
        .kind = keep(entry, kn_get_text(res, row, H_KIND)),
        .key = keep(entry, kn_get_text(res, row, H_KEY)),
        .version = kn_get_int4(res, row, H_VERSION),
        .state_from = keep(entry, kn_get_text(res, row, H_FROM)),
        .state_to = keep(entry, kn_get_text(res, row, H_TO)),
        .event = keep(entry, kn_get_text(res, row, H_EVENT)),
        .row = keep(entry, kn_get_text(res, row, H_ROW)),
        .actor = keep(entry, kn_get_text(res, row, H_ACTOR)),
        .at_ms = kn_get_time(res, row, H_AT),
    };

    g_array_append_val(entry->history, h);
}

/* History of a page by number.  A row whose message is not there is somebody else's. */
static bool
read_history(kn_entry_walk *walk, int64_t last, GError **err)
{
    g_auto(kn_trip) trip = { .store = walk->store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_ENTRY_HISTORY);
    const PGresult *res;
    unsigned at = 0;

    kn_put_int2(c, 0, walk->topic);
    kn_put_int4(c, 1, walk->part);
    kn_put_int8(c, 2, walk->seq);
    kn_put_int8(c, 3, last);
    if (!kn_trip_one(&trip, KN_SQL_ENTRY_HISTORY, err))
        return false;
    res = trip.results[0];
    for (int row = 0; row < PQntuples(res); row++) {
        int64_t off = kn_get_int8(res, row, H_OFF), seq = kn_get_int8(res, row, H_SEQ);

        while (at < walk->page->len && ((kn_entry *)g_ptr_array_index(walk->page, at))->off < off)
            at++;
        if (at == walk->page->len || ((kn_entry *)g_ptr_array_index(walk->page, at))->off != off)
            return kn_fail(err, KN_E_STORE_WRONG,
                           "history number %" G_GINT64_FORMAT " names offset %" G_GINT64_FORMAT
                           ", which made none",
                           seq, off);
        if (seq != walk->seq + 1)
            return kn_fail(err, KN_E_STORE_WRONG, "history number %" G_GINT64_FORMAT " is missing",
                           walk->seq + 1);
        walk->seq = seq;
        add_history(walk, res, row, g_ptr_array_index(walk->page, at));
    }
    return true;
}

/* --- walking --------------------------------------------------------------------------------------- */

void
kn_entry_walk_init(kn_entry_walk *walk, kn_store *store, const kn_store_head *from, int64_t to,
                   bool payloads)
{
    *walk = (kn_entry_walk){ .store = store,
                             .topic = from->topic_id,
                             .part = from->part,
                             .off = from->off,
                             .to = to,
                             .seq = from->seq,
                             .payloads = payloads,
                             .page = g_ptr_array_new_with_free_func(entry_free) };
}

void
kn_entry_walk_clear(kn_entry_walk *walk)
{
    g_clear_pointer(&walk->page, g_ptr_array_unref);
}

bool
kn_entry_walk_next(kn_entry_walk *walk, kn_entry **out, GError **err)
{
    *out = NULL;
    if (walk->at == walk->page->len) {
        g_ptr_array_set_size(walk->page, 0);
        walk->at = 0;
        if (!read_messages(walk, err))
            return false;
        if (walk->page->len == 0)
            return true;
        walk->off = ((kn_entry *)g_ptr_array_index(walk->page, walk->page->len - 1))->off + 1;
        if (!read_history(walk, walk->off, err))
            return false;
    }
    *out = g_ptr_array_index(walk->page, walk->at);
    walk->page->pdata[walk->at++] = NULL;
    return true;
}

/* --- heads ----------------------------------------------------------------------------------------- */

enum { HEAD_TOPIC, HEAD_PART, HEAD_OFF, HEAD_SEQ, HEAD_CHAIN, HEAD_LAST };

static bool
head_of(const kn_store *store, const PGresult *res, int row, kn_store_head *out, GError **err)
{
    out->topic_id = kn_get_int2(res, row, HEAD_TOPIC);
    out->topic = kn_store_topic_name(store, out->topic_id);
    out->part = kn_get_int4(res, row, HEAD_PART);
    out->off = kn_get_int8(res, row, HEAD_OFF);
    out->seq = kn_get_int8(res, row, HEAD_SEQ);
    return (out->topic && get_digest(res, row, HEAD_CHAIN, out->chain))
           || kn_fail(err, KN_E_STORE_WRONG, "a head of topic %d is no head", out->topic_id);
}

static bool
ask_head(kn_trip *trip, kn_sql sql, int topic, int part, int64_t off, GError **err)
{
    kn_columns *c = kn_trip_params(trip, sql);

    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    kn_put_int8(c, 2, off);
    return kn_trip_one(trip, sql, err);
}

bool
kn_store_head_before(kn_store *store, int topic, int part, int64_t off, kn_store_head *out,
                     GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!ask_head(&trip, KN_SQL_HEAD_BEFORE, topic, part, off, err))
        return false;
    *out = (kn_store_head){ .topic_id = topic, .part = part };
    out->topic = kn_store_topic_name(store, topic);
    return PQntuples(trip.results[0]) == 0 || head_of(store, trip.results[0], 0, out, err);
}

bool
kn_store_head_sealed(kn_store *store, int topic, int part, int64_t off, kn_store_head *out,
                     int *seal, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    *seal = 0;
    if (!ask_head(&trip, KN_SQL_HEAD_SEALED, topic, part, off, err))
        return false;
    if (PQntuples(trip.results[0]) == 0)
        return true;
    *seal = kn_get_int4(trip.results[0], 0, HEAD_LAST);
    return head_of(store, trip.results[0], 0, out, err);
}

bool
kn_store_heads(kn_store *store, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };

    if (!kn_trip_one(&trip, KN_SQL_SEAL_HEADS, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_head h = { .trust = kn_get_int4(trip.results[0], row, HEAD_LAST) };

        if (!head_of(store, trip.results[0], row, &h, err))
            return false;
        g_array_append_val(out, h);
    }
    return true;
}

bool
kn_store_heads_kept(kn_store *store, int topic, int part, GArray *out, GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_HEADS_KEPT);

    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    if (!kn_trip_one(&trip, KN_SQL_HEADS_KEPT, err))
        return false;
    for (int row = 0; row < PQntuples(trip.results[0]); row++) {
        kn_store_head h = { 0 };

        if (!head_of(store, trip.results[0], row, &h, err))
            return false;
        g_array_append_val(out, h);
    }
    return true;
}

bool
kn_store_chain_start(kn_store *store, int topic, int part, kn_store_head *out, int64_t *before,
                     GError **err)
{
    g_auto(kn_trip) trip = { .store = store };
    kn_columns *c = kn_trip_params(&trip, KN_SQL_CHAIN_START);
    int64_t first;

    kn_put_int2(c, 0, topic);
    kn_put_int4(c, 1, part);
    if (!kn_trip_one(&trip, KN_SQL_CHAIN_START, err))
        return false;
    first = kn_get_int8(trip.results[0], 0, 0);
    *before = kn_get_int8(trip.results[0], 0, 1);
    return kn_store_head_before(store, topic, part, first < 0 ? INT64_MAX : first, out, err);
}
