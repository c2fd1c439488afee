/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scratch.h"

#include "store/migrate.h"
#include "store/pg_auto.h"

#include <kouan/error.h>
#include <string.h>

struct kn_scratch {
    char *name, *conninfo;
    PGconn *conn;
};

/* clang-format off */
/* %1$s: the schema.  A position begins at the first message that is kept, by the trust set that one was judged by. */
static const char *const copies[] = {
    "INSERT INTO %1$s.topic SELECT * FROM topic",
    "INSERT INTO %1$s.slot SELECT * FROM slot",
    "INSERT INTO %1$s.trust_files SELECT * FROM trust_files",
    "INSERT INTO %1$s.trust_set SELECT * FROM trust_set",
    "INSERT INTO %1$s.position (topic, part, slot, next_off, relayed, relayed_day, clock, rules, chain, trust)"
    " SELECT p.topic, p.part, p.slot, coalesce(m.off, p.next_off), coalesce(m.off, p.next_off), date '2000-01-01',"
    "  to_timestamp(0), coalesce(m.rules, p.rules), decode(repeat('00', 32), 'hex'), coalesce(m.trust, 0)"
    " FROM position p LEFT JOIN LATERAL (SELECT off, rules, trust FROM message WHERE topic = p.topic AND part = p.part"
    "  AND idx = 0 ORDER BY off LIMIT 1) AS m ON true",
    NULL,
};
static const char stands_sql[] =
    "SELECT coalesce(max(sign(coalesce(r.version, 0) - (x->>2)::int)), 0)::int,"
    " coalesce(min(sign(coalesce(r.version, 0) - (x->>2)::int)), 0)::int FROM jsonb_array_elements($1::jsonb) AS x"
    " LEFT JOIN %1$s.record r ON r.kind = x->>0 AND r.key = x->>1";
/* The words of a parked message's failure are the database's of that day. */
static const char records_sql[] =
    "WITH d AS (SELECT coalesce(a.kind, b.kind) AS kind, coalesce(a.key, b.key) AS key,"
    "   CASE WHEN b.key IS NULL THEN 'is not made'"
    "   WHEN a.key IS NULL THEN 'was not there' WHEN a.state <> b.state THEN 'state ' || a.state || ', now ' || b.state"
    "   ELSE 'body' END AS what"
    "  FROM record a FULL JOIN %1$s.record b ON a.kind = b.kind AND a.key = b.key"
    "  WHERE a.key IS NULL OR b.key IS NULL OR (a.version = b.version AND (a.state, a.owner, a.body - 'detail')"
    "   IS DISTINCT FROM (b.state, b.owner, b.body - 'detail')))"
    " SELECT json_build_object('n', (SELECT count(*) FROM d), 'rows', (SELECT coalesce(json_agg(row_to_json(f)), '[]')"
    "  FROM (SELECT * FROM d ORDER BY kind, key LIMIT 100) AS f))";
/* clang-format on */

static bool
fail(const kn_scratch *s, const char *what, GError **err)
{
    g_autofree char *text = g_strdup(PQerrorMessage(s->conn));

    return kn_fail(err, PQstatus(s->conn) == CONNECTION_OK ? KN_E_STORE_WRONG : KN_E_STORE_DOWN,
                   "scratch schema: %s: %s", what, g_strchomp(text));
}

G_GNUC_PRINTF(3, 4)
static bool
run(kn_scratch *s, GError **err, const char *format, ...)
{
    va_list args;
    g_autofree char *sql = NULL;
    g_autoptr(PGresult) res = NULL;

    va_start(args, format);
    sql = g_strdup_vprintf(format, args);
    va_end(args);
    res = PQexec(s->conn, sql);
    return PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK
           || fail(s, sql, err);
}

/* Every %1$s becomes the schema's name, which we made ourselves. */
static char *
with_name(const kn_scratch *s, const char *sql)
{
    g_auto(GStrv) parts = g_strsplit(sql, "%1$s", -1);

    return g_strjoinv(s->name, parts);
}

