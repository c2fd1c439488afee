/* SPDX-License-Identifier: Apache-2.0 */
/* admit_shell: a message in a shell.  Each shell is a document of its own and goes through all rules
 * before what it holds is opened. */
#include "lane/admit_priv.h"
#include "lane/lane_priv.h"

#include <kouan/handler.h>
#include <string.h>

/* The business message of a shell: signed by a card, or taken unsigned where the portal's entry and the
 * type allow it; its identity is then the digest we compute. */
static bool
prove_inner(kn_lane *lane, kn_item *item, xmlDoc *doc, const kn_certificate **cert, GError **err)
{
    kn_shape shape = { 0 };
    bool ok;

    if (kn_xml_has_signature(doc)) {
        ok = kn_admit_prove(lane, item, KN_ROLE_CARD, doc, &shape, cert, err);
        if (ok)
            kn_admit_digest(item, shape.digest, shape.digest_len);
        kn_shape_clear(&shape);
        return ok;
    }
    char text[64];

    if (!kn_xml_digest(lane->xml, doc, KN_ALG_RSA_SHA256, text, err))
        return false;
    size_t len;
    g_autofree uint8_t *digest = g_base64_decode(text, &len);

    kn_admit_digest(item, digest, len);
    return true;
}

static bool
check_receiver(const kn_item *item, size_t i, GError **err)
{
    const char *id = item->shell.receivers[i];
    const kn_partner *p = kn_partners_find(item->set->partners, id);

    if (!p || !p->active)
        return kn_fail(err, KN_E_RECEIVER_UNKNOWN, "ReceiverId “%.16s” is %s", id,
                       p ? "not active" : "not a partner");
    return kn_partner_may_address(item->partner, id, err);
}

/* B2: every receiver is one and may be addressed.  Without the engine among them the message is none of
 * ours: what is not processed here is not passed on either. */
static bool
check_receivers(const kn_lane *lane, kn_item *item, GError **err)
{
    const char *own = lane->engine->config->id;
    const kn_dxp *shell = &item->shell;
    bool here = false;

    for (size_t i = 0; i < shell->n_receivers; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(shell->receivers[i], shell->receivers[k]) == 0)
                return kn_fail(err, KN_E_SHELL_BAD, "ReceiverId “%.16s” stands there twice",
                               shell->receivers[i]);
    for (size_t i = 0; i < shell->n_receivers; i++)
        here |= strcmp(shell->receivers[i], own) == 0;
    if (!here)
        return kn_fail(err, KN_E_RECEIVER_UNKNOWN, "no ReceiverId is %s", own);
    for (size_t i = 0; i < shell->n_receivers; i++)
        if (strcmp(shell->receivers[i], own) != 0 && !check_receiver(item, i, err))
            return false;
    return true;
}

/* TransInfo as it stands there, for an answer that tells it back (DxpRep); acted on is only what is proven. */
static void
note_head(kn_item *item, const xmlDoc *doc)
{
    int64_t ms;

    if (item->partner->receipt_transport == KN_TRANSPORT_OFF
        || !kn_dxp_head(kn_dxp_msg(doc), &item->head))
        return;
    if (!kn_time_parse(item->head.create_time, &ms))
        kn_dxp_clear(&item->head);
}

/* A transport-node shell is opened only for those whose entry says so. */
static bool
check_form(const kn_item *item, const xmlDoc *doc, GError **err)
{
    return item->partner->dxp_sv || !kn_dxp_is_sv(doc)
           || kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s may not send DxpMsgSv ([partner] dxp_sv)",
                      item->partner->id);
}

static bool
open_shell(kn_lane *lane, kn_item *item, xmlDoc *doc, GError **err)
{
    kn_shape shape = { 0 };
    const kn_certificate *cert = NULL;
    kn_dxp dxp = { 0 };
    bool ok = kn_admit_prove(lane, item, KN_ROLE_PARTNER, doc, &shape, &cert, err)
              && kn_xml_validate(lane->xml, doc, lane->engine->shell_schema, err)
              && check_form(item, doc, err) && kn_dxp_open(doc, &dxp, err);

    kn_shape_clear(&shape);
    if (!ok)
        return false;
    item->shell = dxp;
    item->in_shell = true;
    if (!kn_partner_is_sender(item->partner, dxp.sender))
        return kn_fail(err, KN_E_SENDER_MISMATCH, "TransInfo/SenderId is “%.16s”, signed by %s",
                       dxp.sender, item->partner->id);
    return check_receivers(lane, item, err);
}

bool
kn_admit_shell(kn_lane *lane, kn_item *item, xmlDoc *shell, GError **err)
{
    g_autoptr(xmlDoc) doc = NULL;
    const kn_certificate *cert = NULL;
    int64_t mark = 0;
    bool ok;

    kn_lane_sampled(lane, KN_STAGE_COUNT, &mark);
    note_head(item, shell);
    ok = open_shell(lane, item, shell, err);
    kn_lane_sampled(lane, KN_STAGE_PROVE, &mark);
    if (!ok)
        return false;
    ok = kn_xml_open(lane->xml, (const char *)item->shell.data->data, item->shell.data->len,
                     item->partner->gb18030, &doc, err);
    kn_lane_sampled(lane, KN_STAGE_OPEN, &mark);
    if (!ok)
        return false;
    kn_admit_note(item, doc);
    if (strcmp(item->type, item->shell.msg_type) != 0)
        return kn_fail(err, KN_E_SHELL_BAD, "MsgType is “%.30s”, Data holds “%.64s”",
                       item->shell.msg_type, item->type);
    ok = kn_admit_root(lane, item, doc, err) && prove_inner(lane, item, doc, &cert, err);
    kn_lane_sampled(lane, KN_STAGE_PROVE, &mark);
    return ok && kn_admit_check(lane, item, &doc, cert, err);
}
