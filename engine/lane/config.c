/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/config.h"

#include "base/ini.h"
#include "registry/module.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

#define AT(member) .offset = offsetof(kn_config, member)

/* clang-format off */
static const kn_option engine_rows[] = {
    { "id", KN_OPT_TEXT, "KOUAN00000000001", 0, 16, NULL, AT(id),
      "exchange id of this engine: receiver of requests, sender of receipts", "EPORT §1" },
    { "instance", KN_OPT_TEXT, "a", 0, 32, NULL, AT(instance),
      "name of this process; unique and stable, it is part of the transactional id", "EXACTLY_ONCE §6" },
    { "lanes", KN_OPT_INT, "1", 1, 64, NULL, AT(lanes),
      "threads, each with its own consumer, producer and connection", "DESIGN §1" },
    { "secret_file", KN_OPT_TEXT, "secret.hex", 0, 0, NULL, AT(secret_file),
      "32 bytes in hexadecimal, file mode 0600: source of derived ids", "EXACTLY_ONCE §7.1" },
    { "codes", KN_OPT_TEXT, "codes", 0, 0, NULL, AT(codes),
      "folder of the code lists (CSV)", "CODES §1" },
    { "schemas", KN_OPT_TEXT, KN_SCHEMAS_DEFAULT, 0, 0, NULL, AT(schemas),
      "folder of the XML schemas", "MS-10" },
    { "sql", KN_OPT_TEXT, "../schemas/sql", 0, 0, NULL, AT(sql),
      "folder of the numbered migrations", NULL },
    { "partners", KN_OPT_TEXT, "partners", 0, 0, NULL, AT(partners),
      "folder of the partner entries, one file each", "DESIGN §5" },
    { "watchdog_ms", KN_OPT_INT, "30000", 5000, 600000, NULL, AT(watchdog_ms),
      "a lane that stands still for so long ends the process", "EXACTLY_ONCE §8" },
    { "log_level", KN_OPT_ENUM, "info", 0, 0, "debug|info|warn|error", AT(log_level),
      "lines below this are dropped", NULL },
    { "log_json", KN_OPT_BOOL, "false", 0, 0, NULL, AT(log_json),
      "log lines as JSON objects", NULL },
    { "log_messages", KN_OPT_ENUM, "all", 0, 0, "all|refused|none", AT(log_messages),
      "which messages get a line in the log: type, sender, verdict, place, time taken; never content", "AU-06" },
    { 0 },
};
static const kn_option postgres_rows[] = {
    { "conninfo", KN_OPT_TEXT, "dbname=kouan", 0, 0, NULL, AT(conninfo),
      "libpq connection text; passwords belong in a passfile", "SC-09" },
    { "days_ahead", KN_OPT_INT, "7", 1, 60, NULL, AT(days_ahead),
      "day partitions of the archive made ahead", "EXACTLY_ONCE §12.8" },
    { 0 },
};
static const kn_option kafka_rows[] = {
    { "brokers", KN_OPT_TEXT, "127.0.0.1:9092", 0, 0, NULL, AT(brokers),
      "host:port, separated by commas", NULL },
    { "group", KN_OPT_TEXT, "kouan", 0, 200, NULL, AT(group),
      "consumer group; its offsets are the output position", "EXACTLY_ONCE §1" },
    { "prefix", KN_OPT_TEXT, "kouan", 0, 100, NULL, AT(prefix),
      "first part of every topic name, so that several installations can share a broker", NULL },
    { "in_topics", KN_OPT_LIST, "checkpoint,customs,internal", 0, 0, NULL, AT(in_topics),
      "input topics, all with the same partition count; a name without a dot means <prefix>.in.<name>", "DESIGN §8.5" },
    { "partitions", KN_OPT_INT, "6", 1, 1000, NULL, AT(partitions),
      "partitions of each input topic; never grown later", "EXACTLY_ONCE §12.2" },
    { "customs_topic", KN_OPT_TEXT, "", 0, 200, NULL, AT(customs_topic),
      "<prefix>.customs.out when empty: messages to the customs intranet", "CK-O13" },
    { "customs_partner", KN_OPT_TEXT, "CUSTOMS", 0, 16, NULL, AT(customs_partner),
      "partner entry of the customs intranet", "MS-21" },
    { "dead_topic", KN_OPT_TEXT, "", 0, 200, NULL, AT(dead_topic),
      "<prefix>.dead when empty: refusals whose sender cannot be known, and parked messages", "MS-06" },
    { "journal_topic", KN_OPT_TEXT, "", 0, 200, NULL, AT(journal_topic),
      "<prefix>.journal when empty: one small record a partition and relay", "EXACTLY_ONCE §7.2" },
    { "evidence_topic", KN_OPT_TEXT, "", 0, 200, NULL, AT(evidence_topic),
      "<prefix>.evidence when empty: signed heads of the hash chain", "EVIDENCE §3" },
    { "alarm_topic", KN_OPT_TEXT, "", 0, 200, NULL, AT(alarm_topic),
      "<prefix>.alarm when empty: alarms of every process as JSON, best effort", "ALARMS" },
    { "max_message_bytes", KN_OPT_INT, "12582912", 65536, 104857600, NULL, AT(max_message_bytes),
      "largest record read or written; broker and topics must allow it", "MS-11" },
    { "queue_kbytes", KN_OPT_INT, "16384", 1024, 1048576, NULL, AT(queue_kbytes),
      "prefetch of one lane; bounds its memory", "EXACTLY_ONCE §10.1" },
    { "session_ms", KN_OPT_INT, "6000", 6000, 300000, NULL, AT(session_ms),
      "a silent member is taken for dead after this", NULL },
    { "transaction_ms", KN_OPT_INT, "10000", 6000, 60000, NULL, AT(transaction_ms),
      "an open Kafka transaction is ended by the broker after this", NULL },
    { "replication", KN_OPT_INT, "0", 0, 9, NULL, AT(replication),
      "replicas of topics made by `kouan provision`; 0 = the broker's default", NULL },
    { "extra", KN_OPT_LIST, "", 0, 0, NULL, AT(extra),
      "further librdkafka settings key=value (TLS, SASL)", "SC-11" },
    { 0 },
};
static const kn_option batch_rows[] = {
    { "messages", KN_OPT_INT, "200", 1, 1000, NULL, AT(batch_messages),
      "messages of one database transaction at most", "EXACTLY_ONCE §8" },
    { "bytes", KN_OPT_INT, "4194304", 1, 67108864, NULL, AT(batch_bytes),
      "bytes of one batch at most", "EXACTLY_ONCE §8" },
    { "linger_ms", KN_OPT_INT, "10", 0, 1000, NULL, AT(batch_linger_ms),
      "how long a batch may gather", "EXACTLY_ONCE §8" },
    { 0 },
};
static const kn_option msg_rows[] = {
    { "msg.max_bytes", KN_OPT_INT, "1048576", 1024, 8388608, NULL, AT(max_bytes),
      "longer messages are refused with a receipt", "MS-11" },
    { "msg.max_skew_seconds", KN_OPT_INT, "300", 1, 86400, NULL, AT(max_skew_seconds),
      "creation time may differ from the record's Kafka time by so much", "SC-06" },
    { "msg.check_partition", KN_OPT_BOOL, "true", 0, 0, NULL, AT(check_partition),
      "refuse a record whose key or partition is not its enterprise's", "EXACTLY_ONCE §12.1" },
    { 0 },
};
static const kn_option xml_rows[] = {
    { "xml.max_tag_bytes", KN_OPT_INT, "16384", 256, 1048576, NULL, AT(max_tag_bytes),
      "length of one tag", "XML_SECURITY §7" },
    { "xml.max_tag_values", KN_OPT_INT, "96", 8, 10000, NULL, AT(max_tag_values),
      "quoted values of one tag", "XML_SECURITY §7" },
    { "xml.max_depth", KN_OPT_INT, "64", 8, 250, NULL, AT(max_depth),
      "nesting of elements", "XML_SECURITY §7" },
    { "xml.max_attrs", KN_OPT_INT, "64", 4, 1000, NULL, AT(max_attrs),
      "attributes of one element", "XML_SECURITY §7" },
    { "xml.max_ns_scope", KN_OPT_INT, "16", 4, 1000, NULL, AT(max_ns_scope),
      "namespace declarations in scope", "XML_SECURITY §7" },
    { "xml.max_elements", KN_OPT_INT, "65536", 100, 10000000, NULL, AT(max_elements),
      "elements of one message", "XML_SECURITY §7" },
    { "xml.max_text", KN_OPT_INT, "8192", 1024, 1048576, NULL, AT(max_text),
      "characters of one text", "XML_SECURITY §7" },
    { "xml.max_attr_value", KN_OPT_INT, "1024", 64, 65536, NULL, AT(max_attr_value),
      "characters of one attribute value", "XML_SECURITY §7" },
    { 0 },
};
static const kn_option sig_rows[] = {
    { "sig.second_opinion", KN_OPT_ENUM, "off", 0, 0, "off|sample|always", AT(second_opinion),
      "xmlsec1 verifies messages of profile eport too (sample: one in 16); where it disagrees the message is parked",
      "XML_SECURITY §4" },
    { 0 },
};
static const kn_option sign_rows[] = {
    { "ecdsa_key", KN_OPT_TEXT, "", 0, 0, NULL, AT(ecdsa_key),
      "engine's P-256 key (PEM, mode 0600): receipts by default", "XML_SECURITY §4" },
    { "ecdsa_cert", KN_OPT_TEXT, "", 0, 0, NULL, AT(ecdsa_cert),
      "its certificate (PEM)", NULL },
    { "rsa_key", KN_OPT_TEXT, "", 0, 0, NULL, AT(rsa_key),
      "engine's RSA key, for partners that demand it", NULL },
    { "rsa_cert", KN_OPT_TEXT, "", 0, 0, NULL, AT(rsa_cert),
      "its certificate", NULL },
    { "sm2_key", KN_OPT_TEXT, "", 0, 0, NULL, AT(sm2_key),
      "engine's SM2 key", "SC-01" },
    { "sm2_cert", KN_OPT_TEXT, "", 0, 0, NULL, AT(sm2_cert),
      "its certificate", NULL },
    { "selfcheck", KN_OPT_BOOL, "false", 0, 0, NULL, AT(selfcheck),
      "verify each signature of our own before it leaves", "XML_SECURITY §4" },
    { 0 },
};
static const kn_option evidence_rows[] = {
    { "seal_minutes", KN_OPT_INT, "10", 0, 1440, NULL, AT(seal_minutes),
      "heads of the hash chain are signed so often when something moved; 0 = only by `kouan evidence seal`",
      "EVIDENCE §3" },
    { "tsa_command", KN_OPT_TEXT, "", 0, 0, NULL, AT(tsa_command),
      "program that gets an RFC 3161 query (first word) answered into a file (second); empty = no time stamps",
      "EVIDENCE §3" },
    { "tsa_ca", KN_OPT_TEXT, "", 0, 0, NULL, AT(tsa_ca),
      "certificates (PEM) the time-stamping service's replies must lead to", "EVIDENCE §3" },
    { 0 },
};
static const kn_option archive_rows[] = {
    { "key_file", KN_OPT_TEXT, "", 0, 0, NULL, AT(key_file),
      "keys that encrypt archived payloads, mode 0600, made by `kouan vault add`; empty = not encrypted", "PI-02" },
    { "keep_days", KN_OPT_INT, "0", 0, 36500, NULL, AT(keep_days),
      "`kouan archive prune` drops days older than this; 0 = none, unless it is told --before", "AU-04" },
    { "export_dir", KN_OPT_TEXT, "", 0, 0, NULL, AT(export_dir),
      "folder for the messages of a day as evidence files, before it is dropped; empty = none", "EVIDENCE §5" },
    { 0 },
};
static const kn_option ops_rows[] = {
    { "listen", KN_OPT_TEXT, "", 0, 100, NULL, AT(ops_listen),
      "address:port of /metrics, /healthz and /readyz; port 0 = one that is free; empty = none", "config/METRICS.md" },
    { 0 },
};
/* clang-format on */

