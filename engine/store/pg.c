/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pg.h"

#include "store/dictionary.h"
#include "store/migrate.h"
#include "store/pg_auto.h"
#include "store/sqlstate.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

/* The server answers or ends a statement within 20 s; past this nobody is there. */
#define ANSWER_MS 40000
#define TEXT_MAX 300

/* The plan pins belong here and not after the connect: a plan made while tables are empty would scan
 * them, and stay while they grow (EXACTLY_ONCE §8). work_mem holds a batch of arrays. */
static const char session_options[] =
    " -c default_transaction_isolation=read\\ committed -c synchronous_commit=on"
    " -c lock_timeout=5s -c statement_timeout=20s -c idle_in_transaction_session_timeout=10s"
    " -c TimeZone=UTC -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
    " -c enable_bitmapscan=off -c jit=off -c plan_cache_mode=force_generic_plan -c work_mem=16MB"
    " -c client_min_messages=warning";

void
kn_store_drop(kn_store *store)
{
    g_clear_pointer(&store->conn, PQfinish);
}

/* One line: the server's primary message only, its detail may hold personal data. */
static char *
failure_text(const kn_store *store, const PGresult *res)
{
    const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *constraint = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
    g_autofree char *line = NULL;

    if (!text || !*text)
        text = store->conn ? PQerrorMessage(store->conn) : "no connection";
    line = g_strndup(*text ? text : "connection lost", TEXT_MAX);
    g_strchomp(line);
    g_strdelimit(line, "\r\n", ' ');
    return g_strdup_printf("%s%s%s", line, constraint ? ", constraint " : "",
                           constraint ? constraint : "");
}

bool
kn_store_fail(kn_store *store, const PGresult *res, const char *what, GError **err)
{
    const char *sqlstate = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const kn_sqlstate_row *row = kn_sqlstate_row_of(sqlstate, constraint);
    g_autofree char *text = failure_text(store, res);

    store->todo = row->todo;
    (void)g_strlcpy(store->sqlstate, sqlstate ? sqlstate : "", sizeof store->sqlstate);
    if (row->todo == KN_TODO_RECONNECT)
        kn_store_drop(store);
    return kn_fail(err, row->code, "%s: %s %s", what, store->sqlstate, text);
}

kn_store_todo
kn_store_todo_of(const kn_store *store)
{
    return store->todo;
}

const char *
kn_store_sqlstate(const kn_store *store)
{
    return store->sqlstate;
}

/* --- trips ----------------------------------------------------------------------------------- */

void
kn_trip_clear(kn_trip *trip)
{
    for (int i = 0; i < trip->n; i++)
        g_clear_pointer(&trip->results[i], PQclear);
    trip->n = 0;
}

kn_columns *
kn_trip_params(kn_trip *trip, kn_sql sql)
{
    const kn_sql_row *row = kn_sql_row_of(sql);

    kn_columns_start(&trip->store->columns, row->types, row->n);
    return &trip->store->columns;
}

void
kn_trip_add(kn_trip *trip, kn_sql sql)
{
    const kn_sql_row *row = kn_sql_row_of(sql);
    kn_columns *c = &trip->store->columns;

    assert(trip->n < KN_TRIP_MAX);
    if (row->n)
        kn_columns_end(c);
    trip->sqls[trip->n++] = sql;
    if (!trip->store->conn
        || !PQsendQueryPrepared(trip->store->conn, row->name, row->n, c->values, c->lengths,
                                c->formats, 1))
        trip->broken = true;
}

/* Waits until the socket can be read (and, if asked, or written). */
static bool
wait_socket(PGconn *conn, bool writing)
{
    struct pollfd fd = { .fd = PQsocket(conn),
                         .events = (short)(POLLIN | (writing ? POLLOUT : 0)) };
    int n;

    if (fd.fd < 0)
        return false;
    do
        n = poll(&fd, 1, ANSWER_MS);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    return !(fd.revents & (POLLIN | POLLERR | POLLHUP)) || PQconsumeInput(conn);
}

