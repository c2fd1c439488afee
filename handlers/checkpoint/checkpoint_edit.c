/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator does: 暂存, 申报, 删除 (CK-O03..O05, CK-O08). */
#include "checkpoint.h"

#include <string.h>

#define COUNTER "ck"

static void
set_text(json_t *body, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(body, name, json_string(value));
    else
        (void)json_object_del(body, name);
}

bool
kn_checkpoint_confirmed(const kn_msg *msg, const char *path)
{
    const char *text = kn_msg_text(msg, path);

    return text && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

/* A record for a document that has none: numbers, entry time, enterprise (CK-H01..H07, GN-06). */
static kn_record *
new_record(kn_context *ctx, const kn_msg *msg, kn_decision *out, const ck_who *who)
{
    const kn_card *card = kn_msg_card(msg);
    char data_no[19];
    char trip_no[33];
    char date[32];
    char stamp[32];
    kn_record *record;

    if (!kn_checkpoint_numbers(kn_context_serial(ctx, COUNTER), kn_context_time(ctx), who->card,
                               data_no, trip_no)) {
        kn_decision_alarm(out, "serial numbers of the checkpoint are used up", CK_KIND, COUNTER);
        (void)kn_refuse(out, KN_E_SERIAL_OVERFLOW, NULL, "GN-07", NULL);
        return NULL;
    }
    kn_time_text(kn_context_time(ctx), KN_TIME_DATE, date);
    kn_time_text(kn_context_time(ctx), KN_TIME_STAMP, stamp);
    record = kn_decision_record(out, NULL, CK_KIND, data_no, kn_context_owner(ctx));
    set_text(record->body, "dataCenterNo", data_no);
    set_text(record->body, "tripNo", trip_no);
    set_text(record->body, "entryTime", date);
    set_text(record->body, "entryStamp", stamp);
    set_text(record->body, "uscc", card->uscc);
    set_text(record->body, "orgCode", kn_context_owner(ctx));
    set_text(record->body, "enterpriseName", card->enterprise);
    (void)json_object_set_new(record->body, "pendingOp", json_integer(0)); /* CK-S03 */
    (void)json_object_set_new(record->body, "receipts", json_array());
    return record;
}

bool
kn_checkpoint_may(kn_context *ctx, const kn_record *seen, int event, const char *action)
{
    return kn_machine_find(&kn_checkpoint_machine, seen, event, NULL)
           && (!seen || kn_checkpoint_allows(kn_context_conf(ctx), seen, action));
}

kn_record *
kn_checkpoint_put(kn_context *ctx, const kn_msg *msg, kn_decision *out, const kn_record *seen,
                  const ck_who *who, bool declaring, int event)
{
    json_t *values = json_object();
    kn_record *record = NULL;

    kn_checkpoint_check(ctx, msg, kn_msg_node(msg, "Declaration"), NULL, declaring, values,
                        kn_decision_errors(out));
    if (kn_decision_wrong(out))
        (void)kn_refuse(out, KN_E_FIELDS_WRONG, NULL, declaring ? "CK-O04" : "CK-O03", NULL);
    else
        record = seen ? kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner)
                      : new_record(ctx, msg, out, who);
    if (record) {
        if (event != CK_ON_STAGE)
            kn_checkpoint_pend(record, CK_PENDING_CHANGE);
        kn_checkpoint_put_values(record->body, values);
        set_text(record->body, "operator", who->operator_name);
        if (event != CK_ON_CHANGE_DECLARE)
            (void)kn_fire(out, &kn_checkpoint_machine, record, event, NULL, who->operator_name);
    }
    json_decref(values);
    return record;
}

kn_step
kn_checkpoint_stage(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen = NULL;
    kn_record *record;
    ck_who who;
    char key[19];
    kn_error code;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    code = kn_checkpoint_key_of(msg, "Declaration", key);
    if (code == KN_E_NO_DOCUMENT)
        return kn_refuse(out, code, "Declaration/dataCenterNo", "CK-05", NULL);
    if (code == KN_E_OK) {
        seen = kn_checkpoint_own(ctx, ask, out, key, kn_msg_text(msg, "Declaration/tripNo"),
                                 "Declaration/dataCenterNo");
        if (!seen)
            return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
        if (!kn_checkpoint_may(ctx, seen, CK_ON_STAGE, "EDIT"))
            return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    }
    record = kn_checkpoint_put(ctx, msg, out, seen, &who, false, CK_ON_STAGE);
    if (record)
        kn_checkpoint_reply(ctx, out, record, "暂存成功");
    return KN_DONE;
}

/* --- 申报 ----------------------------------------------------------------------------------------- */

/* Which document 申报 is about: the number beside the confirmation, or that of the document inside,
 * or none (KN_E_FIELD_MISSING: an unsaved document, if one is inside). */
static kn_error
declared_key(const kn_msg *msg, char key[19], const char **trip_no)
{
    char inner[19] = "";
    kn_error code = kn_checkpoint_key_of(msg, "Declare", key);
    kn_error within = kn_checkpoint_key_of(msg, "Declaration", inner);

    *trip_no = kn_msg_text(msg, "Declare/tripNo");
    if (code == KN_E_NO_DOCUMENT || within == KN_E_NO_DOCUMENT)
        return KN_E_NO_DOCUMENT;
    if (code == KN_E_OK && within == KN_E_OK && strcmp(key, inner) != 0)
        return KN_E_NO_DOCUMENT;
    if (code == KN_E_FIELD_MISSING && within == KN_E_OK) {
        (void)g_strlcpy(key, inner, sizeof inner);
        *trip_no = kn_msg_text(msg, "Declaration/tripNo");
        return KN_E_OK;
    }
    return code;
}

