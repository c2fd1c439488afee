/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-chaos-read: the independent reader.  No code of the engine: librdkafka for the records, OpenSSL for
 * their digests.
 *
 *   follow      reads from the beginning until SIGTERM, then what is left up to the ends
 *   all         reads from the beginning to the ends
 *   committed   the offsets of a group, a line each: topic, partition, offset
 *
 * A line for each committed record, tabs between: topic, partition, offset, kid, answers, guid, type, chaos
 * (headers), technical and final (of a receipt: 1, 0; otherwise -), oriGuid, key, SM3 of the payload, when it
 * was made and when it was seen (ms).
 */
#include "chaos_read.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ASK_MS 10000
#define TRIES 30
#define IDLE_MAX_S 60 /* without reaching the ends: something hides them */

static atomic_bool stop;

static void
on_signal(int number)
{
    (void)number;
    atomic_store(&stop, true);
}

static rd_kafka_t *
consumer_new(const char *brokers, const char *group)
{
    const char *const settings[][2] = {
        { "bootstrap.servers", brokers },
        { "group.id", group ? group : "kouan-chaos-reader" },
        { "enable.auto.commit", "false" },
        { "enable.partition.eof", "true" },
        { "isolation.level", "read_committed" },
        { "auto.offset.reset", "earliest" },
        { "fetch.wait.max.ms", "100" },
        { "fetch.message.max.bytes", "20000000" },
        { "reconnect.backoff.max.ms", "500" },
        { "log_level", "2" },
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200] = "";
    rd_kafka_t *rk = NULL;
    bool ok = true;

    for (size_t i = 0; ok && i < G_N_ELEMENTS(settings); i++)
        ok = rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why)
             == RD_KAFKA_CONF_OK;
    rk = ok ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why) : NULL;
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        (void)fprintf(stderr, "kouan-chaos-read: %s\n", why);
    }
    return rk;
}

/* Brokers may be away for a while: asked again. */
static int
partitions_of(rd_kafka_t *rk, const char *name)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
    const struct rd_kafka_metadata *meta = NULL;
    int n = 0;

    for (int i = 0; i < TRIES && n == 0; i++) {
        if (rd_kafka_metadata(rk, 0, topic, &meta, ASK_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            n = meta->topic_cnt == 1 ? meta->topics[0].partition_cnt : 0;
            rd_kafka_metadata_destroy(meta);
        }
        if (n == 0)
            (void)usleep(500000);
    }
    rd_kafka_topic_destroy(topic);
    return n;
}

static rd_kafka_topic_partition_list_t *
all_partitions(rd_kafka_t *rk, const char *topics)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(64);
    g_auto(GStrv) names = g_strsplit(topics, ",", -1);

    for (size_t i = 0; names[i]; i++) {
        int n = partitions_of(rk, names[i]);

        if (n == 0)
            (void)fprintf(stderr, "kouan-chaos-read: topic %s is not there\n", names[i]);
        for (int p = 0; p < n; p++)
            rd_kafka_topic_partition_list_add(list, names[i], p)->offset =
                RD_KAFKA_OFFSET_BEGINNING;
    }
    return list;
}

static void
header(const rd_kafka_message_t *m, const char *name, char *out, size_t size)
{
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t len = 0;

    (void)g_strlcpy(out, "-", size);
    if (rd_kafka_message_headers(m, &headers)
        || rd_kafka_header_get_last(headers, name, &value, &len) || len == 0 || len >= size)
        return;
    memcpy(out, value, len);
    out[len] = '\0';
    (void)g_strdelimit(out, "\t\n", ' ');
}

static void
print_record(FILE *file, const rd_kafka_message_t *m)
{
    static const char *const names[] = { "kid", "answers", "guid", "type", "chaos" };
    chaos_facts facts;
    rd_kafka_timestamp_type_t type;

    (void)fprintf(file, "%s\t%d\t%" PRId64, rd_kafka_topic_name(m->rkt), m->partition, m->offset);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char value[300];

        header(m, names[i], value, sizeof value);
        (void)fprintf(file, "\t%s", value);
    }
    chaos_facts_read(m->payload, m->len, &facts);
    (void)fprintf(file, "\t%s\t%s\t%s\t%.*s\t%s\t%" PRId64 "\t%" PRId64 "\n", facts.technical,
                  facts.final, facts.ori_guid, m->key_len > 64 ? 64 : (int)m->key_len,
                  (const char *)m->key, facts.sm3, rd_kafka_message_timestamp(m, &type),
                  g_get_real_time() / 1000);
}

/* Which partitions have been read to their end; an end that moves on counts again. */
typedef struct ends {
    GHashTable *reached;
    int want;
} ends;

