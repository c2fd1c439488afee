/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log_count.h"

#include <glib.h>
#include <jansson.h>
#include <kouan/handler.h>
#include <kouan/log.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static kn_level least_level = KN_INFO;
static bool as_json;
static atomic_int_fast64_t alarms;
static _Thread_local const char *context_msg;
static _Thread_local const char *context_partner;
static const char *const level_names[] = { "debug", "info", "warn", "error", "alarm" };

void
kn_log_init(kn_level least, bool json)
{
    least_level = least;
    as_json = json;
}

void
kn_log_context(const char *msg, const char *partner)
{
    context_msg = msg;
    context_partner = partner;
}

/* Quotes a value only where a reader or a parser would stumble. */
static void
append_value(GString *line, const char *value)
{
    bool plain = *value != '\0';

    for (const char *p = value; *p && plain; p++)
        plain = (unsigned char)*p > ' ' && *p != '"' && *p != '=' && *p != '\\';
    if (plain) {
        g_string_append(line, value);
        return;
    }
    g_string_append_c(line, '"');
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(line, '\\');
        g_string_append_c(line, (unsigned char)*p < ' ' ? ' ' : *p);
    }
    g_string_append_c(line, '"');
}

static void
append_text(GString *line, const char *key, const char *value)
{
    g_string_append_printf(line, " %s=", key);
    append_value(line, value ? value : "");
}

static void
format_text(GString *line, const char *when, kn_level level, const char *sentence,
            const kn_tag *tags)
{
    g_string_append_printf(line, "%s %-5s %s", when, level_names[level], sentence);
    for (const kn_tag *t = tags; t->type != KN_TAG_END; t++)
        if (t->type == KN_TAG_STR)
            append_text(line, t->key, t->str);
        else
            g_string_append_printf(line, " %s=%" G_GINT64_FORMAT, t->key, t->num);
    if (context_msg)
        append_text(line, "msg", context_msg);
    if (context_partner)
        append_text(line, "partner", context_partner);
}

static void
format_json(GString *line, const char *when, kn_level level, const char *sentence,
            const kn_tag *tags)
{
    json_t *object = json_pack("{ss ss ss}", "time", when, "level", level_names[level], "text",
                               sentence);
    char *text;

    for (const kn_tag *t = tags; t->type != KN_TAG_END; t++)
        (void)json_object_set_new(object, t->key,
                                  t->type == KN_TAG_STR ? json_string(t->str ? t->str : "")
                                                        : json_integer(t->num));
    if (context_msg)
        (void)json_object_set_new(object, "msg", json_string(context_msg));
    if (context_partner)
        (void)json_object_set_new(object, "partner", json_string(context_partner));
    text = json_dumps(object, JSON_COMPACT);
    g_string_append(line, text ? text : "{}");
    free(text); /* allow: jansson allocated it */
    json_decref(object);
}

int64_t
kn_log_alarms(void)
{
    return (int64_t)atomic_load(&alarms);
}

void
kn_log(kn_level level, const char *sentence, const kn_tag *tags)
{
    char when[32];
    g_autoptr(GString) line = NULL;

    if (level == KN_ALARM)
        (void)atomic_fetch_add(&alarms, 1);
    if (level < least_level)
        return;
    line = g_string_sized_new(256);
    kn_time_text(kn_clock_wall_ms(), KN_TIME_WIRE, when);
    (as_json ? format_json : format_text)(line, when, level, sentence, tags);
    g_string_append_c(line, '\n');
    /* One write a line, so that lines of several lanes never mix. */
    if (write(STDERR_FILENO, line->str, line->len) < 0)
        return; /* nobody left to tell */
}
