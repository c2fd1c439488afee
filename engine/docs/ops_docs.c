/* SPDX-License-Identifier: Apache-2.0 */
#include "docs/ops_docs.h"

#include "base/alarm.h"
#include "ops/metric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 2
#define PANEL_WIDTH 12
#define PANEL_HEIGHT 8

static const char *const types[] = {
    [KN_COUNTER] = "counter", [KN_GAUGE] = "gauge", [KN_HISTOGRAM] = "histogram"
};

void
kn_docs_metrics(const kn_handler *none)
{
    (void)none;
    (void)printf(
        "# Metrics\n\nPrinted by `scripts/gen-docs` from `engine/ops/metric.def`; change it there. "
        "Served at `[ops] listen` as `/metrics`\n(Prometheus text), beside `/healthz` "
        "(200 while every lane goes round) and `/readyz` (200 while every lane has its\n"
        "partitions and reaches database and broker). The dashboard "
        "`config/grafana/kouan.json` is made from the same rows.\n\n"
        "| Name | Type | Labels | What |\n|---|---|---|---|\n");
    for (kn_metric i = 0; i < KN_METRIC_COUNT; i++) {
        const kn_metric_row *row = kn_metric_row_of(i);

        (void)printf("| `%s` | %s | %s | %s |\n", row->name, types[row->type], row->labels,
                     row->help);
    }
}

void
kn_docs_alarms(const kn_handler *none)
{
    (void)none;
    (void)printf(
        "# Alarms\n\nPrinted by `scripts/gen-docs` from `engine/base/alarm.def`; change it there. "
        "An alarm wants a person. It is a log line of level `alarm` with\n`code=`, a record on "
        "`<prefix>.alarm` (key: the code; value: the same line as JSON, with `instance`; best "
        "effort), and counts in\n`kouan_alarms_total{code}`. `kouan alarms CODE` prints its "
        "row.\n\n"
        "| Code | Says | What has happened | What to do |\n|---|---|---|---|\n");
    for (kn_alarm_id i = 0; i < KN_ALARM_COUNT; i++) {
        const kn_alarm_row *row = kn_alarm_row_of(i);

        (void)printf("| `%s` | %s | %s | %s |\n", row->code, row->text, row->meaning, row->action);
    }
}

/* {{a}} {{b}} for the labels "a,b". */
static char *
legend(const kn_metric_row *row, const char *else_name)
{
    g_auto(GStrv) names = g_strsplit(row->labels, ",", -1);
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; names[i]; i++)
        g_string_append_printf(text, "%s{{%s}}", i > 0 ? " " : "", names[i]);
    return g_strdup(text->len > 0 ? text->str : else_name);
}

static void
add_target(json_t *targets, const char *expression, const char *name)
{
    char id[2] = { (char)('A' + (int)json_array_size(targets)), '\0' };

    (void)json_array_append_new(
        targets, json_pack("{ss ss ss}", "refId", id, "expr", expression, "legendFormat", name));
}

static void
add_targets(json_t *targets, const kn_metric_row *row)
{
    static const char *const quantiles[] = { "0.5", "0.95", "0.99" };
    const char *by = *row->labels ? row->labels : "instance";
    g_autofree char *name = legend(row, row->name + strlen("kouan_")), *text = NULL;

    if (row->type == KN_HISTOGRAM) {
        for (size_t i = 0; i < G_N_ELEMENTS(quantiles); i++) {
            g_autofree char *q = g_strdup_printf(
                "histogram_quantile(%s, sum by (le) (rate(%s_bucket[$__rate_interval])))",
                quantiles[i], row->name);

            add_target(targets, q, quantiles[i]);
        }
        return;
    }
    text = row->type == KN_COUNTER
               ? g_strdup_printf("sum by (%s) (rate(%s[$__rate_interval]))", by, row->name)
               : g_strdup_printf("sum by (%s) (%s)", by, row->name);
    add_target(targets, text, name);
}

/* One panel a heading, in the order in which headings first appear. */
static json_t *
new_panel(const char *title, int64_t number)
{
    json_t *targets = json_array();
    g_autoptr(GString) help = g_string_new(NULL);

    for (kn_metric i = 0; i < KN_METRIC_COUNT; i++) {
        const kn_metric_row *row = kn_metric_row_of(i);

        if (strcmp(row->panel, title) != 0)
            continue;
        add_targets(targets, row);
        g_string_append_printf(help, "%s%s: %s", help->len > 0 ? "\n" : "", row->name, row->help);
    }
    return json_pack("{sI ss ss ss s{ss ss} s{sI sI si si} so}", "id", (json_int_t)number + 1,
                     "type", "timeseries", "title", title, "description", help->str, "datasource",
                     "type", "prometheus", "uid", "${datasource}", "gridPos", "x",
                     (json_int_t)(number % COLUMNS * PANEL_WIDTH), "y",
                     (json_int_t)(number / COLUMNS * PANEL_HEIGHT), "w", PANEL_WIDTH, "h",
                     PANEL_HEIGHT, "targets", targets);
}

void
kn_docs_grafana(const kn_handler *none)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    json_t *panels = json_array(), *board;
    char *text;

    (void)none;
    for (kn_metric i = 0; i < KN_METRIC_COUNT; i++) {
        const char *title = kn_metric_row_of(i)->panel;

        if (g_hash_table_add(seen, (char *)(uintptr_t)title))
            (void)json_array_append_new(panels, new_panel(title, (int64_t)json_array_size(panels)));
    }
    board = json_pack("{ss ss si ss s{ss ss} s{s[{ss ss ss}]} so}", "title", "Kouan", "uid",
                      "kouan", "schemaVersion", 38, "refresh", "10s", "time", "from", "now-1h",
                      "to", "now", "templating", "list", "name", "datasource", "type", "datasource",
                      "query", "prometheus", "panels", panels);
    text = json_dumps(board, JSON_INDENT(1));
    json_decref(board);
    (void)printf("%s\n", text ? text : "");
    free(text); /* allow: jansson allocated it */
}
