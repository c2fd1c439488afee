/* SPDX-License-Identifier: Apache-2.0 */
/* What a document answers: keys, state, allowed actions (REQUIREMENTS §11.7). */
#include "checkpoint.h"

#include <string.h>

typedef struct action_row {
    const char *id;
    const char *header_label; /* of the header list */
    const char *actions;      /* joined by '+' */
} action_row;

/* An action told is an action that works: besides its place here the machine must have a way.  RECEIPTS is told where
 * receipts exist. */
/* clang-format off */
static const action_row action_rows[CK_STATES] = {
    [CK_STAGED]             = { "CK-A01", "暂存成功",     "VIEW+EDIT+DELETE+DECLARE+RECEIPTS" },
    [CK_DECLARED]           = { "CK-A02", "申报成功",     "VIEW+RECEIPTS" },
    [CK_SENT]               = { "CK-A03", "发往内网成功", "VIEW+RECEIPTS" },
    [CK_SEND_FAILED]        = { "CK-A04", "发往内网失败", "VIEW+EDIT+DELETE+DECLARE+RECEIPTS" },
    [CK_APPROVED]           = { "CK-A05", "海关入库成功", "VIEW+CHANGE+CANCEL+RECEIPTS" },
    [CK_REJECTED]           = { "CK-A06", "退单",         "VIEW+EDIT+DELETE+RECEIPTS" },
    [CK_CONCLUDED]          = { "CK-A07", "已办结",       "VIEW+RECEIPTS" },
    [CK_LOCKED]             = { "CK-A08", "已锁定",       "VIEW+RECEIPTS" },
    [CK_UNLOCKED]           = { "CK-A09", "解除锁定",     "VIEW+CHANGE+RECEIPTS" },
    [CK_MANUALLY_CONCLUDED] = { "CK-A10", "人工办结",     "VIEW+RECEIPTS" },
    [CK_LEFT_PORT]          = { "CK-A11", "已口岸离场",   "VIEW+RECEIPTS" },
    [CK_CANCELLED]          = { "CK-A12", "已删单",       "VIEW+RECEIPTS" },
};

/* Which machine event an action needs; CK_ON_EARLIER = none (reading). */
static const struct { const char *action; int event; } action_events[] = {
    { "VIEW", CK_ON_EARLIER }, { "EDIT", CK_ON_STAGE }, { "DELETE", CK_ON_DELETE },
    { "DECLARE", CK_ON_DECLARE }, { "CHANGE", CK_ON_CHANGE }, { "CANCEL", CK_ON_CANCEL },
    { "RECEIPTS", CK_ON_EARLIER },
};
/* clang-format on */

/* The state's line: from the options if one stands there (CK-A20), else from the table. */
static const char *
actions_of(const ck_conf *conf, const kn_state *state)
{
    for (size_t i = 0; conf->actions && conf->actions[i]; i++)
        if (g_str_has_prefix(conf->actions[i], state->code) && conf->actions[i][3] == '=')
            return conf->actions[i] + 4;
    return action_rows[state->state].actions;
}

static bool
listed(const char *actions, const char *action)
{
    g_auto(GStrv) parts = g_strsplit(actions ? actions : "", "+", -1);

    for (size_t i = 0; parts[i]; i++)
        if (strcmp(parts[i], action) == 0)
            return true;
    return false;
}

static bool
has_way(const kn_record *record, const char *action)
{
    for (size_t i = 0; i < G_N_ELEMENTS(action_events); i++)
        if (strcmp(action_events[i].action, action) == 0)
            return action_events[i].event == CK_ON_EARLIER
                   || kn_machine_find(&kn_checkpoint_machine, record, action_events[i].event, NULL);
    return false;
}

bool
kn_checkpoint_allows(const ck_conf *conf, const kn_record *record, const char *action)
{
    const kn_state *state = kn_machine_state(&kn_checkpoint_machine, record->state);

    if (!state || !listed(actions_of(conf, state), action) || !has_way(record, action))
        return false;
    return strcmp(action, "RECEIPTS") != 0
           || json_array_size(json_object_get(record->body, "receipts")) > 0;
}

