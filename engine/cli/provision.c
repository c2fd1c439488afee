/* SPDX-License-Identifier: Apache-2.0 */
/* kouan migrate, provision, topics: what must be there before an engine starts.  All of it may be run
 * again at any time; what is there is left alone. */
#include "cli/cli.h"
#include "lane/engine.h"
#include "store/migrate.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#define WATERMARK_MS 15000

/* --- migrate ------------------------------------------------------------------------------------- */

static bool
migrate(const char *file, int *applied, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autofree char *folder = NULL;

    if (!kn_config_load(file, &config, NULL, err))
        return false;
    folder = kn_config_path(config, config->sql);
    return kn_migrate(config->conninfo, folder, applied, err);
}

int
kn_cli_migrate(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "",
        .what = "Applies the numbered migrations of [engine] sql that the database lacks.",
        .config = &config,
        .json = &json
    };
    g_autoptr(GError) err = NULL;
    int applied = 0;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!migrate(config, &applied, &err))
        return kn_cli_fail("migrate", err);
    if (json)
        kn_cli_print_json(json_pack("{si si}", "applied", applied, "version", KN_SCHEMA_VERSION));
    else
        (void)printf("%d applied, version %d\n", applied, KN_SCHEMA_VERSION);
    return KN_EXIT_OK;
}

/* --- provision ------------------------------------------------------------------------------------- */

static bool
watermark_client(const kn_bus_conf *bus, rd_kafka_t **out, GError **err)
{
    char why[256];
    rd_kafka_conf_t *conf = kn_bus_producer_conf(bus, NULL, err);

    if (!conf)
        return false;
    *out = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (*out)
        return true;
    rd_kafka_conf_destroy(conf);
    return kn_fail(err, KN_E_BUS_WRONG, "client: %s", why);
}

/* A topic made a moment ago may not have its leaders yet. */
static bool
low_watermark(rd_kafka_t *rk, const char *topic, int part, int64_t *out, GError **err)
{
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    int64_t low = 0, high = 0;

    for (int tries = 0; tries < 50; tries++) {
        code = rd_kafka_query_watermark_offsets(rk, topic, part, &low, &high, WATERMARK_MS);
        if (!code) {
            *out = low;
            return true;
        }
        if (kn_bus_classify(code) != KN_E_BUS_DOWN && code != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION
            && code != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
            && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            break;
        (void)rd_kafka_poll(rk, 200);
    }
    return kn_bus_fail(err, code, "low watermark", topic);
}

/* Positions begin where the log begins.  Partition by partition: each call makes the one row that is
 * still missing below its count. */
static bool
provision_in(kn_store *store, rd_kafka_t *rk, const char *topic, int parts, GError **err)
{
    for (int part = 0; part < parts; part++) {
        int64_t low = 0;

        if (!low_watermark(rk, topic, part, &low, err)
            || !kn_store_provision(store, topic, part + 1, low, err))
            return false;
    }
    return true;
}

static bool
is_input(const kn_config *config, const char *topic)
{
    return g_strv_contains((const char *const *)config->in_topics, topic);
}

static bool
provision_rows(const kn_engine *engine, kn_store *store, const GArray *topics, rd_kafka_t *rk,
               GError **err)
{
    for (unsigned i = 0; i < topics->len; i++) {
        const kn_topic_spec *t = &g_array_index(topics, kn_topic_spec, i);

        if (is_input(engine->config, t->name) ? !provision_in(store, rk, t->name, t->parts, err)
                                              : !kn_store_provision(store, t->name, 0, 0, err))
            return false;
    }
    return true;
}

static bool
provision(const char *file, unsigned *count, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(kn_store) store = NULL;
    g_autoptr(GArray) topics = NULL;
    const kn_topic_spec *specs;
    rd_kafka_t *rk = NULL;
    bool ok;

    if (!kn_engine_load(file, false, &engine, err)
        || !kn_store_open(engine->config->conninfo, &store,
                          err)) /* migrated? before topics are made */
        return false;
    topics = kn_engine_topics(engine);
    specs = (const kn_topic_spec *)(const void *)topics->data;
    *count = topics->len;
    if (!kn_topics_create(&engine->bus, specs, topics->len, (int)engine->config->replication, err)
        || !watermark_client(&engine->bus, &rk, err))
        return false;
    ok = provision_rows(engine, store, topics, rk, err);
    rd_kafka_destroy(rk);
    return ok && kn_topics_check(&engine->bus, specs, topics->len, err);
}

int
kn_cli_provision(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "",
        .what = "Makes the topics that are missing on the broker, and in the database the rows of "
                "topics and\n"
                "positions; a new position starts at the beginning of its log.",
        .more = "What exists is left alone. The database must have been migrated before.",
        .config = &config,
        .json = &json,
    };
    g_autoptr(GError) err = NULL;
    unsigned count = 0;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!provision(config, &count, &err))
        return kn_cli_fail("provision", err);
    if (json)
        kn_cli_print_json(json_pack("{si}", "topics", (int)count));
    else
        (void)printf("%u topics are ready\n", count);
    return KN_EXIT_OK;
}

/* --- topics ------------------------------------------------------------------------------------------ */

static json_t *
topic_list(const GArray *topics)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < topics->len; i++) {
        const kn_topic_spec *t = &g_array_index(topics, kn_topic_spec, i);

        (void)json_array_append_new(list,
                                    json_pack("{ss si ss}", "name", t->name, "partitions", t->parts,
                                              "time", t->append_time ? "LogAppendTime" : "any"));
    }
    return list;
}

static void
print_topics(const GArray *topics)
{
    for (unsigned i = 0; i < topics->len; i++) {
        const kn_topic_spec *t = &g_array_index(topics, kn_topic_spec, i);

        (void)printf("%-32s %4d%s\n", t->name, t->parts, t->append_time ? "  LogAppendTime" : "");
    }
}

int
kn_cli_topics(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "check|list",
        .what = "check: every topic exists with its partitions. list: what they are; the broker is "
                "not asked.",
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(GArray) topics = NULL;
    g_autoptr(GError) err = NULL;
    bool check;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    check = strcmp(argv[1], "check") == 0;
    if (!check && strcmp(argv[1], "list") != 0) {
        (void)fprintf(stderr, "kouan topics: check or list\n");
        return KN_EXIT_USAGE;
    }
    if (!kn_engine_load(config, false, &engine, &err))
        return kn_cli_fail("topics", err);
    topics = kn_engine_topics(engine);
    if (check
        && !kn_topics_check(&engine->bus, (const kn_topic_spec *)(const void *)topics->data,
                            topics->len, &err))
        return kn_cli_fail("topics", err);
    if (json)
        kn_cli_print_json(topic_list(topics));
    else
        print_topics(topics);
    return KN_EXIT_OK;
}
