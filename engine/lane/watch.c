/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/watch.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "lane/lane_priv.h"
#include "ops/http.h"
#include "ops/service.h"

#include <dirent.h>
#include <kouan/log.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOTIFY_US 1000000LL

struct kn_watch {
    const kn_engine *engine;
    kn_lane *const *lanes;
    size_t n;
    kn_http *http; /* NULL: nobody asked for it */
    int64_t notify_us;
    bool told_ready;
};

static const char *const states[] = {
    [KN_LANE_STARTING] = "starting",
    [KN_LANE_READY] = "ready",
    [KN_LANE_ENDED] = "ended",
    [KN_LANE_NO_STORE] = "the database does not answer",
    [KN_LANE_NO_BUS] = "the broker does not answer",
};

static kn_lane_state
state_of(const kn_lane *lane)
{
    return (kn_lane_state)atomic_load(&lane->stats.state);
}

/* --- metrics ------------------------------------------------------------------------------------------- */

static void
set(kn_metrics *m, kn_metric metric, const char *const *labels, int64_t value)
{
    kn_cell_set(kn_metrics_cell(m, metric, labels), value);
}

static void
show_lane(kn_metrics *m, kn_lane *lane)
{
    const kn_lane_stats *s = &lane->stats;
    char number[16];
    const char *const of_lane[] = { number };

    (void)g_snprintf(number, sizeof number, "%d", lane->number);
    set(m, KN_METRIC_OUTPUTS, of_lane, (int64_t)s->outputs);
    set(m, KN_METRIC_BATCHES, of_lane, (int64_t)s->batches);
    set(m, KN_METRIC_RELAYS, of_lane, (int64_t)s->relays);
    set(m, KN_METRIC_ABORTS, of_lane, (int64_t)s->aborts);
    set(m, KN_METRIC_PARTITIONS, of_lane, (int64_t)s->partitions);
    set(m, KN_METRIC_LANE_READY, of_lane, state_of(lane) == KN_LANE_READY);
    set(m, KN_METRIC_LANE_SILENCE, of_lane, kn_lane_silence_us(lane));
    for (kn_stage i = 0; i < KN_STAGE_COUNT; i++)
        set(m, KN_METRIC_STAGE, KN_LABELS(number, kn_stage_name(i)), (int64_t)s->cpu_us[i]);
}

static int64_t
open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t n = -3; /* . and .. and this one */

    if (!folder)
        return 0;
    while (readdir(folder)) /* NOLINT(concurrency-mt-unsafe): a stream of its own */
        n++;
    (void)closedir(folder);
    return n;
}

