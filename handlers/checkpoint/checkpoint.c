/* SPDX-License-Identifier: Apache-2.0 */
/* 智能卡口散杂货 smart checkpoint, bulk cargo: document types, options, the way in. */
#include "checkpoint.h"

#include <string.h>

/* clang-format off */
static const kn_doctype doctypes[] = {
    { "CKStageMessage",    CK_NS, "CK.STAGE",    "checkpoint.xsd", CK_STAGE,    KN_BY_PARTNER, false },
    { "CKDeclareMessage",  CK_NS, "CK.DECLARE",  "checkpoint.xsd", CK_DECLARE,  KN_BY_PARTNER, true },
    { "CKDeleteMessage",   CK_NS, "CK.DELETE",   "checkpoint.xsd", CK_DELETE,   KN_BY_PARTNER, false },
    { "CKChangeStageMessage", CK_NS, "CK.CHANGE.STAGE", "checkpoint.xsd", CK_CHANGE_STAGE, KN_BY_PARTNER, false },
    { "CKChangeDeclareMessage", CK_NS, "CK.CHANGE.DECLARE", "checkpoint.xsd", CK_CHANGE_DECLARE, KN_BY_PARTNER, true },
    { "CKCancelMessage",   CK_NS, "CK.CANCEL",   "checkpoint.xsd", CK_CANCEL,   KN_BY_PARTNER, true },
    { "CKViewMessage",     CK_NS, "CK.VIEW",     "checkpoint.xsd", CK_VIEW,     KN_BY_PARTNER, false },
    { "CKReceiptsMessage", CK_NS, "CK.RECEIPTS", "checkpoint.xsd", CK_RECEIPTS, KN_BY_PARTNER, false },
    { "CKAckMessage",      CK_NS, "CK.ACK",      "checkpoint.xsd", CK_ACK,      KN_BY_CUSTOMS, false },
    { "CKCustomsMessage",  CK_NS, "CK.CUSTOMS",  "checkpoint.xsd", CK_CUSTOMS,  KN_BY_CUSTOMS, false },
    { .root = NULL },
};

#define AT(m) .offset = offsetof(ck_conf, m)

static const kn_option options[] = {
    { .key = "ck.min_body_rows", .type = KN_OPT_INT, .def = "1", .min = 0, .max = CK_ROWS_MAX,
      AT(min_body_rows), .help = "body rows a declaration needs; staging needs none", .source = "CFG-14, §11.3" },
    { .key = "ck.empty_second_container", .type = KN_OPT_ENUM, .def = "required", .choices = "required|optional",
      AT(empty_second_container), .help = "second container number of an empty-container row",
      .source = "CFG-14, CK-B10, X-12" },
    { .key = "ck.voyage_air", .type = KN_OPT_ENUM, .def = "required", .choices = "required|optional",
      AT(voyage_air), .help = "voyage or batch number (the flight) of a row by air",
      .source = "CFG-14, CK-B05, X-13" },
    { .key = "ck.transport_modes", .type = KN_OPT_LIST, .def = "2,4,5",
      AT(transport_modes), .help = "modes of transport taken, codes of list ck_trans",
      .source = "CFG-14, CK-H12, X-38" },
    { .key = "ck.allow_duplicate_object", .type = KN_OPT_BOOL, .def = "false",
      AT(allow_duplicate_object), .help = "the same bound object may stand twice in one document",
      .source = "CFG-14, CK-V04" },
    { .key = "ck.declare_unsaved", .type = KN_OPT_BOOL, .def = "true",
      AT(declare_unsaved), .help = "a document never staged may be staged and declared by one message",
      .source = "CFG-14, CK-O04" },
    { .key = "ck.plate_check", .type = KN_OPT_ENUM, .def = "warn", .choices = "off|warn|strict",
      AT(plate_check), .help = "pattern of number plates", .source = "CFG-15, CK-H10" },
    { .key = "ck.container_check", .type = KN_OPT_ENUM, .def = "strict", .choices = "off|warn|strict",
      AT(container_check), .help = "check digit of container numbers", .source = "CFG-15, CK-B03, CK-B09" },
    { .key = "ck.unbound_operator", .type = KN_OPT_ENUM, .def = "stage_only", .choices = "stage_only|reject",
      AT(unbound_operator), .help = "an operator without a card may stage and read, or nothing",
      .source = "CFG-14, CK-03, X-10" },
    { .key = "ck.actions", .type = KN_OPT_LIST, .def = "",
      AT(actions), .help = "other actions for a state, e.g. S06=VIEW+EDIT+RECEIPTS; states not named keep the table's",
      .source = "CFG-14, CK-A20, X-09, X-39" },
    { .key = "ck.notice_codes", .type = KN_OPT_LIST, .def = "",
      AT(notice_codes), .help = "customs codes that are recorded and move nothing (海关接收通知)",
      .source = "CK-S02, X-08" },
    { .key = "ck.customs_timeout_hours", .type = KN_OPT_INT, .def = "24", .min = 0, .max = 8760,
      AT(customs_timeout_hours), .help = "an answer of customs is overdue after so long (flag, alarm); 0 = never",
      .source = "CFG-14, CK-T31" },
    { .key = "intranet.retry", .type = KN_OPT_INT, .def = "5", .min = 0, .max = 20,
      AT(retry), .help = "times a declaration without acknowledgement is sent again before 发往内网失败; 0 = waits for ever",
      .source = "CFG-20, MS-40" },
    { .key = "intranet.retry_first_seconds", .type = KN_OPT_INT, .def = "5", .min = 1, .max = 86400,
      AT(retry_first_s), .help = "first wait for the acknowledgement; each further one is three times as long",
      .source = "MS-40" },
    { .key = "intranet.retry_last_seconds", .type = KN_OPT_INT, .def = "60", .min = 1, .max = 86400,
      AT(retry_last_s), .help = "longest wait", .source = "MS-40" },
    { .key = "msg.fullwidth", .type = KN_OPT_ENUM, .def = "reject", .choices = "reject|convert",
      AT(fullwidth), .help = "full-width digits and letters in code fields", .source = "CFG-17, CM-34" },
    { .key = "msg.grey_field_policy", .type = KN_OPT_ENUM, .def = "ignore", .choices = "ignore|reject",
      AT(grey), .help = "a value sent in a field that the engine fills", .source = "CFG-17, CM-31" },
    { .key = NULL },
};

