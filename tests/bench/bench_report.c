/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_report.h"

#include <stdio.h>
#include <string.h>

static void
row_clear(void *p)
{
    kn_bench_row *row = p;

    g_free(row->group);
    g_free(row->step);
}

GArray *
kn_bench_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(kn_bench_row));

    g_array_set_clear_func(rows, row_clear);
    return rows;
}

void
kn_bench_rows_add(GArray *rows, const char *group, const char *step, size_t bytes, double us,
                  double r)
{
    kn_bench_row row = { g_strdup(group), g_strdup(step), bytes, us, r };

    g_array_append_val(rows, row);
}

void
kn_bench_rows_print(const GArray *rows)
{
    const char *group = "";

    for (guint i = 0; i < rows->len; i++) {
        const kn_bench_row *row = &g_array_index(rows, kn_bench_row, i);

        if (strcmp(group, row->group) != 0)
            (void)printf("%s%-44s %10s %8s\n", i ? "\n" : "", row->group, "CPU us", "x R");
        group = row->group;
        (void)printf("  %-42s %10.2f %8.2f\n", row->step, row->us, row->r);
    }
}

json_t *
kn_bench_rows_json(const GArray *rows)
{
    json_t *list = json_array();

    for (guint i = 0; i < rows->len; i++) {
        const kn_bench_row *row = &g_array_index(rows, kn_bench_row, i);

        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:f, s:f}", "group", row->group, "step", row->step,
                            "bytes", (json_int_t)row->bytes, "us", row->us, "r", row->r));
    }
    return list;
}