const kn_option_group kn_config_groups[] = {
    { "engine", "the process", engine_rows },
    { "postgres", "the database", postgres_rows },
    { "kafka", "the broker", kafka_rows },
    { "batch", "how much one transaction carries", batch_rows },
    { "msg", "what a message may be", msg_rows },
    { "xml", "limits of the parser", xml_rows },
    { "sig", "how signatures are verified", sig_rows },
    { "sign", "keys the engine signs with", sign_rows },
    { "evidence", "the hash chain's signed heads", evidence_rows },
    { "archive", "the messages in the database", archive_rows },
    { "ops", "what the process shows of itself", ops_rows },
    { 0 },
};

void
kn_config_free(kn_config *config)
{
    if (!config)
        return;
    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        kn_options_clear(g->rows, config);
    g_free(config->folder);
    g_free(config);
}

char *
kn_option_range(const kn_option *o)
{
    switch (o->type) {
    case KN_OPT_INT:
        return g_strdup_printf("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, o->min, o->max);
    case KN_OPT_BOOL: return g_strdup("true, false");
    case KN_OPT_TEXT:
        return o->max > 0 ? g_strdup_printf("text, up to %" G_GINT64_FORMAT " bytes", o->max)
                          : g_strdup("text");
    case KN_OPT_ENUM: {
        g_auto(GStrv) choices = g_strsplit(o->choices, "|", -1);

        return g_strjoinv(", ", choices);
    }
    case KN_OPT_LIST: return g_strdup("list, separated by commas");
    }
    return g_strdup("");
}

static bool
known_group(const char *name)
{
    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        if (strcmp(g->name, name) == 0)
            return true;
    return g_str_has_prefix(name, "handler.") || strcmp(name, "card.oids") == 0
           || strcmp(name, "card.classes") == 0;
}

static void
check_groups(GKeyFile *key_file, const char *file, GPtrArray *mistakes)
{
    g_auto(GStrv) groups = g_key_file_get_groups(key_file, NULL);
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        g_ptr_array_add(words, (char *)(uintptr_t)g->name);
    g_ptr_array_add(words, NULL);
    for (size_t i = 0; groups[i]; i++)
        if (!known_group(groups[i])) {
            g_autofree char *meant = kn_ini_meant(groups[i], (const char *const *)words->pdata);

            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: [%s]: unknown group%s", file, groups[i], meant));
        }
}

static void
fill_topic(const kn_config *config, char **topic, const char *name)
{
    assert(*topic); /* rows with a default always give a text */
    if (**topic)
        return;
    g_free(*topic);
    *topic = g_strconcat(config->prefix, ".", name, NULL);
}

static void
fill_topics(kn_config *config)
{
    fill_topic(config, &config->customs_topic, "customs.out");
    fill_topic(config, &config->dead_topic, "dead");
    fill_topic(config, &config->journal_topic, "journal");
    fill_topic(config, &config->evidence_topic, "evidence");
    fill_topic(config, &config->alarm_topic, "alarm");
    for (size_t i = 0; config->in_topics[i]; i++) {
        char *full;

        if (strchr(config->in_topics[i], '.'))
            continue;
        full = g_strconcat(config->prefix, ".in.", config->in_topics[i], NULL);
        g_free(config->in_topics[i]);
        config->in_topics[i] = full;
    }
}

/* --- values that do not fit each other ------------------------------------------------------------- */

#define SLOTS_MAX 1000 /* schemas/sql: residues of serial numbers */

static void
check_inputs(const kn_config *c, const char *file, GPtrArray *mistakes)
{
    unsigned n = g_strv_length(c->in_topics);

    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(c->in_topics[i], c->in_topics[k]) == 0)
                g_ptr_array_add(mistakes, g_strdup_printf("%s: [kafka] in_topics: %s stands there "
                                                          "twice",
                                                          file, c->in_topics[i]));
    if (n == 0)
        g_ptr_array_add(mistakes, g_strdup_printf("%s: [kafka] in_topics: none", file));
    if (n * c->partitions > SLOTS_MAX)
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: [kafka] partitions: %u topics with %" G_GINT64_FORMAT
                                        " each are more than %d",
                                        file, n, c->partitions, SLOTS_MAX));
}

