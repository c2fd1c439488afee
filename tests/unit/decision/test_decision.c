/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "decision/decision_priv.h"

#include <string.h>

enum { NONE, OPEN, SHUT };
enum { GO, END };

static const kn_state states[] = { { NONE, "N0", "NONE", "无", 0, false },
                                   { OPEN, "N1", "OPEN", "开", 1, false },
                                   { SHUT, "N2", "SHUT", "关", 2, true },
                                   { .code = NULL } };
static const kn_event events[] = { { GO, "GO" }, { END, "END" }, { .name = NULL } };
static const kn_transition rows[] = { { .id = "T1", .from = NONE, .on = GO, .to = OPEN },
                                      { .id = "T2", .from = OPEN, .on = GO, .to = KN_ANY_STATE },
                                      { .id = "T3", .from = OPEN, .on = END, .to = SHUT },
                                      { .id = NULL } };
static const kn_machine machine = { .name = "test",
                                    .kind = "test",
                                    .states = states,
                                    .events = events,
                                    .rows = rows,
                                    .initial = NONE };

static const kn_history *
line_of(const kn_decision *out, unsigned i)
{
    const kn_write *write = out->writes->pdata[0];

    return write->history->pdata[i];
}

static void
decision_fires_new(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    kn_record *record = kn_decision_record(out, NULL, "test", "k", "owner");
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_null(kn_fire(out, &machine, record, END, NULL, "me"));
    assert_int_equal(record->version, 0);
    assert_string_equal(kn_fire(out, &machine, record, GO, NULL, "me")->id, "T1");
    assert_string_equal(kn_fire(out, &machine, record, GO, NULL, "me")->id, "T2");
    assert_string_equal(kn_fire(out, &machine, record, END, NULL, NULL)->id, "T3");
    assert_string_equal(record->state, "N2");
    assert_int_equal(record->version, 3);
    assert_null(line_of(out, 0)->from);
    assert_string_equal(line_of(out, 0)->to, "N1");
    assert_string_equal(line_of(out, 1)->to, "N1");
    assert_string_equal(line_of(out, 2)->event, "END");
    assert_int_equal(line_of(out, 2)->version, 3);
    assert_true(kn_decision_finish(out, &err));
    assert_int_equal(((kn_write *)out->writes->pdata[0])->expected, 0);
    assert_ptr_equal(kn_decision_record(out, NULL, "test", "k", "owner"), record);
}

/* A timer belongs to the state it is set in. */
static void
decision_leaving_a_state_ends_its_timer(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    kn_record *record = kn_decision_record(out, NULL, "test", "k", "owner");

    (void)unused;
    (void)kn_fire(out, &machine, record, GO, NULL, NULL);
    kn_timer_set(record, "wait", 1790000000000);
    assert_non_null(kn_fire(out, &machine, record, GO, NULL, NULL)); /* stays */
    assert_string_equal(kn_timer_name(record), "wait");
    assert_null(kn_fire(out, &machine, record, 9, NULL, NULL)); /* no row: nothing changes */
    assert_int_equal(kn_timer_due(record), 1790000000000);
    assert_non_null(kn_fire(out, &machine, record, END, NULL, NULL));
    assert_null(kn_timer_name(record));
}

static void
decision_copies_what_was_seen(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    kn_record *seen = kn_record_new("test", "k", "owner", "N1");
    kn_record *record;
    g_autoptr(GError) err = NULL;

    (void)unused;
    seen->version = 7;
    (void)json_object_set_new(seen->body, "a", json_pack("{s:s}", "b", "old"));
    record = kn_decision_record(out, seen, "test", "k", "owner");
    (void)json_object_set_new(json_object_get(record->body, "a"), "b", json_string("new"));
    assert_string_equal(json_string_value(json_object_get(json_object_get(seen->body, "a"), "b")),
                        "old");
    assert_false(kn_decision_finish(out, &err)); /* changed without a row */
    assert_int_equal(kn_error_code(err), KN_E_ENGINE_ERROR);
    assert_non_null(kn_fire(out, &machine, record, END, NULL, "me"));
    g_clear_error(&err);
    assert_true(kn_decision_finish(out, &err));
    assert_int_equal(((kn_write *)out->writes->pdata[0])->expected, 7);
    assert_int_equal(record->version, 8);
    assert_string_equal(seen->state, "N1");
    kn_record_free(seen);
}

