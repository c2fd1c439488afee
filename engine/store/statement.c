/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statement.h"

#include <assert.h>

/* Reads join the arrays to a key, so that each plan is a loop over an index (the connection pins
 * that).  Writes unnest in the select list: rows stream into the insert and are not stored first.
 * Columns of one statement have the same length; the server would fill up with nulls. */
/* clang-format off */
static const kn_sql_row rows[] = {
    [KN_SQL_BEGIN] = { "begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", 0, { 0 } },
    [KN_SQL_COMMIT] = { "commit", "COMMIT", 0, { 0 } },
    [KN_SQL_ROLLBACK] = { "rollback", "ROLLBACK", 0, { 0 } },

    [KN_SQL_TOPICS] = { "topics", "SELECT id, name FROM topic ORDER BY id", 0, { 0 } },
    [KN_SQL_PROVISION_LOCK] = { "provision_lock", "LOCK TABLE topic, slot IN SHARE ROW EXCLUSIVE MODE", 0, { 0 } },
    [KN_SQL_PROVISION_TOPIC] = { "provision_topic",
        "INSERT INTO topic (id, name) SELECT coalesce(max(id), 0) + 1, $1 FROM topic"
        " HAVING NOT EXISTS (SELECT FROM topic WHERE name = $1)", 1, { KN_OID_TEXT } },
    /* Rule version 1, no record time seen, an empty chain. */
    [KN_SQL_PROVISION_PARTS] = { "provision_parts",
        "WITH missing AS (SELECT t.id, g.part FROM topic t, generate_series(0, $2 - 1) AS g (part)"
        "  WHERE t.name = $1 AND NOT EXISTS (SELECT FROM position p WHERE p.topic = t.id AND p.part = g.part)),"
        " given AS (INSERT INTO slot (slot, topic, part)"
        "  SELECT (SELECT coalesce(max(slot), 0) FROM slot) + row_number() OVER (ORDER BY part), id, part"
        "  FROM missing RETURNING slot, topic, part)"
        " INSERT INTO position (topic, part, slot, next_off, relayed, relayed_day, clock, rules, chain)"
        " SELECT topic, part, slot, $3, $3, date '2000-01-01', to_timestamp(0), 1, decode(repeat('00', 32), 'hex')"
        " FROM given", 3, { KN_OID_TEXT, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_DAYS] = { "days", "SELECT count(message_day($1 + g)) FROM generate_series(0, $2) AS g",
        2, { KN_OID_DATE, KN_OID_INT4 } },

    [KN_SQL_POSITION_OWNER] = { "position_owner",
        "SELECT owner FROM position WHERE topic = $1 AND part = $2 FOR UPDATE", 2, { KN_OID_INT2, KN_OID_INT4 } },
    [KN_SQL_POSITION_TAKE] = { "position_take",
        "UPDATE position SET epoch = epoch + 1, owner = $3,"
        " tries = CASE WHEN owner = $3 THEN greatest(tries - 1, 0) ELSE tries END WHERE topic = $1 AND part = $2"
        " RETURNING slot, next_off, epoch, relayed, relayed_day, coalesce(reapply_to, -1), clock, rules, seq,"
        " chain, serial, coalesce(last_off, -1), last_hash, coalesce(suspect, -1), tries, trust",
        3, { KN_OID_INT2, KN_OID_INT4, KN_OID_TEXT } },
    [KN_SQL_POSITION_RELEASE] = { "position_release",
        "UPDATE position SET owner = NULL WHERE topic = $1 AND part = $2 AND epoch = $3",
        3, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_POSITION_SUSPECT] = { "position_suspect",
        "UPDATE position SET suspect = $4, tries = CASE WHEN suspect = $4 THEN tries + 1 ELSE 1 END"
        " WHERE topic = $1 AND part = $2 AND epoch = $3 RETURNING tries",
        4, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8 } },
    [KN_SQL_POSITION_CALM] = { "position_calm",
        "UPDATE position SET tries = greatest(tries - 1, 0) WHERE topic = $1 AND part = $2 AND epoch = $3",
        3, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_POSITION_LOCK] = { "position_lock",
        "SELECT p.topic, p.part FROM unnest($1, $2, $3, $4) AS u (t, n, e, o) JOIN position p"
        " ON p.topic = u.t AND p.part = u.n AND p.epoch = u.e AND p.next_off = u.o"
        " ORDER BY p.topic, p.part FOR UPDATE OF p",
        4, { KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT8S } },
    [KN_SQL_POSITION_DOUBT] = { "position_doubt",
        "SELECT p.topic, p.part, p.epoch, p.next_off FROM unnest($1, $2) AS u (t, n) JOIN position p"
        " ON p.topic = u.t AND p.part = u.n ORDER BY p.topic, p.part FOR UPDATE OF p",
        2, { KN_OID_INT2S, KN_OID_INT4S } },
    [KN_SQL_POSITION_MOVE] = { "position_move",
        "UPDATE position p SET next_off = u.next_off, relayed = greatest(p.relayed, u.relayed),"
        " relayed_day = greatest(p.relayed_day, u.relayed_day), reapply_to = u.reapply_to, clock = u.clock,"
        " rules = u.rules, seq = u.seq, chain = u.chain, serial = u.serial, last_off = u.last_off,"
        " last_hash = u.last_hash, trust = u.trust"
        " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS u (t, n, e, next_off,"
        " relayed, relayed_day, reapply_to, clock, rules, seq, chain, serial, last_off, last_hash, trust)"
        " WHERE p.topic = u.t AND p.part = u.n AND p.epoch = u.e",
        15, { KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT8S, KN_OID_INT8S, KN_OID_DATES, KN_OID_INT8S,
              KN_OID_TIMESTAMPTZS, KN_OID_INT4S, KN_OID_INT8S, KN_OID_BYTEAS, KN_OID_JSONBS, KN_OID_INT8S,
              KN_OID_BYTEAS, KN_OID_INT4S } },

    [KN_SQL_INBOX_FIND] = { "inbox_find",
        "SELECT i.sender, i.msgid, i.digest, i.day, i.topic, i.part, i.off FROM unnest($1, $2) AS u (s, m)"
        " JOIN inbox i ON i.sender = u.s AND i.msgid = u.m", 2, { KN_OID_TEXTS, KN_OID_TEXTS } },
    [KN_SQL_INBOX_ADD] = { "inbox_add",
        "INSERT INTO inbox (sender, msgid, digest, day, topic, part, off)"
        " SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7)",
        7, { KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_BYTEAS, KN_OID_DATES, KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S } },
    [KN_SQL_INBOX_MOVE] = { "inbox_move",
        "UPDATE inbox i SET day = u.d, topic = u.t, part = u.n, off = u.o"
        " FROM unnest($1, $2, $3, $4, $5, $6) AS u (s, m, d, t, n, o) WHERE i.sender = u.s AND i.msgid = u.m",
        6, { KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_DATES, KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S } },
    /* One day at a time: a day that is a parameter opens one partition, a joined one opens them all. */
    [KN_SQL_RECEIPT_FIND] = { "receipt_find",
        "SELECT m.topic, m.part, m.off, m.dest, m.key, m.header, m.dict, m.payload"
        " FROM unnest($2, $3, $4) AS u (t, n, o) JOIN message m ON m.topic = u.t AND m.part = u.n AND m.off = u.o"
        " WHERE m.day = $1 AND m.idx = 1", 4, { KN_OID_DATE, KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S } },

    [KN_SQL_RECORD_FIND] = { "record_find",
        "SELECT r.kind, r.key, r.owner, r.state, r.version, r.body, r.topic, r.part, r.off"
        " FROM unnest($1, $2) AS u (kind, key) JOIN record r ON r.kind = u.kind AND r.key = u.key"
        " ORDER BY r.kind, r.key FOR UPDATE OF r", 2, { KN_OID_TEXTS, KN_OID_TEXTS } },
    [KN_SQL_RECORD_PUT] = { "record_put",
        "INSERT INTO record (kind, key, owner, state, version, body, due, topic, part, off)"
        " SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8),"
        " unnest($9), unnest($10) ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner,"
        " state = excluded.state, version = excluded.version, body = excluded.body, due = excluded.due,"
        " topic = excluded.topic, part = excluded.part, off = excluded.off",
        10, { KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_INT4S, KN_OID_JSONBS,
              KN_OID_TIMESTAMPTZS, KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S } },
    [KN_SQL_HISTORY_ADD] = { "history_add",
        "INSERT INTO history (topic, part, seq, off, kind, key, version, state_from, state_to, event, \"row\", actor,"
        " at, chain) SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7),"
        " unnest($8), unnest($9), unnest($10), unnest($11), unnest($12), unnest($13), unnest($14)",
        14, { KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT8S, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_INT4S,
              KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TEXTS, KN_OID_TIMESTAMPTZS,
              KN_OID_BYTEAS } },

    [KN_SQL_MESSAGE_ADD] = { "message_add",
        "INSERT INTO message (day, topic, part, off, idx, dest, key, header, dict, payload, digest, at, verdict,"
        " rules, reads, trust, chain)"
        " SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7),"
        " unnest($8), unnest($9), unnest($10), unnest($11), unnest($12), unnest($13), unnest($14), unnest($15),"
        " unnest($16), unnest($17)",
        17, { KN_OID_DATES, KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT2S, KN_OID_INT2S, KN_OID_BYTEAS,
              KN_OID_JSONS, KN_OID_INT2S, KN_OID_BYTEAS, KN_OID_BYTEAS, KN_OID_TIMESTAMPTZS, KN_OID_TEXTS,
              KN_OID_INT4S, KN_OID_JSONBS, KN_OID_INT4S, KN_OID_BYTEAS } },
    [KN_SQL_MESSAGE_PENDING] = { "message_pending",
        "SELECT off, idx, day, dest, key, header, dict, payload, digest, at, rules FROM message"
        " WHERE day >= $1 AND topic = $2 AND part = $3 AND off >= $4 AND off < $5 AND idx > 0"
        " ORDER BY off, idx LIMIT $6",
        6, { KN_OID_DATE, KN_OID_INT2, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8, KN_OID_INT8 } },
    /* Judged: a partner was found, whose name or the message's guid stands there. */
    [KN_SQL_MESSAGE_FIND] = { "message_find",
        "SELECT key, header, dict, payload, at, (coalesce(header->>'sender', '') <> '')::int FROM message"
        " WHERE topic = $1 AND part = $2 AND off = $3 AND idx = 0", 3, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_PARKED_COUNT] = { "parked_count",
        "SELECT count(*) FROM record WHERE kind = 'parked' AND state = 'OPEN'", 0, { 0 } },
    /* An owner is "instance/lane/…" (lane.c); a process looks after what it holds. */
    [KN_SQL_TIMERS_DUE] = { "timers_due",
        "SELECT r.kind, r.key, r.owner, coalesce(r.body->'timer'->>'name', ''), r.version, r.part, r.due"
        " FROM position p JOIN record r ON r.part = p.part AND r.due <= $3"
        " WHERE p.topic = $1 AND split_part(p.owner, '/', 1) = $2 ORDER BY r.due, r.key LIMIT $4",
        4, { KN_OID_INT2, KN_OID_TEXT, KN_OID_TIMESTAMPTZ, KN_OID_INT8 } },

    [KN_SQL_DICTIONARIES] = { "dictionaries", "SELECT id, type, bytes FROM dictionary ORDER BY id", 0, { 0 } },
    [KN_SQL_DICTIONARY_SAMPLES] = { "dictionary_samples",
        "SELECT m.dict, m.payload FROM position p JOIN message m ON m.topic = p.topic AND m.part = p.part"
        " AND m.off >= p.next_off - $1 WHERE octet_length(m.payload) < 65536"
        " ORDER BY m.day DESC, m.off DESC LIMIT 20000",
        1, { KN_OID_INT8 } },
    [KN_SQL_DICTIONARY_ADD] = { "dictionary_add",
        "INSERT INTO dictionary (id, type, bytes, samples, before, after)"
        " SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5 FROM dictionary RETURNING id",
        5, { KN_OID_TEXT, KN_OID_BYTEA, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8 } },
    /* A lane may write with an old one until its next day begins. */
    [KN_SQL_DICTIONARY_DROP] = { "dictionary_drop",
        "DELETE FROM dictionary d WHERE id = $1 AND EXISTS (SELECT FROM dictionary n WHERE n.type = d.type"
        " AND n.id > d.id AND n.made < now() - interval '3 days')"
        " AND NOT EXISTS (SELECT FROM message m WHERE m.dict = d.id) RETURNING id", 1, { KN_OID_INT2 } },

    [KN_SQL_TRUST_LOCK] = { "trust_lock", "LOCK TABLE trust_set IN SHARE ROW EXCLUSIVE MODE", 0, { 0 } },
    [KN_SQL_TRUST_NEWEST] = { "trust_newest",
        "SELECT version, digest FROM trust_set ORDER BY version DESC LIMIT 1", 0, { 0 } },
    [KN_SQL_TRUST_KNOWN] = { "trust_known",
        "SELECT coalesce(max(version), 0) FROM trust_set WHERE digest = $1", 1, { KN_OID_BYTEA } },
    [KN_SQL_TRUST_FILES_ADD] = { "trust_files_add",
        "INSERT INTO trust_files (digest, size, files) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        3, { KN_OID_BYTEA, KN_OID_INT4, KN_OID_BYTEA } },
    [KN_SQL_TRUST_ADD] = { "trust_add",
        "INSERT INTO trust_set (version, digest, made_by) SELECT $3 + 1, $1, $2"
        " WHERE $3 = (SELECT coalesce(max(version), 0) FROM trust_set) RETURNING version",
        3, { KN_OID_BYTEA, KN_OID_TEXT, KN_OID_INT4 } },
    [KN_SQL_TRUST_GET] = { "trust_get",
        "SELECT s.digest, f.size, f.files FROM trust_set s JOIN trust_files f ON f.digest = s.digest"
        " WHERE s.version = $1", 1, { KN_OID_INT4 } },
    [KN_SQL_TRUST_BEHIND] = { "trust_behind",
        "SELECT topic, part, trust FROM position WHERE trust BETWEEN 1 AND $1 - 1 ORDER BY topic, part",
        1, { KN_OID_INT4 } },

    [KN_SQL_SEAL_LOCK] = { "seal_lock", "LOCK TABLE seal IN SHARE ROW EXCLUSIVE MODE", 0, { 0 } },
    [KN_SQL_SEAL_NEWEST] = { "seal_newest",
        "SELECT number, made, digest FROM seal ORDER BY number DESC LIMIT 1", 0, { 0 } },
    /* One statement, one snapshot: heads of one moment. */
    [KN_SQL_SEAL_HEADS] = { "seal_heads",
        "SELECT p.topic, p.part, p.next_off, p.seq, p.chain, p.trust, (NOT EXISTS (SELECT FROM chain_head h"
        "  WHERE h.topic = p.topic AND h.part = p.part AND h.off = p.next_off AND h.seal IS NOT NULL))::int"
        " FROM position p WHERE p.last_off IS NOT NULL ORDER BY p.topic, p.part", 0, { 0 } },
    [KN_SQL_SEAL_SETS] = { "seal_sets",
        "SELECT version, digest FROM trust_set s WHERE EXISTS (SELECT FROM position p WHERE p.trust = s.version)"
        " ORDER BY version", 0, { 0 } },
    [KN_SQL_SEAL_ADD] = { "seal_add",
        "INSERT INTO seal (number, made, digest, document) VALUES ($1, $2, $3, $4)",
        4, { KN_OID_INT4, KN_OID_TIMESTAMPTZ, KN_OID_BYTEA, KN_OID_BYTEA } },
    [KN_SQL_SEAL_HEAD_ADD] = { "seal_head_add",
        "INSERT INTO chain_head AS h (topic, part, off, seq, chain, seal)"
        " SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6)"
        " ON CONFLICT (topic, part, off) DO UPDATE SET seal = coalesce(h.seal, excluded.seal)",
        6, { KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT8S, KN_OID_BYTEAS, KN_OID_INT4S } },
    [KN_SQL_SEALS] = { "seals",
        "SELECT number, made, digest, document, token FROM seal WHERE number BETWEEN $1 AND $2"
        " AND (CASE $3 WHEN 1 THEN NOT published WHEN 2 THEN token IS NULL ELSE true END) ORDER BY number LIMIT 1000",
        3, { KN_OID_INT4, KN_OID_INT4, KN_OID_INT4 } },
    [KN_SQL_SEAL_PUBLISHED] = { "seal_published",
        "UPDATE seal SET published = true WHERE number = $1", 1, { KN_OID_INT4 } },
    [KN_SQL_SEAL_TOKEN] = { "seal_token",
        "UPDATE seal SET token = $2 WHERE number = $1 AND token IS NULL", 2, { KN_OID_INT4, KN_OID_BYTEA } },

    [KN_SQL_ENTRIES] = { "entries",
        "SELECT off, idx, day, dest, key, header, dict, NULL::bytea, digest, at, verdict, rules, reads, trust, chain"
        " FROM message WHERE topic = $1 AND part = $2 AND off >= $3 AND off < $4 ORDER BY off, idx LIMIT $5",
        5, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8, KN_OID_INT8 } },
    [KN_SQL_ENTRIES_WHOLE] = { "entries_whole",
        "SELECT off, idx, day, dest, key, header, dict, payload, digest, at, verdict, rules, reads, trust, chain"
        " FROM message WHERE topic = $1 AND part = $2 AND off >= $3 AND off < $4 ORDER BY off, idx LIMIT $5",
        5, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8, KN_OID_INT8 } },
    [KN_SQL_ENTRY_HISTORY] = { "entry_history",
        "SELECT seq, off, kind, key, version, state_from, state_to, event, \"row\", actor, at FROM history"
        " WHERE topic = $1 AND part = $2 AND seq > $3 AND seq < (SELECT coalesce(min(seq), 9223372036854775807)"
        "  FROM (SELECT seq FROM history WHERE topic = $1 AND part = $2 AND seq > $3 AND off >= $4"
        "        ORDER BY topic, part, seq LIMIT 1) AS next) ORDER BY seq",
        4, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8, KN_OID_INT8 } },
    [KN_SQL_HEAD_BEFORE] = { "head_before",
        "SELECT topic, part, off, seq, chain FROM chain_head WHERE topic = $1 AND part = $2 AND off <= $3"
        " ORDER BY off DESC LIMIT 1", 3, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_HEAD_SEALED] = { "head_sealed",
        "SELECT topic, part, off, seq, chain, seal FROM chain_head WHERE topic = $1 AND part = $2 AND off > $3"
        " AND seal IS NOT NULL ORDER BY off LIMIT 1", 3, { KN_OID_INT2, KN_OID_INT4, KN_OID_INT8 } },
    [KN_SQL_HEADS_KEPT] = { "heads_kept",
        "SELECT topic, part, off, seq, chain FROM chain_head WHERE topic = $1 AND part = $2 ORDER BY off",
        2, { KN_OID_INT2, KN_OID_INT4 } },
    [KN_SQL_CHAIN_START] = { "chain_start",
        "SELECT coalesce(f.off, -1), (SELECT count(*) FROM message m WHERE m.topic = $1 AND m.part = $2"
        "  AND m.off < coalesce(f.off, 9223372036854775807) AND m.idx = 0) FROM (SELECT) AS one LEFT JOIN LATERAL"
        " (SELECT off FROM message WHERE topic = $1 AND part = $2 AND idx = 0 AND chain IS NOT NULL"
        "  ORDER BY off LIMIT 1) AS f ON true", 2, { KN_OID_INT2, KN_OID_INT4 } },

    /* The name of a day's table says which day; the server's own count is good enough for people. */
    [KN_SQL_DAYS_LIST] = { "days_list",
        "SELECT d.day - date '2000-01-01', greatest(d.n, 0)::bigint, pg_total_relation_size(d.oid), (SELECT count(*)"
        "  FROM record r WHERE r.kind = 'parked' AND r.state = 'OPEN'"
        "  AND (to_timestamp((r.body->>'at')::bigint / 1000.0) AT TIME ZONE 'UTC')::date = d.day)"
        " FROM (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day, c.reltuples::bigint AS n, c.oid"
        "  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'message'::regclass) AS d"
        " ORDER BY 1", 0, { 0 } },
    [KN_SQL_DAY_SPANS] = { "day_spans",
        "SELECT topic, part, min(off), max(off), count(*) FROM message WHERE day = $1 AND idx = 0 GROUP BY 1, 2"
        " ORDER BY 1, 2",
        1, { KN_OID_DATE } },
    [KN_SQL_DAY_OFFSETS] = { "day_offsets",
        "SELECT off FROM message WHERE day = $1 AND topic = $2 AND part = $3 AND idx = 0 ORDER BY off",
        3, { KN_OID_DATE, KN_OID_INT2, KN_OID_INT4 } },
    [KN_SQL_POSITION_NEEDS] = { "position_needs",
        "SELECT topic, part, next_off, relayed_day - date '2000-01-01' FROM position WHERE last_off IS NOT NULL"
        " ORDER BY topic, part", 0, { 0 } },
    [KN_SQL_BORDER_ADD] = { "border_add",
        "INSERT INTO chain_head (topic, part, off, seq, chain)"
        " SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5) ON CONFLICT (topic, part, off) DO NOTHING",
        5, { KN_OID_INT2S, KN_OID_INT4S, KN_OID_INT8S, KN_OID_INT8S, KN_OID_BYTEAS } },
    [KN_SQL_DAY_DROP] = { "day_drop", "SELECT message_day_drop($1)", 1, { KN_OID_DATE } },
    [KN_SQL_DROPPED_ADD] = { "dropped_add",
        "INSERT INTO archive_drop (day, made, digest, document) VALUES ($1, $2, $3, $4)",
        4, { KN_OID_DATE, KN_OID_TIMESTAMPTZ, KN_OID_BYTEA, KN_OID_BYTEA } },
    [KN_SQL_DROPPED] = { "dropped",
        "SELECT day - date '2000-01-01', made, digest, document, published::int FROM archive_drop ORDER BY day",
        0, { 0 } },
    [KN_SQL_DROPPED_PUBLISHED] = { "dropped_published",
        "UPDATE archive_drop SET published = true WHERE day = $1", 1, { KN_OID_DATE } },
};
/* clang-format on */
static_assert(G_N_ELEMENTS(rows) == KN_SQL_COUNT, "one row for each statement");

const kn_sql_row *
kn_sql_row_of(kn_sql sql)
{
    assert((size_t)sql < G_N_ELEMENTS(rows));
    return &rows[sql];
}
