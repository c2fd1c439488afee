/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "lane/overlay.h"

#include <cmocka.h>
#include <string.h>

static kn_store_record *
stored(const char *kind, const char *key, const char *state, int version)
{
    kn_store_record *r = g_new0(kn_store_record, 1);

    r->record = kn_record_new(kind, key, "MA0000410", state);
    r->record->version = version;
    r->topic = 2;
    r->part = 4;
    r->off = 77;
    return r;
}

static void
overlay_unknown_is_wanted(void **unused)
{
    kn_overlay *o = kn_overlay_new();
    bool known = true;
    GArray *wanted;

    (void)unused;
    assert_null(kn_overlay_lookup(o, "checkpoint", "1", &known));
    assert_false(known);
    (void)kn_overlay_lookup(o, "checkpoint", "1", &known);
    (void)kn_overlay_lookup(o, "checkpoint", "2", &known);
    wanted = kn_overlay_wanted(o);
    assert_int_equal(wanted->len, 2); /* each once, in order of first asking */
    assert_string_equal(g_array_index(wanted, kn_store_key, 0).key, "1");
    assert_string_equal(g_array_index(wanted, kn_store_key, 1).key, "2");
    g_array_unref(wanted);
    kn_overlay_free(o);
}

static void
overlay_loaded_tells_absent_from_unknown(void **unused)
{
    kn_overlay *o = kn_overlay_new();
    GPtrArray *records = kn_store_record_array();
    bool known = false;
    const kn_record *r;
    GArray *wanted;

    (void)unused;
    (void)kn_overlay_lookup(o, "checkpoint", "1", &known);
    (void)kn_overlay_lookup(o, "checkpoint", "2", &known);
    g_ptr_array_add(records, stored("checkpoint", "1", "S01", 3));
    g_ptr_array_add(records, stored("checkpoint", "9", "S01", 3)); /* never asked for: ignored */
    kn_overlay_loaded(o, records);
    r = kn_overlay_lookup(o, "checkpoint", "1", &known);
    assert_true(known);
    assert_int_equal(r->version, 3);
    assert_null(kn_overlay_lookup(o, "checkpoint", "2", &known));
    assert_true(known);
    wanted = kn_overlay_wanted(o);
    assert_int_equal(wanted->len, 0);
    assert_null(kn_overlay_slot(o, "checkpoint", "9"));
    assert_int_equal(kn_overlay_slot(o, "checkpoint", "1")->off, 77);
    g_array_unref(wanted);
    g_ptr_array_unref(records);
    kn_overlay_free(o);
}

static void
overlay_writes_are_collapsed(void **unused)
{
    kn_overlay *o = kn_overlay_new();
    GArray *writes = g_array_new(FALSE, FALSE, sizeof(kn_store_write));
    bool known;

    (void)unused;
    (void)kn_overlay_lookup(o, "checkpoint", "read-only", &known);
    for (int version = 1; version <= 3; version++) {
        kn_record *r = kn_record_new("checkpoint", "1", "MA0000410", "S01");

        r->version = version;
        kn_overlay_put(o, r, 1, 0, 100 + version);
        assert_int_equal(kn_overlay_lookup(o, "checkpoint", "1", &known)->version, version);
        assert_true(known);
    }
    kn_overlay_writes(o, writes);
    assert_int_equal(writes->len, 1); /* the last version only; nothing for what was only read */
    assert_int_equal(g_array_index(writes, kn_store_write, 0).record->version, 3);
    assert_int_equal(g_array_index(writes, kn_store_write, 0).off, 103);
    g_array_unref(writes);
    kn_overlay_free(o);
}

static void
overlay_kind_and_key_are_one_name(void **unused)
{
    kn_overlay *o = kn_overlay_new();
    bool known;

    (void)unused;
    kn_overlay_put(o, kn_record_new("a", "bc", "x", "S01"), 1, 0, 1);
    assert_null(kn_overlay_lookup(o, "ab", "c", &known));
    assert_false(known);
    kn_overlay_free(o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlay_unknown_is_wanted),
        cmocka_unit_test(overlay_loaded_tells_absent_from_unknown),
        cmocka_unit_test(overlay_writes_are_collapsed),
        cmocka_unit_test(overlay_kind_and_key_are_one_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
