/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trace.h"

#include "store/archive.h"
#include "store/pg_auto.h"
#include "store/trace_priv.h"

#include <kouan/error.h>
#include <string.h>

/* clang-format off */
#define THE_TEXTS "ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))"

/* Each gives one cell of JSON. */
static const char by_inbox[] =
    "SELECT coalesce(json_agg(json_build_object('topic', t.name, 'part', i.part, 'off', i.off)), '[]')"
    " FROM inbox i JOIN topic t ON t.id = i.topic WHERE i.sender = " THE_TEXTS " AND i.msgid = $1";
static const char by_header[] = /* refused before it was proven: not in the inbox */
    "SELECT coalesce(json_agg(json_build_object('topic', t.name, 'part', m.part, 'off', m.off)), '[]')"
    " FROM message m JOIN topic t ON t.id = m.topic WHERE m.idx = 0 AND m.header->>'guid' = $1";
static const char repeats[] = /* the same guid again, not far behind its original: was answered from it */
    "SELECT coalesce(json_agg(json_build_object('topic', p.topic, 'part', m.part, 'off', m.off)), '[]')"
    " FROM jsonb_to_recordset($2::jsonb) AS p (topic text, part int, off bigint)"
    " JOIN topic t ON t.name = p.topic"
    " JOIN message m ON m.topic = t.id AND m.part = p.part AND m.off > p.off AND m.off < p.off + 10000"
    " WHERE m.idx = 0 AND m.header->>'guid' = $1";
static const char by_key[] =
    "SELECT coalesce(json_agg(json_build_object('kind', kind, 'key', key)), '[]')"
    " FROM record WHERE kind = " THE_TEXTS " AND key = $1";
static const char by_trip_key[] = /* a trip number carries the year and the serial number of the key */
    "SELECT coalesce(json_agg(json_build_object('kind', kind, 'key', key)), '[]')"
    " FROM record WHERE kind = " THE_TEXTS " AND key = left($1, 4) || right($1, 14) AND body->>'tripNo' = $1";
static const char by_trip[] =
    "SELECT coalesce(json_agg(json_build_object('kind', kind, 'key', key)), '[]')"
    " FROM record WHERE kind = " THE_TEXTS " AND body->>'tripNo' = $1";
static const char changed_at[] = /* documents that messages changed */
    "SELECT coalesce(json_agg(json_build_object('kind', kind, 'key', key)), '[]') FROM"
    " (SELECT DISTINCT h.kind, h.key FROM jsonb_to_recordset($1::jsonb) AS p (topic text, part int, off bigint)"
    "  JOIN topic t ON t.name = p.topic"
    "  JOIN history h ON h.topic = t.id AND h.part = p.part AND h.off = p.off ORDER BY 1, 2) AS d";
/* Messages that changed it when they were released: the operator's action stands in history, the message itself
 * where it first came (lane/ledger.h). */
#define ORIGINALS \
    "SELECT o.id, (r.body->>'partition')::int, (r.body->>'offset')::bigint FROM history d" \
    " JOIN history p ON p.kind = 'parked' AND p.topic = d.topic AND p.part = d.part AND p.off = d.off" \
    " JOIN record r ON r.kind = 'parked' AND r.key = p.key JOIN topic o ON o.name = r.body->>'topic'" \
    " WHERE d.kind = $1 AND d.key = $2 AND d.kind <> 'parked'"
static const char record_of[] =
    "SELECT json_build_object("
    " 'record', (SELECT json_build_object('kind', kind, 'key', key, 'owner', owner, 'state', state,"
    "                                     'version', version, 'body', body)"
    "            FROM record WHERE kind = $1 AND key = $2),"
    " 'places', (SELECT coalesce(json_agg(json_build_object('topic', t.name, 'part', h.part, 'off', h.off)), '[]')"
    "            FROM (SELECT topic, part, off FROM history WHERE kind = $1 AND key = $2"
    "                  UNION " ORIGINALS ") AS h"
    "            JOIN topic t ON t.id = h.topic))";