static int64_t
resident_bytes(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    words = g_strsplit(text, " ", 3);
    return words[0] && words[1] ? g_ascii_strtoll(words[1], NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static void
show_process(const kn_watch *w, kn_metrics *m)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        set(m, KN_METRIC_CPU, NULL,
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec
                + usage.ru_stime.tv_usec);
    set(m, KN_METRIC_RSS, NULL, resident_bytes());
    set(m, KN_METRIC_FDS, NULL, open_files());
    for (kn_alarm_id i = 0; i < KN_ALARM_COUNT; i++)
        set(m, KN_METRIC_ALARMS, KN_LABELS(kn_alarm_row_of(i)->code), kn_alarm_raised(i));
    (void)w;
}

/* Partners come and go with trust sets, and their series with them. */
static void
show_ends(kn_metrics *m, const kn_partners *partners, int64_t now_ms)
{
    kn_metrics_drop_all(m, KN_METRIC_CERT_LEFT);
    kn_metrics_drop_all(m, KN_METRIC_CRL_LEFT);
    for (size_t i = 0; i < kn_partners_count(partners); i++) {
        const kn_partner *p = kn_partners_at(partners, i);
        kn_partner_ends ends = kn_partner_ends_of(p);

        if (ends.certificate_ms != INT64_MAX)
            set(m, KN_METRIC_CERT_LEFT, KN_LABELS(p->id), (ends.certificate_ms - now_ms) * 1000);
        if (ends.crl_ms != INT64_MAX)
            set(m, KN_METRIC_CRL_LEFT, KN_LABELS(p->id), (ends.crl_ms - now_ms) * 1000);
    }
}

static void
show_trust(const kn_watch *w, kn_metrics *m)
{
    g_autoptr(kn_trust_set) newest = kn_trust_book_newest(w->engine->book);
    g_auto(GStrv) warnings = NULL;
    int64_t behind = 0;

    if (!newest)
        return;
    warnings = kn_partners_warnings(newest->partners, kn_clock_wall_ms());
    for (size_t i = 0; i < w->n; i++)
        behind += (int64_t)w->lanes[i]->stats.behind;
    show_ends(m, newest->partners, kn_clock_wall_ms());
    set(m, KN_METRIC_TRUST_VERSION, NULL, newest->version);
    set(m, KN_METRIC_TRUST_BEHIND, NULL, behind);
    set(m, KN_METRIC_TRUST_WARNINGS, NULL, (int64_t)g_strv_length(warnings));
}

static bool
metrics_page(void *arg, GString *body)
{
    const kn_watch *w = arg;
    kn_metrics *m = w->engine->metrics;

    for (size_t i = 0; i < w->n; i++)
        show_lane(m, w->lanes[i]);
    show_process(w, m);
    show_trust(w, m);
    kn_metrics_print(m, body);
    return true;
}

/* --- health -------------------------------------------------------------------------------------------- */

static bool
goes_round(const kn_watch *w, const kn_lane *lane)
{
    return state_of(lane) != KN_LANE_ENDED
           && (state_of(lane) == KN_LANE_STARTING
               || kn_lane_silence_us(lane) < w->engine->config->watchdog_ms * 1000 / 2);
}

static bool
health_page(void *arg, GString *body)
{
    const kn_watch *w = arg;
    bool good = true;

    for (size_t i = 0; i < w->n; i++)
        if (!goes_round(w, w->lanes[i])) {
            good = false;
            g_string_append_printf(body, "lane %zu: %s, silent for %" G_GINT64_FORMAT " ms\n", i,
                                   states[state_of(w->lanes[i])],
                                   kn_lane_silence_us(w->lanes[i]) / 1000);
        }
    if (good)
        (void)g_string_append(body, "ok\n");
    return good;
}

static bool
all_ready(const kn_watch *w)
{
    bool good = w->n > 0;

    for (size_t i = 0; i < w->n; i++)
        good &= state_of(w->lanes[i]) == KN_LANE_READY;
    return good;
}

static bool
ready_page(void *arg, GString *body)
{
    const kn_watch *w = arg;

    for (size_t i = 0; i < w->n; i++)
        g_string_append_printf(body, "lane %zu: %s, %" G_GINT64_FORMAT " partitions\n", i,
                               states[state_of(w->lanes[i])],
                               (int64_t)w->lanes[i]->stats.partitions);
    return all_ready(w);
}

static const kn_http_page pages[] = {
    { "/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics_page },
    { "/healthz", "text/plain; charset=utf-8", health_page },
    { "/readyz", "text/plain; charset=utf-8", ready_page },
    { .path = NULL },
};

static void
show_build(const kn_engine *engine)
{
    g_autoptr(GString) handlers = g_string_new(NULL);

    for (size_t i = 0; kn_handlers[i]; i++)
        g_string_append_printf(handlers, "%s%s", i > 0 ? " " : "", kn_handlers[i]->name);
    set(engine->metrics, KN_METRIC_BUILD, KN_LABELS(KOUAN_VERSION, handlers->str), 1);
    set(engine->metrics, KN_METRIC_STARTED, NULL, kn_clock_wall_ms() * 1000);
}

bool
kn_watch_start(const kn_engine *engine, kn_lane *const *lanes, size_t n, kn_watch **out,
               GError **err)
{
    g_autoptr(kn_watch) w = g_new0(kn_watch, 1);

    w->engine = engine;
    w->lanes = lanes;
    w->n = n;
    show_build(engine);
    if (*engine->config->ops_listen) {
        if (!kn_http_start(engine->config->ops_listen, pages, w, &w->http, err))
            return false;
        kn_info("metrics and health are served", KN_STR("listen", engine->config->ops_listen),
                KN_INT("port", kn_http_port(w->http)));
    }
    *out = g_steal_pointer(&w);
    return true;
}

void
kn_watch_free(kn_watch *w)
{
    if (!w)
        return;
    (void)kn_service_notify("STOPPING=1");
    kn_http_free(w->http);
    g_free(w);
}

void
kn_watch_notify(kn_watch *w)
{
    int64_t now = kn_clock_steady_us();
    bool ready = all_ready(w);

    if (ready && !w->told_ready)
        w->told_ready = kn_service_notify("READY=1\nSTATUS=ready");
    if (now < w->notify_us)
        return;
    w->notify_us = now + NOTIFY_US;
    (void)kn_service_notify(ready
                                ? "WATCHDOG=1\nSTATUS=ready"
                                : "WATCHDOG=1\nSTATUS=waiting for database, broker or partitions");
}
