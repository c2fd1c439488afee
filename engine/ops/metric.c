/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/metric.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const kn_metric_row rows[] = {
#define KN_METRIC(id, name, type, scale, labels, panel, help) \
    [KN_METRIC_##id] = { "kouan_" name, KN_##type, scale, labels, panel, help },
#include "ops/metric.def"
#undef KN_METRIC
};

/* 5 ms to 60 s: a receipt is expected within tens of milliseconds, and a take-over within 15 s. */
const int64_t kn_metric_bounds[KN_BUCKETS] = {
    5000, 10000, 20000, 50000, 100000, 200000, 500000,
    1000000, 2000000, 5000000, 10000000, 15000000, 30000000, 60000000,
};
/* clang-format on */

struct kn_cell {
    char *labels; /* as the page shows them, without braces */
    atomic_int_fast64_t value;
    atomic_int_fast64_t *buckets; /* of a histogram: KN_BUCKETS and one without a bound */
};

struct kn_metrics {
    GMutex lock;                        /* the tables; not the cells' numbers */
    GHashTable *cells[KN_METRIC_COUNT]; /* labels -> kn_cell */
};

const kn_metric_row *
kn_metric_row_of(kn_metric metric)
{
    assert(metric < KN_METRIC_COUNT);
    return &rows[metric];
}

static void
cell_free(void *data)
{
    kn_cell *cell = data;

    g_free(cell->labels);
    g_free(cell->buckets);
    g_free(cell);
}

kn_metrics *
kn_metrics_new(void)
{
    kn_metrics *m = g_new0(kn_metrics, 1);

    g_mutex_init(&m->lock);
    for (size_t i = 0; i < KN_METRIC_COUNT; i++)
        m->cells[i] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, cell_free);
    return m;
}

void
kn_metrics_free(kn_metrics *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < KN_METRIC_COUNT; i++)
        g_hash_table_unref(m->cells[i]);
    g_mutex_clear(&m->lock);
    g_free(m);
}

/* --- cells ---------------------------------------------------------------------------------------------- */

static void
add_value(GString *out, const char *value)
{
    for (; *value; value++)
        if (*value == '\n')
            (void)g_string_append(out, "\\n");
        else if (*value == '"' || *value == '\\')
            g_string_append_printf(out, "\\%c", *value);
        else
            (void)g_string_append_c(out, *value);
}

/* type="CKViewMessage",partner="PORTAL01" */
static void
add_labels(GString *out, const char *names, const char *const *values)
{
    for (size_t i = 0; *names; i++) {
        size_t len = strcspn(names, ",");

        g_string_append_printf(out, "%s%.*s=\"", i > 0 ? "," : "", (int)len, names);
        add_value(out, values && values[i] ? values[i] : "");
        (void)g_string_append_c(out, '"');
        names += len + (names[len] == ',');
    }
}

static kn_cell *
new_cell(kn_metric metric, const char *labels)
{
    kn_cell *cell = g_new0(kn_cell, 1);

    cell->labels = g_strdup(labels);
    if (rows[metric].type == KN_HISTOGRAM)
        cell->buckets = g_new0(atomic_int_fast64_t, KN_BUCKETS + 1);
    return cell;
}

kn_cell *
kn_metrics_cell(kn_metrics *m, kn_metric metric, const char *const *values)
{
    g_autoptr(GString) name = g_string_sized_new(96);
    kn_cell *cell;

    add_labels(name, kn_metric_row_of(metric)->labels, values);
    g_mutex_lock(&m->lock);
    cell = g_hash_table_lookup(m->cells[metric], name->str);
    if (!cell) {
        cell = new_cell(metric, name->str);
        (void)g_hash_table_insert(m->cells[metric], cell->labels, cell);
    }
    g_mutex_unlock(&m->lock);
    return cell;
}

void
kn_metrics_drop(kn_metrics *m, kn_metric metric, const char *const *values)
{
    g_autoptr(GString) name = g_string_sized_new(96);

    add_labels(name, kn_metric_row_of(metric)->labels, values);
    g_mutex_lock(&m->lock);
    (void)g_hash_table_remove(m->cells[metric], name->str);
    g_mutex_unlock(&m->lock);
}

