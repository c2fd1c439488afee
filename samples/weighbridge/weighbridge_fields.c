/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of both weighings.
 * TO ADD ONE: 1. a row here  2. its element in schemas/weighbridge.xsd  3. a case with its id */
#include "weighbridge.h"

static kn_error
plate(const kn_field_scope *scope, const char *value, bool *warning)
{
    (void)scope;
    (void)warning;
    return kn_plate_ok(value) ? KN_E_OK : KN_E_FIELD_FORMAT;
}

static kn_error
within_capacity(const kn_field_scope *scope, const char *value, bool *warning)
{
    const wb_conf *conf = scope->conf;
    int64_t grams = 0;

    (void)warning;
    if (!kn_decimal_read(value, WB_SCALE, &grams) || grams > conf->max_gross_kg * 1000)
        return KN_E_FIELD_RANGE;
    return KN_E_OK;
}

/* clang-format off */
const kn_field wb_gross_fields[] = {
    { .id = "WB-F01", .name = "scale", .label = "地磅编号",
      .need = KN_MUST, .type = KN_F_CODE, .list = "wb_scale" },
    { .id = "WB-F02", .name = "plate", .label = "车牌号",
      .need = KN_MUST, .type = KN_F_TEXT, .max = 16, .check = plate },
    { .id = "WB-F03", .name = "cargo", .label = "货物种类",
      .need = KN_MUST, .type = KN_F_CODE, .list = "wb_cargo" },
    { .id = "WB-F04", .name = "gross", .label = "重车重量",
      .need = KN_MUST, .type = KN_F_DECIMAL, .min = 1, .max = 10, .scale = WB_SCALE, .check = within_capacity },
    { .id = "WB-F05", .name = "declaredNet", .label = "申报净重",
      .need = KN_MAY, .type = KN_F_DECIMAL, .min = 1, .max = 10, .scale = WB_SCALE },
    { .id = "WB-F06", .name = "remark", .label = "备注",
      .need = KN_MAY, .type = KN_F_TEXT, .max = 200 },
    { .id = NULL },
};

const kn_field wb_tare_fields[] = {
    { .id = "WB-F11", .name = "ticketNo", .label = "磅单号",
      .need = KN_MUST, .type = KN_F_ALNUM, .min = 20, .max = 20 },
    { .id = "WB-F12", .name = "scale", .label = "地磅编号",
      .need = KN_MUST, .type = KN_F_CODE, .list = "wb_scale" },
    { .id = "WB-F13", .name = "plate", .label = "车牌号",
      .need = KN_MUST, .type = KN_F_TEXT, .max = 16, .check = plate },
    { .id = "WB-F14", .name = "tare", .label = "空车重量",
      .need = KN_MUST, .type = KN_F_DECIMAL, .min = 1, .max = 10, .scale = WB_SCALE, .check = within_capacity },
    { .id = NULL },
};
/* clang-format on */