static void
decision_drops_untouched(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    kn_record *seen = kn_record_new("test", "k", "owner", "N1");

    (void)unused;
    (void)kn_decision_record(out, seen, "test", "k", "owner");
    assert_true(kn_decision_finish(out, NULL));
    assert_int_equal(out->writes->len, 0);
    assert_non_null(out->reply); /* every message is answered (MS-05) */
    kn_record_free(seen);
}

static void
decision_refusal_drops_effects(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    kn_record *record = kn_decision_record(out, NULL, "test", "k", "owner");
    g_autofree char *longer = g_strnfill(400, 'x');

    (void)unused;
    (void)kn_fire(out, &machine, record, GO, NULL, "me");
    kn_receipt_key(kn_reply(out), "no", "1");
    kn_receipt_key(kn_reply(out), "no", "2");
    kn_receipt_status(kn_reply(out), 2, "good");
    kn_receipt_body(kn_reply(out), json_object());
    (void)kn_notify(out, "p", true, "g", "t");
    kn_send_customs(out, "T", "ns", "p", NULL, "k", json_object());
    kn_decision_alarm(out, "look", "test", "k");
    g_ptr_array_add(kn_decision_errors(out),
                    kn_field_error_new(KN_E_FIELD_CODE, "p", "R", "d", true));
    assert_false(kn_decision_wrong(out));
    assert_int_equal(kn_refuse(out, KN_E_WRONG_STATE, "f", "R1", "%s", longer), KN_DONE);
    assert_int_equal(out->code, KN_E_WRONG_STATE);
    assert_int_equal(out->writes->len + out->notices->len + out->onward->len, 0);
    assert_int_equal(out->alarms->len, 1);
    assert_int_equal(out->errors->len, 1);
    assert_int_equal(strlen(out->detail), KN_DETAIL_MAX);
    assert_int_equal(out->reply->keys->len, 1);
    assert_string_equal(((kn_pair *)out->reply->keys->pdata[0])->value, "2");
    assert_false(out->reply->has_status);
    assert_null(out->reply->body);
    assert_null(out->reply->info);
    kn_decision_reset(out);
    assert_int_equal(out->code, KN_E_OK);
    assert_null(out->reply);
    assert_int_equal(out->alarms->len + out->errors->len, 0);
    kn_decision_free(NULL);
}

static void
decision_detail_cut_between_characters(void **unused)
{
    g_autoptr(kn_decision) out = kn_decision_new();
    GString *text = g_string_new(NULL);

    (void)unused;
    for (int i = 0; i < 301; i++)
        g_string_append(text, "𠮷");
    (void)kn_refuse(out, KN_E_WRONG_STATE, NULL, NULL, "%s", text->str);
    assert_int_equal(g_utf8_strlen(out->detail, -1), KN_DETAIL_MAX);
    assert_true(g_utf8_validate(out->detail, -1, NULL));
    (void)g_string_free(text, TRUE);
}

/* --- asking ----------------------------------------------------------------------------------- */

typedef struct shelf {
    kn_record *record;
    bool open;
} shelf;

static const kn_record *
look(void *arg, const char *kind, const char *key, bool *known)
{
    const shelf *s = arg;

    (void)kind;
    *known = s->open;
    return strcmp(key, "k") == 0 ? s->record : NULL;
}