void
kn_metrics_drop_all(kn_metrics *m, kn_metric metric)
{
    g_mutex_lock(&m->lock);
    g_hash_table_remove_all(m->cells[metric]);
    g_mutex_unlock(&m->lock);
}

void
kn_cell_add(kn_cell *cell, int64_t n)
{
    (void)atomic_fetch_add_explicit(&cell->value, n, memory_order_relaxed);
}

void
kn_cell_set(kn_cell *cell, int64_t n)
{
    atomic_store_explicit(&cell->value, n, memory_order_relaxed);
}

int64_t
kn_cell_get(const kn_cell *cell)
{
    return atomic_load_explicit(&cell->value, memory_order_relaxed);
}

void
kn_cell_observe(kn_cell *cell, int64_t value)
{
    size_t i = 0;

    assert(cell->buckets);
    while (i < KN_BUCKETS && value > kn_metric_bounds[i])
        i++;
    (void)atomic_fetch_add_explicit(&cell->buckets[i], 1, memory_order_relaxed);
    kn_cell_add(cell, value);
}

/* --- page ----------------------------------------------------------------------------------------------- */

static void
add_number(GString *out, int64_t value, int64_t scale)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (scale == 1)
        g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
    else
        (void)g_string_append(
            out, g_ascii_formatd(text, sizeof text, "%.6f", (double)value / (double)scale));
}

static void
print_line(GString *out, const kn_metric_row *row, const char *suffix, const char *labels,
           const char *more, int64_t value, int64_t scale)
{
    bool braces = *labels || *more;

    g_string_append_printf(out, "%s%s%s%s%s%s%s ", row->name, suffix, braces ? "{" : "", labels,
                           *labels && *more ? "," : "", more, braces ? "}" : "");
    add_number(out, value, scale);
    (void)g_string_append_c(out, '\n');
}

static void
print_histogram(GString *out, const kn_metric_row *row, const kn_cell *cell)
{
    int64_t count = 0;

    for (size_t i = 0; i <= KN_BUCKETS; i++) {
        char le[48], number[G_ASCII_DTOSTR_BUF_SIZE];

        count += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
        (void)g_snprintf(le, sizeof le, "le=\"%s\"",
                         i == KN_BUCKETS
                             ? "+Inf"
                             : g_ascii_formatd(number, sizeof number, "%g",
                                               (double)kn_metric_bounds[i] / (double)row->scale));
        print_line(out, row, "_bucket", cell->labels, le, count, 1);
    }
    print_line(out, row, "_sum", cell->labels, "", kn_cell_get(cell), row->scale);
    print_line(out, row, "_count", cell->labels, "", count, 1);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
print_row(kn_metrics *m, kn_metric metric, GString *out)
{
    static const char *const types[] = {
        [KN_COUNTER] = "counter", [KN_GAUGE] = "gauge", [KN_HISTOGRAM] = "histogram"
    };
    const kn_metric_row *row = &rows[metric];
    unsigned n = 0;
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(m->cells[metric],
                                                                                  &n);

    if (names)
        qsort(names, n, sizeof *names, by_text);
    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                           types[row->type]);
    for (unsigned i = 0; names && i < n; i++) {
        const kn_cell *cell = g_hash_table_lookup(m->cells[metric], names[i]);

        if (row->type == KN_HISTOGRAM)
            print_histogram(out, row, cell);
        else
            print_line(out, row, "", cell->labels, "", kn_cell_get(cell), row->scale);
    }
}

void
kn_metrics_print(kn_metrics *m, GString *out)
{
    g_mutex_lock(&m->lock);
    for (size_t i = 0; i < KN_METRIC_COUNT; i++)
        if (g_hash_table_size(m->cells[i]) > 0)
            print_row(m, (kn_metric)i, out);
    g_mutex_unlock(&m->lock);
}