static const kn_fieldset fieldsets[] = {
    { "表头 header (CK-H01..H18), element Declaration", kn_checkpoint_header },
    { "表体 body (CK-B00..B13), element Declaration/Rows/Row", kn_checkpoint_row },
    { .rows = NULL },
};
/* clang-format on */

static bool
check_conf(const void *conf_in, const kn_codes *codes, GError **err)
{
    const ck_conf *conf = conf_in;

    if (!conf->transport_modes[0])
        return kn_fail(err, KN_E_CONFIG, "ck.transport_modes: no mode of transport");
    for (size_t i = 0; conf->transport_modes[i]; i++)
        if (!kn_codes_name(codes, "ck_trans", conf->transport_modes[i]))
            return kn_fail(err, KN_E_CONFIG, "ck.transport_modes: list ck_trans has no code “%s”",
                           conf->transport_modes[i]);
    if (conf->retry_first_s > conf->retry_last_s)
        return kn_fail(err, KN_E_CONFIG,
                       "intranet.retry_first_seconds is above intranet.retry_last_seconds");
    for (size_t i = 0; conf->notice_codes && conf->notice_codes[i]; i++)
        if (kn_codes_name(codes, "ck_customs", conf->notice_codes[i]))
            return kn_fail(err, KN_E_CONFIG,
                           "ck.notice_codes: “%s” is an answer that moves a state",
                           conf->notice_codes[i]);
    return kn_checkpoint_actions_check(conf, err);
}

static kn_step
decide(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    static kn_step (*const operations[])(kn_context *, const kn_msg *, kn_ask *, kn_decision *) = {
        [CK_STAGE] = kn_checkpoint_stage,
        [CK_DECLARE] = kn_checkpoint_declare,
        [CK_DELETE] = kn_checkpoint_delete,
        [CK_VIEW] = kn_checkpoint_view,
        [CK_RECEIPTS] = kn_checkpoint_receipts,
        [CK_ACK] = kn_checkpoint_ack,
        [CK_CUSTOMS] = kn_checkpoint_customs,
        [CK_CANCEL] = kn_checkpoint_cancel,
        [CK_CHANGE_STAGE] = kn_checkpoint_change_stage,
        [CK_CHANGE_DECLARE] = kn_checkpoint_change_declare,
    };

    return operations[kn_context_op(ctx)](ctx, msg, ask, out);
}

const kn_handler kn_handler_checkpoint = {
    .abi = KN_HANDLER_ABI,
    .name = "checkpoint",
    .doctypes = doctypes,
    .machine = &kn_checkpoint_machine,
    .fieldsets = fieldsets,
    .options = options,
    .conf_size = sizeof(ck_conf),
    .check = check_conf,
    .decide = decide,
    .timer = kn_checkpoint_timer,
};
