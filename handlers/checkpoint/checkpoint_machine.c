/* SPDX-License-Identifier: Apache-2.0 */
/* States and transitions of a checkpoint document (REQUIREMENTS §11.5, §11.6).
 * TO ADD ONE: 1. the word in checkpoint.h  2. a row here  3. a case in tests/cases/checkpoint with its id */
#include "checkpoint.h"

/* What is running (CK-S03). */
static bool
is_new(const kn_record *record, const void *arg)
{
    (void)arg;
    return kn_checkpoint_pending(record) == CK_PENDING_NEW;
}

static bool
is_change(const kn_record *record, const void *arg)
{
    (void)arg;
    return kn_checkpoint_pending(record) == CK_PENDING_CHANGE;
}

static bool
is_cancel(const kn_record *record, const void *arg)
{
    (void)arg;
    return kn_checkpoint_pending(record) == CK_PENDING_CANCEL;
}

/* A cancellation carries no data that could be edited (CK-O06). */
static bool
is_editable(const kn_record *record, const void *arg)
{
    return !is_cancel(record, arg);
}

static bool
is_again(const kn_record *record, const void *arg)
{
    return !is_new(record, arg);
}

/* clang-format off */
static const kn_state states[] = {
    /* labels of the query list; those of the header list stand in checkpoint_receipt.c.
     * Statuses from 4000 are our own: the public scale has no number for them. */
    { CK_UNSAVED,            "S00", "UNSAVED",            "未暂存",       0,    false },
    { CK_STAGED,             "S01", "STAGED",             "暂存",         1,    false },
    { CK_DECLARED,           "S02", "DECLARED",           "申报",         2,    false },
    { CK_SENT,               "S03", "SENT",               "发往内网成功", 3,    false },
    { CK_SEND_FAILED,        "S04", "SEND_FAILED",        "发往内网失败", 4,    false },
    { CK_APPROVED,           "S05", "APPROVED",           "海关审核通过", 120,  false },
    { CK_REJECTED,           "S06", "REJECTED",           "退单",         100,  false },
    { CK_CONCLUDED,          "S07", "CONCLUDED",          "已办结",       899,  true },
    { CK_LOCKED,             "S08", "LOCKED",             "已锁定",       4008, false },
    { CK_UNLOCKED,           "S09", "UNLOCKED",           "解除锁定",     4009, false },
    { CK_MANUALLY_CONCLUDED, "S10", "MANUALLY_CONCLUDED", "人工办结",     899,  true },
    { CK_LEFT_PORT,          "S11", "LEFT_PORT",          "已口岸离场",   4011, true },
    { CK_CANCELLED,          "S12", "CANCELLED",          "已删单",       4012, true },
    { CK_REMOVED,            "S99", "REMOVED",            "已删除",       4099, true },
    { .code = NULL },
};

static const kn_event events[] = {
    { CK_ON_STAGE, "CK.STAGE" },     { CK_ON_DECLARE, "CK.DECLARE" },         { CK_ON_DELETE, "CK.DELETE" },
    { CK_ON_CHANGE, "CK.CHANGE.STAGE" }, { CK_ON_CHANGE_DECLARE, "CK.CHANGE.DECLARE" }, { CK_ON_CANCEL, "CK.CANCEL" },
    { CK_ON_ACK, "INTRANET_OK" },    { CK_ON_ACK_REFUSED, "INTRANET_FAILED" },
    { CK_ON_ACK_IMPLIED, "INTRANET_IMPLIED" },
    { CK_ON_10, "CUSTOMS_10" },      { CK_ON_20, "CUSTOMS_20" },              { CK_ON_40, "CUSTOMS_40" },
    { CK_ON_41, "CUSTOMS_41" },      { CK_ON_42, "CUSTOMS_42" },              { CK_ON_43, "CUSTOMS_43" },
    { CK_ON_50, "CUSTOMS_50" },      { CK_ON_NOTICE, "CUSTOMS_NOTICE" },      { CK_ON_DUPLICATE, "CUSTOMS_DUPLICATE" },
    { CK_ON_EARLIER, "CUSTOMS_EARLIER" },
    { CK_ON_RETRY, "TIMER_RETRY" },  { CK_ON_SILENCE, "TIMER_SILENCE" },     { CK_ON_OVERDUE, "TIMER_OVERDUE" },
    { .name = NULL },
};

