/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
folder_with(const char *const *files)
{
    char *folder = g_dir_make_tmp("kouan-sql-XXXXXX", NULL);

    assert_non_null(folder);
    for (; *files; files += 2) {
        g_autofree char *path = g_build_filename(folder, files[0], NULL);

        assert_true(g_file_set_contents(path, files[1], -1, NULL));
    }
    return folder;
}

static void
remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        (void)g_unlink(path);
    }
    (void)g_rmdir(folder);
}

static void
migrate_twice_does_nothing(void **state)
{
    kit *k = *state; /* migrated once already */
    g_autoptr(GError) err = NULL;
    int applied = -1;

    assert_true(kn_migrate(k->conninfo, "schemas/sql", &applied, &err));
    assert_int_equal(applied, 0);
    kit_expect(
        k, "SELECT string_agg(version || ' ' || name, ',' ORDER BY version) FROM schema_version",
        "1 001-core.sql,2 002-trust.sql,3 003-dictionary.sql,4 004-none.sql,5 005-evidence.sql,6 "
        "006-audit.sql,7 007-parked.sql,8 008-timers.sql,9 009-archive.sql");
}

static void
migrate_applies_what_is_missing_in_order(void **unused)
{
    static const char *const first[] = { "001-a.sql", "CREATE TABLE a (x int);", "README",
                                         "no migration", NULL };
    static const char *const more[] = { "002-b.sql", "INSERT INTO a VALUES (2); -- a 'comment'",
                                        "001-a.sql", "CREATE TABLE a (x int);",
                                        "003-c.sql", "UPDATE a SET x = x + 1",
                                        NULL };
    g_autofree char *conninfo = kit_database();
    g_autofree char *one = folder_with(first), *three = folder_with(more);
    g_autoptr(GError) err = NULL;
    g_autoptr(PGconn) conn = PQconnectdb(conninfo);
    g_autoptr(PGresult) res = NULL;
    int applied = 0;

    (void)unused;
    assert_true(kn_migrate(conninfo, one, &applied, &err));
    assert_int_equal(applied, 1);
    assert_true(kn_migrate(conninfo, three, &applied, &err));
    assert_int_equal(applied, 2);
    res = PQexec(conn, "SELECT x FROM a");
    assert_string_equal(PQgetvalue(res, 0, 0), "3");
    assert_false(kn_migrate(conninfo, one, &applied, &err)); /* this program is older */
    assert_code(err, KN_E_STORE_WRONG);
    remove_folder(one);
    remove_folder(three);
}

static void
migrate_broken_file_is_named_and_leaves_nothing(void **unused)
{
    static const struct {
        const char *sql, *says, *why;
    } vectors[] = {
        { "CREATE TABLE t (x int);\n-- 口岸\nCREATE TABEL u (x int);\n",
          "001-x.sql:3:", "syntax, after wide characters" },
        { "CREATE TABLE t (x int);\n\nINSERT INTO t VALUES ('a');\n", "001-x.sql:3:", "type" },
        { "CREATE TABLE t (x int);\nDROP TABLE nothing;\n",
          "001-x.sql: statement 2:", "the server gives no place" },
        { "CREATE TABLE t (x int);\n\xff", "001-x.sql:1:", "no UTF-8" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const char *files[] = { "001-x.sql", vectors[i].sql, NULL };
        g_autofree char *conninfo = kit_database();
        g_autofree char *folder = folder_with(files);
        g_autoptr(GError) err = NULL;
        g_autoptr(PGconn) conn = PQconnectdb(conninfo);
        g_autoptr(PGresult) res = NULL;
        int applied = 77;

        if (kn_migrate(conninfo, folder, &applied, &err) || kn_error_code(err) != KN_E_STORE_WRONG
            || !strstr(err->message, vectors[i].says) || applied != 77)
            fail_msg("%s: %s", vectors[i].why, err ? err->message : "taken");
        res = PQexec(conn,
                     "SELECT to_regclass('t') IS NULL AND NOT EXISTS (SELECT FROM schema_version)");
        assert_string_equal(PQgetvalue(res, 0, 0), "t");
        remove_folder(folder);
    }
}

static void
migrate_refuses(void **unused)
{
    static const char *const hole[] = { "001-a.sql", "SELECT 1", "003-c.sql", "SELECT 1", NULL };
    static const char *const twice[] = { "001-a.sql", "SELECT 1", "001-b.sql", "SELECT 1", NULL };
    g_autofree char *conninfo = kit_database();
    g_autofree char *one = folder_with(hole), *two = folder_with(twice);
    const struct {
        const char *conninfo, *folder;
        kn_error code;
        const char *why;
    } vectors[] = {
        { conninfo, one, KN_E_STORE_WRONG, "002 is missing" },
        { conninfo, two, KN_E_STORE_WRONG, "001 is there twice" },
        { conninfo, "/nonexistent", KN_E_IO, "no folder" },
        { "host=/nonexistent", "schemas/sql", KN_E_STORE_DOWN, "no server" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;
        int applied = 0;

        if (kn_migrate(vectors[i].conninfo, vectors[i].folder, &applied, &err)
            || kn_error_code(err) != vectors[i].code)
            fail_msg("%s: %s", vectors[i].why, err ? err->message : "taken");
    }
    remove_folder(one);
    remove_folder(two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(migrate_twice_does_nothing),
        cmocka_unit_test(migrate_applies_what_is_missing_in_order),
        cmocka_unit_test(migrate_broken_file_is_named_and_leaves_nothing),
        cmocka_unit_test(migrate_refuses),
    };

    return kit_main(tests);
}