kn_record *
kn_checkpoint_take_stored(kn_context *ctx, kn_decision *out, const kn_record *seen,
                          const ck_who *who, const char *rule)
{
    json_t *values = json_object();
    kn_record *record = NULL;

    kn_checkpoint_check(ctx, NULL, NULL, seen->body, true, values, kn_decision_errors(out));
    if (kn_decision_wrong(out))
        (void)kn_refuse(out, KN_E_FIELDS_WRONG, NULL, rule, NULL);
    else {
        record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);
        set_text(record->body, "operator", who->operator_name);
    }
    json_decref(values);
    return record;
}

static void
remember_submitter(const kn_msg *msg, kn_record *record)
{
    (void)json_object_set_new(record->body, "submit",
                              json_pack("{s:s,s:s,s:s,s:b}", "partner", kn_msg_partner(msg), "guid",
                                        kn_msg_guid(msg), "type", kn_msg_type(msg), "inShell",
                                        kn_msg_in_shell(msg) ? 1 : 0));
}

kn_step
kn_checkpoint_go_out(kn_context *ctx, const kn_msg *msg, kn_decision *out, kn_record *record,
                     const ck_who *who, int event)
{
    if (!kn_fire(out, &kn_checkpoint_machine, record, event, NULL, who->operator_name))
        return kn_checkpoint_wrong_state(ctx, out, record, KN_E_WRONG_STATE);
    remember_submitter(msg, record);
    kn_checkpoint_send(ctx, out, record);
    kn_checkpoint_reply(ctx, out, record, "申报成功"); /* PR-08 */
    return KN_DONE;
}

/* Is the way to 申报 open?  With a whole document the way leads over 暂存. */
static kn_step
check_way(kn_context *ctx, kn_decision *out, const kn_record *seen, bool whole)
{
    const ck_conf *conf = kn_context_conf(ctx);

    if (!seen && !whole)
        return kn_refuse(out, KN_E_FIELD_MISSING, "Declare/dataCenterNo", "CK-O04", NULL);
    if (!seen && !conf->declare_unsaved)
        return kn_refuse(out, KN_E_WRONG_STATE, NULL, "CK-O04", "当前状态：未暂存");
    if (seen
        && (whole ? !kn_checkpoint_may(ctx, seen, CK_ON_STAGE, "EDIT")
                  : !kn_checkpoint_may(ctx, seen, CK_ON_DECLARE, "DECLARE")))
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    return KN_WAIT; /* open: go on */
}

kn_step
kn_checkpoint_declare(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    bool whole = kn_msg_node(msg, "Declaration") != NULL;
    const kn_record *seen = NULL;
    const char *trip_no = NULL;
    kn_record *record;
    ck_who who;
    char key[19];
    kn_error code;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    code = declared_key(msg, key, &trip_no);
    if (code == KN_E_NO_DOCUMENT)
        return kn_refuse(out, code, "Declare/dataCenterNo", "CK-05", NULL);
    if (code == KN_E_OK) {
        seen = kn_checkpoint_own(ctx, ask, out, key, trip_no, "Declare/dataCenterNo");
        if (!seen)
            return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    }
    if (!kn_checkpoint_confirmed(msg, "Declare/confirm"))
        return kn_refuse(out, KN_E_NOT_CONFIRMED, "Declare/confirm", "CK-O04",
                         "是否要申报该票单据"); /* PR-05 */
    if (check_way(ctx, out, seen, whole) == KN_DONE)
        return KN_DONE;
    record = whole ? kn_checkpoint_put(ctx, msg, out, seen, &who, true, CK_ON_STAGE)
                   : kn_checkpoint_take_stored(ctx, out, seen, &who, "CK-O04");
    return record ? kn_checkpoint_go_out(ctx, msg, out, record, &who, CK_ON_DECLARE) : KN_DONE;
}

/* --- 删除 ----------------------------------------------------------------------------------------- */

kn_step
kn_checkpoint_delete(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen;
    const kn_transition *row;
    kn_record *record;
    ck_who who;
    char key[19];
    kn_error code;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return KN_DONE;
    code = kn_checkpoint_key_of(msg, "Delete", key);
    if (code != KN_E_OK)
        return kn_refuse(out, code, "Delete/dataCenterNo", "CK-05", NULL);
    seen = kn_checkpoint_own(ctx, ask, out, key, kn_msg_text(msg, "Delete/tripNo"),
                             "Delete/dataCenterNo");
    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!kn_checkpoint_may(ctx, seen, CK_ON_DELETE, "DELETE"))
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_DELETE_STATE); /* PR-11 */
    if (!kn_checkpoint_confirmed(msg, "Delete/confirm"))                     /* PR-06, PR-10 */
        return kn_refuse(
            out, KN_E_NOT_CONFIRMED, "Delete/confirm", "CK-O05",
            "是否确认删除该数据。暂存状态的数据，删除后不可恢复，只能重新录入，请谨慎操作！");
    record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);
    row = kn_fire(out, &kn_checkpoint_machine, record, CK_ON_DELETE, NULL, who.operator_name);
    if (row->effect == CK_OLD_VERSION) /* CK-T26: only the draft goes */
        kn_checkpoint_end_pending(record, row);
    else
        kn_checkpoint_drop_values(record->body);       /* numbers and customs receipts stay */
    kn_checkpoint_reply(ctx, out, record, "删除成功"); /* PR-07 */
    return KN_DONE;
}
