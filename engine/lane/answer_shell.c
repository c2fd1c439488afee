/* SPDX-License-Identifier: Apache-2.0 */
/* answer_shell: what concerns shells of an answer. */
#include "lane/answer_priv.h"
#include "lane/lane_priv.h"

#include <string.h>

/* Receipt in a shell of our own, when the request came in one. */
bool
kn_answer_wrap(kn_lane *lane, const kn_item *item, const kn_partner *partner, const char *guid,
               const char *type, GString **bytes, GError **err)
{
    kn_dxp dxp = { .cop_msg_id = (char *)(uintptr_t)guid,
                   .sender = lane->engine->config->id,
                   .receivers = { (char *)(uintptr_t)partner->id },
                   .n_receivers = 1,
                   .msg_type = (char *)(uintptr_t)type };
    char when[32];
    g_autoptr(kn_canonical) shell = NULL;
    GString *out = g_string_sized_new((*bytes)->len * 2);
    const kn_signer *signer = partner->receipt_sign == KN_RECEIPT_BOTH
                                  ? kn_answer_signer(lane, partner, err)
                                  : NULL;
    bool ok;

    kn_time_text(item->time_ms, KN_TIME_WIRE, when);
    dxp.create_time = when;
    ok = (signer || partner->receipt_sign != KN_RECEIPT_BOTH)
         && kn_dxp_write(lane->writer, &dxp, (*bytes)->str, (*bytes)->len, &shell, err);
    if (ok && signer)
        ok = kn_answer_sign(lane, signer, shell, out, err);
    else if (ok)
        g_string_append_len(out, shell->text->str, (gssize)shell->text->len);
    if (!ok) {
        (void)g_string_free(out, TRUE);
        return false;
    }
    (void)g_string_free(*bytes, TRUE);
    *bytes = out;
    return kn_answer_encode(partner, out, err);
}

bool
kn_answer_encode(const kn_partner *partner, GString *bytes, GError **err)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"GB18030\"?>\n";
    g_autofree char *text = NULL;
    size_t len = 0;

    if (!partner->receipt_gb18030)
        return true;
    text = g_convert(bytes->str, (gssize)bytes->len, "GB18030", "UTF-8", NULL, &len, NULL);
    if (!text)
        return kn_fail(err, KN_E_ENGINE_ERROR, "an answer for %s cannot be written in GB18030",
                       partner->id);
    g_string_assign(bytes, declaration);
    g_string_append_len(bytes, text, (gssize)len);
    return true;
}

/* --- the answer to a shell ------------------------------------------------------------------------------ */

#define INFO_MAX 300 /* characters */

/* EPORT §4: 0001 to 3999 are about the shell and what is in it; what a handler says of the document is told by
 * its receipt, and the transport was good. */
static const char *
transport_code(const kn_decision *d)
{
    const char *code = kn_decision_row(d)->receipt;

    return d->code != KN_E_OK && strlen(code) == 4 && *code < '4' ? code : "0000";
}

static char *
transport_info(const kn_decision *d, const char *code)
{
    g_autofree char *text = NULL;

    if (strcmp(code, "0000") == 0)
        return NULL;
    text = g_strdup_printf("%s%s%s", kn_decision_row(d)->text, d->detail ? "：" : "",
                           d->detail ? d->detail : "");
    return g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), INFO_MAX));
}

bool
kn_answer_transport(kn_lane *lane, kn_item *item, const kn_decision *d, GError **err)
{
    const kn_partner *to = item->partner;
    const char *code = transport_code(d);
    g_autofree char *info = transport_info(d, code);
    char date[32], guid[37];
    kn_dxp_rep rep = {
        .receiver = to->id, .code = code, .info = info, .date = date, .head = &item->head
    };
    const kn_signer *signer;
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GString) bytes = NULL;

    if (!item->head.cop_msg_id
        || (to->receipt_transport == KN_TRANSPORT_ERRORS && strcmp(code, "0000") == 0))
        return true;
    signer = kn_answer_signer(lane, to, err);
    if (!signer)
        return false;
    bytes = g_string_sized_new(4096);
    kn_time_text(item->time_ms, KN_TIME_DATE, date);
    kn_answer_guid(lane, item, "transport", item->next_idx, guid);
    return kn_dxp_write_rep(lane->writer, &rep, &doc, err)
           && kn_answer_sign(lane, signer, doc, bytes, err) && kn_answer_encode(to, bytes, err)
           && kn_answer_add(lane, item,
                            &(kn_outgoing){ .topic = kn_trust_set_topic(item->set, to),
                                            .key = item->owner,
                                            .guid = guid,
                                            .type = "DxpRep",
                                            .receiver = to->id,
                                            .bytes = bytes,
                                            .ori_guid = item->guid },
                            err);
}

/* --- other receivers ------------------------------------------------------------------------------------- */

/* EPORT §1: more than one ReceiverId, the message is split, one per receiver.  Data goes on byte for byte,
 * so a card's signature in it stays good; the shell round it is ours, with our signature. */
static bool
forward_to(kn_lane *lane, kn_item *item, const char *receiver, GError **err)
{
    const kn_partner *to = kn_partners_find(item->set->partners, receiver);
    const kn_signer *signer = to ? kn_answer_signer(lane, to, err) : NULL;
    char guid[37], when[32];
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GString) bytes = NULL;
    kn_dxp dxp = item->shell;

    if (!signer)
        return to ? false : kn_fail(err, KN_E_ENGINE_ERROR, "no partner entry for %s", receiver);
    kn_answer_guid(lane, item, "forward", item->next_idx, guid);
    kn_time_text(item->time_ms, KN_TIME_WIRE, when);
    dxp.cop_msg_id = guid;
    dxp.sender = lane->engine->config->id;
    dxp.receivers[0] = (char *)(uintptr_t)to->id;
    dxp.n_receivers = 1;
    dxp.create_time = when;
    bytes = g_string_sized_new(item->shell.data->len * 2);
    return kn_dxp_write(lane->writer, &dxp, (const char *)item->shell.data->data,
                        item->shell.data->len, &doc, err)
           && kn_answer_sign(lane, signer, doc, bytes, err)
           && kn_answer_add(lane, item,
                            &(kn_outgoing){ .topic = kn_trust_set_topic(item->set, to),
                                            .key = item->owner,
                                            .guid = guid,
                                            .type = item->shell.msg_type,
                                            .receiver = to->id,
                                            .bytes = bytes,
                                            .ori_guid = item->guid },
                            err);
}

bool
kn_answer_forward(kn_lane *lane, kn_item *item, GError **err)
{
    for (size_t i = 0; item->in_shell && i < item->shell.n_receivers; i++)
        if (strcmp(item->shell.receivers[i], lane->engine->config->id) != 0
            && !forward_to(lane, item, item->shell.receivers[i], err))
            return false;
    return true;
}
