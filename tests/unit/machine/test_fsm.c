/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/error.h>
#include <kouan/machine.h>
#include <string.h>

enum { NONE, OPEN, BUSY, DONE };
enum { GO, END, ECHO };

static bool
is_heavy(const kn_record *record, const void *arg)
{
    (void)arg;
    return record && kn_record_text(record, "heavy") != NULL;
}

static const kn_state states[] = {
    { NONE, "N0", "NONE", "无", 0, false },
    { OPEN, "N1", "OPEN", "开", 1, false },
    { BUSY, "N2", "BUSY", "忙", 2, false },
    { DONE, "N3", "DONE", "完", 3, true },
    { .code = NULL },
};
static const kn_event events[] = {
    { GO, "GO" }, { END, "END" }, { ECHO, "ECHO" }, { .name = NULL }
};
static const kn_transition good_rows[] = {
    { .id = "T1", .from = NONE, .on = GO, .to = OPEN },
    { .id = "T2", .from = OPEN, .on = GO, .guard = is_heavy, .guard_name = "heavy", .to = BUSY },
    { .id = "T3", .from = OPEN, .on = GO, .to = DONE },
    { .id = "T4", .from = BUSY, .on = END, .to = DONE },
    { .id = "T5", .from = KN_ANY_STATE, .on = ECHO, .to = KN_ANY_STATE },
    { .id = NULL },
};

static kn_machine
machine_of(const kn_transition *rows)
{
    return (kn_machine){ .name = "test",
                         .kind = "test",
                         .states = states,
                         .events = events,
                         .rows = rows,
                         .initial = NONE };
}

static void
fsm_good(void **unused)
{
    const kn_machine machine = machine_of(good_rows);
    g_autoptr(GError) err = NULL;

    (void)unused;
    if (!kn_machine_check(&machine, &err))
        fail_msg("%s", err->message);
}

static void
fsm_find(void **unused)
{
    const kn_machine machine = machine_of(good_rows);
    kn_record *record = kn_record_new("test", "k", "o", "N1");

    (void)unused;
    assert_string_equal(kn_machine_find(&machine, NULL, GO, NULL)->id, "T1");
    assert_null(kn_machine_find(&machine, NULL, END, NULL));
    assert_null(kn_machine_find(&machine, NULL, ECHO, NULL)); /* "any" is any stored state */
    assert_string_equal(kn_machine_find(&machine, record, GO, NULL)->id, "T3");
    assert_string_equal(kn_machine_find(&machine, record, ECHO, NULL)->id, "T5");
    (void)json_object_set_new(record->body, "heavy", json_string("yes"));
    assert_string_equal(kn_machine_find(&machine, record, GO, NULL)->id, "T2");
    g_free(record->state);
    record->state = g_strdup("??");
    assert_null(kn_machine_find(&machine, record, GO, NULL));
    assert_null(kn_machine_state(&machine, "??"));
    assert_int_equal(kn_machine_state(&machine, NULL)->state, NONE);
    kn_record_free(record);
}

static void
refused(const kn_machine *machine, const char *part)
{
    g_autoptr(GError) err = NULL;

    assert_false(kn_machine_check(machine, &err));
    assert_int_equal(kn_error_code(err), KN_E_TABLE);
    if (!strstr(err->message, part))
        fail_msg("expected “%s” in: %s", part, err->message);
}

#define T1 \
    { \
        .id = "T1", .from = NONE, .on = GO, .to = OPEN \
    }
#define T4 \
    { \
        .id = "T4", .from = BUSY, .on = END, .to = DONE \
    }
#define REST \
    { .id = "R1", .from = OPEN, .on = END, .to = BUSY }, T4, \
    { \
        .id = NULL \
    }

