/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log_line.h"

#include <glib.h>
#include <jansson.h>
#include <kouan/handler.h>
#include <kouan/log.h>
#include <stdio.h>
#include <unistd.h>

static kn_level least_level = KN_INFO;
static bool as_json;
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
format_text(GString *out, const char *when, const kn_log_line *line)
{
    g_string_append_printf(out, "%s %-5s %s", when, level_names[line->level], line->sentence);
    if (line->code)
        append_text(out, "code", line->code);
    for (const kn_tag *t = line->tags; t->type != KN_TAG_END; t++)
        if (t->type == KN_TAG_STR)
            append_text(out, t->key, t->str);
        else
            g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, t->key, t->num);
    if (context_msg)
        append_text(out, "msg", context_msg);
    if (context_partner)
        append_text(out, "partner", context_partner);
}

static json_t *
line_object(const char *when, const kn_log_line *line)
{
    json_t *object = json_pack("{ss ss ss}", "time", when, "level", level_names[line->level],
                               "text", line->sentence);

    if (line->code)
        (void)json_object_set_new(object, "code", json_string(line->code));
    for (const kn_tag *t = line->tags; t->type != KN_TAG_END; t++)
        (void)json_object_set_new(object, t->key,
                                  t->type == KN_TAG_STR ? json_string(t->str ? t->str : "")
                                                        : json_integer(t->num));
    if (context_msg)
        (void)json_object_set_new(object, "msg", json_string(context_msg));
    if (context_partner)
        (void)json_object_set_new(object, "partner", json_string(context_partner));
    return object;
}

static void
now_text(char when[32])
{
    kn_time_text(kn_clock_wall_ms(), KN_TIME_WIRE, when);
}

json_t *
kn_log_object(const kn_log_line *line)
{
    char when[32];

    now_text(when);
    return line_object(when, line);
}

static void
format_json(GString *out, const char *when, const kn_log_line *line)
{
    json_t *object = line_object(when, line);
    char *text = json_dumps(object, JSON_COMPACT);

    g_string_append(out, text ? text : "{}");
    free(text); /* allow: jansson allocated it */
    json_decref(object);
}

void
kn_log_write(const kn_log_line *line)
{
    char when[32];
    g_autoptr(GString) out = NULL;

    if (line->level < least_level)
        return;
    out = g_string_sized_new(256);
    now_text(when);
    (as_json ? format_json : format_text)(out, when, line);
    g_string_append_c(out, '\n');
    /* One write a line, so that lines of several lanes never mix. */
    if (write(STDERR_FILENO, out->str, out->len) < 0)
        return; /* nobody left to tell */
}

void
kn_log(kn_level level, const char *sentence, const kn_tag *tags)
{
    kn_log_write(&(kn_log_line){ .level = level, .sentence = sentence, .tags = tags });
}
