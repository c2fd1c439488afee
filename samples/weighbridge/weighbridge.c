/* SPDX-License-Identifier: Apache-2.0 */
/* 地磅 weighbridge: a lorry is weighed full, then empty; the difference is what it carried. */
#include "weighbridge.h"

/* clang-format off */
static const kn_doctype doctypes[] = {
    { "WBGrossMessage", WB_NS, "WB.GROSS", "weighbridge.xsd", WB_GROSS, KN_BY_PARTNER, false },
    { "WBTareMessage",  WB_NS, "WB.TARE",  "weighbridge.xsd", WB_TARE,  KN_BY_PARTNER, false },
    { .root = NULL },
};

static const kn_option options[] = {
    { .key = "wb.tolerance_kg", .type = KN_OPT_INT, .def = "200", .min = 0, .max = 10000,
      .offset = offsetof(wb_conf, tolerance_kg),
      .help = "net and declared weight may differ by so much; else a ticket waits for review", .source = "WB-M03" },
    { .key = "wb.max_gross_kg", .type = KN_OPT_INT, .def = "100000", .min = 1000, .max = 1000000,
      .offset = offsetof(wb_conf, max_gross_kg),
      .help = "what the scales can carry", .source = "WB-F04" },
    { .key = NULL },
};

static const kn_fieldset fieldsets[] = {
    { "重车 full (WB-F01..F06), element Gross", wb_gross_fields },
    { "空车 empty (WB-F11..F14), element Tare", wb_tare_fields },
    { .rows = NULL },
};

const kn_error_row wb_refusals[] = {
    [WB_OTHER_VEHICLE] = { "WB_OTHER_VEHICLE", KN_OUTCOME_REFUSE, "5001", "车牌与重车过磅时不一致",
                           "another number plate than at the first weighing" },
    [WB_TARE_NOT_LESS] = { "WB_TARE_NOT_LESS", KN_OUTCOME_REFUSE, "5002", "空车重量大于重车重量",
                           "the empty lorry is heavier than the full one" },
    [WB_SCALE_STUCK]   = { "WB_SCALE_STUCK", KN_OUTCOME_QUARANTINE, "5003", "两次读数相同，疑为地磅故障，待人工处理",
                           "both readings are the same: parked until somebody has looked at the scale" },
    { .name = NULL },
};
/* clang-format on */

static bool
check_conf(const void *conf_in, const kn_codes *codes, GError **err)
{
    const wb_conf *conf = conf_in;

    (void)codes;
    if (conf->tolerance_kg < conf->max_gross_kg)
        return true;
    return kn_fail(err, KN_E_CONFIG, "wb.tolerance_kg: not less than wb.max_gross_kg");
}

static kn_step
decide(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out)
{
    static kn_step (*const operations[])(kn_context *, const kn_msg *, kn_ask *, kn_decision *) = {
        [WB_GROSS] = wb_gross,
        [WB_TARE] = wb_tare,
    };

    return operations[kn_context_op(ctx)](ctx, msg, ask, out);
}

KN_HANDLER_PUBLIC const kn_handler kn_handler_weighbridge = {
    .abi = KN_HANDLER_ABI,
    .name = "weighbridge",
    .doctypes = doctypes,
    .machine = &wb_machine,
    .fieldsets = fieldsets,
    .options = options,
    .refusals = wb_refusals,
    .conf_size = sizeof(wb_conf),
    .check = check_conf,
    .decide = decide,
};