bool
kn_trip_flush(kn_trip *trip)
{
    PGconn *conn = trip->store->conn;
    int more = conn ? PQflush(conn) : -1;

    while (more > 0)
        more = wait_socket(conn, true) ? PQflush(conn) : -1;
    return more == 0;
}

/* The next result, or NULL between two statements; false: connection lost. */
static bool
next_result(PGconn *conn, PGresult **out)
{
    while (PQisBusy(conn))
        if (!wait_socket(conn, false)) {
            if (PQstatus(conn) == CONNECTION_OK)
                return false; /* no answer in time */
            break;            /* lost: what libpq knows of the reason comes as a result */
        }
    *out = PQgetResult(conn);
    return *out || PQstatus(conn) == CONNECTION_OK;
}

static bool
is_good(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Reads to the sync.  Keeps the first failure in *bad; true when the sync was seen. */
static bool
read_results(kn_trip *trip, PGresult **bad, int *bad_at)
{
    PGconn *conn = trip->store->conn;
    int at = 0;

    for (;;) {
        g_autoptr(PGresult) res = NULL;

        if (!next_result(conn, &res))
            return false;
        if (!res) {
            /* The end of a statement's results; twice in a row only libpq out of step would say. */
            if (++at > trip->n + 1)
                return false;
        } else if (PQresultStatus(res) == PGRES_PIPELINE_SYNC)
            return true;
        else if (at < trip->n && is_good(res))
            trip->results[at] = g_steal_pointer(&res);
        else if (!*bad && PQresultStatus(res) != PGRES_PIPELINE_ABORTED) {
            *bad = g_steal_pointer(&res);
            *bad_at = at < trip->n ? at : trip->n - 1;
        }
        if (PQstatus(conn) != CONNECTION_OK)
            return false;
    }
}

bool
kn_trip_read(kn_trip *trip, GError **err)
{
    kn_store *store = trip->store;
    g_autoptr(PGresult) bad = NULL;
    int bad_at = trip->n - 1;
    bool synced = read_results(trip, &bad, &bad_at);

    assert(trip->n > 0);
    if (synced && !bad)
        return true;
    (void)kn_store_fail(store, bad, kn_sql_row_of(trip->sqls[bad_at])->name, err);
    if (!synced)
        kn_store_drop(store);
    return false;
}

bool
kn_trip_run(kn_trip *trip, GError **err)
{
    if (trip->broken || !PQpipelineSync(trip->store->conn) || !kn_trip_flush(trip))
        return kn_store_fail(trip->store, NULL, kn_sql_row_of(trip->sqls[0])->name, err);
    return kn_trip_read(trip, err);
}

bool
kn_trip_one(kn_trip *trip, kn_sql sql, GError **err)
{
    kn_trip_add(trip, sql);
    return kn_trip_run(trip, err);
}

/* --- opening --------------------------------------------------------------------------------- */

static void
no_notice(void *unused, const char *message)
{
    (void)unused;
    (void)message;
}

/* options of conninfo (a search_path, say) stay, ours come after and win. */
static bool
all_options(const char *conninfo, char **out, GError **err)
{
    char *why = NULL;
    g_autoptr(PQconninfoOption) parsed = PQconninfoParse(conninfo, &why);
    const char *theirs = "";

    if (!parsed) {
        (void)kn_fail(err, KN_E_CONFIG, "connection text: %s", why ? g_strchomp(why) : "no memory");
        PQfreemem(why);
        return false;
    }
    for (const PQconninfoOption *o = parsed; o->keyword; o++)
        if (strcmp(o->keyword, "options") == 0 && o->val)
            theirs = o->val;
    *out = g_strconcat(theirs, session_options, NULL);
    return true;
}

static bool
connect_server(kn_store *store, GError **err)
{
    g_autofree char *options = NULL;
    const char *keys[] = { "dbname",
                           "options",
                           "client_encoding",
                           "target_session_attrs",
                           "fallback_application_name",
                           "connect_timeout",
                           "keepalives_idle",
                           "keepalives_interval",
                           "keepalives_count",
                           "tcp_user_timeout",
                           NULL };
    const char *values[] = {
        store->conninfo, NULL, "UTF8", "read-write", "kouan", "5", "5", "2", "3", "10000", NULL
    };

    if (!all_options(store->conninfo, &options, err))
        return false;
    values[1] = options;
    store->conn = PQconnectdbParams(keys, values, 1);
    if (!store->conn || PQstatus(store->conn) != CONNECTION_OK)
        return kn_store_fail(store, NULL, "connecting", err);
    (void)PQsetNoticeProcessor(store->conn, no_notice, NULL);
    return true;
}

static bool
check_schema(kn_store *store, GError **err)
{
    g_autoptr(PGresult) res = PQexec(store->conn, "SELECT max(version) FROM schema_version");
    int64_t version = -1;

    if (!is_good(res)) {
        const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);

        if (!sqlstate || strcmp(sqlstate, "42P01") != 0)
            return kn_store_fail(store, res, "schema_version", err);
    } else
        version = g_ascii_strtoll(PQgetvalue(res, 0, 0), NULL, 10);
    if (version == KN_SCHEMA_VERSION)
        return true;
    store->todo = KN_TODO_STOP;
    store->sqlstate[0] = '\0';
    if (version < KN_SCHEMA_VERSION)
        return kn_fail(err, KN_E_STORE_WRONG, "schema version %d is wanted, run kouan migrate",
                       KN_SCHEMA_VERSION);
    return kn_fail(err, KN_E_STORE_WRONG,
                   "schema version %d is wanted and %d found: this program is older",
                   KN_SCHEMA_VERSION, (int)version);
}

