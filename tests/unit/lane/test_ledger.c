/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's machine, and what an action may do to a row in each state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "lane/action.h"
#include "lane/ledger.h"

#include <cmocka.h>
#include <string.h>

static void
ledger_machine_is_whole(void **unused)
{
    g_autoptr(GError) err = NULL;

    (void)unused;
    if (!kn_machine_check(&kn_ledger_machine, &err))
        fail_msg("%s", err->message);
    assert_string_equal(kn_ledger_machine.kind, KN_LEDGER_KIND);
}

static void
ledger_key_names_the_place(void **unused)
{
    g_autofree char *key = kn_ledger_key("k.in.checkpoint", 3, 4294967296);

    (void)unused;
    assert_string_equal(key, "k.in.checkpoint-3-4294967296");
}

/* What the batch sees of the one row. */
typedef struct shelf {
    kn_record *row;
    bool known;
} shelf;

static const kn_record *
look(void *arg, const char *kind, const char *key, bool *known)
{
    const shelf *s = arg;

    assert_string_equal(kind, KN_LEDGER_KIND);
    assert_string_equal(key, "t-2-9");
    *known = s->known;
    return s->row;
}

static void
ledger_permits(void **unused)
{
    static const struct {
        const char *state; /* NULL: no row */
        int part;          /* where the action came */
        bool found;
        kn_error error;
        const char *why;
    } vectors[] = {
        { "OPEN", 2, true, KN_E_OK, "open, in its place" },
        { NULL, 2, true, KN_E_NO_DOCUMENT, "was never parked" },
        { "OPEN", 1, true, KN_E_NO_DOCUMENT, "another partition: another lane may have the row" },
        { "OPEN", 2, false, KN_E_NO_DOCUMENT, "its day was dropped from the archive" },
        { "RELEASED", 2, true, KN_E_WRONG_STATE, "released before" },
        { "DISCARDED", 2, true, KN_E_WRONG_STATE, "discarded before" },
        { "RELEASED", 2, false, KN_E_WRONG_STATE, "released before, and dropped since" },
        { "", 2, true, KN_E_WRONG_STATE, "a state that is none" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        kn_act act = { .key = (char[]){ "t-2-9" }, .part = 2, .found = vectors[i].found };
        kn_item item = { .act = &act, .record = { .part = vectors[i].part } };
        shelf s = { .known = true };
        g_autoptr(kn_ask) ask = kn_ask_new(look, &s);

        if (vectors[i].state)
            s.row = kn_record_new(KN_LEDGER_KIND, act.key, "", vectors[i].state);
        if (!kn_ledger_ready(&item, ask) || kn_ledger_permits(&item, ask) != vectors[i].error)
            fail_msg("%s", vectors[i].why);
        if (s.row)
            kn_record_free(s.row);
    }
}

static void
ledger_waits_for_its_row(void **unused)
{
    kn_act act = { .key = (char[]){ "t-2-9" } };
    kn_item item = { .act = &act };
    shelf s = { .known = false };
    g_autoptr(kn_ask) ask = kn_ask_new(look, &s);

    (void)unused;
    assert_false(kn_ledger_ready(&item, ask));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ledger_machine_is_whole),
        cmocka_unit_test(ledger_key_names_the_place),
        cmocka_unit_test(ledger_permits),
        cmocka_unit_test(ledger_waits_for_its_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
