/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* clang-format off */
static const struct {
    const char *sqlstate, *constraint;
    kn_error code;
    kn_store_todo todo;
    const char *why;
} vectors[] = {
    { NULL, NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "no code: the connection is gone" },
    { "", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "the same, as libpq may say it" },
    { "08006", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "connection failure" },
    { "08P01", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "protocol violation is class 08 too" },
    { "57P01", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT,
      "admin shutdown, pg_terminate_backend" },
    { "57P02", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "crash of another backend" },
    { "57P05", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "idle session time-out" },
    { "40003", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "statement completion unknown" },
    { "25P03", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "idle in transaction time-out" },
    { "25006", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "read-only: a standby" },
    { "57P03", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "starting up" },
    { "0A000", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT,
      "cached plan must not change result type" },
    { "26000", NULL, KN_E_STORE_DOWN, KN_TODO_RECONNECT, "prepared statement does not exist" },
    { "40001", NULL, KN_E_STORE_RETRY, KN_TODO_AGAIN, "serialization failure" },
    { "40P01", NULL, KN_E_STORE_RETRY, KN_TODO_AGAIN, "deadlock" },
    { "55P03", NULL, KN_E_STORE_RETRY, KN_TODO_AGAIN, "lock time-out" },
    { "57014", NULL, KN_E_STORE_BUSY, KN_TODO_HALVE, "statement time-out" },
    { "53100", NULL, KN_E_STORE_BUSY, KN_TODO_PAUSE, "disk full is never poison" },
    { "53300", NULL, KN_E_STORE_BUSY, KN_TODO_PAUSE, "too many connections" },
    { "58030", NULL, KN_E_STORE_BUSY, KN_TODO_PAUSE, "I/O error" },
    { "23505", "inbox_pkey", KN_E_STORE_RETRY, KN_TODO_RACE, "race, not data" },
    { "23514", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "no day partition" },
    { "23514", "slot_slot_check", KN_E_DATA_ERROR, KN_TODO_SINGLES,
      "a named check is about the data" },
    { "22021", NULL, KN_E_DATA_ERROR, KN_TODO_SINGLES, "bytes that are no UTF-8" },
    { "22P05", NULL, KN_E_DATA_ERROR, KN_TODO_SINGLES, "NUL in a JSON string" },
    { "23502", NULL, KN_E_DATA_ERROR, KN_TODO_SINGLES, "not null" },
    { "54000", NULL, KN_E_DATA_ERROR, KN_TODO_SINGLES, "program limit: index row too large" },
    { "XX001", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "corruption" },
    { "42P01", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "no such table" },
    { "42501", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "no right" },
    { "3D000", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "no such database" },
    { "3F000", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "no such schema" },
    { "28P01", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "password" },
    { "25P02", NULL, KN_E_STORE_WRONG, KN_TODO_STOP,
      "our bug: statement in a failed transaction" },
    { "57000", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "not one of the listed 57" },
    { "40000", NULL, KN_E_STORE_WRONG, KN_TODO_STOP, "not one of the listed 40" },
    { "P0001", NULL, KN_E_STORE_WRONG, KN_TODO_STOP,
      "nobody raises exceptions of his own here" },
};
/* clang-format on */

static void
sqlstate_rows(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const kn_sqlstate_row *row = kn_sqlstate_row_of(vectors[i].sqlstate, vectors[i].constraint);

        if (row->code != vectors[i].code || row->todo != vectors[i].todo)
            fail_msg("%s: %s, got %s", vectors[i].sqlstate, vectors[i].why,
                     kn_error_row_of(row->code)->name);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlstate_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