static const char trust_versions[] =
    "SELECT coalesce(json_agg(json_build_object('version', s.version, 'digest', encode(s.digest, 'hex'),"
    "  'at', floor(extract(epoch FROM s.made) * 1000)::bigint, 'by', s.made_by, 'bytes', f.size,"
    "  'partitions', (SELECT count(*) FROM position p WHERE p.trust = s.version)) ORDER BY s.version), '[]')"
    " FROM trust_set s JOIN trust_files f ON f.digest = s.digest WHERE $1 <> ''";
static const char dictionaries[] =
    "SELECT coalesce(json_agg(json_build_object('id', id, 'type', type,"
    "  'at', floor(extract(epoch FROM made) * 1000)::bigint, 'bytes', length(bytes), 'samples', samples,"
    "  'before', before, 'after', after) ORDER BY id), '[]') FROM dictionary WHERE $1 <> ''";
static const char at_places[] =
    "SELECT coalesce(json_agg(json_build_object("
    "  'topic', p.topic, 'part', p.part, 'off', p.off, 'at', floor(extract(epoch FROM m.at) * 1000)::bigint,"
    "  'type', m.header->>'type', 'guid', m.header->>'guid', 'sender', m.header->>'sender', 'verdict', m.verdict,"
    "  'trust', m.trust,"
    "  'changes', (SELECT coalesce(json_agg(json_build_object('kind', h.kind, 'key', h.key, 'version', h.version,"
    "      'from', h.state_from, 'to', h.state_to, 'event', h.event, 'row', h.\"row\", 'actor', h.actor)"
    "      ORDER BY h.seq), '[]')"
    "    FROM history h WHERE h.topic = t.id AND h.part = p.part AND h.off = p.off),"
    "  'outputs', (SELECT coalesce(json_agg(json_build_object('idx', o.idx, 'to', d.name,"
    "      'type', o.header->>'type', 'guid', o.header->>'guid', 'receiver', o.header->>'receiver',"
    "      'answers', o.header->>'answers') ORDER BY o.idx), '[]')"
    "    FROM message o JOIN topic d ON d.id = o.dest"
    "    WHERE o.topic = t.id AND o.part = p.part AND o.off = p.off AND o.idx > 0))"
    "  ORDER BY m.at, p.topic, p.part, p.off), '[]')"
    " FROM (SELECT DISTINCT topic, part, off"
    "       FROM jsonb_to_recordset($1::jsonb) AS x (topic text, part int, off bigint)) AS p"
    " JOIN topic t ON t.name = p.topic"
    " JOIN message m ON m.topic = t.id AND m.part = p.part AND m.off = p.off AND m.idx = 0";
static const char message_at[] = /* binary columns, the order of enum column */
    "SELECT m.dict, m.payload, m.key, m.at, coalesce(m.header->>'sender', ''), coalesce(m.verdict, ''),"
    "       coalesce(m.rules, 0), coalesce(r.dict, 0::int2), r.payload"
    " FROM topic t JOIN message m ON m.topic = t.id AND m.part = $2::text::int AND m.off = $3::text::bigint"
    "  AND m.idx = 0"
    " LEFT JOIN message r ON r.topic = m.topic AND r.part = m.part AND r.off = m.off AND r.idx = 1"
    " WHERE t.name = $1 ORDER BY m.day LIMIT 1";
/* clang-format on */
enum column { DICT, PAYLOAD, KEY, AT, SENDER, VERDICT, RULES, RECEIPT_DICT, RECEIPT };

void
kn_trace_close(kn_trace *trace)
{
    if (!trace)
        return;
    PQfinish(trace->conn);
    g_free(trace);
}

bool
kn_trace_fail(const kn_trace *trace, const char *what, GError **err)
{
    g_autofree char *text = g_strdup(PQerrorMessage(trace->conn));

    return kn_fail(err, PQstatus(trace->conn) == CONNECTION_OK ? KN_E_STORE_WRONG : KN_E_STORE_DOWN,
                   "%s: %s", what, g_strchomp(text));
}