static void
ask_waits_and_remembers(void **unused)
{
    shelf s = { .record = kn_record_new("test", "k", "o", "N1") };
    g_autoptr(kn_ask) ask = kn_ask_new(look, &s);

    (void)unused;
    s.record->version = 4;
    assert_null(kn_ask_record(ask, "test", "k")); /* not loaded: nothing is given away */
    assert_null(kn_ask_record(ask, "test", "other"));
    assert_null(kn_ask_record(ask, "test", "k"));
    assert_true(kn_ask_pending(ask));
    assert_int_equal(ask->asked->len, 2);
    s.open = true;
    kn_ask_enter(ask);
    assert_false(kn_ask_pending(ask));
    assert_ptr_equal(kn_ask_record(ask, "test", "k"), s.record);
    assert_null(kn_ask_record(ask, "test", "other"));
    assert_false(kn_ask_pending(ask));
    assert_int_equal(((kn_asked *)ask->asked->pdata[0])->version, 4);
    assert_int_equal(((kn_asked *)ask->asked->pdata[1])->version, 0);
    kn_record_free(s.record);
}

/* --- context ---------------------------------------------------------------------------------- */

static void
context_serials(void **unused)
{
    g_autoptr(kn_context) ctx = kn_context_new();
    g_autoptr(GHashTable) counters = g_hash_table_new(g_str_hash, g_str_equal);
    int64_t used = 41;
    char ck[] = "ck";

    (void)unused;
    ctx->slot = 7;
    assert_int_equal(kn_context_serial(ctx, "ck"), 7); /* the first number is the slot (GN-01) */
    (void)g_hash_table_insert(counters, ck, &used);
    ctx->counters = counters;
    kn_context_enter(ctx);
    assert_int_equal(kn_context_serial(ctx, "ck"), 41007);
    assert_int_equal(kn_context_serial(ctx, "ck"), 42007);
    assert_int_equal(kn_context_serial(ctx, "ag"), 7);
    assert_int_equal(kn_context_drawn(ctx, "ck"), 2);
    assert_int_equal(kn_context_drawn(ctx, "none"), 0);
    kn_context_enter(ctx);
    assert_int_equal(kn_context_serial(ctx, "ck"), 41007); /* entered again: the same */
}

static void
context_derives(void **unused)
{
    static const uint8_t secret[] = "secret";
    g_autoptr(kn_context) ctx = kn_context_new();
    uint8_t one[32], two[32];
    char guid[37];

    (void)unused;
    ctx->secret = secret;
    ctx->secret_len = 6;
    ctx->topic = "t";
    ctx->partition = 1;
    ctx->offset = 23;
    kn_context_derive(ctx, "p", one);
    kn_context_derive(ctx, "p", two);
    assert_memory_equal(one, two, 32);
    kn_context_derive(ctx, "q", two);
    assert_memory_not_equal(one, two, 32);
    ctx->partition = 12;
    ctx->offset = 3; /* 1|23 and 12|3 are not the same place */
    kn_context_derive(ctx, "p", two);
    assert_memory_not_equal(one, two, 32);
    ctx->partition = 1;
    ctx->offset = 23;
    ctx->secret_len = 5;
    kn_context_derive(ctx, "p", two);
    assert_memory_not_equal(one, two, 32);
    kn_context_uuid(ctx, "p", guid);
    assert_int_equal(strlen(guid), 36);
    for (size_t i = 0; i < 36; i++)
        assert_false(g_ascii_islower(guid[i]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decision_fires_new),
        cmocka_unit_test(decision_leaving_a_state_ends_its_timer),
        cmocka_unit_test(decision_copies_what_was_seen),
        cmocka_unit_test(decision_drops_untouched),
        cmocka_unit_test(decision_refusal_drops_effects),
        cmocka_unit_test(decision_detail_cut_between_characters),
        cmocka_unit_test(ask_waits_and_remembers),
        cmocka_unit_test(context_serials),
        cmocka_unit_test(context_derives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
