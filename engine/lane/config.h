/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file (kouan.ini) as structs: every group is a table of option rows.
 * Unknown groups, unknown keys, bad values stop the start, naming file, group and key.
 *
 * TO ADD ONE: 1. a member  2. a row in config.c  3. scripts/gen-docs
 * threads  read-only after loading
 */
#ifndef KOUAN_LANE_CONFIG_H
#define KOUAN_LANE_CONFIG_H

#include <kouan/option.h>

/* Of which messages the log has a line each. */
typedef enum kn_log_messages {
    KN_LOG_ALL,
    KN_LOG_REFUSED,
    KN_LOG_NONE,
} kn_log_messages;

#define KN_SCHEMAS_DEFAULT "../schemas/xsd"

typedef struct kn_config {
    char *folder; /* of the file; relative paths are looked up from here */
    /* [engine] */
    char *id, *instance, *secret_file, *codes, *schemas, *partners, *sql;
    int64_t lanes, watchdog_ms;
    bool log_json;
    int log_level, log_messages; /* kn_level; kn_log_messages */
    /* [postgres] */
    char *conninfo;
    int64_t days_ahead;
    /* [kafka] */
    char *brokers, *group, *prefix, *dead_topic, *journal_topic, *evidence_topic, *alarm_topic,
        *customs_topic, *customs_partner;
    char **in_topics, **extra;
    int64_t partitions, max_message_bytes, queue_kbytes, session_ms, transaction_ms, replication;
    /* [batch] */
    int64_t batch_messages, batch_bytes, batch_linger_ms;
    /* [msg] */
    int64_t max_bytes, max_skew_seconds;
    bool check_partition;
    /* [xml] */
    int64_t max_tag_bytes, max_tag_values, max_depth, max_attrs, max_ns_scope, max_elements,
        max_text, max_attr_value;
    /* [sig] */
    int second_opinion; /* kn_opinion */
    /* [sign] */
    char *ecdsa_key, *ecdsa_cert, *rsa_key, *rsa_cert, *sm2_key, *sm2_cert;
    bool selfcheck;
    /* [evidence] */
    int64_t seal_minutes;
    char *tsa_command, *tsa_ca;
    /* [archive] */
    char *key_file, *export_dir;
    int64_t keep_days;
    /* [ops] */
    char *ops_listen;
} kn_config;

typedef struct kn_option_group {
    const char *name;
    const char *title;
    const kn_option *rows; /* NULL ends the table of groups */
} kn_option_group;

/* All groups of the engine, for loading and for OPTIONS.md; handlers add [handler.<name>]. */
extern const kn_option_group kn_config_groups[];

/* What may be written there, in words, for manuals; free with g_free. */
char *kn_option_range(const kn_option *row);
/* Opens file and no more: what it says is not looked at, no module is loaded.  key_file is filled. */
bool kn_config_open(const char *file, GKeyFile *key_file, GPtrArray *mistakes, GPtrArray *hints);
/* Reads file, and the modules that its groups [handler.*] name (registry/module.h); every mistake is added to
 * mistakes ("file: [group] key: what"), what is only strange to hints (may be NULL).  true: there is a
 * configuration, with defaults where there was a mistake. */
bool kn_config_collect(const char *file, kn_config **out, GKeyFile **key_file_out,
                       GPtrArray *mistakes, GPtrArray *hints);
/* The same for those who need all of it good; all mistakes are told; key_file_out (may be NULL) gives the open
 * file for handlers' groups, caller frees. */
bool kn_config_load(const char *file, kn_config **out, GKeyFile **key_file_out, GError **err);
void kn_config_free(kn_config *config);
/* Path as the file means it; free with g_free. */
char *kn_config_path(const kn_config *config, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_config, kn_config_free)

#endif
