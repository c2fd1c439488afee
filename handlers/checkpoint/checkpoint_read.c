/* SPDX-License-Identifier: Apache-2.0 */
/* 查看 and 查看回执: answers that change nothing (CK-O09, CK-O10, MS-13). */
#include "checkpoint.h"

/* The document a reading message names, or NULL after a refusal or while pending. */
static const kn_record *
find(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out, const char *part)
{
    g_autofree char *field = g_strdup_printf("%s/dataCenterNo", part);
    g_autofree char *trip_path = g_strdup_printf("%s/tripNo", part);
    char key[19];
    ck_who who;
    kn_error code;

    if (!kn_checkpoint_who(ctx, msg, out, &who))
        return NULL;
    code = kn_checkpoint_key_of(msg, part, key);
    if (code != KN_E_OK) {
        (void)kn_refuse(out, code, field, "CK-05", NULL);
        return NULL;
    }
    return kn_checkpoint_own(ctx, ask, out, key, kn_msg_text(msg, trip_path), field);
}

/* Members of from that names lists, as text, in that order; booleans and numbers are left out. */
static void
copy_texts(json_t *into, const json_t *from, const char *const *names)
{
    for (; *names; names++) {
        const char *text = json_string_value(json_object_get(from, *names));

        if (text && *text)
            (void)json_object_set_new(into, *names, json_string(text));
    }
}

kn_step
kn_checkpoint_view(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    static const char *const more[] = { "entryStamp", "declareTime", NULL };
    const kn_record *seen = find(ctx, msg, ask, out, "View");
    const kn_state *state;
    json_t *declaration, *in_force;
    json_t *status;

    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    state = kn_machine_state(&kn_checkpoint_machine, seen->state);
    kn_checkpoint_reply(ctx, out, seen, NULL);
    status = json_pack("{s:s,s:s,s:s}", "state", state->code, "stateLabel", state->label,
                       "headerLabel", kn_checkpoint_header_label(state));
    copy_texts(status, seen->body, more);
    if (kn_checkpoint_pending(seen) != CK_PENDING_NEW) {
        char op[2] = { (char)('0' + (int)kn_checkpoint_pending(seen)), '\0' };

        (void)json_object_set_new(status, "pendingOp", json_string(op));
    }
    declaration = kn_checkpoint_declaration(seen);
    in_force = kn_checkpoint_in_force(seen);
    kn_receipt_body(kn_reply(out), json_pack("{s:o,s:o,s:o*}", "Status", status, "Declaration",
                                             declaration, "InForce", in_force));
    return KN_DONE;
}

kn_step
kn_checkpoint_receipts(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    static const char *const members[] = { "receiptId",   "code",    "text",
                                           "customsTime", "arrived", NULL };
    const kn_record *seen = find(ctx, msg, ask, out, "Receipts");
    const json_t *kept;
    json_t *list;

    if (!seen)
        return kn_ask_pending(ask) ? KN_WAIT : KN_DONE;
    if (!kn_checkpoint_allows(kn_context_conf(ctx), seen, "RECEIPTS"))
        return kn_refuse(out, KN_E_NO_RECEIPTS, NULL, "CK-O10", NULL);
    kept = json_object_get(seen->body, "receipts");
    list = json_array();
    for (size_t i = 0; i < json_array_size(kept); i++) {
        const json_t *one = json_array_get(kept, i);
        json_t *item = json_object();

        copy_texts(item, one, members);
        (void)json_object_set_new(
            item, "outOfSequence",
            json_boolean(json_is_true(json_object_get(one, "outOfSequence"))));
        (void)json_array_append_new(list, item);
    }
    kn_checkpoint_reply(ctx, out, seen, NULL);
    kn_receipt_body(kn_reply(out), json_pack("{s:{s:o}}", "Receipts", "Receipt", list));
    return KN_DONE;
}