bool
kn_trace_open(const char *conninfo, kn_trace **out, GError **err)
{
    g_autoptr(kn_trace) trace = g_new0(kn_trace, 1);
    g_autoptr(PGresult) res = NULL;

    trace->conn = PQconnectdb(conninfo);
    if (PQstatus(trace->conn) != CONNECTION_OK)
        return kn_trace_fail(trace, "database", err);
    res = PQexec(trace->conn,
                 "SET default_transaction_read_only = on; SET client_encoding = 'UTF8';"
                 " SET statement_timeout = '60s'");
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        return kn_trace_fail(trace, "database", err);
    *out = g_steal_pointer(&trace);
    return true;
}

/* One cell of JSON. */
bool
kn_trace_ask(kn_trace *trace, const char *sql, const char *first, const char *second, json_t **out,
             GError **err)
{
    const char *values[] = { first, second };
    g_autoptr(PGresult) res = PQexecParams(trace->conn, sql, second ? 2 : 1, NULL, values, NULL,
                                           NULL, 0);

    if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
        return kn_trace_fail(trace, "trace", err);
    *out = json_loads(PQgetvalue(res, 0, 0), 0, NULL);
    return *out || kn_fail(err, KN_E_STORE_WRONG, "trace: the answer is no JSON");
}

static char *
dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    char *copy = g_strdup(text ? text : "[]");

    free(text); /* allow: jansson allocated it */
    return copy;
}

static void
move_into(json_t *list, json_t *more)
{
    (void)json_array_extend(list, more);
    json_decref(more);
}

/* Adds what a statement finds to list. */
static bool
look(kn_trace *trace, const char *sql, const char *what, const char *where, json_t *list,
     GError **err)
{
    json_t *found = NULL;

    if (!kn_trace_ask(trace, sql, what, where, &found, err))
        return false;
    move_into(list, found);
    return true;
}

static bool
find_places(kn_trace *trace, const char *guid, const char *partners, json_t *places, GError **err)
{
    g_autofree char *originals = NULL;

    if (!look(trace, by_inbox, guid, partners, places, err))
        return false;
    originals = dump(places);
    return json_array_size(places) > 0 ? look(trace, repeats, guid, originals, places, err)
                                       : look(trace, by_header, guid, NULL, places, err);
}

static bool
find_documents(kn_trace *trace, const char *what, const char *kinds, json_t *documents,
               GError **err)
{
    static const char *const ways[] = { by_key, by_trip_key, by_trip };

    for (size_t i = 0; i < G_N_ELEMENTS(ways) && json_array_size(documents) == 0; i++)
        if (!look(trace, ways[i], what, kinds, documents, err))
            return false;
    return true;
}

bool
kn_trace_find(kn_trace *trace, const char *what, const json_t *partners, const json_t *kinds,
              json_t **out, GError **err)
{
    g_autofree char *senders = dump(partners), *where = dump(kinds), *at = NULL;
    json_t *places = json_array(), *documents = json_array();
    bool guid = strlen(what) == 36, ok;

    ok = guid ? find_places(trace, what, senders, places, err)
              : find_documents(trace, what, where, documents, err);
    if (ok && json_array_size(places) > 0) {
        at = dump(places);
        ok = look(trace, changed_at, at, NULL, documents, err);
    }
    if (ok && json_array_size(places) + json_array_size(documents) == 0)
        ok = kn_fail(err, KN_E_NO_DOCUMENT, "no %s “%.64s” in the archive",
                     guid ? "message" : "document", what);
    if (ok)
        *out = json_pack("{sO sO}", "places", places, "documents", documents);
    json_decref(places);
    json_decref(documents);
    return ok;
}

