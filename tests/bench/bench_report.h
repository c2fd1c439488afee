/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a floor: name, µs, ratio to the yardstick; as a table for people and as JSON. */
#ifndef KOUAN_BENCH_REPORT_H
#define KOUAN_BENCH_REPORT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct kn_bench_row {
    char *group; /* "rsa bare 4500" */
    char *step;
    size_t bytes;
    double us;
    double r; /* times the yardstick */
} kn_bench_row;

GArray *kn_bench_rows_new(void);
void kn_bench_rows_add(GArray *rows, const char *group, const char *step, size_t bytes, double us,
                       double r);
void kn_bench_rows_print(const GArray *rows);
json_t *kn_bench_rows_json(const GArray *rows);

#endif
