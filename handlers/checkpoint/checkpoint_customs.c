/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from the customs intranet: acknowledgements and answers (CK-T05, T06, T10..T18, T28..T30,
 * MS-20, MS-40).  A wrong message is parked or refused with an alarm, never dropped. */
#include "checkpoint.h"

#include <string.h>

/* customs codes of CODES §4.4 */
static const struct {
    const char *code;
    int event;
} answers[] = {
    { "10", CK_ON_10 }, { "20", CK_ON_20 }, { "40", CK_ON_40 }, { "41", CK_ON_41 },
    { "42", CK_ON_42 }, { "43", CK_ON_43 }, { "50", CK_ON_50 },
};

/* One answer as it came. */
typedef struct answer {
    const char *id;
    const char *code;
    const char *text;
    const char *time;
    int64_t time_ms;
    int event;
} answer;

static bool
given(const char *text)
{
    return text && *text;
}

/* Parked with an alarm: somebody has to look. */
static kn_step
park(kn_decision *out, kn_error code, const char *field, const char *rule, const char *key)
{
    kn_decision_alarm(out, "customs answer parked", CK_KIND, key);
    return kn_refuse(out, code, field, rule, NULL);
}

/* The document an answer is about, whoever owns it; NULL: pending, or parked. */
static const kn_record *
find(const kn_msg *msg, kn_ask *ask, kn_decision *out, const char *part)
{
    g_autofree char *field = g_strdup_printf("%s/dataCenterNo", part);
    g_autofree char *trip_path = g_strdup_printf("%s/tripNo", part);
    const char *trip_no = kn_msg_text(msg, trip_path);
    const kn_record *seen;
    char key[19] = "";
    kn_error code = kn_checkpoint_key_of(msg, part, key);

    if (code == KN_E_FIELD_MISSING) {
        (void)kn_refuse(out, code, field, "CK-05", NULL);
        return NULL;
    }
    seen = code == KN_E_OK ? kn_ask_record(ask, CK_KIND, key) : NULL;
    if (kn_ask_pending(ask))
        return NULL;
    if (!seen || strcmp(seen->state, kn_checkpoint_machine.states[CK_REMOVED].code) == 0
        || (given(trip_no) && g_strcmp0(trip_no, kn_record_text(seen, "tripNo")) != 0)) {
        (void)park(out, KN_E_CUSTOMS_UNKNOWN_DOC, field, "MS-20", key);
        return NULL;
    }
    kn_receipt_key(kn_reply(out), "dataCenterNo", seen->key);
    kn_receipt_key(kn_reply(out), "tripNo", kn_record_text(seen, "tripNo"));
    return seen;
}

/* What was sent last was taken by customs: the next sending is a new message. */
static void
mark_taken(kn_context *ctx, kn_record *record)
{
    (void)json_object_set_new(json_object_get(record->body, "sent"), "taken", json_true());
    kn_checkpoint_await_customs(ctx, record);
}

/* --- acknowledgement ---------------------------------------------------------------------------------- */

kn_step
kn_checkpoint_ack(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const char *result = kn_msg_text(msg, "Ack/result");
    const char *guid = kn_msg_text(msg, "Ack/oriGuid");
    bool accepted = g_strcmp0(result, "accepted") == 0;
    const kn_record *seen = find(msg, ask, out, "Ack");
    const json_t *sent;
    kn_record *record;
    int event = accepted ? CK_ON_ACK : CK_ON_ACK_REFUSED;

    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!accepted && g_strcmp0(result, "refused") != 0)
        return kn_refuse(out, KN_E_FIELD_CODE, "Ack/result", "CK-O13", NULL);
    sent = json_object_get(seen->body, "sent");
    if (!sent || g_strcmp0(guid, json_string_value(json_object_get(sent, "guid"))) != 0)
        return park(out, KN_E_CUSTOMS_STALE, "Ack/oriGuid", "MS-40", seen->key);
    record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);
    if (!kn_fire(out, &kn_checkpoint_machine, record, event, NULL, kn_msg_partner(msg))) {
        bool taken = json_is_true(json_object_get(sent, "taken"));
        bool failed = strcmp(seen->state, kn_checkpoint_machine.states[CK_SEND_FAILED].code) == 0;

        if (accepted ? !taken
                     : !failed) /* after a newer action of the operator, or against itself */
            return park(out, KN_E_CUSTOMS_STALE, "Ack/result", "MS-40", seen->key);
        kn_checkpoint_reply(ctx, out, seen, NULL); /* CK-T28, CK-T29: known already */
        return KN_DONE;
    }
    if (accepted)
        mark_taken(ctx, record);
    kn_checkpoint_notify(ctx, out, record, accepted ? NULL : kn_msg_text(msg, "Ack/text"), NULL);
    kn_checkpoint_reply(ctx, out, record, NULL);
    return KN_DONE;
}

