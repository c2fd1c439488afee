/* SPDX-License-Identifier: Apache-2.0 */
/* Views for people: a record's body as the handler writes it comes out under names with a meaning. */
#include "kit.h"

#include <string.h>

/* clang-format off */
#define BODY \
    "{\"dataCenterNo\": \"100000000000000001\", \"tripNo\": \"JJ0G9000000012026071500000000001\"," \
    " \"entryTime\": \"2026-07-15\", \"entryStamp\": \"20260715100000000\", \"uscc\": \"91500000MA00004100\"," \
    " \"orgCode\": \"MA0000410\", \"enterpriseName\": \"试验企业\", \"operator\": \"操作员\", \"customsCode\": \"8001\"," \
    " \"bindMediumType\": \"1\", \"bindMediumInfo\": \"渝A12345\", \"businessType\": \"IC\", \"transportMode\": \"4\"," \
    " \"ieFlag\": \"I\", \"passType\": \"2\", \"vehicleWeight\": \"12.5000\", \"trailerWeight\": \"3\"," \
    " \"containerWeight\": \"0\", \"remark\": \"散货\", \"declareTime\": \"2026-07-15T10:05:00+08:00\"," \
    " \"pendingOp\": 0, \"receipts\": [], \"Rows\": [{\"rowNo\": \"1\", \"remark\": \"表体\"}]}"
#define INSERT(kind, body) \
    "INSERT INTO record (kind, key, owner, state, version, body, topic, part, off) VALUES ('" kind "'," \
    " '100000000000000001', 'MA0000410', 'DECLARED', 3, '" body "', 1, 0, 100)"

static const struct { const char *column, *want; } columns[] = {
    { "data_center_no", "100000000000000001" },
    { "trip_no", "JJ0G9000000012026071500000000001" },
    { "customs_code", "8001" },
    { "state", "DECLARED" },
    { "entry_date", "2026-07-15" },
    { "declare_time", "2026-07-15T10:05:00+08:00" },
    { "credit_code", "91500000MA00004100" },
    { "org_code", "MA0000410" },
    { "enterprise_name", "试验企业" },
    { "operator", "操作员" },
    { "bind_medium_type", "1" },
    { "bind_medium_info", "渝A12345" },
    { "business_type", "IC" },
    { "transport_mode", "4" },
    { "ie_flag", "I" },
    { "pass_type", "2" },
    { "vehicle_weight", "12.5000" },
    { "trailer_weight", "3" },
    { "container_weight", "0" },
    { "remark", "散货" },
    { "version", "3" },
    { "topic", "1" },
    { "part", "0" },
    { "off", "100" },
};
/* clang-format on */

static void
view_shows_every_column(void **state)
{
    kit *k = *state;
    g_autofree char *count = NULL;

    kit_expect(k, INSERT("checkpoint", BODY), "");
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
        g_autofree char *sql = g_strdup_printf("SELECT %s FROM checkpoint_declaration",
                                               columns[i].column);
        g_autofree char *got = kit_ask(k, sql);

        if (strcmp(got, columns[i].want) != 0)
            fail_msg("%s: “%s”, not “%s”", columns[i].column, got, columns[i].want);
    }
    count = kit_ask(k, "SELECT count(*) FROM information_schema.columns"
                       " WHERE table_name = 'checkpoint_declaration'");
    assert_int_equal(g_ascii_strtoll(count, NULL, 10),
                     G_N_ELEMENTS(columns)); /* a new column wants a row above */
}

/* Stored and not declared yet: no time of declaration, no empty text in its place. */
static void
view_keeps_absent_members_null(void **state)
{
    kit *k = *state;

    kit_expect(k, INSERT("checkpoint", "{\"tripNo\": \"T\"}"), "");
    kit_expect(k, "SELECT count(*) FROM checkpoint_declaration WHERE declare_time IS NULL", "1");
    kit_expect(k, "SELECT count(*) FROM checkpoint_declaration WHERE remark IS NULL", "1");
}

static void
view_leaves_other_kinds_out(void **state)
{
    kit *k = *state;

    kit_expect(k, INSERT("trip", BODY), "");
    kit_expect(k, "SELECT count(*) FROM record", "1");
    kit_expect(k, "SELECT count(*) FROM checkpoint_declaration", "0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(view_shows_every_column),
        kit_test(view_keeps_absent_members_null),
        kit_test(view_leaves_other_kinds_out),
    };

    return kit_main(tests);
}
