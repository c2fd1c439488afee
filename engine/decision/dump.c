/* SPDX-License-Identifier: Apache-2.0 */
/* A decision as JSON: for comparing (decide twice, shadow replay) and for the tool's explanations. */
#include "decision/decision_priv.h"

static void
put_text(json_t *into, const char *name, const char *value)
{
    if (value)
        (void)json_object_set_new(into, name, json_string(value));
}

static json_t *
errors_json(const GPtrArray *errors)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < errors->len; i++) {
        const kn_field_error *error = errors->pdata[i];
        json_t *item = json_object();

        put_text(item, "code", kn_error_row_of(error->code)->name);
        put_text(item, "path", error->path);
        put_text(item, "rule", error->rule);
        put_text(item, "detail", error->detail);
        (void)json_object_set_new(item, "warning", json_boolean(error->warning));
        (void)json_array_append_new(list, item);
    }
    return list;
}

static json_t *
write_json(const kn_write *write)
{
    json_t *item = json_object();
    json_t *lines = json_array();

    put_text(item, "kind", write->record->kind);
    put_text(item, "key", write->record->key);
    put_text(item, "owner", write->record->owner);
    put_text(item, "state", write->record->state);
    (void)json_object_set_new(item, "expected", json_integer(write->expected));
    (void)json_object_set_new(item, "version", json_integer(write->record->version));
    (void)json_object_set(item, "body", write->record->body);
    for (unsigned i = 0; i < write->history->len; i++) {
        const kn_history *line = write->history->pdata[i];
        json_t *entry = json_object();

        put_text(entry, "event", line->event);
        put_text(entry, "row", line->row);
        put_text(entry, "from", line->from);
        put_text(entry, "to", line->to);
        put_text(entry, "actor", line->actor);
        (void)json_object_set_new(entry, "version", json_integer(line->version));
        (void)json_array_append_new(lines, entry);
    }
    (void)json_object_set_new(item, "history", lines);
    return item;
}

static json_t *
receipt_json(const kn_receipt *receipt)
{
    json_t *item = json_object();
    json_t *keys = json_object();
    json_t *actions = json_array();

    put_text(item, "partner", receipt->partner);
    if (!receipt->reply)
        (void)json_object_set_new(item, "inShell", json_boolean(receipt->in_shell));
    put_text(item, "oriGuid", receipt->ori_guid);
    put_text(item, "oriType", receipt->ori_type);
    for (unsigned i = 0; i < receipt->keys->len; i++) {
        const kn_pair *pair = receipt->keys->pdata[i];

        put_text(keys, pair->name, pair->value);
    }
    (void)json_object_set_new(item, "keys", keys);
    put_text(item, "state", receipt->state ? receipt->state->code : NULL);
    if (receipt->has_status)
        (void)json_object_set_new(item, "status", json_integer(receipt->status));
    put_text(item, "info", receipt->info);
    for (unsigned i = 0; i < receipt->actions->len; i++)
        (void)json_array_append_new(actions, json_string(receipt->actions->pdata[i]));
    (void)json_object_set_new(item, "actions", actions);
    put_text(item, "cardNo", receipt->card_no);
    if (receipt->card_no)
        (void)json_object_set_new(item, "cardStated", json_boolean(receipt->card_stated));
    if (receipt->body)
        (void)json_object_set(item, "body", receipt->body);
    return item;
}

static json_t *
onward_json(const kn_onward *onward)
{
    json_t *item = json_object();

    put_text(item, "type", onward->type);
    put_text(item, "ns", onward->ns);
    put_text(item, "guid", onward->guid);
    put_text(item, "key", onward->key);
    (void)json_object_set(item, "body", onward->body);
    return item;
}

static json_t *
alarm_json(const kn_alarm_note *note)
{
    json_t *item = json_object();

    put_text(item, "sentence", note->sentence);
    put_text(item, "kind", note->kind);
    put_text(item, "key", note->key);
    return item;
}

json_t *
kn_decision_json(const kn_decision *out)
{
    json_t *all = json_object();
    json_t *writes = json_array();
    json_t *notices = json_array();
    json_t *onward = json_array();
    json_t *alarms = json_array();

    put_text(all, "code", kn_decision_row(out)->name);
    put_text(all, "field", out->field);
    put_text(all, "rule", out->rule);
    put_text(all, "detail", out->detail);
    (void)json_object_set_new(all, "errors", errors_json(out->errors));
    for (unsigned i = 0; i < out->writes->len; i++)
        (void)json_array_append_new(writes, write_json(out->writes->pdata[i]));
    for (unsigned i = 0; i < out->notices->len; i++)
        (void)json_array_append_new(notices, receipt_json(out->notices->pdata[i]));
    for (unsigned i = 0; i < out->onward->len; i++)
        (void)json_array_append_new(onward, onward_json(out->onward->pdata[i]));
    for (unsigned i = 0; i < out->alarms->len; i++)
        (void)json_array_append_new(alarms, alarm_json(out->alarms->pdata[i]));
    if (out->reply)
        (void)json_object_set_new(all, "reply", receipt_json(out->reply));
    (void)json_object_set_new(all, "writes", writes);
    (void)json_object_set_new(all, "notices", notices);
    (void)json_object_set_new(all, "onward", onward);
    (void)json_object_set_new(all, "alarms", alarms);
    return all;
}
