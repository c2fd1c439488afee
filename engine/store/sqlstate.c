/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlstate.h"

/* A plan or prepared statement that is gone comes back with the connection: reconnect does both. */
/* clang-format off */
static const kn_sqlstate_row rows[] = {
    { "08",    false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* connection exception */
    { "57P01", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* admin shutdown */
    { "57P02", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* crash shutdown */
    { "57P05", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* idle session time-out */
    { "40003", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* completion unknown */
    { "25P03", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* idle in transaction time-out */
    { "25006", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* a standby */
    { "57P03", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* starting up */
    { "40001", false, KN_E_STORE_RETRY, KN_TODO_AGAIN },     /* serialization */
    { "40P01", false, KN_E_STORE_RETRY, KN_TODO_AGAIN },     /* deadlock */
    { "55P03", false, KN_E_STORE_RETRY, KN_TODO_AGAIN },     /* lock time-out */
    { "57014", false, KN_E_STORE_BUSY,  KN_TODO_HALVE },     /* statement time-out */
    { "53",    false, KN_E_STORE_BUSY,  KN_TODO_PAUSE },     /* disk, memory, connections */
    { "58",    false, KN_E_STORE_BUSY,  KN_TODO_PAUSE },     /* I/O */
    { "23505", false, KN_E_STORE_RETRY, KN_TODO_RACE },      /* an id, a claim, a version */
    { "23514", true,  KN_E_STORE_WRONG, KN_TODO_STOP },      /* no day partition of message */
    { "22",    false, KN_E_DATA_ERROR,  KN_TODO_SINGLES },   /* this message's data */
    { "23",    false, KN_E_DATA_ERROR,  KN_TODO_SINGLES },
    { "54",    false, KN_E_DATA_ERROR,  KN_TODO_SINGLES },   /* program limit */
    { "0A000", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* cached plan */
    { "26000", false, KN_E_STORE_DOWN,  KN_TODO_RECONNECT }, /* prepared statement gone */
    { "XX",    false, KN_E_STORE_WRONG, KN_TODO_STOP },      /* corruption, server bug */
    { "",      false, KN_E_STORE_WRONG, KN_TODO_STOP },      /* 42, 3D, 3F, 28 and all others */
};
/* clang-format on */

const kn_sqlstate_row *
kn_sqlstate_row_of(const char *sqlstate, const char *constraint)
{
    size_t i = 0;

    if (!sqlstate || !*sqlstate)
        return &rows[0];
    while (!g_str_has_prefix(sqlstate, rows[i].prefix)
           || (rows[i].without_constraint && constraint))
        i++;
    return &rows[i];
}
