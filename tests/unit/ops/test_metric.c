/* SPDX-License-Identifier: Apache-2.0 */
/* Cells and the page they make. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "ops/metric.h"

#include <stdbool.h>
#include <string.h>

static char *
page(kn_metrics *m)
{
    GString *text = g_string_new(NULL);

    kn_metrics_print(m, text);
    return g_string_free(text, FALSE);
}

static void
assert_has(const char *text, const char *line)
{
    if (!strstr(text, line))
        fail_msg("not in the page: %s\n%s", line, text);
}

static void
assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("in the page: %s\n%s", part, text);
}

static void
metric_empty(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    g_autofree char *text = page(m);

    (void)unused;
    assert_string_equal(text, ""); /* a row without a series shows nothing, not even its name */
}

static void
metric_same_cell(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    kn_cell *one = kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("XSD_INVALID"));

    (void)unused;
    assert_ptr_equal(one, kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("XSD_INVALID")));
    assert_ptr_not_equal(one, kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("SIG_BAD")));
    assert_int_equal(kn_cell_get(one), 0);
    kn_cell_add(one, 2);
    kn_cell_add(one, 3);
    assert_int_equal(kn_cell_get(one), 5);
    kn_cell_set(one, 1);
    assert_int_equal(kn_cell_get(one), 1);
}

static void
metric_text(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    g_autofree char *text = NULL;

    (void)unused;
    kn_cell_add(kn_metrics_cell(m, KN_METRIC_MESSAGES, KN_LABELS("CKViewMessage", "P1", "OK")), 7);
    kn_cell_set(kn_metrics_cell(m, KN_METRIC_CPU, NULL), 1250001);
    kn_cell_set(kn_metrics_cell(m, KN_METRIC_LAG, KN_LABELS("t", "0")), 9);
    text = page(m);
    assert_has(text,
               "# TYPE kouan_messages_total counter\n"
               "kouan_messages_total{type=\"CKViewMessage\",partner=\"P1\",verdict=\"OK\"} 7\n");
    assert_has(text, "# TYPE kouan_process_cpu_seconds_total "
                     "counter\nkouan_process_cpu_seconds_total 1.250001\n");
    assert_has(text, "kouan_partition_lag{topic=\"t\",partition=\"0\"} 9\n");
    assert_has_not(text, "kouan_dead");
}

/* A value is quoted whatever stands in it; a missing one is empty, and never read beyond its row. */
static void
metric_labels(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    g_autofree char *text = NULL;

    (void)unused;
    kn_cell_add(kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("a\"b\\c\nd{}=,")), 1);
    kn_cell_add(kn_metrics_cell(m, KN_METRIC_MESSAGES, KN_LABELS(NULL, "渝", NULL)), 1);
    text = page(m);
    assert_has(text, "kouan_dead_letters_total{error=\"a\\\"b\\\\c\\nd{}=,\"} 1\n");
    assert_has(text, "{type=\"\",partner=\"渝\",verdict=\"\"} 1\n");
}

static void
metric_histogram(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    kn_cell *cell = kn_metrics_cell(m, KN_METRIC_SECONDS, NULL);
    g_autofree char *text = NULL;

    (void)unused;
    kn_cell_observe(cell, 5000); /* a bound belongs to its bucket */
    kn_cell_observe(cell, 5001);
    kn_cell_observe(cell, 60000001); /* above all bounds */
    text = page(m);
    assert_has(
        text,
        "# TYPE kouan_message_seconds histogram\nkouan_message_seconds_bucket{le=\"0.005\"} 1\n"
        "kouan_message_seconds_bucket{le=\"0.01\"} 2\n");
    assert_has(text, "_bucket{le=\"60\"} 2\nkouan_message_seconds_bucket{le=\"+Inf\"} 3\n"
                     "kouan_message_seconds_sum 60.010002\nkouan_message_seconds_count 3\n");
}

static void
metric_drop(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    g_autofree char *text = NULL;

    (void)unused;
    kn_cell_set(kn_metrics_cell(m, KN_METRIC_LAG, KN_LABELS("t", "0")), 1);
    kn_cell_set(kn_metrics_cell(m, KN_METRIC_LAG, KN_LABELS("t", "1")), 2);
    kn_metrics_drop(m, KN_METRIC_LAG, KN_LABELS("t", "0"));
    kn_metrics_drop(m, KN_METRIC_LAG, KN_LABELS("t", "5"));
    text = page(m);
    assert_has_not(text, "partition=\"0\"");
    assert_has(text, "partition=\"1\"} 2\n");
}

/* The dashboard and the page stand on the table: every row has its words, counters end as they must. */
static void
metric_rows(void **unused)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    (void)unused;
    for (kn_metric i = 0; i < KN_METRIC_COUNT; i++) {
        const kn_metric_row *row = kn_metric_row_of(i);

        assert_true(g_hash_table_add(names, (char *)(uintptr_t)row->name));
        assert_true(g_str_has_prefix(row->name, "kouan_") && *row->help && *row->panel);
        assert_int_equal(row->type == KN_COUNTER, g_str_has_suffix(row->name, "_total"));
        assert_int_equal(row->scale == 1000000, strstr(row->name, "seconds") != NULL);
        assert_null(strchr(row->help, '\\'));
    }
}

static void *
adds(void *arg)
{
    for (int i = 0; i < 10000; i++)
        kn_cell_add(kn_metrics_cell(arg, KN_METRIC_DEAD, KN_LABELS(i % 2 ? "A" : "B")), 1);
    return NULL;
}

static void
metric_threads(void **unused)
{
    g_autoptr(kn_metrics) m = kn_metrics_new();
    GThread *threads[4];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("adds", adds, m);
    for (int i = 0; i < 50; i++)
        g_free(page(m));
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        (void)g_thread_join(threads[i]);
    assert_int_equal(kn_cell_get(kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("A"))), 20000);
    assert_int_equal(kn_cell_get(kn_metrics_cell(m, KN_METRIC_DEAD, KN_LABELS("B"))), 20000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metric_empty),     cmocka_unit_test(metric_same_cell),
        cmocka_unit_test(metric_text),      cmocka_unit_test(metric_labels),
        cmocka_unit_test(metric_histogram), cmocka_unit_test(metric_drop),
        cmocka_unit_test(metric_rows),      cmocka_unit_test(metric_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
