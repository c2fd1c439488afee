/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a checkpoint document (REQUIREMENTS §11.2, §11.3).
 * TO ADD ONE: 1. a row here  2. its element in schemas/xsd/checkpoint.xsd  3. a case with its id */
#include "checkpoint_whens.h"

/* clang-format off */
const kn_field kn_checkpoint_header[] = {
    { .id = "CK-H01", .name = "dataCenterNo",    .label = "数据中心统一编码", .need = KN_KEY,   .type = KN_F_DIGITS, .min = 18, .max = 18 },
    { .id = "CK-H02", .name = "tripNo",          .label = "车次确认编号",     .need = KN_KEY,   .type = KN_F_ALNUM,  .min = 32, .max = 32 },
    { .id = "CK-H03", .name = "customsCode",     .label = "关区代码",         .need = KN_MUST,  .type = KN_F_CODE,   .list = "customs", .check = kn_checkpoint_district },
    { .id = "CK-H04", .name = "state",           .label = "单证状态",         .need = KN_GIVEN, .type = KN_F_TEXT,   .max = 8 },
    { .id = "CK-H05", .name = "entryTime",       .label = "录入时间",         .need = KN_GIVEN, .type = KN_F_DATE },
    { .id = "CK-H06", .name = "uscc",            .label = "统一社会信用代码", .need = KN_GIVEN, .type = KN_F_ALNUM,  .min = 18, .max = 18 },
    { .id = "CK-H07", .name = "orgCode",         .label = "组织机构代码",     .need = KN_GIVEN, .type = KN_F_ALNUM,  .min = 9, .max = 9 },
    { .id = "CK-H08", .name = "operator",        .label = "操作人员",         .need = KN_GIVEN, .type = KN_F_TEXT,   .max = 32 },
    { .id = "CK-H09", .name = "bindMediumType",  .label = "绑定介质类型",     .need = KN_MUST,  .type = KN_F_CODE,   .list = "ck_medium" },
    { .id = "CK-H10", .name = "bindMediumInfo",  .label = "绑定介质关键信息", .need = KN_WHEN,  .type = KN_F_TEXT,   .max = 64, .when = kn_checkpoint_when_medium, .check = kn_checkpoint_plate },
    { .id = "CK-H11", .name = "businessType",    .label = "业务类型",         .need = KN_MUST,  .type = KN_F_CODE,   .list = "ck_biz" },
    { .id = "CK-H12", .name = "transportMode",   .label = "运输方式",         .need = KN_MUST,  .type = KN_F_CODE,   .list = "ck_trans", .check = kn_checkpoint_mode },
    { .id = "CK-H13", .name = "ieFlag",          .label = "进出口标志",       .need = KN_MUST,  .type = KN_F_CODE,   .list = "ie" },
    { .id = "CK-H14", .name = "passType",        .label = "过卡车辆类型",     .need = KN_MAY,   .type = KN_F_CODE,   .list = "ck_pass" },
    { .id = "CK-H15", .name = "vehicleWeight",   .label = "车辆重量",         .need = KN_MUST,  .type = KN_F_DECIMAL, .max = 14, .scale = 4 },
    { .id = "CK-H16", .name = "trailerWeight",   .label = "挂车重量",         .need = KN_MUST,  .type = KN_F_DECIMAL, .max = 14, .scale = 4 },
    { .id = "CK-H17", .name = "containerWeight", .label = "集装箱重量",       .need = KN_MUST,  .type = KN_F_DECIMAL, .max = 14, .scale = 4 },
    { .id = "CK-H18", .name = "remark",          .label = "备注",             .need = KN_MAY,   .type = KN_F_TEXT,   .max = 1000 },
    { .id = NULL },
};

const kn_field kn_checkpoint_row[] = {
    { .id = "CK-B00", .name = "rowNo",          .label = "序号",                .need = KN_GIVEN, .type = KN_F_DIGITS, .min = 1, .max = 4 },
    { .id = "CK-B01", .name = "direction",      .label = "进出方向",            .need = KN_MAY,   .type = KN_F_CODE,  .list = "ck_direction" },
    { .id = "CK-B02", .name = "bindObjectType", .label = "绑定对象类型",        .need = KN_MUST,  .type = KN_F_CODE,  .list = "ck_object" },
    { .id = "CK-B03", .name = "bindObjectId",   .label = "绑定对象ID",          .need = KN_WHEN,  .type = KN_F_TEXT,  .max = 64, .when = kn_checkpoint_when_object_id, .check = kn_checkpoint_object_id },
    { .id = "CK-B04", .name = "shipName",       .label = "船名",                .need = KN_WHEN,  .type = KN_F_TEXT,  .max = 70, .when = kn_checkpoint_when_ship },
    { .id = "CK-B05", .name = "voyageNo",       .label = "航次/货物运输批次号", .need = KN_WHEN,  .type = KN_F_TEXT,  .max = 32, .when = kn_checkpoint_when_voyage },
    { .id = "CK-B06", .name = "businessType",   .label = "业务类型",            .need = KN_MUST,  .type = KN_F_CODE,  .list = "ck_biz" },
    { .id = "CK-B07", .name = "billType",       .label = "提单类型",            .need = KN_WHEN,  .type = KN_F_CODE,  .list = "ck_bill", .when = kn_checkpoint_when_bill },
    { .id = "CK-B08", .name = "goodsWeight",    .label = "本次提货重量",        .need = KN_WHEN,  .type = KN_F_DECIMAL, .min = 1, .max = 14, .scale = 4, .when = kn_checkpoint_when_bill },
    { .id = "CK-B09", .name = "containerNo1",   .label = "集装箱号1",           .need = KN_WHEN,  .type = KN_F_ALNUM, .min = 11, .max = 11, .when = kn_checkpoint_when_container1, .check = kn_checkpoint_container },
    { .id = "CK-B10", .name = "containerNo2",   .label = "集装箱号2",           .need = KN_WHEN,  .type = KN_F_ALNUM, .min = 11, .max = 11, .when = kn_checkpoint_when_container2, .check = kn_checkpoint_container2 },
    { .id = "CK-B11", .name = "lockNos1",       .label = "安全智能锁号1",       .need = KN_WHEN,  .type = KN_F_TEXT,  .max = 200, .when = kn_checkpoint_when_locks1, .check = kn_checkpoint_locks },
    { .id = "CK-B12", .name = "lockNos2",       .label = "安全智能锁号2",       .need = KN_WHEN,  .type = KN_F_TEXT,  .max = 200, .when = kn_checkpoint_when_locks2, .check = kn_checkpoint_locks },
    { .id = "CK-B13", .name = "remark",         .label = "备注",                .need = KN_MAY,   .type = KN_F_TEXT,  .max = 1000 },
    { .id = NULL },
};
/* clang-format on */
