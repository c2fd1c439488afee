/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane tells the metrics: of each message when it is settled and published, of its partitions once
 * a second. */
#include "base/clock.h"
#include "lane/lane_priv.h"

#include <string.h>

#define EVERY_US 1000000LL

/* Bounded: types with a handler, partners with an entry, names of the error tables. */
void
kn_gauge_settled(kn_lane *lane, const kn_item *item)
{
    kn_metrics *m = lane->engine->metrics;
    const char *verdict = strcmp(item->verdict, "REPEAT") == 0 ? "REPEATED" : item->verdict;

    kn_cell_add(kn_metrics_cell(m, KN_METRIC_MESSAGES,
                                KN_LABELS(item->route ? item->route->doctype->root : "other",
                                          item->partner ? item->partner->id : "unknown", verdict)),
                1);
    kn_cell_add(kn_metrics_cell(m, KN_METRIC_BYTES, NULL), (int64_t)item->record.len);
    g_array_append_val(item->part->waiting, item->record.time_ms);
}

void
kn_gauge_published(kn_lane *lane, kn_part *part)
{
    kn_cell *cell = kn_metrics_cell(lane->engine->metrics, KN_METRIC_SECONDS, NULL);
    int64_t now = kn_clock_wall_ms();

    for (unsigned i = 0; i < part->waiting->len; i++)
        kn_cell_observe(cell, MAX(now - g_array_index(part->waiting, int64_t, i), 0) * 1000);
    g_array_set_size(part->waiting, 0);
}

void
kn_gauge_dead(kn_lane *lane, const char *error)
{
    kn_cell_add(kn_metrics_cell(lane->engine->metrics, KN_METRIC_DEAD, KN_LABELS(error)), 1);
}

void
kn_gauge_state(kn_lane *lane, kn_lane_state state)
{
    static const char *const waits[] = {
        [KN_LANE_NO_STORE] = "database", [KN_LANE_NO_BUS] = "broker"
    };
    char number[16];

    if (atomic_exchange(&lane->stats.state, (int_fast64_t)state) == (int_fast64_t)state
        || state < KN_LANE_NO_STORE)
        return;
    (void)g_snprintf(number, sizeof number, "%d", lane->number);
    kn_cell_add(
        kn_metrics_cell(lane->engine->metrics, KN_METRIC_PAUSES, KN_LABELS(number, waits[state])),
        1);
}

static void
show_part(kn_lane *lane, const kn_part *p)
{
    kn_metrics *m = lane->engine->metrics;
    int64_t high = kn_consumer_high(lane->consumer, p->topic, p->position.part);
    char part[16];
    const char *const labels[] = { p->topic, part };

    (void)g_snprintf(part, sizeof part, "%d", p->position.part);
    if (high >= 0)
        kn_cell_set(kn_metrics_cell(m, KN_METRIC_LAG, labels), MAX(high - p->position.next_off, 0));
    kn_cell_set(kn_metrics_cell(m, KN_METRIC_UNPUBLISHED, labels),
                MAX(p->position.next_off - p->relayed, 0));
}

void
kn_gauge_parts(kn_lane *lane)
{
    int64_t now = kn_clock_steady_us(), behind = 0;
    g_autoptr(kn_trust_set) newest = NULL;

    if (now < lane->gauges_us)
        return;
    lane->gauges_us = now + EVERY_US;
    newest = kn_trust_book_newest(lane->engine->book);
    for (unsigned i = 0; i < lane->parts->len; i++) {
        const kn_part *p = g_ptr_array_index(lane->parts, i);

        show_part(lane, p);
        behind += newest && p->set && p->set->version < newest->version;
    }
    atomic_store(&lane->stats.partitions, (int_fast64_t)lane->parts->len);
    atomic_store(&lane->stats.behind, (int_fast64_t)behind);
}

void
kn_gauge_gone(kn_lane *lane, const kn_part *p)
{
    char part[16];
    const char *const labels[] = { p->topic, part };

    (void)g_snprintf(part, sizeof part, "%d", p->position.part);
    kn_metrics_drop(lane->engine->metrics, KN_METRIC_LAG, labels);
    kn_metrics_drop(lane->engine->metrics, KN_METRIC_UNPUBLISHED, labels);
}
