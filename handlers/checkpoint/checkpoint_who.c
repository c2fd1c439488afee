/* SPDX-License-Identifier: Apache-2.0 */
/* Who speaks.  Facts come from the certificate; what the head or the grey fields say must not
 * contradict them (CM-31).  Accounts will plug in at operator_of(): today the operator is the card
 * that signed, or the session's user name in the portal's signed head. */
#include "checkpoint.h"

#include <string.h>

/* a hyphen in an organisation code is not part of it. */
static bool
same_orgcode(const char *given, const char *fact)
{
    g_auto(GStrv) parts = g_strsplit(given, "-", -1);
    g_autofree char *plain = g_strjoinv("", parts);

    return strcmp(plain, fact) == 0;
}

static void
contradiction(GPtrArray *errors, const char *path, const char *label)
{
    g_autofree char *detail = g_strdup_printf("%s与证书信息不符", label);

    g_ptr_array_add(errors, kn_field_error_new(KN_E_CARD_FACTS, path, "CM-31", detail, false));
}

static bool
given(const char *text)
{
    return text && *text;
}

static bool
uscc_ok(const char *uscc, const char *owner, const kn_card *card)
{
    if (given(card->uscc))
        return strcmp(uscc, card->uscc) == 0;
    return strlen(uscc) != 18 || strlen(owner) != 9 || strncmp(uscc + 8, owner, 9) == 0;
}

static void
check_part(const kn_msg *msg, const char *part, const char *owner, GPtrArray *errors)
{
    const kn_card *card = kn_msg_card(msg);
    g_autofree char *uscc_path = g_strdup_printf("%s/uscc", part);
    g_autofree char *org_path = g_strdup_printf("%s/orgCode", part);
    g_autofree char *name_path = g_strdup_printf("%s/enterpriseName", part);
    const char *uscc = kn_msg_text(msg, uscc_path);
    const char *org = kn_msg_text(msg, org_path);
    const char *name = kn_msg_text(msg, name_path);

    if (given(uscc) && !uscc_ok(uscc, owner, card))
        contradiction(errors, uscc_path, "统一社会信用代码");
    if (given(org) && !same_orgcode(org, owner))
        contradiction(errors, org_path, "组织机构代码");
    if (given(name) && given(card->enterprise) && strcmp(name, card->enterprise) != 0)
        contradiction(errors, name_path, "企业名称");
}

static bool
check_facts(kn_context *ctx, const kn_msg *msg, kn_decision *out)
{
    GPtrArray *errors = kn_decision_errors(out);
    const kn_field_error *first;

    check_part(msg, "Head", kn_context_owner(ctx), errors);
    check_part(msg, "Declaration", kn_context_owner(ctx), errors);
    if (errors->len == 0)
        return true;
    first = errors->pdata[0];
    (void)kn_refuse(out, KN_E_CARD_FACTS, first->path, "CM-31", "%s", first->detail);
    return false;
}

/* CK-04: the card that signed, the card the head names, and a card at all where one is needed. */
static bool
check_card(kn_context *ctx, const kn_msg *msg, kn_decision *out)
{
    const ck_conf *conf = kn_context_conf(ctx);
    const kn_card *card = kn_msg_card(msg);
    const char *named = kn_msg_text(msg, "Head/cardNo");
    bool declaring = kn_context_op(ctx) == CK_DECLARE;

    if (strcmp(card->holder_class, "legal") == 0) {
        (void)kn_refuse(out, KN_E_CARD_CLASS, NULL, "CM-02", NULL);
        return false;
    }
    if (given(card->number) && strlen(card->number) != CK_CARD_LEN) {
        (void)kn_refuse(out, KN_E_CARD_FACTS, "Head/cardNo", "CM-13", "卡号须为%d位", CK_CARD_LEN);
        return false;
    }
    if (given(named) && given(card->number) && strcmp(named, card->number) != 0) {
        /* PR-01; the number in the signed head stands for the bound card until accounts exist */
        (void)kn_refuse(out, KN_E_CARD_MISMATCH, "Head/cardNo", "CK-04",
                        "当前卡号 %s 与用户注册信息卡号 %s 不一致，无法进行申报", card->number,
                        named);
        return false;
    }
    if (declaring && (!card->signed_ || !given(card->number) || !given(named))) {
        (void)kn_refuse(out, KN_E_CARD_REQUIRED, "Head/cardNo", "CK-04", NULL);
        return false;
    }
    if (conf->unbound_operator == 1 && !given(card->number)) {
        (void)kn_refuse(out, KN_E_CARD_REQUIRED, "Head/cardNo", "CK-03", NULL);
        return false;
    }
    return true;
}

/* CK-H08.  The place where accounts will answer instead. */
static bool
operator_of(const kn_msg *msg, kn_decision *out, ck_who *who)
{
    const kn_card *card = kn_msg_card(msg);
    const char *user = kn_msg_text(msg, "Head/userName");

    who->card = given(card->number) ? card->number : NULL;
    who->operator_name = who->card ? who->card : user;
    if (!given(who->operator_name)) {
        (void)kn_refuse(out, KN_E_FIELD_MISSING, "Head/userName", "CK-H08", NULL);
        return false;
    }
    if (g_utf8_strlen(who->operator_name, -1) > 32) {
        (void)kn_refuse(out, KN_E_FIELD_LENGTH, "Head/userName", "CK-H08", NULL);
        return false;
    }
    if (who->card)
        kn_receipt_card_no(kn_reply(out), who->card, card->stated || !card->signed_);
    return true;
}

bool
kn_checkpoint_who(kn_context *ctx, const kn_msg *msg, kn_decision *out, ck_who *who)
{
    if (!given(kn_context_owner(ctx))) {
        (void)kn_refuse(out, KN_E_ENTERPRISE_UNKNOWN, NULL, "CK-05", NULL);
        return false;
    }
    return check_card(ctx, msg, out) && check_facts(ctx, msg, out) && operator_of(msg, out, who);
}
