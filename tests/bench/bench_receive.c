/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_load.h"

#include "base/clock.h"

#include <jansson.h>
#include <kouan/error.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

typedef struct arrival {
    char guid[37]; /* message that is answered */
    int64_t read_ms, written_ms;
} arrival;

static rd_kafka_t *
consumer_new(const kn_load_options *o, GError **err)
{
    static const char *const settings[][2] = {
        { "group.id", "kouan-bench-reader" },      { "enable.auto.commit", "false" },
        { "isolation.level", "read_committed" },   { "fetch.wait.max.ms", "50" },
        { "fetch.message.max.bytes", "20000000" },
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200] = "";
    bool ok = rd_kafka_conf_set(conf, "bootstrap.servers", o->brokers, why, sizeof why)
              == RD_KAFKA_CONF_OK;
    rd_kafka_t *rk;

    for (size_t i = 0; ok && i < G_N_ELEMENTS(settings); i++)
        ok = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why)
             == RD_KAFKA_CONF_OK;
    rk = ok ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why) : NULL;
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        (void)kn_fail(err, KN_E_USAGE, "%s", why);
    }
    return rk;
}

static bool
add_topic(rd_kafka_t *rk, const char *topic, bool all, rd_kafka_topic_partition_list_t *list,
          GError **err)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
    const struct rd_kafka_metadata *meta = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 0, handle, &meta, 10000);

    for (int i = 0; !code && i < meta->topics[0].partition_cnt; i++) {
        int64_t low = 0, high = 0;

        code = rd_kafka_query_watermark_offsets(rk, topic, i, &low, &high, 10000);
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = all ? low : high;
    }
    if (meta)
        rd_kafka_metadata_destroy(meta);
    rd_kafka_topic_destroy(handle);
    return code ? kn_fail(err, KN_E_BUS_DOWN, "%s: %s", topic, rd_kafka_err2str(code)) : true;
}

static bool
assign(rd_kafka_t *rk, const kn_load_options *o, GError **err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    g_auto(GStrv) names = g_strsplit(o->topics, ",", -1);
    bool ok = true;

    for (size_t i = 0; ok && names[i]; i++)
        ok = add_topic(rk, names[i], o->all, list, err);
    if (ok)
        (void)rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return ok;
}

/* sent: of these only; NULL: of all. */
static void
note(const rd_kafka_message_t *m, GHashTable *sent, GArray *arrivals)
{
    rd_kafka_headers_t *headers = NULL;
    rd_kafka_timestamp_type_t type;
    const void *value = NULL;
    size_t len = 0;
    arrival a = { .read_ms = kn_clock_wall_ms() };

    if (rd_kafka_message_headers(m, &headers)
        || rd_kafka_header_get_last(headers, "answers", &value, &len) || len != 36)
        return;
    memcpy(a.guid, value, 36);
    if (sent && !g_hash_table_contains(sent, a.guid))
        return;
    a.written_ms = rd_kafka_message_timestamp(m, &type);
    g_array_append_val(arrivals, a);
}

static GHashTable *
read_ledger(const char *file, GError **err)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GHashTable *sent;

    if (!g_file_get_contents(file, &text, NULL, err))
        return NULL;
    sent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i]; i++) {
        g_auto(GStrv) parts = g_strsplit(lines[i], "\t", 8);
        int64_t ms;

        if (g_strv_length(parts) != 8)
            continue;
        ms = g_ascii_strtoll(parts[7], NULL, 10);
        (void)g_hash_table_insert(sent, g_strdup(parts[0]), g_memdup2(&ms, sizeof ms));
    }
    return sent;
}

static void
collect(rd_kafka_t *rk, const kn_load_options *o, GHashTable *sent, GArray *arrivals)
{
    int64_t until = kn_clock_steady_us() + o->timeout * 1000000LL;

    (void)printf("ready\n");
    (void)fflush(stdout);
    while ((int)arrivals->len < o->messages && kn_clock_steady_us() < until) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 200);

        if (m && !m->err)
            note(m, sent, arrivals);
        if (m)
            rd_kafka_message_destroy(m);
    }
}

/* --- latency ----------------------------------------------------------------------------------- */

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static json_t *
figures(GArray *ms)
{
    const int64_t *v = (const int64_t *)(void *)ms->data;
    size_t n = ms->len;

    g_array_sort(ms, by_size);
    if (n == 0)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I}", "p50", (json_int_t)v[n / 2], "p90",
                     (json_int_t)v[n * 9 / 10], "p99", (json_int_t)v[n * 99 / 100], "max",
                     (json_int_t)v[n - 1]);
}

static bool
report(const kn_load_options *o, const GArray *arrivals, GError **err)
{
    GHashTable *sent = read_ledger(o->ledger, err);
    g_autoptr(GArray) visible = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) written = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t first = INT64_MAX, last = 0;
    json_t *out;

    if (!sent)
        return false;
    for (guint i = 0; i < arrivals->len; i++) {
        const arrival *a = &g_array_index(arrivals, arrival, i);
        const int64_t *at = g_hash_table_lookup(sent, a->guid);
        int64_t seen, wrote;

        if (!at)
            continue;
        seen = a->read_ms - *at;
        wrote = a->written_ms - *at;
        g_array_append_val(visible, seen);
        g_array_append_val(written, wrote);
        first = MIN(first, a->written_ms);
        last = MAX(last, a->written_ms);
    }
    out = json_pack("{s:i, s:i, s:I, s:I, s:o, s:o}", "sent", (int)g_hash_table_size(sent),
                    "receipts", (int)visible->len, "first_ms", (json_int_t)first, "last_ms",
                    (json_int_t)last, "visible_ms", figures(visible), "written_ms",
                    figures(written));
    (void)json_dumpf(out, stdout, JSON_COMPACT);
    (void)printf("\n");
    json_decref(out);
    g_hash_table_unref(sent);
    return true;
}

bool
kn_load_receive(const kn_load_options *o, GError **err)
{
    rd_kafka_t *rk = consumer_new(o, err);
    g_autoptr(GArray) arrivals = g_array_new(FALSE, FALSE, sizeof(arrival));
    GHashTable *sent = NULL;
    bool ok = rk && assign(rk, o, err);

    if (!rk)
        return false;
    if (ok && o->all) /* older messages are answered there, too */
        ok = (sent = read_ledger(o->ledger, err)) != NULL;
    if (ok)
        collect(rk, o, sent, arrivals);
    if (sent)
        g_hash_table_unref(sent);
    (void)rd_kafka_assign(rk, NULL);
    rd_kafka_destroy(rk);
    return ok && report(o, arrivals, err);
}