static void
check_outputs(const kn_config *c, const char *file, GPtrArray *mistakes)
{
    const struct {
        const char *key, *topic;
    } outs[] = { { "customs_topic", c->customs_topic },
                 { "dead_topic", c->dead_topic },
                 { "journal_topic", c->journal_topic },
                 { "evidence_topic", c->evidence_topic },
                 { "alarm_topic", c->alarm_topic } };

    for (size_t i = 0; i < G_N_ELEMENTS(outs); i++) {
        if (g_strv_contains((const char *const *)c->in_topics, outs[i].topic))
            g_ptr_array_add(mistakes, g_strdup_printf("%s: [kafka] %s: %s is an input topic", file,
                                                      outs[i].key, outs[i].topic));
        for (size_t k = 0; k < i; k++)
            if (strcmp(outs[i].topic, outs[k].topic) == 0)
                g_ptr_array_add(mistakes, g_strdup_printf("%s: [kafka] %s: %s is %s already", file,
                                                          outs[i].key, outs[i].topic, outs[k].key));
    }
}

static void
check_names(const kn_config *c, const char *file, GPtrArray *mistakes)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const struct {
        const char *group, *key, *value, *more;
    } names[] = { { "engine", "id", c->id, "_-" },
                  { "engine", "instance", c->instance, "._-" },
                  { "kafka", "group", c->group, "._-" },
                  { "kafka", "prefix", c->prefix, "._-" } };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *alphabet = g_strconcat(letters, names[i].more, NULL);

        if (!*names[i].value || strspn(names[i].value, alphabet) != strlen(names[i].value))
            g_ptr_array_add(mistakes, g_strdup_printf("%s: [%s] %s: “%s” is not of A-Z a-z 0-9 %s",
                                                      file, names[i].group, names[i].key,
                                                      names[i].value, names[i].more));
    }
    if (strcmp(c->id, c->customs_partner) == 0)
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: [kafka] customs_partner: is [engine] id", file));
}

