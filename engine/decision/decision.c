/* SPDX-License-Identifier: Apache-2.0 */
#include "decision/decision_priv.h"
#include "decision/receipt.h"

#include <assert.h>
#include <string.h>

static void
history_free(void *item)
{
    kn_history *line = item;

    g_free(line->event);
    g_free(line->row);
    g_free(line->from);
    g_free(line->to);
    g_free(line->actor);
    g_free(line);
}

static void
write_free(void *item)
{
    kn_write *write = item;

    kn_record_free(write->record);
    g_ptr_array_unref(write->history);
    json_decref(write->seen);
    g_free(write);
}

static void
onward_free(void *item)
{
    kn_onward *onward = item;

    g_free(onward->type);
    g_free(onward->ns);
    g_free(onward->prefix);
    g_free(onward->guid);
    g_free(onward->key);
    json_decref(onward->body);
    g_free(onward);
}

static void
alarm_free(void *item)
{
    kn_alarm_note *note = item;

    g_free(note->kind);
    g_free(note->key);
    g_free(note);
}

static void
error_free(void *item)
{
    kn_field_error_free(item);
}

kn_decision *
kn_decision_new(void)
{
    kn_decision *out = g_new0(kn_decision, 1);

    out->errors = g_ptr_array_new_with_free_func(error_free);
    out->writes = g_ptr_array_new_with_free_func(write_free);
    out->notices = g_ptr_array_new_with_free_func(kn_receipt_free);
    out->onward = g_ptr_array_new_with_free_func(onward_free);
    out->alarms = g_ptr_array_new_with_free_func(alarm_free);
    return out;
}

static void
drop_effects(kn_decision *out)
{
    g_ptr_array_set_size(out->writes, 0);
    g_ptr_array_set_size(out->notices, 0);
    g_ptr_array_set_size(out->onward, 0);
}

void
kn_decision_reset(kn_decision *out)
{
    out->code = KN_E_OK;
    out->own = NULL;
    g_clear_pointer(&out->field, g_free);
    g_clear_pointer(&out->rule, g_free);
    g_clear_pointer(&out->detail, g_free);
    g_ptr_array_set_size(out->errors, 0);
    drop_effects(out);
    g_clear_pointer(&out->reply, kn_receipt_free);
    g_ptr_array_set_size(out->alarms, 0);
}

GPtrArray *
kn_decision_take_writes(kn_decision *out)
{
    GPtrArray *writes = out->writes;

    out->writes = g_ptr_array_new_with_free_func(write_free);
    return writes;
}

void
kn_decision_free(kn_decision *out)
{
    if (!out)
        return;
    kn_decision_reset(out);
    g_ptr_array_unref(out->errors);
    g_ptr_array_unref(out->writes);
    g_ptr_array_unref(out->notices);
    g_ptr_array_unref(out->onward);
    g_ptr_array_unref(out->alarms);
    g_free(out);
}

/* --- records ---------------------------------------------------------------------------------- */

static kn_write *
find_write(kn_decision *out, const char *kind, const char *key)
{
    for (unsigned i = 0; i < out->writes->len; i++) {
        kn_write *write = out->writes->pdata[i];

        if (strcmp(write->record->kind, kind) == 0 && strcmp(write->record->key, key) == 0)
            return write;
    }
    return NULL;
}

kn_record *
kn_decision_record(kn_decision *out, const kn_record *seen, const char *kind, const char *key,
                   const char *owner)
{
    kn_write *write = find_write(out, kind, key);

    if (write)
        return write->record;
    write = g_new0(kn_write, 1);
    write->record = seen ? kn_record_dup(seen) : kn_record_new(kind, key, owner, NULL);
    write->expected = write->record->version;
    write->history = g_ptr_array_new_with_free_func(history_free);
    write->seen = json_deep_copy(write->record->body);
    g_ptr_array_add(out->writes, write);
    return write->record;
}

const kn_transition *
kn_fire(kn_decision *out, const kn_machine *machine, kn_record *record, int event,
        const void *guard_arg, const char *actor)
{
    const kn_transition *row = kn_machine_find(machine, record, event, guard_arg);
    kn_write *write = find_write(out, record->kind, record->key);
    kn_history *line;

    assert(write && write->record == record); /* only a record of this decision may be fired */
    if (!row)
        return NULL;
    line = g_new0(kn_history, 1);
    line->event = g_strdup(machine->events[event].name);
    line->row = g_strdup(row->id);
    line->from = g_strdup(record->state);
    line->actor = g_strdup(actor);
    if (row->to != KN_ANY_STATE) {
        if (g_strcmp0(record->state, machine->states[row->to].code) != 0)
            kn_timer_clear(record); /* it belongs to the state that is left */
        g_free(record->state);
        record->state = g_strdup(machine->states[row->to].code);
    }
    line->to = g_strdup(record->state);
    line->version = ++record->version;
    g_ptr_array_add(write->history, line);
    return row;
}

