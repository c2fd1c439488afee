/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement of the store: one row each, all prepared when a connection opens.
 *
 * TO ADD ONE: 1. a name here  2. a row in statement.c  3. a case in test_plan.c if it reads a table
 */
#ifndef KOUAN_STORE_STATEMENT_H
#define KOUAN_STORE_STATEMENT_H

#include "store/arrays.h"

typedef enum kn_sql {
    KN_SQL_BEGIN,
    KN_SQL_COMMIT,
    KN_SQL_ROLLBACK,
    KN_SQL_TOPICS,
    KN_SQL_PROVISION_LOCK,
    KN_SQL_PROVISION_TOPIC,
    KN_SQL_PROVISION_PARTS,
    KN_SQL_DAYS,
    KN_SQL_POSITION_OWNER,
    KN_SQL_POSITION_TAKE,
    KN_SQL_POSITION_RELEASE,
    KN_SQL_POSITION_SUSPECT,
    KN_SQL_POSITION_CALM,
    KN_SQL_POSITION_LOCK,
    KN_SQL_POSITION_DOUBT,
    KN_SQL_POSITION_MOVE,
    KN_SQL_INBOX_FIND,
    KN_SQL_INBOX_ADD,
    KN_SQL_INBOX_MOVE,
    KN_SQL_RECEIPT_FIND,
    KN_SQL_RECORD_FIND,
    KN_SQL_RECORD_PUT,
    KN_SQL_HISTORY_ADD,
    KN_SQL_MESSAGE_ADD,
    KN_SQL_MESSAGE_PENDING,
    KN_SQL_MESSAGE_FIND,
    KN_SQL_PARKED_COUNT,
    KN_SQL_TIMERS_DUE,
    KN_SQL_DICTIONARIES,
    KN_SQL_DICTIONARY_SAMPLES,
    KN_SQL_DICTIONARY_ADD,
    KN_SQL_DICTIONARY_DROP,
    KN_SQL_TRUST_LOCK,
    KN_SQL_TRUST_NEWEST,
    KN_SQL_TRUST_KNOWN,
    KN_SQL_TRUST_FILES_ADD,
    KN_SQL_TRUST_ADD,
    KN_SQL_TRUST_GET,
    KN_SQL_TRUST_BEHIND,
    KN_SQL_SEAL_LOCK,
    KN_SQL_SEAL_NEWEST,
    KN_SQL_SEAL_HEADS,
    KN_SQL_SEAL_SETS,
    KN_SQL_SEAL_ADD,
    KN_SQL_SEAL_HEAD_ADD,
    KN_SQL_SEALS,
    KN_SQL_SEAL_PUBLISHED,
    KN_SQL_SEAL_TOKEN,
    KN_SQL_ENTRIES,
    KN_SQL_ENTRIES_WHOLE,
    KN_SQL_ENTRY_HISTORY,
    KN_SQL_HEAD_BEFORE,
    KN_SQL_HEAD_SEALED,
    KN_SQL_HEADS_KEPT,
    KN_SQL_CHAIN_START,
    KN_SQL_DAYS_LIST,
    KN_SQL_DAY_SPANS,
    KN_SQL_DAY_OFFSETS,
    KN_SQL_POSITION_NEEDS,
    KN_SQL_BORDER_ADD,
    KN_SQL_DAY_DROP,
    KN_SQL_DROPPED_ADD,
    KN_SQL_DROPPED,
    KN_SQL_DROPPED_PUBLISHED,
    KN_SQL_COUNT
} kn_sql;

typedef struct kn_sql_row {
    const char *name; /* of the prepared statement, and in errors */
    const char *sql;
    int n; /* parameters */
    Oid types[KN_COLUMNS_MAX];
} kn_sql_row;

const kn_sql_row *kn_sql_row_of(kn_sql sql);

#endif
