/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms have codes that can be looked up; whoever carries them hears each. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/alarm.h"

#include <glib.h>
#include <string.h>

#include "caught.h"

/* A code is for ever: one row, one form, found in any case; nothing is left for the reader to guess. */
static void
alarm_rows_can_be_looked_up(void **unused)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    (void)unused;
    for (kn_alarm_id i = 0; i < KN_ALARM_COUNT; i++) {
        const kn_alarm_row *row = kn_alarm_row_of(i);
        g_autofree char *small = g_ascii_strdown(row->code, -1);

        assert_true(g_regex_match_simple("^K[0-5][0-9]{2}$", row->code, 0, 0));
        assert_true(g_hash_table_add(seen, (char *)(uintptr_t)row->code));
        assert_true(g_hash_table_add(seen, (char *)(uintptr_t)row->text));
        assert_int_equal(kn_alarm_by_code(row->code), i);
        assert_int_equal(kn_alarm_by_code(small), i);
        assert_true(strlen(row->meaning) > 20 && strlen(row->action) > 5);
        assert_null(strpbrk(row->text, "\n|")); /* a log line, a cell of a table */
        assert_null(strpbrk(row->meaning, "\n|"));
        assert_null(strpbrk(row->action, "\n|"));
    }
}

static void
alarm_unknown_codes(void **unused)
{
    static const char *const codes[] = { "", "K", "K999", "K101 ", "101", "database away, paused" };

    (void)unused;
    assert_int_equal(kn_alarm_by_code(NULL), KN_ALARM_COUNT);
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        assert_int_equal(kn_alarm_by_code(codes[i]), KN_ALARM_COUNT);
}

/* Shown whatever level is asked for, with its code, and counted under it alone. */
static void
alarm_line(void **unused)
{
    int64_t before = kn_alarm_raised(KN_ALARM_STORE_AWAY),
            other = kn_alarm_raised(KN_ALARM_STOPPED);

    (void)unused;
    kn_log_init(KN_ERROR, false);
    caught_begin();
    kn_alarm(KN_ALARM_STORE_AWAY, KN_STR("why", "no answer"));
    assert_non_null(
        strstr(caught_end(), " alarm database away, paused code=K101 why=\"no answer\"\n"));
    assert_int_equal(kn_alarm_raised(KN_ALARM_STORE_AWAY), before + 1);
    assert_int_equal(kn_alarm_raised(KN_ALARM_STOPPED), other);
    kn_log_init(KN_INFO, false);
}

typedef struct heard {
    int n;
    kn_alarm_id id;
    json_t *line;
} heard;

static void
on_alarm(void *data, kn_alarm_id id, const json_t *object)
{
    heard *h = data;

    h->n++;
    h->id = id;
    json_decref(h->line);
    h->line = json_deep_copy(object);
}

static void
alarm_sink_hears_alarms_only(void **unused)
{
    heard h = { 0 };

    (void)unused;
    kn_alarm_to(on_alarm, &h);
    caught_begin();
    kn_error_line("no alarm", KN_INT("n", 1));
    assert_int_equal(h.n, 0);
    kn_alarm(KN_ALARM_PARKED, KN_STR("why", "x"), KN_INT("offset", 7));
    kn_alarm_to(NULL, NULL);
    kn_alarm(KN_ALARM_PARKED, KN_INT("offset", 8));
    (void)caught_end();
    assert_int_equal(h.n, 1);
    assert_int_equal(h.id, KN_ALARM_PARKED);
    assert_string_equal(json_string_value(json_object_get(h.line, "code")), "K401");
    assert_string_equal(json_string_value(json_object_get(h.line, "level")), "alarm");
    assert_string_equal(json_string_value(json_object_get(h.line, "why")), "x");
    assert_int_equal(json_integer_value(json_object_get(h.line, "offset")), 7);
    json_decref(h.line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alarm_rows_can_be_looked_up),
        cmocka_unit_test(alarm_unknown_codes),
        cmocka_unit_test(alarm_line),
        cmocka_unit_test(alarm_sink_hears_alarms_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
