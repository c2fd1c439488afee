/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of trust: contents once, numbers that only grow, and a position that moves with its batch. */
#include "kit.h"

#include "store/trust.h"

#include <string.h>

static const uint8_t one[32] = { 1 }, two[32] = { 2 };

static int
add(kit *k, const uint8_t digest[32], const char *text, int after, kn_error expected)
{
    g_autoptr(GBytes) files = g_bytes_new(text, strlen(text));
    g_autoptr(GError) err = NULL;
    int version = -1;
    bool ok = kn_store_trust_add(k->store, digest, files, "a/1", after, &version, &err);

    assert_int_equal(ok, expected == KN_E_OK);
    if (!ok) {
        assert_code(err, expected);
        assert_int_equal(version, -1);
    }
    return version;
}

static void
trust_versions_grow(void **state)
{
    kit *k = *state;
    kn_store_trust newest = { .version = 77 };
    int version = -1;

    assert_true(kn_store_trust_newest(k->store, &newest, NULL));
    assert_int_equal(newest.version, 0);
    assert_int_equal(add(k, one, "first", 0, KN_E_OK), 1);
    assert_int_equal(add(k, two, "second", 1, KN_E_OK), 2);
    assert_int_equal(add(k, one, "first", 2, KN_E_OK), 3); /* going back is a new version */
    (void)add(k, two, "second", 2, KN_E_STORE_RETRY);      /* somebody was quicker */
    (void)add(k, two, "second", 4, KN_E_STORE_RETRY);
    assert_true(kn_store_trust_newest(k->store, &newest, NULL));
    assert_int_equal(newest.version, 3);
    assert_memory_equal(newest.digest, one, 32);
    assert_true(kn_store_trust_known(k->store, one, &version, NULL));
    assert_int_equal(version, 3);
    assert_true(kn_store_trust_known(k->store, (const uint8_t[32]){ 9 }, &version, NULL));
    assert_int_equal(version, 0);
    kit_expect(k, "SELECT count(*) FROM trust_files", "2");
    kit_expect(k, "SELECT string_agg(version || made_by, ' ' ORDER BY version) FROM trust_set",
               "1a/1 2a/1 3a/1");
}

static void
trust_files_come_back(void **state)
{
    kit *k = *state;
    g_autofree char *text = g_strnfill(100000, 'x');
    g_autoptr(GBytes) files = NULL;
    g_autoptr(GError) err = NULL;
    uint8_t digest[32];

    assert_int_equal(add(k, one, text, 0, KN_E_OK), 1);
    assert_true(kn_store_trust_get(k->store, 1, digest, &files, NULL));
    assert_memory_equal(digest, one, 32);
    assert_int_equal(g_bytes_get_size(files), 100000);
    assert_memory_equal(g_bytes_get_data(files, NULL), text, 100000);
    assert_false(kn_store_trust_get(k->store, 2, digest, &files, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_non_null(strstr(err->message, "trust set 2 is not in table trust_set"));
    g_clear_error(&err);
    kit_expect(k, "UPDATE trust_files SET files = substr(files, 1, 20)", "");
    assert_false(kn_store_trust_get(k->store, 1, digest, &files, &err));
    assert_code(err, KN_E_STORE_WRONG);
    g_clear_error(&err);
    kit_expect(k, "UPDATE trust_files SET size = 2000000000", "");
    assert_false(kn_store_trust_get(k->store, 1, digest, &files, &err));
    assert_code(err, KN_E_STORE_WRONG);
}

static GArray *
behind(kit *k, int version)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(kn_store_behind));
    g_autoptr(GError) err = NULL;

    if (!kn_store_trust_behind(k->store, version, list, &err))
        fail_msg("%s", err->message);
    return list;
}

static void
trust_position_moves_with_its_batch(void **state)
{
    kit *k = *state;
    kn_position position = { 0 }, again = { 0 };
    g_autoptr(GArray) none = NULL, list = NULL;
    bool in_doubt;

    kit_take(k, 1, &position);
    assert_int_equal(position.trust, 0);
    {
        g_autoptr(kit_batch) b = kit_batch_new(&position);

        kit_batch_add(b, k, "m1", "k1", 1, 1);
        ((kn_store_message *)b->batch.messages->pdata[0])->trust = 4;
        b->position.trust = 5;
        assert_true(kit_settle(k, &position, b, &in_doubt, NULL));
    }
    kit_expect(k, "SELECT trust FROM message WHERE idx = 0", "4");
    kit_expect(k, "SELECT count(*) FROM message WHERE idx > 0 AND trust IS NULL", "1");
    kit_take(k, 1, &again);
    assert_int_equal(again.trust, 5);
    none = behind(k, 5);
    assert_int_equal(none->len, 0); /* those without a version adopt one by themselves */
    list = behind(k, 7);
    assert_int_equal(list->len, 1);
    assert_string_equal(g_array_index(list, kn_store_behind, 0).topic, "kouan.in.checkpoint");
    assert_int_equal(g_array_index(list, kn_store_behind, 0).part, 1);
    assert_int_equal(g_array_index(list, kn_store_behind, 0).trust, 5);
    kn_position_clear(&position);
    kn_position_clear(&again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        kit_test(trust_versions_grow),
        kit_test(trust_files_come_back),
        kit_test(trust_position_moves_with_its_batch),
    };

    return kit_main(tests);
}
