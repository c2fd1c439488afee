/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include "store/pg_auto.h"

#include <kouan/error.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)
#define LOCK_ID "7305815"

typedef struct migration {
    int version;
    char *name;
} migration;

static void
migration_clear(void *data)
{
    g_free(((migration *)data)->name);
}

static int
by_number(const void *left, const void *right)
{
    const migration *x = left, *y = right;

    return (x->version > y->version) - (x->version < y->version);
}

/* NNN-what.sql → NNN; 0: not of that form. */
static int
number_of(const char *name)
{
    if (!g_str_has_suffix(name, ".sql") || strlen(name) < 9 || name[3] != '-')
        return 0;
    for (int i = 0; i < 3; i++)
        if (!g_ascii_isdigit(name[i]))
            return 0;
    return (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
}

static bool
list_folder(const char *folder, GArray *out, GError **err)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
    const char *name;

    if (!dir)
        return kn_fail(err, KN_E_IO, "%s", why->message);
    while ((name = g_dir_read_name(dir))) {
        migration m = { .version = number_of(name) };

        if (m.version == 0)
            continue;
        m.name = g_strdup(name);
        g_array_append_val(out, m);
    }
    g_array_sort(out, by_number);
    for (unsigned i = 0; i < out->len; i++)
        if (g_array_index(out, migration, i).version != (int)i + 1)
            return kn_fail(err, KN_E_STORE_WRONG, "%s/%s: number %03u is wanted here", folder,
                           g_array_index(out, migration, i).name, i + 1);
    return true;
}

static bool
good(const PGresult *res)
{
    return PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK;
}

static bool
run(PGconn *conn, const char *what, const char *sql, GError **err)
{
    g_autoptr(PGresult) res = PQexec(conn, sql);
    g_autofree char *text = NULL;

    if (good(res))
        return true;
    text = g_strdup(PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
    if (PQstatus(conn) != CONNECTION_OK)
        return kn_fail(err, KN_E_STORE_DOWN, "%s: connection lost", what);
    return kn_fail(err, KN_E_STORE_WRONG, "%s: %s", what, text ? text : "failed");
}

/* Line of a character position (from 1) in UTF-8 text. */
static int
line_at(const char *text, const char *position)
{
    int64_t left = position ? g_ascii_strtoll(position, NULL, 10) - 1 : 0;
    int line = 1;

    for (; *text && left > 0; text = g_utf8_next_char(text), left--)
        if (*text == '\n')
            line++;
    return line;
}

/* The server names a position, or nothing: then the number of the statement must do. */
static bool
report(const char *file, const char *sql, const PGresult *res, int statement, GError **err)
{
    const char *position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);

    if (position)
        return kn_fail(err, KN_E_STORE_WRONG, "%s:%d: %s", file, line_at(sql, position),
                       text ? text : "failed");
    return kn_fail(err, KN_E_STORE_WRONG, "%s: statement %d: %s", file, statement,
                   text ? text : "failed");
}

static bool
run_file(PGconn *conn, const char *file, const char *sql, GError **err)
{
    PGresult *next;
    int statement = 1;
    bool ok = true;

    if (!PQsendQuery(conn, sql))
        return kn_fail(err, KN_E_STORE_DOWN, "%s: cannot be sent", file);
    while ((next = PQgetResult(conn))) {
        g_autoptr(PGresult) res = next;

        if (ok && !good(res) && PQresultStatus(res) != PGRES_EMPTY_QUERY)
            ok = report(file, sql, res, statement, err);
        statement++;
    }
    return ok;
}

static bool
apply(PGconn *conn, const char *folder, const migration *m, GError **err)
{
    g_autofree char *path = g_build_filename(folder, m->name, NULL);
    g_autofree char *sql = NULL, *note = NULL;
    g_autoptr(GError) why = NULL;
    size_t len = 0;

    if (!g_file_get_contents(path, &sql, &len, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    if (len > FILE_MAX || strlen(sql) != len || !g_utf8_validate(sql, (gssize)len, NULL))
        return kn_fail(err, KN_E_STORE_WRONG, "%s:1: not UTF-8 text of at most 1 MiB", path);
    /* The name has the form checked above plus what the folder has; quoted for the rest. */
    note = g_strdup_printf("%d", m->version);
    if (!run(conn, path, "BEGIN", err) || !run_file(conn, path, sql, err))
        return false;
    {
        const char *values[] = { note, m->name };
        g_autoptr(PGresult) res = PQexecParams(
            conn, "INSERT INTO schema_version (version, name) VALUES ($1::int, $2)", 2, NULL,
            values, NULL, NULL, 0);

        if (!good(res))
            return report(path, sql, res, 0, err);
    }
    return run(conn, path, "COMMIT", err);
}

static bool
version_of(PGconn *conn, int *out, GError **err)
{
    g_autoptr(PGresult) res = PQexec(conn, "SELECT coalesce(max(version), 0) FROM schema_version");

    if (!good(res))
        return kn_fail(err, KN_E_STORE_WRONG, "schema_version cannot be read");
    *out = (int)g_ascii_strtoll(PQgetvalue(res, 0, 0), NULL, 10);
    return true;
}

static void
no_notice(void *unused, const char *message)
{
    (void)unused;
    (void)message;
}

bool
kn_migrate(const char *conninfo, const char *folder, int *applied, GError **err)
{
    g_autoptr(GArray) list = g_array_new(false, false, sizeof(migration));
    g_autoptr(PGconn) conn = NULL;
    int version = 0, done = 0;

    g_array_set_clear_func(list, migration_clear);
    if (!list_folder(folder, list, err))
        return false;
    conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        return kn_fail(err, KN_E_STORE_DOWN, "%s", g_strchomp(PQerrorMessage(conn)));
    (void)PQsetNoticeProcessor(conn, no_notice, NULL);
    /* One at a time; the lock ends with the session. */
    if (!run(conn, "lock", "SET client_encoding = 'UTF8'; SELECT pg_advisory_lock(" LOCK_ID ")",
             err)
        || !run(conn, "schema_version",
                "CREATE TABLE IF NOT EXISTS schema_version (version int PRIMARY KEY, name text NOT "
                "NULL,"
                " applied timestamptz NOT NULL DEFAULT now())",
                err)
        || !version_of(conn, &version, err))
        return false;
    if (version > (int)list->len)
        return kn_fail(err, KN_E_STORE_WRONG, "database has version %d, %s ends at %u", version,
                       folder, list->len);
    for (unsigned i = (unsigned)version; i < list->len; i++, done++)
        if (!apply(conn, folder, &g_array_index(list, migration, i), err))
            return false;
    *applied = done;
    return true;
}