bool
kn_trace_document(kn_trace *trace, const char *kind, const char *key, json_t **out, GError **err)
{
    json_t *found = NULL;

    if (!kn_trace_ask(trace, record_of, kind, key, &found, err))
        return false;
    if (!json_is_object(json_object_get(found, "record"))) {
        json_decref(found);
        return kn_fail(err, KN_E_NO_DOCUMENT, "no %s “%.64s”", kind, key);
    }
    *out = found;
    return true;
}

bool
kn_trace_places(kn_trace *trace, const json_t *places, json_t **out, GError **err)
{
    g_autofree char *at = dump(places);

    return kn_trace_ask(trace, at_places, at, NULL, out, err);
}

bool
kn_trace_trust(kn_trace *trace, json_t **out, GError **err)
{
    return kn_trace_ask(trace, trust_versions, "all", NULL, out, err);
}

bool
kn_trace_dictionaries(kn_trace *trace, json_t **out, GError **err)
{
    return kn_trace_ask(trace, dictionaries, "all", NULL, out, err);
}

void
kn_trace_message_clear(kn_trace_message *message)
{
    g_clear_pointer(&message->payload, g_bytes_unref);
    g_clear_pointer(&message->key, g_bytes_unref);
    g_clear_pointer(&message->receipt, g_bytes_unref);
    g_clear_pointer(&message->sender, g_free);
    g_clear_pointer(&message->verdict, g_free);
}

static bool
unpack(kn_trace *trace, const PGresult *res, kn_trace_message *out, GError **err)
{
    const char *all = kn_sql_row_of(KN_SQL_DICTIONARIES)->sql;
    g_autoptr(PGresult) rows = PQexecParams(trace->conn, all, 0, NULL, NULL, NULL, NULL, 1);
    g_autoptr(kn_dict_set) dicts = kn_dict_set_new();
    ZSTD_DCtx *zstd;
    bool ok;

    if (PQresultStatus(rows) != PGRES_TUPLES_OK)
        return kn_trace_fail(trace, "dictionaries", err);
    if (!kn_dict_set_fill(dicts, rows, err))
        return false;
    zstd = ZSTD_createDCtx();
    ok = zstd ? kn_archive_unpack(zstd, dicts, res, 0, DICT, PAYLOAD, &out->payload, err)
                    && kn_archive_unpack(zstd, dicts, res, 0, RECEIPT_DICT, RECEIPT, &out->receipt,
                                         err)
              : kn_fail(err, KN_E_ENGINE_ERROR, "zstd: no context");
    (void)ZSTD_freeDCtx(zstd);
    return ok;
}

bool
kn_trace_read(kn_trace *trace, const char *topic, int part, int64_t off, kn_trace_message *out,
              GError **err)
{
    g_autofree char *part_text = g_strdup_printf("%d", part);
    g_autofree char *off_text = g_strdup_printf("%" G_GINT64_FORMAT, off);
    const char *values[] = { topic, part_text, off_text };
    g_autoptr(PGresult) res = PQexecParams(trace->conn, message_at, 3, NULL, values, NULL, NULL, 1);
    g_auto(kn_trace_message) m = { 0 };

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return kn_trace_fail(trace, "archive", err);
    if (PQntuples(res) == 0)
        return kn_fail(err, KN_E_NO_DOCUMENT, "no message at %s/%d offset %s", topic, part,
                       off_text);
    if (!unpack(trace, res, &m, err))
        return false;
    if (!m.payload)
        return kn_fail(err, KN_E_NO_DOCUMENT, "the payload of %s/%d offset %s is not kept any more",
                       topic, part, off_text);
    m.key = PQgetisnull(res, 0, KEY) ? NULL : kn_get_bytes(res, 0, KEY);
    m.at_ms = kn_get_time(res, 0, AT);
    m.sender = kn_get_text(res, 0, SENDER);
    m.verdict = kn_get_text(res, 0, VERDICT);
    m.rules = kn_get_int4(res, 0, RULES);
    *out = m;
    m = (kn_trace_message){ 0 };
    return true;
}