static bool
fill(kn_scratch *s, GError **err)
{
    g_autofree char *path = NULL, *back = NULL;
    g_autoptr(PGresult) res = NULL;

    for (size_t i = 0; copies[i]; i++) {
        g_autofree char *sql = with_name(s, copies[i]);

        if (!run(s, err, "%s", sql))
            return false;
    }
    /* message_day looks for its tables in the path; the list of days is the installation's. */
    res = PQexec(s->conn, "SELECT current_schema()");
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return fail(s, "current_schema", err);
    back = g_strdup(PQgetvalue(res, 0, 0));
    path = g_strdup_printf(
        "CREATE TEMP TABLE kouan_days AS SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS d FROM "
        "pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = "
        "'message'::regclass; SET search_path = %s, pg_temp; SELECT count(message_day(d)) FROM "
        "kouan_days; SET search_path = %s; DROP TABLE pg_temp.kouan_days",
        s->name, back);
    return run(s, err, "%s", path);
}

bool
kn_scratch_make(const char *conninfo, const char *name, const char *sql, kn_scratch **out,
                GError **err)
{
    g_autoptr(kn_scratch) s = g_new0(kn_scratch, 1);
    int applied = 0;

    s->name = g_strdup(name);
    s->conninfo = g_strdup_printf("%s options='-c search_path=%s'", conninfo, name);
    s->conn = PQconnectdb(conninfo);
    if (PQstatus(s->conn) != CONNECTION_OK)
        return fail(s, "connecting", err);
    if (!run(s, err, "SET client_min_messages = error; SET TimeZone = 'UTC'")
        || !run(s, err, "DROP SCHEMA IF EXISTS %s CASCADE", name)
        || !run(s, err, "CREATE SCHEMA %s", name) || !kn_migrate(s->conninfo, sql, &applied, err)
        || !fill(s, err))
        return false;
    *out = g_steal_pointer(&s);
    return true;
}

const char *
kn_scratch_conninfo(const kn_scratch *s)
{
    return s->conninfo;
}

bool
kn_scratch_stands(kn_scratch *s, const char *reads, kn_scratch_view *view, GError **err)
{
    g_autofree char *sql = with_name(s, stands_sql);
    const char *values[] = { reads };
    g_autoptr(PGresult) res = PQexecParams(s->conn, sql, 1, NULL, values, NULL, NULL, 0);

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return fail(s, "reads", err);
    *view = *PQgetvalue(res, 0, 0) == '1'   ? KN_SCRATCH_PASSED
            : *PQgetvalue(res, 0, 1) == '-' ? KN_SCRATCH_WAITS
                                            : KN_SCRATCH_STANDS;
    return true;
}

bool
kn_scratch_records(kn_scratch *s, json_t **out, int64_t *n, GError **err)
{
    g_autofree char *sql = with_name(s, records_sql);
    g_autoptr(PGresult) res = PQexec(s->conn, sql);
    json_t *both;

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return fail(s, "records", err);
    both = json_loads(PQgetvalue(res, 0, 0), 0, NULL);
    if (!both)
        return kn_fail(err, KN_E_STORE_WRONG, "scratch schema: the answer is no JSON");
    *n = json_integer_value(json_object_get(both, "n"));
    *out = json_incref(json_object_get(both, "rows"));
    json_decref(both);
    return true;
}

void
kn_scratch_free(kn_scratch *s)
{
    g_autoptr(GError) ignored = NULL; /* what is left is replaced by the next one */

    if (!s)
        return;
    if (s->conn && PQstatus(s->conn) == CONNECTION_OK)
        (void)run(s, &ignored, "DROP SCHEMA IF EXISTS %s CASCADE", s->name);
    PQfinish(s->conn);
    g_free(s->name);
    g_free(s->conninfo);
    g_free(s);
}
