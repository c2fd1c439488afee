/* SPDX-License-Identifier: Apache-2.0 */
/* States and transitions of a ticket.
 * TO ADD ONE: 1. the word in weighbridge.h  2. a row here  3. a case with its id */
#include "weighbridge.h"

static bool
within(const kn_record *record, const void *arg)
{
    const wb_weighed *w = arg;

    (void)record;
    return w->declared == 0 || ABS(w->net - w->declared) <= w->tolerance;
}

/* clang-format off */
static const kn_state states[] = {
    { WB_NONE,   "W00", "NONE",   "未过磅",   0,    false },
    { WB_HALF,   "W01", "HALF",   "已称重车", 5101, false },
    { WB_CLOSED, "W02", "CLOSED", "过磅完成", 5102, true },
    { WB_REVIEW, "W03", "REVIEW", "待复核",   5103, false },
    { .code = NULL },
};

static const kn_event events[] = {
    { WB_ON_GROSS, "WB.GROSS" },
    { WB_ON_TARE, "WB.TARE" },
    { .name = NULL },
};

static const kn_transition rows[] = {
    { .id = "WB-M01", .from = WB_NONE,   .on = WB_ON_GROSS, .to = WB_HALF },
    { .id = "WB-M02", .from = WB_HALF,   .on = WB_ON_TARE,  .to = WB_CLOSED,
      .guard = within, .guard_name = "as declared" },
    { .id = "WB-M03", .from = WB_HALF,   .on = WB_ON_TARE,  .to = WB_REVIEW },
    { .id = "WB-M04", .from = WB_REVIEW, .on = WB_ON_TARE,  .to = WB_CLOSED,
      .guard = within, .guard_name = "as declared" },
    { .id = "WB-M05", .from = WB_REVIEW, .on = WB_ON_TARE,  .to = WB_REVIEW },
    { .id = NULL },
};
/* clang-format on */

const kn_machine wb_machine = {
    .name = "weighbridge",
    .kind = WB_KIND,
    .states = states,
    .events = events,
    .rows = rows,
    .initial = WB_NONE,
};