static void
fsm_bad_rows(void **unused)
{
    static const kn_transition doubled[] = { T1,
                                             { .id = "X", .from = NONE, .on = GO, .to = BUSY },
                                             REST };
    static const kn_transition hidden[] = {
        T1,
        { .id = "X", .from = OPEN, .on = GO, .to = DONE },
        { .id = "Y", .from = OPEN, .on = GO, .guard = is_heavy, .guard_name = "heavy", .to = BUSY },
        REST
    };
    static const kn_transition same_guard[] = {
        T1,
        { .id = "X", .from = OPEN, .on = GO, .guard = is_heavy, .guard_name = "heavy", .to = DONE },
        { .id = "Y", .from = OPEN, .on = GO, .guard = is_heavy, .guard_name = "heavy", .to = BUSY },
        REST
    };
    static const kn_transition unreachable[] = { T1, T4, { .id = NULL } };
    static const kn_transition leaves_final[] = { T1,
                                                  { .id = "X", .from = DONE, .on = GO, .to = OPEN },
                                                  REST };
    static const kn_transition no_state[] = { T1,
                                              { .id = "X", .from = OPEN, .on = GO, .to = 9 },
                                              REST };
    static const kn_transition no_event[] = { T1,
                                              { .id = "X", .from = OPEN, .on = 9, .to = OPEN },
                                              REST };
    static const kn_transition to_initial[] = { T1,
                                                { .id = "X", .from = OPEN, .on = GO, .to = NONE },
                                                REST };
    static const kn_transition nameless[] = {
        T1, { .id = "X", .from = OPEN, .on = GO, .guard = is_heavy, .to = BUSY }, REST
    };
    static const kn_transition any_moves[] = {
        T1, { .id = "X", .from = KN_ANY_STATE, .on = ECHO, .to = DONE }, REST
    };
    static const struct {
        const kn_transition *rows;
        const char *part;
    } bad[] = {
        { doubled, "hidden by the unguarded row T1" },
        { hidden, "hidden by the unguarded row X" },
        { same_guard, "same guard" },
        { unreachable, "cannot be reached" },
        { leaves_final, "leaves the final state" },
        { no_state, "unknown state" },
        { no_event, "unknown event" },
        { to_initial, "initial state" },
        { nameless, "guard and its name" },
        { any_moves, "may only stay" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        const kn_machine machine = machine_of(bad[i].rows);

        refused(&machine, bad[i].part);
    }
}

static void
fsm_bad_states(void **unused)
{
    static const kn_state twice[] = { { NONE, "N0", "NONE", "无", 0, false },
                                      { OPEN, "N0", "OPEN", "开", 1, false },
                                      { .code = NULL } };
    static const kn_state gap[] = { { NONE, "N0", "NONE", "无", 0, false },
                                    { BUSY, "N2", "BUSY", "忙", 2, false },
                                    { .code = NULL } };
    static const kn_state nameless[] = { { NONE, "N0", "NONE", NULL, 0, false }, { .code = NULL } };
    static const kn_event wrong[] = { { END, "END" }, { .name = NULL } };
    kn_machine machine = machine_of(good_rows);

    (void)unused;
    machine.states = twice;
    refused(&machine, "twice");
    machine.states = gap;
    refused(&machine, "place");
    machine.states = nameless;
    refused(&machine, "label");
    machine = machine_of(good_rows);
    machine.initial = 7;
    refused(&machine, "initial");
    machine = machine_of(good_rows);
    machine.events = wrong;
    refused(&machine, "event END");
    machine.name = NULL;
    refused(&machine, "name");
}

static void
fsm_doc(void **unused)
{
    const kn_machine machine = machine_of(good_rows);
    g_autofree char *dot = kn_machine_dot(&machine);
    g_autofree char *text = kn_machine_markdown(&machine);

    (void)unused;
    assert_non_null(strstr(dot, "N1 -> N2 [label=\"T2\\nGO\\n[heavy]\"]"));
    assert_null(strstr(dot, "T5")); /* rows that stay are not drawn */
    assert_non_null(strstr(text, "| T2 | N1 | GO | heavy | N2 |"));
    assert_non_null(strstr(text, "| T5 | any | ECHO |  | stays |"));
    assert_non_null(strstr(text, "| N3 | DONE | 完 | 3 | yes |"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fsm_good),     cmocka_unit_test(fsm_find),
        cmocka_unit_test(fsm_bad_rows), cmocka_unit_test(fsm_bad_states),
        cmocka_unit_test(fsm_doc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
