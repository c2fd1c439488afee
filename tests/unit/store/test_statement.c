/* SPDX-License-Identifier: Apache-2.0 */
/* The plan trap (EXACTLY_ONCE §8): a plan made while tables are empty must be a look-up by key too. */
#include "kit.h"

#include <string.h>

static const struct {
    kn_sql sql;
    const char *args, *index;
} plans[] = {
    { KN_SQL_POSITION_OWNER, "1, 0", "position_pkey" },
    { KN_SQL_POSITION_CALM, "1::int2, 0, 1", "position_pkey" },
    { KN_SQL_POSITION_TAKE, "1, 0, 'x'", "position_pkey" },
    { KN_SQL_POSITION_RELEASE, "1, 0, 1", "position_pkey" },
    { KN_SQL_POSITION_SUSPECT, "1, 0, 1, 1", "position_pkey" },
    { KN_SQL_POSITION_LOCK, "'{1}', '{0}', '{1}', '{100}'", "position_pkey" },
    { KN_SQL_POSITION_DOUBT, "'{1}', '{0}'", "position_pkey" },
    { KN_SQL_POSITION_MOVE,
      "'{1}', '{0}', '{1}', '{1}', '{1}', '{2026-11-22}', '{1}', '{2026-11-22}', '{1}', '{1}', "
      "'{a}', '{1}', '{1}',"
      " '{a}', '{1}'",
      "position_pkey" },
    { KN_SQL_INBOX_FIND, "'{a}', '{b}'", "inbox_pkey" },
    { KN_SQL_INBOX_MOVE, "'{a}', '{b}', '{2026-11-23}', '{1}', '{0}', '{1}'", "inbox_pkey" },
    { KN_SQL_RECORD_FIND, "'{a}', '{b}'", "record_pkey" },
    { KN_SQL_RECEIPT_FIND, "'2026-11-23', '{1}', '{0}', '{1}'", "message_20261123_pkey" },
    { KN_SQL_MESSAGE_PENDING, "'2026-11-23', 1::int2, 0, 1, 2, 10", "message_20261123_pkey" },
    { KN_SQL_MESSAGE_FIND, "1::int2, 0, 1", "message_20261123_pkey" },
    { KN_SQL_PARKED_COUNT, NULL,
      "record_p" }, /* record_parked; the key where none was parked ever */
    { KN_SQL_TIMERS_DUE, "1::int2, 'a', '2026-11-23', 10", "record_due" },
    { KN_SQL_DICTIONARY_SAMPLES, "100", "message_20261123_pkey" },
    { KN_SQL_TRUST_NEWEST, NULL, "trust_set_pkey" },
    { KN_SQL_TRUST_GET, "1", "trust_set_pkey" },
    { KN_SQL_SEAL_NEWEST, NULL, "seal_pkey" },
    { KN_SQL_SEALS, "1, 2, 0", "seal_pkey" },
    { KN_SQL_SEAL_PUBLISHED, "1", "seal_pkey" },
    { KN_SQL_SEAL_TOKEN, "1, 'a'", "seal_pkey" },
    { KN_SQL_ENTRIES, "1::int2, 0, 1, 2, 10", "message_20261123_pkey" },
    { KN_SQL_ENTRIES_WHOLE, "1::int2, 0, 1, 2, 10", "message_20261123_pkey" },
    { KN_SQL_ENTRY_HISTORY, "1::int2, 0, 1, 2", "history_pkey" },
    { KN_SQL_HEAD_BEFORE, "1::int2, 0, 1", "chain_head_pkey" },
    { KN_SQL_HEAD_SEALED, "1::int2, 0, 1", "chain_head_pkey" },
    { KN_SQL_HEADS_KEPT, "1::int2, 0", "chain_head_pkey" },
    { KN_SQL_CHAIN_START, "1::int2, 0", "message_20261123_pkey" },
};

