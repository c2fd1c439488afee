/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <kouan/record.h>

kn_record *
kn_record_new(const char *kind, const char *key, const char *owner, const char *state)
{
    kn_record *record = g_new0(kn_record, 1);

    record->kind = g_strdup(kind);
    record->key = g_strdup(key);
    record->owner = g_strdup(owner);
    record->state = g_strdup(state);
    record->body = json_object();
    return record;
}

kn_record *
kn_record_dup(const kn_record *from)
{
    kn_record *record = g_new0(kn_record, 1);

    record->kind = g_strdup(from->kind);
    record->key = g_strdup(from->key);
    record->owner = g_strdup(from->owner);
    record->state = g_strdup(from->state);
    record->version = from->version;
    record->body = json_deep_copy(from->body);
    return record;
}

void
kn_record_free(kn_record *record)
{
    if (!record)
        return;
    g_free(record->kind);
    g_free(record->key);
    g_free(record->owner);
    g_free(record->state);
    json_decref(record->body);
    g_free(record);
}

const char *
kn_record_text(const kn_record *record, const char *name)
{
    return json_string_value(json_object_get(record->body, name));
}

void
kn_record_set_text(kn_record *record, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(record->body, name, json_string(value));
    else
        (void)json_object_del(record->body, name);
}

/* --- the timer --------------------------------------------------------------------------------- */

#define TIMER "timer"

void
kn_timer_set(kn_record *record, const char *name, int64_t due_ms)
{
    (void)json_object_set_new(record->body, TIMER,
                              json_pack("{ss sI}", "name", name, "due", (json_int_t)due_ms));
}

void
kn_timer_clear(kn_record *record)
{
    (void)json_object_del(record->body, TIMER);
}

const char *
kn_timer_name(const kn_record *record)
{
    return json_string_value(json_object_get(json_object_get(record->body, TIMER), "name"));
}

int64_t
kn_timer_due(const kn_record *record)
{
    return json_integer_value(json_object_get(json_object_get(record->body, TIMER), "due"));
}
