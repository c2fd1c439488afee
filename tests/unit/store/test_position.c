/* SPDX-License-Identifier: Apache-2.0 */
#include "kit.h"

#include <string.h>

static void
position_provision_gives_slots_once(void **state)
{
    kit *k = *state;
    g_autoptr(GError) err = NULL;

    assert_int_equal(kn_store_topic(k->store, "kouan.in.nowhere"), -1);
    assert_string_equal(kn_store_topic_name(k->store, k->out), "kouan.out.portal");
    assert_null(kn_store_topic_name(k->store, 77));
    kit_expect(k, "SELECT string_agg(slot || ':' || next_off, ' ' ORDER BY part) FROM position",
               "1:100 2:100 3:100 4:100");
    /* A second time nothing moves; a row that was lost comes back with a slot never given before. */
    g_free(kit_ask(k, "UPDATE position SET next_off = 500 WHERE part = 2"));
    g_free(kit_ask(k, "DELETE FROM position WHERE part IN (1, 3)"));
    assert_true(kn_store_provision(k->store, "kouan.in.checkpoint", 5, 7, &err));
    kit_expect(k, "SELECT string_agg(slot || ':' || next_off, ' ' ORDER BY part) FROM position",
               "1:100 5:7 3:500 6:7 7:7");
}

static void
position_provision_refuses(void **state)
{
    kit *k = *state;
    static const struct {
        const char *topic;
        int parts;
        int64_t start;
        kn_error code;
        const char *why;
    } vectors[] = {
        { "", 1, 0, KN_E_USAGE, "no name" },
        { "t", -1, 0, KN_E_USAGE, "negative" },
        { "t", 1001, 0, KN_E_USAGE, "more than there are slots" },
        { "t", 1, -1, KN_E_USAGE, "offset below 0" },
        { "t", 1000, 0, KN_E_STORE_WRONG, "four slots are given already" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;

        if (kn_store_provision(k->store, vectors[i].topic, vectors[i].parts, vectors[i].start, &err)
            || kn_error_code(err) != vectors[i].code)
            fail_msg("%s: %s", vectors[i].why, err ? err->message : "taken");
    }
    kit_expect(k, "SELECT count(*) FROM topic", "2");
    kit_expect(k, "SELECT count(*) FROM slot", "4");
}

static void
position_take_reads_a_fresh_row(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GError) err = NULL;

    kit_take(k, 3, &p);
    assert_int_equal(p.topic, k->topic);
    assert_int_equal(p.part, 3);
    assert_int_equal(p.slot, 4);
    assert_int_equal(p.next_off, 100);
    assert_int_equal(p.relayed, 100);
    assert_int_equal(p.relayed_day, 0);
    assert_int_equal(p.epoch, 1);
    assert_int_equal(p.reapply_to, -1);
    assert_int_equal(p.clock_ms, 0);
    assert_int_equal(p.rules, 1);
    assert_int_equal(p.last_off, -1);
    assert_int_equal(p.suspect, -1);
    assert_true(json_is_object(p.serial));
    assert_false(p.unclean);
    kn_position_clear(&p);

    /* Nobody gave it back to us: that was a death.  Handed over, or taken by the same one again, it was not. */
    assert_true(kn_store_take(k->store, k->topic, 3, "engine-2", &p, &err));
    assert_true(p.unclean);
    assert_int_equal(p.epoch, 2);
    kn_store_release(k->store, k->topic, 3, 1);
    kit_expect(k, "SELECT owner FROM position WHERE part = 3", "engine-2");
    kn_position_clear(&p);
    assert_true(kn_store_take(k->store, k->topic, 3, "engine-2", &p, &err));
    assert_false(p.unclean);
    kn_store_release(k->store, k->topic, 3, 3);
    kn_position_clear(&p);
    kit_take(k, 3, &p);
    assert_false(p.unclean);
    kn_position_clear(&p);

    assert_false(kn_store_take(k->store, k->topic, 4, "engine-1", &p, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "kouan provision"));
}