/* --- result ----------------------------------------------------------------------------------- */

G_GNUC_PRINTF(4, 0)
static void
refuse(kn_decision *out, const char *field, const char *rule, const char *detail, va_list args)
{
    drop_effects(out);
    g_free(out->field);
    out->field = g_strdup(field);
    g_free(out->rule);
    out->rule = g_strdup(rule);
    g_clear_pointer(&out->detail, g_free);
    if (detail) {
        g_autofree char *text = g_strdup_vprintf(detail, args);

        out->detail = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), KN_DETAIL_MAX));
    }
    kn_receipt_strip(kn_reply(out));
}

kn_step
kn_refuse(kn_decision *out, kn_error code, const char *field, const char *rule, const char *detail,
          ...)
{
    va_list args;

    assert(code != KN_E_OK && code != KN_E_HANDLER_REFUSED);
    out->code = code;
    out->own = NULL;
    va_start(args, detail);
    refuse(out, field, rule, detail, args);
    va_end(args);
    return KN_DONE;
}

kn_step
kn_refuse_own(kn_decision *out, const kn_error_row *reason, const char *field, const char *rule,
              const char *detail, ...)
{
    va_list args;

    assert(reason && reason->name);
    out->code = KN_E_HANDLER_REFUSED;
    out->own = reason;
    va_start(args, detail);
    refuse(out, field, rule, detail, args);
    va_end(args);
    return KN_DONE;
}

const kn_error_row *
kn_decision_row(const kn_decision *out)
{
    return out->own ? out->own : kn_error_row_of(out->code);
}

GPtrArray *
kn_decision_errors(kn_decision *out)
{
    return out->errors;
}

bool
kn_decision_wrong(const kn_decision *out)
{
    for (unsigned i = 0; i < out->errors->len; i++) {
        const kn_field_error *error = out->errors->pdata[i];

        if (!error->warning)
            return true;
    }
    return false;
}

void
kn_decision_alarm(kn_decision *out, const char *sentence, const char *kind, const char *key)
{
    kn_alarm_note *note = g_new0(kn_alarm_note, 1);

    note->sentence = sentence;
    note->kind = g_strdup(kind);
    note->key = g_strdup(key);
    g_ptr_array_add(out->alarms, note);
}

/* --- receipts and messages ---------------------------------------------------------------------- */

kn_receipt *
kn_reply(kn_decision *out)
{
    if (!out->reply)
        out->reply = kn_receipt_new(true);
    return out->reply;
}

kn_receipt *
kn_notify(kn_decision *out, const char *partner, bool in_shell, const char *ori_guid,
          const char *ori_type)
{
    kn_receipt *receipt = kn_receipt_new(false);

    receipt->partner = g_strdup(partner);
    receipt->in_shell = in_shell;
    receipt->ori_guid = g_strdup(ori_guid);
    receipt->ori_type = g_strdup(ori_type);
    g_ptr_array_add(out->notices, receipt);
    return receipt;
}

void
kn_send_customs(kn_decision *out, const char *type, const char *ns, const char *prefix,
                const char *guid, const char *key, json_t *body)
{
    kn_onward *onward = g_new0(kn_onward, 1);

    onward->type = g_strdup(type);
    onward->ns = g_strdup(ns);
    onward->prefix = g_strdup(prefix);
    onward->guid = g_strdup(guid);
    onward->key = g_strdup(key);
    onward->body = body;
    g_ptr_array_add(out->onward, onward);
}

bool
kn_decision_finish(kn_decision *out, GError **err)
{
    (void)kn_reply(out);
    for (unsigned i = 0; i < out->writes->len;) {
        const kn_write *write = out->writes->pdata[i];

        if (write->history->len > 0) {
            i++;
            continue;
        }
        if (!json_equal(write->seen, write->record->body))
            return kn_fail(err, KN_E_ENGINE_ERROR, "%s %s was changed without a machine row",
                           write->record->kind, write->record->key);
        g_ptr_array_remove_index(out->writes, i);
    }
    return true;
}
