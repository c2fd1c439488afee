/* SPDX-License-Identifier: Apache-2.0 */
/* The message to the customs intranet (CK-O13). */
#include "checkpoint.h"

#include <string.h>

static int
append(const char *bytes, size_t len, void *into)
{
    (void)g_string_append_len(into, bytes, (gssize)len);
    return 0;
}

/* SHA-256 of what is declared: the same content sent again keeps its guid.  A change or cancellation is another order
 * even with the same content. */
static char *
content_digest(const kn_record *record, const json_t *declaration)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (kn_checkpoint_pending(record) != CK_PENDING_NEW)
        g_string_append_printf(text, "%d\n", (int)kn_checkpoint_pending(record));

    (void)json_dump_callback(declaration, append, text, JSON_COMPACT);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}

/* DESIGN §8.7: after a refusal or silence the same content goes out as the same message, so that
 * customs drops it if it came through after all.  Once taken by customs, it is a new message. */
static bool
is_repeat(const json_t *sent, const char *digest)
{
    const char *before = json_string_value(json_object_get(sent, "digest"));

    return before && strcmp(before, digest) == 0 && !json_is_true(json_object_get(sent, "taken"));
}

static void
put_out(kn_decision *out, const kn_record *record, const char *guid, const char *time,
        json_t *declaration)
{
    char op[2] = { (char)('0' + (int)kn_checkpoint_pending(record)), '\0' };

    kn_send_customs(out, "CKSendMessage", CK_NS, "ck", guid, record->owner,
                    json_pack("{s:{s:s,s:s},s:o}", "Order", "pendingOp", op, "declareTime", time,
                              "Declaration", declaration));
}

void
kn_checkpoint_send_again(kn_decision *out, const kn_record *record)
{
    const json_t *sent = json_object_get(record->body, "sent");

    put_out(out, record, json_string_value(json_object_get(sent, "guid")),
            json_string_value(json_object_get(sent, "time")), kn_checkpoint_declaration(record));
}

void
kn_checkpoint_send(kn_context *ctx, kn_decision *out, kn_record *record)
{
    const json_t *sent = json_object_get(record->body, "sent");
    json_t *declaration = kn_checkpoint_declaration(record);
    g_autofree char *digest = content_digest(record, declaration);
    char guid[37];
    char time[32];

    if (is_repeat(sent, digest)) {
        (void)g_strlcpy(guid, json_string_value(json_object_get(sent, "guid")), sizeof guid);
        (void)g_strlcpy(time, json_string_value(json_object_get(sent, "time")), sizeof time);
    } else {
        kn_context_uuid(ctx, "CKSendMessage", guid);
        kn_time_text(kn_context_time(ctx), KN_TIME_WIRE, time);
    }
    (void)json_object_set_new(
        record->body, "sent",
        json_pack("{s:s,s:s,s:s,s:b}", "guid", guid, "digest", digest, "time", time, "taken", 0));
    (void)json_object_set_new(record->body, "declareTime", json_string(time));
    put_out(out, record, guid, time, declaration);
    kn_checkpoint_await_ack(ctx, record);
}
