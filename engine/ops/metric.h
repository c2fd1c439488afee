/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: what a running process counts, for /metrics.  The rows are metric.def; a cell is one series of
 * a row, given by the values of its labels.
 *
 * shape    cells hold 64 bit integers; a row's scale turns them into the unit of its name
 * owner    cells belong to kn_metrics and live until kn_metrics_drop or its end
 * threads  any; adding and setting are atomic, finding a cell takes a lock for the length of a look-up
 * errors   none: what cannot be counted is not
 * source   Prometheus text exposition format 0.0.4
 */
#ifndef KOUAN_OPS_METRIC_H
#define KOUAN_OPS_METRIC_H

#include <glib.h>
#include <stdint.h>

typedef enum kn_metric {
#define KN_METRIC(id, name, type, scale, labels, panel, help) KN_METRIC_##id,
#include "ops/metric.def"
#undef KN_METRIC
    KN_METRIC_COUNT
} kn_metric;

typedef enum kn_metric_type { KN_COUNTER, KN_GAUGE, KN_HISTOGRAM } kn_metric_type;

typedef struct kn_metric_row {
    const char *name; /* with its prefix */
    kn_metric_type type;
    int64_t scale;
    const char *labels, *panel, *help;
} kn_metric_row;

/* Upper bounds of histogram buckets, in what cells hold (microseconds); the last bucket has none. */
#define KN_BUCKETS 14
extern const int64_t kn_metric_bounds[KN_BUCKETS];

typedef struct kn_metrics kn_metrics;
typedef struct kn_cell kn_cell;

const kn_metric_row *kn_metric_row_of(kn_metric metric);

kn_metrics *kn_metrics_new(void);
void kn_metrics_free(kn_metrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_metrics, kn_metrics_free)

/* The cell with these values, one a label of the row, made at 0 when it is new; NULL values count as "". */
kn_cell *kn_metrics_cell(kn_metrics *metrics, kn_metric metric, const char *const *values);
/* The series ends: a partition that is owned no longer.  Nobody may hold the cell. */
void kn_metrics_drop(kn_metrics *metrics, kn_metric metric, const char *const *values);
/* All series of a row end. */
void kn_metrics_drop_all(kn_metrics *metrics, kn_metric metric);
#define KN_LABELS(...) ((const char *const[]){ __VA_ARGS__ })

void kn_cell_add(kn_cell *cell, int64_t n);
void kn_cell_set(kn_cell *cell, int64_t n);
int64_t kn_cell_get(const kn_cell *cell);
/* One observation of a histogram. */
void kn_cell_observe(kn_cell *cell, int64_t value);

/* Appends the page. */
void kn_metrics_print(kn_metrics *metrics, GString *out);

#endif