const char *
kn_checkpoint_header_label(const kn_state *state)
{
    const char *label = action_rows[state->state].header_label;

    return label ? label : state->label;
}

/* --- start-time check of ck.actions: the machine must know a way for every action told ------------ */

static bool
has_row(int state, int event)
{
    for (const kn_transition *row = kn_checkpoint_machine.rows; row->id; row++)
        if (row->from == state && row->on == event)
            return true;
    return false;
}

static bool
action_possible(const kn_state *state, const char *action)
{
    for (size_t i = 0; i < G_N_ELEMENTS(action_events); i++)
        if (strcmp(action_events[i].action, action) == 0)
            return action_events[i].event == CK_ON_EARLIER
                   || has_row(state->state, action_events[i].event);
    return false;
}

static bool
check_line(const char *line, GError **err)
{
    g_auto(GStrv) halves = g_strsplit(line, "=", 2);
    g_auto(GStrv) actions = halves[0] && halves[1] ? g_strsplit(halves[1], "+", -1) : NULL;
    const kn_state *state = halves[0] ? kn_machine_state(&kn_checkpoint_machine, halves[0]) : NULL;

    if (!state || !actions || !action_rows[state->state].actions)
        return kn_fail(err, KN_E_CONFIG, "ck.actions: “%s” is not STATE=ACTION+ACTION", line);
    for (size_t i = 0; actions[i]; i++)
        if (*actions[i] && !action_possible(state, actions[i]))
            return kn_fail(err, KN_E_CONFIG, "ck.actions: %s has no row for “%s”", state->code,
                           actions[i]);
    return true;
}

bool
kn_checkpoint_actions_check(const ck_conf *conf, GError **err)
{
    for (size_t i = 0; conf->actions && conf->actions[i]; i++)
        if (!check_line(conf->actions[i], err))
            return false;
    return true;
}

/* --- receipts ------------------------------------------------------------------------------------- */

static const kn_state *
fill(kn_context *ctx, kn_receipt *receipt, const kn_record *record)
{
    const ck_conf *conf = kn_context_conf(ctx);
    const kn_state *state = kn_machine_state(&kn_checkpoint_machine, record->state);
    const char *trip_no = kn_record_text(record, "tripNo");

    kn_receipt_key(receipt, "dataCenterNo", record->key);
    kn_receipt_key(receipt, "tripNo", trip_no ? trip_no : "");
    kn_receipt_state(receipt, state);
    for (size_t i = 0; i < G_N_ELEMENTS(action_events); i++)
        if (kn_checkpoint_allows(conf, record, action_events[i].action))
            kn_receipt_action(receipt, action_events[i].action);
    return state;
}

void
kn_checkpoint_reply(kn_context *ctx, kn_decision *out, const kn_record *record, const char *info)
{
    kn_receipt *reply = kn_reply(out);
    const kn_state *state = fill(ctx, reply, record);

    kn_receipt_status(reply, state->status, info ? info : state->label);
}

void
kn_checkpoint_notify(kn_context *ctx, kn_decision *out, const kn_record *record, const char *info,
                     json_t *body)
{
    const json_t *submit = json_object_get(record->body, "submit");
    kn_receipt *receipt = kn_notify(out, json_string_value(json_object_get(submit, "partner")),
                                    json_is_true(json_object_get(submit, "inShell")),
                                    json_string_value(json_object_get(submit, "guid")),
                                    json_string_value(json_object_get(submit, "type")));
    const kn_state *state = fill(ctx, receipt, record);

    kn_receipt_status(receipt, state->status, info && *info ? info : state->label);
    if (body)
        kn_receipt_body(receipt, body);
}

kn_step
kn_checkpoint_wrong_state(kn_context *ctx, kn_decision *out, const kn_record *record, kn_error code)
{
    const kn_state *state = fill(ctx, kn_reply(out), record);

    return kn_refuse(out, code, NULL, "CK-T32", "当前状态：%s（%s）", state->label, state->code);
}