/* These write whole rows, or are no part of a batch. */
static bool
is_exempt(kn_sql sql)
{
    return sql <= KN_SQL_DAYS || sql == KN_SQL_INBOX_ADD || sql == KN_SQL_RECORD_PUT
           || (sql >= KN_SQL_DICTIONARIES && sql <= KN_SQL_DICTIONARY_DROP)
           || sql == KN_SQL_HISTORY_ADD || sql == KN_SQL_MESSAGE_ADD || sql == KN_SQL_TRUST_LOCK
           || sql == KN_SQL_TRUST_KNOWN || sql == KN_SQL_TRUST_FILES_ADD || sql == KN_SQL_TRUST_ADD
           || sql == KN_SQL_TRUST_BEHIND || sql == KN_SQL_SEAL_LOCK || sql == KN_SQL_SEAL_HEADS
           || sql == KN_SQL_SEAL_SETS || sql == KN_SQL_SEAL_ADD || sql == KN_SQL_SEAL_HEAD_ADD
           || sql >= KN_SQL_DAYS_LIST;
}

static char *
explain(kit *k, size_t i)
{
    g_autofree char *sql = g_strdup_printf(
        "EXPLAIN EXECUTE %s %s%s%s", kn_sql_row_of(plans[i].sql)->name, plans[i].args ? "(" : "",
        plans[i].args ? plans[i].args : "", plans[i].args ? ")" : "");
    g_autoptr(PGresult) res = PQexec(k->store->conn, sql);
    GString *text = g_string_new(NULL);

    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQresultErrorMessage(res));
    for (int row = 0; row < PQntuples(res); row++)
        g_string_append_printf(text, "%s\n", PQgetvalue(res, row, 0));
    return g_string_free(text, FALSE);
}

static size_t
place_of(kn_sql sql)
{
    size_t i = 0;

    while (plans[i].sql != sql)
        i++;
    return i;
}

static void
check_plans(kit *k, const char *when)
{
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++) {
        g_autofree char *plan = explain(k, i);

        if (strstr(plan, "Seq Scan") || strstr(plan, "Hash Join") || strstr(plan, "Merge Join")
            || !strstr(plan, plans[i].index))
            fail_msg("%s, %s:\n%s", kn_sql_row_of(plans[i].sql)->name, when, plan);
    }
}

static void
statement_plans_are_lookups(void **state)
{
    kit *k = *state;
    g_autofree char *one_day = NULL;

    assert_true(PQexitPipelineMode(k->store->conn));
    check_plans(k, "tables empty");
    one_day = explain(k, place_of(KN_SQL_RECEIPT_FIND));
    if (strstr(one_day, "message_20261122"))
        fail_msg("a receipt opens other days:\n%s", one_day);
    g_free(kit_ask(k, "INSERT INTO inbox SELECT 'P', 'm' || i, '\\x', '2026-11-22', 1, 0, i FROM "
                      "generate_series(1, 20000) i"));
    g_free(kit_ask(k, "INSERT INTO record SELECT 'checkpoint', 'k' || i, 'o', 's', 1, '{}', null, "
                      "1, 0, i FROM generate_series(1, 20000) i"));
    g_free(kit_ask(k, "INSERT INTO message SELECT date '2026-11-22' + i % 2, 1, 0, i, 1, 2, null, "
                      "null, 0, '\\x', '\\x', now(),"
                      " null, 1, null FROM generate_series(1, 20000) i"));
    g_free(kit_ask(k, "INSERT INTO position SELECT 9, i, 100 + i, 0, 0, null, 0, now(), null, "
                      "now(), 1, 0, '\\x' FROM generate_series(1, 500) i"));
    check_plans(k, "tables grown");
    g_free(kit_ask(k, "ANALYZE"));
    check_plans(k, "statistics fresh");
}

static void
statement_every_lookup_is_checked(void **unused)
{
    (void)unused;
    for (int sql = 0; sql < KN_SQL_COUNT; sql++) {
        bool found = is_exempt((kn_sql)sql);

        for (size_t i = 0; i < G_N_ELEMENTS(plans); i++)
            found = found || plans[i].sql == (kn_sql)sql;
        if (!found)
            fail_msg("%s has no plan here", kn_sql_row_of((kn_sql)sql)->name);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(statement_plans_are_lookups),
        cmocka_unit_test(statement_every_lookup_is_checked),
    };

    return kit_main(tests);
}
