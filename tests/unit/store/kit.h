/* SPDX-License-Identifier: Apache-2.0 */
/* What every test of the store needs: a server, a migrated database a test, a batch by hand. */
#ifndef KOUAN_TESTS_STORE_KIT_H
#define KOUAN_TESTS_STORE_KIT_H

#include "pg_rig.h"
#include "store/migrate.h"
#include "store/pg.h"
#include "store/pg_auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KIT_DAY 9822 /* 2026-11-22 */
#define KIT_AT 1795348800123LL

typedef struct kit {
    char *conninfo;
    kn_store *store;
    PGconn *side; /* another session, for looking and for mischief */
    int topic;    /* kouan.in.checkpoint, four partitions from offset 100 */
    int out;      /* kouan.out.portal */
} kit;

/* The program's server; NULL: skipped. */
extern kn_pg_rig *kit_rig;

int kit_setup(void **state);
int kit_teardown(void **state);
/* The one database of a name, not migrated. */
char *kit_database(void);

/* First value of a query on the side session as text ("" for null or no row); failure fails the test. */
char *kit_ask(const kit *k, const char *sql);
#define kit_expect(k, sql, want) \
    do { \
        g_autofree char *got_ = kit_ask((k), (sql)); \
        assert_string_equal(got_, (want)); \
    } while (0)
/* Runs the tests, each with a database of its own. */
#define kit_main(tests) kit_run(#tests, (tests), sizeof(tests) / sizeof(tests)[0])
int kit_run(const char *name, const struct CMUnitTest *tests, size_t n);
#define kit_test(f) cmocka_unit_test_setup_teardown((f), kit_setup, kit_teardown)

/* --- a batch --------------------------------------------------------------------------------- */

typedef struct kit_batch {
    kn_store_batch batch;
    GPtrArray *texts; /* everything the rows borrow */
    GPtrArray *records;
    kn_position position;
} kit_batch;

kit_batch *kit_batch_new(const kn_position *position);
void kit_batch_free(kit_batch *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kit_batch, kit_batch_free)
/* One message at the next offset: inbox, one record with its line, an incoming and outs outgoing rows.
 * version: of the record, 0 = no record. */
void kit_batch_add(kit_batch *b, const kit *k, const char *msgid, const char *key, int version,
                   int outs);
/* begin (without ids and keys) and settle. */
bool kit_settle(kit *k, const kn_position *position, kit_batch *b, bool *in_doubt, GError **err);

void kit_take(kit *k, int part, kn_position *out);
/* Waits until another session waits for a lock. */
void kit_wait_blocked(const kit *k);

#define assert_code(err, want) assert_int_equal(kn_error_code(err), (want))

#endif
