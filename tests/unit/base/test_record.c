/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/record.h>

static void
record_new_is_not_stored_yet(void **unused)
{
    kn_record *r = kn_record_new("card", "card:0000000000001", "D2143569X", "S01");

    (void)unused;
    assert_int_equal(r->version, 0);
    assert_string_equal(r->kind, "card");
    assert_string_equal(r->key, "card:0000000000001");
    assert_string_equal(r->owner, "D2143569X");
    assert_string_equal(r->state, "S01");
    assert_int_equal(json_object_size(r->body), 0);
    kn_record_free(r);
}

/* A batch changes its copy; what the database gave must stay. */
static void
record_dup_is_deep(void **unused)
{
    kn_record *r = kn_record_new("k", "key", "o", "S01"), *copy;

    (void)unused;
    (void)json_object_set_new(r->body, "rows", json_pack("[{s:s}]", "no", "1"));
    r->version = 4;
    copy = kn_record_dup(r);
    assert_int_equal(copy->version, 4);
    assert_true(json_equal(copy->body, r->body));
    (void)json_object_set_new(json_array_get(json_object_get(copy->body, "rows"), 0), "no",
                              json_string("2"));
    assert_false(json_equal(copy->body, r->body));
    assert_ptr_not_equal(copy->key, r->key);
    kn_record_free(r);
    assert_string_equal(copy->key, "key");
    kn_record_free(copy);
    kn_record_free(NULL);
}

static void
record_text_only_of_text(void **unused)
{
    kn_record *r = kn_record_new("k", "key", "o", "S01");

    (void)unused;
    (void)json_object_set_new(r->body, "name", json_string("口岸"));
    (void)json_object_set_new(r->body, "empty", json_string(""));
    (void)json_object_set_new(r->body, "number", json_integer(1));
    assert_string_equal(kn_record_text(r, "name"), "口岸");
    assert_string_equal(kn_record_text(r, "empty"), "");
    assert_null(kn_record_text(r, "number"));
    assert_null(kn_record_text(r, "absent"));
    kn_record_free(r);
}

/* One timer a record; part of the body, so a copy has it too. */
static void
record_has_one_timer(void **unused)
{
    kn_record *r = kn_record_new("k", "key", "o", "S01"), *copy;

    (void)unused;
    assert_null(kn_timer_name(r));
    assert_int_equal(kn_timer_due(r), 0);
    kn_timer_clear(r); /* none to clear */
    kn_timer_set(r, "a", 1790000000000);
    kn_timer_set(r, "b", 1790000000001);
    copy = kn_record_dup(r);
    kn_timer_clear(r);
    assert_null(kn_timer_name(r));
    assert_int_equal(json_object_size(r->body), 0);
    assert_string_equal(kn_timer_name(copy), "b");
    assert_int_equal(kn_timer_due(copy), 1790000000001);
    kn_record_free(r);
    kn_record_free(copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_new_is_not_stored_yet),
        cmocka_unit_test(record_dup_is_deep),
        cmocka_unit_test(record_text_only_of_text),
        cmocka_unit_test(record_has_one_timer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