static bool
prepare_all(kn_store *store, GError **err)
{
    for (int i = 0; i < KN_SQL_COUNT; i++) {
        const kn_sql_row *row = kn_sql_row_of((kn_sql)i);
        g_autoptr(PGresult) res = PQprepare(store->conn, row->name, row->sql, row->n, row->types);

        if (!is_good(res))
            return kn_store_fail(store, res, row->name, err);
    }
    if (PQsetnonblocking(store->conn, 1) != 0 || !PQenterPipelineMode(store->conn))
        return kn_store_fail(store, NULL, "pipeline", err);
    return true;
}

bool
kn_store_reopen(kn_store *store, GError **err)
{
    kn_store_drop(store);
    if (connect_server(store, err) && check_schema(store, err) && prepare_all(store, err)
        && kn_store_load_topics(store, err) && kn_store_load_dictionaries(store, err))
        return true;
    kn_store_drop(store);
    return false;
}

bool
kn_store_open(const char *conninfo, kn_store **out, GError **err)
{
    g_autoptr(kn_store) store = g_new0(kn_store, 1);

    store->conninfo = g_strdup(conninfo);
    store->topic_ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    store->topic_names = g_hash_table_new(NULL, NULL);
    store->order = g_ptr_array_new();
    kn_columns_init(&store->columns);
    store->dicts = kn_dict_set_new();
    store->zstd_in = ZSTD_createCCtx();
    store->zstd_out = ZSTD_createDCtx();
    if (!store->zstd_in || !store->zstd_out)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no memory for compression");
    if (!kn_store_reopen(store, err))
        return false;
    *out = g_steal_pointer(&store);
    return true;
}

void
kn_store_close(kn_store *store)
{
    if (!store)
        return;
    kn_store_drop(store);
    kn_columns_clear(&store->columns);
    g_hash_table_unref(store->topic_ids);
    g_hash_table_unref(store->topic_names);
    g_ptr_array_unref(store->order);
    kn_dict_set_free(store->dicts);
    (void)ZSTD_freeCCtx(store->zstd_in);
    (void)ZSTD_freeDCtx(store->zstd_out);
    g_free(store->conninfo);
    g_free(store);
}