/* --- answers ------------------------------------------------------------------------------------------- */

/* YYYYMMDDhhmmss, as the customs side writes it (MS-12), or the wire form. */
static bool
parse_time(const char *text, int64_t *ms)
{
    char wire[32];

    if (strlen(text) != 14)
        return kn_time_parse(text, ms);
    for (size_t i = 0; i < 14; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    (void)g_snprintf(wire, sizeof wire, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s+08:00", text, text + 4,
                     text + 6, text + 8, text + 10, text + 12);
    return kn_time_parse(wire, ms);
}

static bool
is_notice(const ck_conf *conf, const char *code)
{
    for (size_t i = 0; conf->notice_codes && conf->notice_codes[i]; i++)
        if (strcmp(conf->notice_codes[i], code) == 0)
            return true;
    return false;
}

static int
event_of(const ck_conf *conf, const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
        if (strcmp(answers[i].code, code) == 0)
            return answers[i].event;
    return is_notice(conf, code) ? CK_ON_NOTICE : -1;
}

static void
need(kn_decision *out, const char *value, const char *path, const char *label)
{
    g_autofree char *detail = g_strdup_printf("%s：必填项不能为空", label);

    if (!given(value))
        g_ptr_array_add(kn_decision_errors(out),
                        kn_field_error_new(KN_E_FIELD_MISSING, path, "MS-20", detail, false));
}

/* false: refused or parked already. */
static bool
read_answer(kn_context *ctx, const kn_msg *msg, kn_decision *out, answer *a)
{
    a->id = kn_msg_text(msg, "Customs/receiptId");
    a->code = kn_msg_text(msg, "Customs/code");
    a->text = kn_msg_text(msg, "Customs/text");
    a->time = kn_msg_text(msg, "Customs/customsTime");
    need(out, a->id, "Customs/receiptId", "回执编号");
    need(out, a->code, "Customs/code", "回执代码");
    need(out, a->time, "Customs/customsTime", "海关时间");
    if (given(a->id) && strlen(a->id) > 128)
        g_ptr_array_add(kn_decision_errors(out),
                        kn_field_error_new(KN_E_FIELD_LENGTH, "Customs/receiptId", "MS-20",
                                           "回执编号：长度超过限制", false));
    if (given(a->time) && !parse_time(a->time, &a->time_ms))
        g_ptr_array_add(kn_decision_errors(out),
                        kn_field_error_new(KN_E_FIELD_FORMAT, "Customs/customsTime", "MS-20",
                                           "海关时间：格式不正确", false));
    if (kn_decision_wrong(out)) {
        (void)kn_refuse(out, KN_E_FIELDS_WRONG, NULL, "MS-20", NULL);
        return false;
    }
    a->event = event_of(kn_context_conf(ctx), a->code);
    if (a->event < 0) {
        (void)park(out, KN_E_CUSTOMS_CODE, "Customs/code", "MS-20", a->id);
        return false;
    }
    if (!given(a->text))
        a->text = kn_codes_name(kn_context_codes(ctx), "ck_customs", a->code);
    return true;
}

static const json_t *
find_kept(const kn_record *record, const char *id)
{
    const json_t *kept = json_object_get(record->body, "receipts");

    for (size_t i = 0; i < json_array_size(kept); i++) {
        const json_t *one = json_array_get(kept, i);

        if (g_strcmp0(json_string_value(json_object_get(one, "receiptId")), id) == 0)
            return one;
    }
    return NULL;
}

/* MS-20: is a receipt with a later customs time applied already? */
static bool
is_earlier(const kn_record *record, const answer *a)
{
    const json_t *kept = json_object_get(record->body, "receipts");

    for (size_t i = 0; i < json_array_size(kept); i++) {
        const json_t *one = json_array_get(kept, i);

        if (!json_is_true(json_object_get(one, "outOfSequence"))
            && json_integer_value(json_object_get(one, "customsMs")) > a->time_ms)
            return true;
    }
    return false;
}

/* Keeps the receipt, ordered by customs time, newest last (CK-O10); equal times in order of arrival. */
static void
keep(kn_context *ctx, kn_record *record, const answer *a, const kn_transition *row)
{
    json_t *kept = json_object_get(record->body, "receipts");
    size_t at = json_array_size(kept);
    json_t *one;
    char arrived[32];

    kn_time_text(kn_context_time(ctx), KN_TIME_WIRE, arrived);
    one = json_pack("{s:s,s:s,s:s*,s:s,s:I,s:s,s:s,s:b}", "receiptId", a->id, "code", a->code,
                    "text", a->text, "customsTime", a->time, "customsMs", (json_int_t)a->time_ms,
                    "arrived", arrived, "row", row->id, "outOfSequence",
                    row->effect == CK_OUT_OF_SEQUENCE || row->on == CK_ON_EARLIER ? 1 : 0);
    while (at > 0
           && json_integer_value(json_object_get(json_array_get(kept, at - 1), "customsMs"))
                  > a->time_ms)
        at--;
    (void)json_array_insert_new(kept, at, one);
}

static json_t *
answer_body(const answer *a, const kn_transition *row)
{
    bool late = row->effect == CK_OUT_OF_SEQUENCE || row->on == CK_ON_EARLIER;

    return json_pack("{s:{s:s,s:s,s:s*,s:s,s:b}}", "CustomsReceipt", "receiptId", a->id, "code",
                     a->code, "text", a->text, "customsTime", a->time, "outOfSequence",
                     late ? 1 : 0);
}

/* The row that applies: its own; else, if customs itself said something later already, "earlier". */
static const kn_transition *
apply(kn_decision *out, kn_record *record, const answer *a, const char *actor)
{
    const kn_transition *row = kn_machine_find(&kn_checkpoint_machine, record, a->event, NULL);
    int event = a->event;

    if (is_earlier(record, a) && !(row && row->effect == CK_OUT_OF_SEQUENCE))
        event = CK_ON_EARLIER;
    return kn_fire(out, &kn_checkpoint_machine, record, event, NULL, actor);
}

static kn_step
settle(kn_context *ctx, const kn_msg *msg, kn_decision *out, const kn_record *seen, const answer *a)
{
    kn_record *record = kn_decision_record(out, seen, CK_KIND, seen->key, seen->owner);
    const char *actor = kn_msg_partner(msg);
    const kn_transition *row;

    /* CK-T29: an answer proves that the message arrived; the acknowledgement is only late */
    if (!is_earlier(seen, a)
        && kn_fire(out, &kn_checkpoint_machine, record, CK_ON_ACK_IMPLIED, NULL, actor)) {
        mark_taken(ctx, record);
        kn_checkpoint_notify(ctx, out, record, NULL, NULL);
    }
    row = apply(out, record, a, actor);
    if (!row) {
        kn_decision_alarm(out, "customs answer does not fit the state", CK_KIND, seen->key);
        return kn_checkpoint_wrong_state(ctx, out, seen, KN_E_WRONG_STATE);
    }
    if (row->effect == CK_OUT_OF_SEQUENCE) /* CK-T30 */
        kn_decision_alarm(out, "late customs answer recorded out of sequence", CK_KIND, seen->key);
    kn_checkpoint_end_pending(record, row);
    if (row->from != row->to) /* answered: nothing is overdue any more */
        (void)json_object_del(record->body, "overdue");
    keep(ctx, record, a, row);
    kn_checkpoint_notify(ctx, out, record, a->text, answer_body(a, row));
    kn_checkpoint_reply(ctx, out, record, NULL);
    return KN_DONE;
}

kn_step
kn_checkpoint_customs(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    const kn_record *seen = find(msg, ask, out, "Customs");
    const json_t *known;
    answer a = { .event = -1 };

    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!read_answer(ctx, msg, out, &a))
        return KN_DONE;
    known = find_kept(seen, a.id);
    if (known) {
        if (g_strcmp0(json_string_value(json_object_get(known, "code")), a.code) != 0)
            return park(out, KN_E_CUSTOMS_STALE, "Customs/receiptId", "MS-20", seen->key);
        kn_checkpoint_reply(ctx, out, seen, NULL); /* CK-T28: recorded once, nothing to do */
        return KN_DONE;
    }
    if (json_array_size(json_object_get(seen->body, "receipts")) >= CK_RECEIPTS_MAX)
        return park(out, KN_E_CUSTOMS_STALE, "Customs/receiptId", "MS-20", seen->key);
    return settle(ctx, msg, out, seen, &a);
}