static void
position_take_fences_the_former_owner(void **state)
{
    kit *k = *state;
    g_autoptr(kn_store) other = NULL;
    g_autoptr(GError) err = NULL;
    g_autoptr(kit_batch) b = NULL;
    kn_position mine = { 0 }, theirs = { 0 };
    g_autoptr(GPtrArray) seen = kn_store_seen_array();
    g_autoptr(GPtrArray) records = kn_store_record_array();
    const kn_position *p = &mine;
    bool in_doubt = true;
    int tries = 0;

    kit_take(k, 0, &mine);
    b = kit_batch_new(&mine);
    kit_batch_add(b, k, "A", "1", 1, 1);
    assert_true(kn_store_open(k->conninfo, &other, &err));
    assert_true(kn_store_take(other, k->topic, 0, "engine-2", &theirs, &err));

    assert_false(kn_store_begin(k->store, &p, 1, NULL, 0, NULL, 0, seen, records, &err));
    assert_code(err, KN_E_POSITION_MOVED);
    g_clear_error(&err);
    /* Nothing was left open, so nothing can be settled by mistake. */
    assert_false(kn_store_settle(k->store, &b->batch, &in_doubt, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_false(in_doubt);
    g_clear_error(&err);
    assert_false(kn_store_suspect(k->store, &mine, 100, &tries, &err));
    assert_code(err, KN_E_POSITION_MOVED);
    kit_expect(k, "SELECT count(*) FROM inbox", "0");
    kn_position_clear(&mine);
    kn_position_clear(&theirs);
}

static void
position_same_offset_is_compared(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GError) err = NULL;
    g_autoptr(kit_batch) b = NULL;

    kit_take(k, 0, &p);
    p.next_off++;
    b = kit_batch_new(&p);
    kit_batch_add(b, k, "A", "1", 1, 1);
    assert_false(kit_settle(k, &p, b, NULL, &err));
    assert_code(err, KN_E_POSITION_MOVED);
    kn_position_clear(&p);
}

static void
position_suspect_counts_one_offset(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GError) err = NULL;
    static const struct {
        int64_t off;
        int tries;
    } steps[] = { { 100, 1 }, { 100, 2 }, { 100, 3 }, { 101, 1 }, { 101, 2 }, { 100, 1 } };

    kit_take(k, 0, &p);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        int tries = 0;

        assert_true(kn_store_suspect(k->store, &p, steps[i].off, &tries, &err));
        assert_int_equal(tries, steps[i].tries);
    }
    kn_position_clear(&p);
    assert_true(kn_store_take(k->store, k->topic, 0, "engine-2", &p, &err));
    assert_int_equal(p.suspect, 100);
    assert_int_equal(p.tries, 1);
    kn_position_clear(&p);
}

/* Tries that nobody died of: failed and said so, or the same owner came back. */
static void
position_suspect_counts_deaths_only(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GError) err = NULL;
    int tries = 0;

    kit_take(k, 0, &p);
    for (int i = 0; i < 4; i++) {
        assert_true(kn_store_suspect(k->store, &p, 100, &tries, &err));
        assert_int_equal(tries, 1);
        kn_store_calm(k->store, &p);
    }
    for (int i = 0; i < 4; i++) {
        assert_true(kn_store_suspect(k->store, &p, 100, &tries, &err));
        assert_int_equal(tries, 1);
        kn_position_clear(&p);
        kit_take(k, 0, &p);
        assert_false(p.unclean);
    }
    assert_true(kn_store_suspect(k->store, &p, 100, &tries, &err));
    for (int i = 2; i < 4; i++) {
        g_autofree char *owner = g_strdup_printf("engine-%d", i);

        kn_position_clear(&p);
        assert_true(kn_store_take(k->store, k->topic, 0, owner, &p, &err));
        assert_true(p.unclean);
        assert_true(kn_store_suspect(k->store, &p, 100, &tries, &err));
        assert_int_equal(tries, i);
    }
    p.epoch--; /* fenced: nothing of another owner is touched */
    kn_store_calm(k->store, &p);
    kit_expect(k, "SELECT tries FROM position WHERE part = 0", "3");
    kn_position_clear(&p);
}

static void
position_updates_stay_hot(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GError) err = NULL;

    kit_take(k, 0, &p);
    for (int i = 0; i < 300; i++) {
        g_autoptr(kit_batch) b = kit_batch_new(&p);
        kn_position next;

        b->position.last_off = b->position.next_off++;
        (void)json_object_set_new(b->position.serial, "n", json_integer(i));
        assert_true(kit_settle(k, &p, b, NULL, &err));
        next = b->position;
        next.serial = json_deep_copy(b->position.serial);
        kn_position_clear(&p);
        p = next;
    }
    kn_position_clear(&p);
    g_clear_pointer(&k->store, kn_store_close);
    for (int i = 0; i < 200; i++) {
        g_autofree char *n = kit_ask(
            k, "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'position'");

        if (strcmp(n, "301") == 0)
            break;
        g_usleep(10000);
    }
    kit_expect(k,
               "SELECT n_tup_upd || ' ' || n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = "
               "'position'",
               "301 301");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(position_provision_gives_slots_once),
        kit_test(position_provision_refuses),
        kit_test(position_take_reads_a_fresh_row),
        kit_test(position_take_fences_the_former_owner),
        kit_test(position_same_offset_is_compared),
        kit_test(position_suspect_counts_one_offset),
        kit_test(position_suspect_counts_deaths_only),
        kit_test(position_updates_stay_hot),
    };

    return kit_main(tests);
}