static void
place(const rd_kafka_message_t *m, char out[300])
{
    (void)g_snprintf(out, 300, "%s/%d", rd_kafka_topic_name(m->rkt), m->partition);
}

static bool
take(FILE *file, ends *e, const rd_kafka_message_t *m)
{
    char at[300];

    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        place(m, at);
        (void)g_hash_table_add(e->reached, g_strdup(at));
        return true;
    }
    if (m->err) {
        if (m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || m->err == RD_KAFKA_RESP_ERR__FATAL) {
            (void)fprintf(stderr, "kouan-chaos-read: %s\n", rd_kafka_message_errstr(m));
            return false;
        }
        return true;
    }
    place(m, at);
    (void)g_hash_table_remove(e->reached, at);
    print_record(file, m);
    return true;
}

static int
read_records(rd_kafka_t *rk, const char *topics, bool follow, FILE *file)
{
    rd_kafka_topic_partition_list_t *list = all_partitions(rk, topics);
    ends e = { .reached = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
               .want = list->cnt };
    int64_t moved = g_get_monotonic_time();
    bool ok = list->cnt > 0, asked = false;

    (void)rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    while (ok) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);

        if (m) {
            ok = take(file, &e, m);
            moved = m->err ? moved : g_get_monotonic_time();
            rd_kafka_message_destroy(m);
        } else
            (void)fflush(file);
        if (atomic_load(&stop) && !asked) { /* ends seen before do not count any more */
            asked = true;
            follow = false;
            moved = g_get_monotonic_time();
        }
        if (!follow && (int)g_hash_table_size(e.reached) == e.want)
            break;
        if (!follow && g_get_monotonic_time() - moved > IDLE_MAX_S * 1000000LL) {
            (void)fprintf(stderr, "kouan-chaos-read: %u of %d ends reached\n",
                          g_hash_table_size(e.reached), e.want);
            ok = false;
        }
    }
    (void)rd_kafka_assign(rk, NULL);
    g_hash_table_unref(e.reached);
    return ok ? 0 : 1;
}

static int
print_committed(rd_kafka_t *rk, const char *topics)
{
    rd_kafka_topic_partition_list_t *list = all_partitions(rk, topics);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    for (int i = 0; i < TRIES; i++) {
        code = rd_kafka_committed(rk, list, ASK_MS);
        for (int k = 0; !code && k < list->cnt; k++)
            code = list->elems[k].err;
        if (!code)
            break;
        (void)usleep(500000);
    }
    for (int k = 0; !code && k < list->cnt; k++)
        (void)printf("%s\t%d\t%" PRId64 "\n", list->elems[k].topic, list->elems[k].partition,
                     list->elems[k].offset < 0 ? -1 : list->elems[k].offset);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        (void)fprintf(stderr, "kouan-chaos-read: %s\n", rd_kafka_err2str(code));
    return code ? 1 : 0;
}

static int
run(const char *verb, const char *brokers, const char *topics, const char *group, const char *out)
{
    rd_kafka_t *rk = consumer_new(brokers, group);
    FILE *file = out ? fopen(out, "we") : stdout;
    int rc = 1;

    if (rk && file)
        rc = strcmp(verb, "committed") == 0
                 ? print_committed(rk, topics)
                 : read_records(rk, topics, strcmp(verb, "follow") == 0, file);
    if (file && out && fclose(file) != 0)
        rc = 1;
    if (rk)
        rd_kafka_destroy(rk);
    return rc;
}

int
main(int argc, char **argv)
{
    char *brokers = NULL, *topics = NULL, *group = NULL, *out = NULL;
    const GOptionEntry entries[] = {
        { "brokers", 0, 0, G_OPTION_ARG_STRING, &brokers, "bootstrap servers", "LIST" },
        { "topics", 0, 0, G_OPTION_ARG_STRING, &topics, "comma between", "LIST" },
        { "group", 0, 0, G_OPTION_ARG_STRING, &group, "committed: whose offsets", "NAME" },
        { "out", 0, 0, G_OPTION_ARG_FILENAME, &out,
          "follow, all: written instead of standard output", "FILE" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(
        "follow|all|committed - the independent reader of a chaos run");
    g_autoptr(GError) err = NULL;
    int rc = 2;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err) || argc != 2 || !brokers || !topics
        || !g_strv_contains((const char *const[]){ "follow", "all", "committed", NULL }, argv[1]))
        (void)fprintf(stderr, "kouan-chaos-read: %s\n",
                      err ? err->message : "verb and options, see --help");
    else {
        (void)signal(SIGTERM, on_signal);
        rc = run(argv[1], brokers, topics, group, out);
    }
    g_free(brokers);
    g_free(topics);
    g_free(group);
    g_free(out);
    return rc;
}
