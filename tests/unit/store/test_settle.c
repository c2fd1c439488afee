/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

static void
settle_writes_every_column(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;
    kn_position p = { 0 };
    g_autoptr(kit_batch) b = NULL;
    bool in_doubt = true;

    kit_take(k, 0, &p);
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "100000000000000001", 1, 2);
    kit_batch_add(b, k, "B", "100000000000000002", 1, 1);
    (void)json_object_set_new(b->position.serial, "dataCenterNo", json_integer(2));
    b->position.relayed = 101;
    b->position.relayed_day = KIT_DAY;
    g_array_index(b->batch.records, kn_store_write, 1).due_ms = KIT_AT;
    if (!kit_settle(k, &p, b, &in_doubt, &err))
        fail_msg("%s", err->message);
    assert_false(in_doubt);

    kit_expect(k, "SELECT string_agg(i::text, ' ' ORDER BY msgid) FROM inbox i",
               "(PORTAL,A,\"\\\\x0102030000000000000000000000000000000000000000000000000000000000\",2026-11-22,1,0,100)"
               " (PORTAL,B,\"\\\\x0102030000000000000000000000000000000000000000000000000000000000\",2026-11-22,1,0,101)");
    kit_expect(k, "SELECT concat_ws('|', kind, key, owner, state, version, body, due, topic, part, off) FROM record"
                  " WHERE key = '100000000000000002'",
               "checkpoint|100000000000000002|D2143569X|STAGED|1|"
               "{\"note\": \"口岸\", \"tripNo\": \"202611IC00000000001\"}|2026-11-22 12:00:00.123+00|1|0|101");
    kit_expect(k, "SELECT concat_ws('|', topic, part, seq, off, kind, key, version, coalesce(state_from, '-'), state_to,"
                  " event, \"row\", actor, at, substr(chain, 32)) FROM history WHERE seq = 1",
               "1|0|1|100|checkpoint|100000000000000001|1|-|STAGED|STAGE|CK-T01|operator|"
               "2026-11-22 12:00:00.123+00|\\x01");
    kit_expect(k, "SELECT concat_ws('|', day, topic, part, off, idx, dest, convert_from(key, 'UTF8'), header, dict,"
                  " substr(payload, 1, 4), substr(digest, 32), at, coalesce(verdict, '-'), rules, coalesce(reads::text, '-'))"
                  " FROM message WHERE off = 100 AND idx = 2",
               "2026-11-22|1|0|100|2|2|D2143569X|{\"z\":\"1\", \"kid\":\"a-0-1-1\"}|0|\\x28b52ffd|\\xd2|"
               "2026-11-22 12:00:00.123+00|-|1|-");
    kit_expect(k, "SELECT concat_ws('|', coalesce(dest, -1), coalesce(header::text, '-'), verdict, reads) FROM message"
                  " WHERE off = 101 AND idx = 0", "-1|-|DONE|[]");
    kit_expect(k, "SELECT concat_ws('|', next_off, epoch, owner, relayed, relayed_day, coalesce(reapply_to, -1), clock,"
                  " rules, seq, substr(chain, 32), serial, last_off, substr(last_hash, 32), coalesce(suspect, -1), tries)"
                  " FROM position WHERE part = 0",
               "102|1|engine-1|101|2026-11-22|-1|2026-11-22 12:00:00.123+00|1|2|\\xcc|{\"dataCenterNo\": 2}|101|\\x1a|-1|0");
    kit_expect(k, "SELECT count(*) FROM message", "5");
    kit_expect(k, "SELECT trip_no || note FROM checkpoint_declaration WHERE data_center_no = '100000000000000001'",
               "202611IC00000000001口岸");
    kn_position_clear(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(settle_writes_every_column),
    };

    return kit_main(tests);
}
