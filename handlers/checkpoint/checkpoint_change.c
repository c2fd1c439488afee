/* SPDX-License-Identifier: Apache-2.0 */
/* 变更 and 删单: another version, or the end, of what customs has approved (CK-O06, CK-O07).  While it runs the approved
 * version stays in force, in the body's "inForce"; customs' answer decides which of the two goes. */
#include "checkpoint.h"

#include <string.h>

#define IN_FORCE "inForce"

enum ck_pending
kn_checkpoint_pending(const kn_record *record)
{
    return (enum ck_pending)json_integer_value(json_object_get(record->body, "pendingOp"));
}

void
kn_checkpoint_pend(kn_record *record, enum ck_pending op)
{
    static const char *const more[] = { "operator", "declareTime" };
    json_t *kept = kn_checkpoint_values(record->body);

    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        if (json_object_get(record->body, more[i]))
            (void)json_object_set(kept, more[i], json_object_get(record->body, more[i]));
    (void)json_object_set_new(record->body, IN_FORCE, kept);
    (void)json_object_set_new(record->body, "pendingOp", json_integer(op));
}

void
kn_checkpoint_end_pending(kn_record *record, const kn_transition *row)
{
    json_t *kept = json_object_get(record->body, IN_FORCE);

    if (row->effect != CK_NEW_VERSION && row->effect != CK_OLD_VERSION)
        return;
    if (row->effect == CK_OLD_VERSION && kept) {
        kn_checkpoint_put_values(record->body, kept);
        kn_record_set_text(record, "operator",
                           json_string_value(json_object_get(kept, "operator")));
        kn_record_set_text(record, "declareTime",
                           json_string_value(json_object_get(kept, "declareTime")));
    }
    (void)json_object_del(record->body, IN_FORCE);
    (void)json_object_set_new(record->body, "pendingOp", json_integer(CK_PENDING_NEW));
}

json_t *
kn_checkpoint_in_force(const kn_record *record)
{
    json_t *kept = json_object_get(record->body, IN_FORCE), *declaration;
    kn_record *then;

    if (!kept || kn_checkpoint_pending(record) != CK_PENDING_CHANGE)
        return NULL;
    then = kn_record_dup(record);
    kn_checkpoint_put_values(then->body, kept);
    kn_record_set_text(then, "operator", json_string_value(json_object_get(kept, "operator")));
    declaration = kn_checkpoint_declaration(then);
    kn_record_free(then);
    return declaration;
}

/* The approved document that part of the message names; NULL: pending, or refused. */
static const kn_record *
find(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out, const char *part)
{
    g_autofree char *field = g_strdup_printf("%s/dataCenterNo", part);
    g_autofree char *trip_path = g_strdup_printf("%s/tripNo", part);
    char key[19];
    kn_error code = kn_checkpoint_key_of(msg, part, key);

    if (code != KN_E_OK) {
        (void)kn_refuse(out, code, field, "CK-05", NULL);
        return NULL;
    }
    return kn_checkpoint_own(ctx, ask, out, key, kn_msg_text(msg, trip_path), field);
}

kn_step
kn_checkpoint_change_stage(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen;
    kn_record *record;
    ck_who who;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    seen = find(ctx, msg, ask, out, "Declaration");
    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!kn_checkpoint_may(ctx, seen, CK_ON_CHANGE, "CHANGE"))
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    record = kn_checkpoint_put(ctx, msg, out, seen, &who, false, CK_ON_CHANGE);
    if (record)
        kn_checkpoint_reply(ctx, out, record, "暂存成功");
    return KN_DONE;
}

/* The number stands beside the confirmation, in the document, or in both. */
static const kn_record *
find_declared(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    char beside[19] = "", inside[19] = "";
    kn_error a = kn_checkpoint_key_of(msg, "Declare", beside),
             b = kn_checkpoint_key_of(msg, "Declaration", inside);

    if (a == KN_E_OK && b == KN_E_OK && strcmp(beside, inside) != 0) {
        (void)kn_refuse(out, KN_E_NO_DOCUMENT, "Declare/dataCenterNo", "CK-05", NULL);
        return NULL;
    }
    return find(ctx, msg, ask, out,
                a == KN_E_FIELD_MISSING && b == KN_E_OK ? "Declaration" : "Declare");
}

kn_step
kn_checkpoint_change_declare(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen;
    kn_record *record;
    ck_who who;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    seen = find_declared(ctx, msg, ask, out);
    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!kn_checkpoint_confirmed(msg, "Declare/confirm"))
        return kn_refuse(out, KN_E_NOT_CONFIRMED, "Declare/confirm", "CK-O07",
                         "是否要申报该票单据"); /* PR-05 */
    if (!kn_checkpoint_may(ctx, seen, CK_ON_CHANGE_DECLARE, "CHANGE"))
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    record = kn_checkpoint_put(ctx, msg, out, seen, &who, true, CK_ON_CHANGE_DECLARE);
    return record ? kn_checkpoint_go_out(ctx, msg, out, record, &who, CK_ON_CHANGE_DECLARE)
                  : KN_DONE;
}

kn_step
kn_checkpoint_cancel(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen;
    kn_record *record;
    ck_who who;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    seen = find(ctx, msg, ask, out, "Cancel");
    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!kn_checkpoint_may(ctx, seen, CK_ON_CANCEL, "CANCEL"))
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    if (!kn_checkpoint_confirmed(msg, "Cancel/confirm"))
        return kn_refuse(out, KN_E_NOT_CONFIRMED, "Cancel/confirm", "CK-O06",
                         "是否确认申报改数据"); /* PR-09 */
    record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);
    kn_checkpoint_pend(record, CK_PENDING_CANCEL);
    kn_record_set_text(record, "operator", who.operator_name);
    return kn_checkpoint_go_out(ctx, msg, out, record, &who, CK_ON_CANCEL);
}