#define ROW(i, f, o, t) { .id = (i), .from = (f), .on = (o), .to = (t) }
#define ROW_NEW(i, f, o, t) \
    { .id = (i), .from = (f), .on = (o), .to = (t), .guard = is_new, .guard_name = "pending 新增" }
#define ROW_IF(i, f, o, t, g, n, e) \
    { .id = (i), .from = (f), .on = (o), .to = (t), .guard = (g), .guard_name = (n), .effect = (e) }
#define LATE(s, o) { .id = "CK-T30", .from = (s), .on = (o), .to = (s), .effect = CK_OUT_OF_SEQUENCE }

static const kn_transition rows[] = {
    ROW("CK-T01", CK_UNSAVED, CK_ON_STAGE, CK_STAGED),
    ROW("CK-T02", CK_STAGED, CK_ON_STAGE, CK_STAGED),
    ROW_NEW("CK-T03", CK_STAGED, CK_ON_DELETE, CK_REMOVED),
    ROW_IF("CK-T26", CK_STAGED, CK_ON_DELETE, CK_APPROVED, is_change, "pending 变更", CK_OLD_VERSION),
    ROW_IF("CK-T21", CK_STAGED, CK_ON_DECLARE, CK_DECLARED, is_change, "pending 变更", 0),
    ROW("CK-T04", CK_STAGED, CK_ON_DECLARE, CK_DECLARED),
    ROW("CK-T05", CK_DECLARED, CK_ON_ACK, CK_SENT),
    ROW("CK-T06", CK_DECLARED, CK_ON_ACK_REFUSED, CK_SEND_FAILED),
    ROW_IF("CK-T07", CK_SEND_FAILED, CK_ON_STAGE, CK_STAGED, is_editable, "not pending 删单", 0),
    ROW_IF("CK-T27", CK_SEND_FAILED, CK_ON_DECLARE, CK_DECLARED, is_again, "pending 变更, 删单", 0),
    ROW("CK-T08", CK_SEND_FAILED, CK_ON_DECLARE, CK_DECLARED),
    ROW_NEW("CK-T09", CK_SEND_FAILED, CK_ON_DELETE, CK_REMOVED),
    ROW_IF("CK-T26", CK_SEND_FAILED, CK_ON_DELETE, CK_APPROVED, is_change, "pending 变更", CK_OLD_VERSION),
    ROW_IF("CK-T22", CK_SENT, CK_ON_10, CK_APPROVED, is_change, "pending 变更", CK_NEW_VERSION),
    ROW_IF("CK-T24", CK_SENT, CK_ON_10, CK_CANCELLED, is_cancel, "pending 删单", CK_NEW_VERSION),
    ROW("CK-T10", CK_SENT, CK_ON_10, CK_APPROVED),
    ROW_IF("CK-T23", CK_SENT, CK_ON_20, CK_APPROVED, is_change, "pending 变更", CK_OLD_VERSION),
    ROW_IF("CK-T25", CK_SENT, CK_ON_20, CK_APPROVED, is_cancel, "pending 删单", CK_OLD_VERSION),
    ROW_NEW("CK-T11", CK_SENT, CK_ON_20, CK_REJECTED),
    ROW_NEW("CK-T11", CK_APPROVED, CK_ON_20, CK_REJECTED),
    ROW("CK-T12", CK_REJECTED, CK_ON_STAGE, CK_STAGED),
    ROW("CK-T13", CK_REJECTED, CK_ON_DELETE, CK_REMOVED),
    ROW("CK-T14", CK_APPROVED, CK_ON_40, CK_CONCLUDED),
    ROW("CK-T14", CK_UNLOCKED, CK_ON_40, CK_CONCLUDED),
    ROW("CK-T15", CK_APPROVED, CK_ON_41, CK_LOCKED),
    ROW("CK-T15", CK_UNLOCKED, CK_ON_41, CK_LOCKED),
    ROW("CK-T16", CK_LOCKED, CK_ON_42, CK_UNLOCKED),
    ROW("CK-T17", CK_APPROVED, CK_ON_43, CK_MANUALLY_CONCLUDED),
    ROW("CK-T17", CK_LOCKED, CK_ON_43, CK_MANUALLY_CONCLUDED),
    ROW("CK-T17", CK_UNLOCKED, CK_ON_43, CK_MANUALLY_CONCLUDED),
    ROW("CK-T18", CK_APPROVED, CK_ON_50, CK_LEFT_PORT),
    ROW("CK-T18", CK_CONCLUDED, CK_ON_50, CK_LEFT_PORT),
    ROW("CK-T18", CK_UNLOCKED, CK_ON_50, CK_LEFT_PORT),
    ROW("CK-T18", CK_MANUALLY_CONCLUDED, CK_ON_50, CK_LEFT_PORT),
    ROW("CK-T19", CK_APPROVED, CK_ON_CANCEL, CK_DECLARED),
    ROW("CK-T20", CK_APPROVED, CK_ON_CHANGE, CK_STAGED),
    ROW("CK-T20", CK_UNLOCKED, CK_ON_CHANGE, CK_STAGED),
    ROW("CK-T21", CK_APPROVED, CK_ON_CHANGE_DECLARE, CK_DECLARED),
    ROW("CK-T21", CK_UNLOCKED, CK_ON_CHANGE_DECLARE, CK_DECLARED),
    ROW("CK-T28", KN_ANY_STATE, CK_ON_DUPLICATE, KN_ANY_STATE),
    ROW("CK-T29", CK_DECLARED, CK_ON_ACK_IMPLIED, CK_SENT),
    LATE(CK_CONCLUDED, CK_ON_10), LATE(CK_CONCLUDED, CK_ON_20),
    LATE(CK_CONCLUDED, CK_ON_41), LATE(CK_CONCLUDED, CK_ON_42),
    LATE(CK_MANUALLY_CONCLUDED, CK_ON_10), LATE(CK_MANUALLY_CONCLUDED, CK_ON_20),
    LATE(CK_MANUALLY_CONCLUDED, CK_ON_41), LATE(CK_MANUALLY_CONCLUDED, CK_ON_42),
    LATE(CK_LEFT_PORT, CK_ON_10), LATE(CK_LEFT_PORT, CK_ON_20),
    LATE(CK_LEFT_PORT, CK_ON_41), LATE(CK_LEFT_PORT, CK_ON_42),
    LATE(CK_CANCELLED, CK_ON_10), LATE(CK_CANCELLED, CK_ON_20),
    LATE(CK_CANCELLED, CK_ON_41), LATE(CK_CANCELLED, CK_ON_42),
    ROW("CK-T31", CK_SENT, CK_ON_OVERDUE, CK_SENT),
    /* CK-T32 is the absence of a row */
    ROW("CK-S02", CK_SENT, CK_ON_NOTICE, CK_SENT),
    ROW("MS-20", KN_ANY_STATE, CK_ON_EARLIER, KN_ANY_STATE),
    ROW("MS-40", CK_SEND_FAILED, CK_ON_ACK, CK_SENT),
    ROW("MS-40", CK_DECLARED, CK_ON_RETRY, CK_DECLARED),
    ROW("CK-T06", CK_DECLARED, CK_ON_SILENCE, CK_SEND_FAILED),
    { .id = NULL },
};
/* clang-format on */

const kn_machine kn_checkpoint_machine = {
    .name = "checkpoint",
    .kind = CK_KIND,
    .states = states,
    .events = events,
    .rows = rows,
    .initial = CK_UNSAVED,
};
