/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: options, loss, restart, and what became of a COMMIT without an answer. */
#include "kit.h"

#include <string.h>

static char *
ask_store(kit *k, const char *sql)
{
    g_autoptr(PGresult) res = NULL;

    if (PQpipelineStatus(k->store->conn) != PQ_PIPELINE_OFF)
        assert_true(PQexitPipelineMode(k->store->conn));
    res = PQexec(k->store->conn, sql);
    assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
    return g_strdup(PQgetvalue(res, 0, 0));
}

static void
pg_session_options(void **state)
{
    kit *k = *state;
    static const struct {
        const char *name, *want;
    } vectors[] = {
        { "transaction_isolation", "read committed" },
        { "synchronous_commit", "on" },
        { "lock_timeout", "5s" },
        { "statement_timeout", "20s" },
        { "idle_in_transaction_session_timeout", "10s" },
        { "TimeZone", "UTC" },
        { "client_encoding", "UTF8" },
        { "enable_seqscan", "off" },
        { "enable_hashjoin", "off" },
        { "enable_mergejoin", "off" },
        { "jit", "off" },
        { "plan_cache_mode", "force_generic_plan" },
        { "search_path", "public" },
    };
    g_autofree char *conninfo = g_strconcat(k->conninfo,
                                            " options='-c search_path=public -c jit=on'", NULL);
    g_autoptr(GError) err = NULL;

    kn_store_close(k->store);
    assert_true(kn_store_open(conninfo, &k->store, &err));
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *sql = g_strconcat("SHOW ", vectors[i].name, NULL);
        g_autofree char *got = ask_store(k, sql);

        if (strcmp(got, vectors[i].want) != 0)
            fail_msg("%s is %s, expects %s", vectors[i].name, got, vectors[i].want);
    }
}

static void
pg_open_refuses(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    g_autofree char *empty = kit_database();
    kn_store *none = NULL;

    assert_false(kn_store_open("host=/nonexistent dbname=x", &none, &err));
    assert_code(err, KN_E_STORE_DOWN);
    g_clear_error(&err);
    assert_false(kn_store_open("nonsense=1", &none, &err));
    assert_code(err, KN_E_CONFIG);
    g_clear_error(&err);
    assert_false(kn_store_open(empty, &none, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "kouan migrate"));
    g_clear_error(&err);
    g_free(kit_ask(k, "INSERT INTO schema_version (version, name) VALUES (99, 'later')"));
    assert_false(kn_store_open(k->conninfo, &none, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "older"));
    g_clear_error(&err);
    g_free(kit_ask(k, "DELETE FROM schema_version"));
    assert_false(kn_store_open(k->conninfo, &none, &err));
    assert_non_null(strstr(err->message, "kouan migrate"));
    assert_null(none);
}

static void
pg_lost_connection_needs_reopen(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };

    g_free(kit_ask(
        k, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kouan'"
           " AND datname = current_database()"));
    assert_false(kn_store_take(k->store, k->topic, 0, "engine-1", &p, &err));
    assert_code(err, KN_E_STORE_DOWN);
    assert_int_equal(kn_store_todo_of(k->store), KN_TODO_RECONNECT);
    g_clear_error(&err);
    assert_false(kn_store_take(k->store, k->topic, 0, "engine-1", &p, &err));
    assert_code(err, KN_E_STORE_DOWN);
    g_clear_error(&err);
    kn_store_rollback(k->store); /* harmless */
    kn_store_release(k->store, k->topic, 0, 1);
    assert_true(kn_store_reopen(k->store, &err));
    kit_take(k, 0, &p);
    kn_position_clear(&p);
}

static void
pg_server_crash(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL, again = NULL;
    bool in_doubt = true;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    assert_true(kit_settle(k, &p, b, NULL, &err));
    again = kit_batch_new(&b->position);
    kit_batch_add(again, k, "B", "2", 1, 1);
    PQfinish(g_steal_pointer(&k->side));
    kn_pg_rig_stop(kit_rig);
    assert_false(kit_settle(k, &b->position, again, &in_doubt, &err));
    assert_code(err, KN_E_STORE_DOWN);
    g_clear_error(&err);
    assert_false(kn_store_reopen(k->store, &err));
    assert_code(err, KN_E_STORE_DOWN);
    g_clear_error(&err);
    kn_pg_rig_start(kit_rig);
    k->side = PQconnectdb(k->conninfo);
    assert_true(kn_store_reopen(k->store, &err));
    kit_expect(
        k, "SELECT next_off || ' ' || (SELECT count(*) FROM inbox) FROM position WHERE part = 0",
        "101 1");
    assert_true(kit_settle(k, &b->position, again, NULL, &err));
    kit_expect(k, "SELECT next_off FROM position WHERE part = 0", "102");
    kn_position_clear(&p);
}

static void
pg_lock_timeout_is_a_retry(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    g_free(kit_ask(k, "BEGIN"));
    g_free(kit_ask(k, "SELECT * FROM position WHERE part = 0 FOR UPDATE"));
    assert_false(kit_settle(k, &p, b, NULL, &err));
    assert_code(err, KN_E_STORE_RETRY);
    assert_string_equal(kn_store_sqlstate(k->store), "55P03");
    g_clear_error(&err);
    g_free(kit_ask(k, "ROLLBACK"));
    assert_true(kit_settle(k, &p, b, NULL, &err));
    kn_position_clear(&p);
}