static void
check_together(const kn_config *c, const char *file, GPtrArray *mistakes)
{
    check_inputs(c, file, mistakes);
    check_outputs(c, file, mistakes);
    check_names(c, file, mistakes);
}

/* GKeyFile merges what stands there twice; we refuse it. */
bool
kn_config_open(const char *file, GKeyFile *key_file, GPtrArray *mistakes, GPtrArray *hints)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    unsigned before = mistakes->len;
    size_t len = 0;

    if (g_file_get_contents(file, &text, &len, &why)) {
        kn_ini_scan(file, text, len, mistakes, hints);
        if (mistakes->len > before)
            return false;
        if (len == 0
            || g_key_file_load_from_data(key_file, text, len, G_KEY_FILE_KEEP_TRANSLATIONS, &why))
            return true;
    }
    g_ptr_array_add(mistakes, g_strdup_printf("%s: %s", file, why->message));
    return false;
}

bool
kn_config_collect(const char *file, kn_config **out, GKeyFile **key_file_out, GPtrArray *mistakes,
                  GPtrArray *hints)
{
    g_autoptr(kn_config) config = g_new0(kn_config, 1);
    g_autoptr(GKeyFile) key_file = g_key_file_new();
    g_autoptr(GError) why = NULL;

    if (!kn_config_open(file, key_file, mistakes, hints))
        return false;
    check_groups(key_file, file, mistakes);
    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        (void)kn_options_collect(g->rows, key_file, file, g->name, config, mistakes);
    fill_topics(config);
    check_together(config, file, mistakes);
    config->folder = g_path_get_dirname(file);
    if (!kn_modules_load(key_file, file, config->folder, &why))
        g_ptr_array_add(mistakes, g_strdup(why->message));
    *out = g_steal_pointer(&config);
    if (key_file_out)
        *key_file_out = g_steal_pointer(&key_file);
    return true;
}

bool
kn_config_load(const char *file, kn_config **out, GKeyFile **key_file_out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GKeyFile) key_file = NULL;
    g_autoptr(kn_config) config = NULL;

    (void)kn_config_collect(file, &config, &key_file, mistakes, NULL);
    if (mistakes->len > 0) {
        g_autofree char *all = NULL;

        g_ptr_array_add(mistakes, NULL);
        all = g_strjoinv("\n", (char **)mistakes->pdata);
        return kn_fail(err, KN_E_CONFIG, "%s", all);
    }
    *out = g_steal_pointer(&config);
    if (key_file_out)
        *key_file_out = g_steal_pointer(&key_file);
    return true;
}

char *
kn_config_path(const kn_config *config, const char *path)
{
    return g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(config->folder, path, NULL);
}