/* --- in doubt -------------------------------------------------------------------------------- */

typedef struct killer {
    char *conninfo;
    const char *event; /* wait_event_type of the victim */
} killer;

/* Another thread: waits until the store's backend waits for event, then kills it. */
static void *
kill_when_waiting(void *data)
{
    killer *how = data;
    g_autoptr(PGconn) conn = PQconnectdb(how->conninfo);

    for (int i = 0; i < 500; i++) {
        const char *values[] = { how->event };
        g_autoptr(PGresult) res = PQexecParams(
            conn,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
            "'kouan'"
            " AND datname = current_database() AND (wait_event_type = $1 OR wait_event = $1)",
            1, NULL, values, NULL, NULL, 0);

        if (PQntuples(res) > 0)
            return how;
        g_usleep(10000);
    }
    return NULL;
}

/* Settles while the backend is killed at its wait for event. */
static void
settle_killed(kit *k, const kn_position *p, kit_batch *b, const char *event)
{
    killer how = { k->conninfo, event };
    g_autoptr(GError) err = NULL;
    GThread *thread = g_thread_new("killer", kill_when_waiting, &how);
    bool in_doubt = false;
    bool ok = kit_settle(k, p, b, &in_doubt, &err);

    assert_non_null(g_thread_join(thread));
    assert_false(ok);
    assert_code(err, KN_E_STORE_DOWN);
    assert_true(in_doubt);
}

static kn_doubt
ask_doubt(kit *k, const kn_position *before, const kn_position *after)
{
    g_autoptr(GError) err = NULL;
    kn_doubt out = KN_DOUBT_FENCED;

    if (!kn_store_reopen(k->store, &err)
        || !kn_store_doubt(k->store, &before, &after, 1, &out, &err))
        fail_msg("%s", err->message);
    return out;
}

/* Killed while an insert waits for a lock: COMMIT was sent, but never reached. */
static void
pg_doubt_not_committed(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    g_free(kit_ask(k, "BEGIN"));
    g_free(kit_ask(k, "LOCK TABLE history IN EXCLUSIVE MODE"));
    settle_killed(k, &p, b, "Lock");
    g_free(kit_ask(k, "ROLLBACK"));
    assert_int_equal(ask_doubt(k, &p, &b->position), KN_DOUBT_NOT);
    assert_true(kit_settle(k, &p, b, NULL, &err));
    kn_position_clear(&p);
}

/* Killed while COMMIT waits for a standby that does not exist: committed here, never said so. */
static void
pg_doubt_committed(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    g_free(kit_ask(k, "SET synchronous_commit = local"));
    g_free(kit_ask(k, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
    g_free(kit_ask(k, "SELECT pg_reload_conf()"));
    g_usleep(300000);
    settle_killed(k, &p, b, "SyncRep");
    g_free(kit_ask(k, "ALTER SYSTEM RESET synchronous_standby_names"));
    g_free(kit_ask(k, "SELECT pg_reload_conf()"));
    g_usleep(300000);
    assert_int_equal(ask_doubt(k, &p, &b->position), KN_DOUBT_COMMITTED);
    kit_expect(k, "SELECT count(*) FROM inbox", "1");
    kn_position_clear(&p);
}

static void
pg_doubt_fenced_and_partial(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 }, q = { 0 };
    g_autoptr(kit_batch) b = NULL;
    kn_doubt out = KN_DOUBT_COMMITTED;

    kit_take(k, 0, &p);
    kit_take(k, 1, &q);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    assert_true(kit_settle(k, &p, b, NULL, &err));
    {
        kn_position moved = q;
        const kn_position *before[] = { &p, &q }, *after[] = { &b->position, &moved };

        moved.next_off = 101;
        assert_false(kn_store_doubt(k->store, before, after, 2, &out, &err));
        assert_code(err, KN_E_BATCH_PARTIAL);
        g_clear_error(&err);
        g_free(kit_ask(k, "UPDATE position SET next_off = 101 WHERE part = 1"));
        assert_true(kn_store_doubt(k->store, before, after, 2, &out, &err));
        assert_int_equal(out, KN_DOUBT_COMMITTED);
        g_free(kit_ask(k, "UPDATE position SET epoch = epoch + 1 WHERE part = 1"));
        assert_true(kn_store_doubt(k->store, before, after, 2, &out, &err));
        assert_int_equal(out, KN_DOUBT_FENCED);
    }
    kn_position_clear(&p);
    kn_position_clear(&q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(pg_session_options),
        kit_test(pg_open_refuses),
        kit_test(pg_lost_connection_needs_reopen),
        kit_test(pg_server_crash),
        kit_test(pg_lock_timeout_is_a_retry),
        kit_test(pg_doubt_not_committed),
        kit_test(pg_doubt_committed),
        kit_test(pg_doubt_fenced_and_partial),
    };

    return kit_main(tests);
}
