/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/customs.h"

#include <kouan/error.h>
#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#define GUID "0A1B2C3D-0000-4000-8000-000000000001"

/* "ack:accepted@200 10@400x2 ..." */
static char *
steps_text(const kn_customs_plan *plan, const char *guid)
{
    g_autoptr(GArray) steps = kn_customs_steps(plan, guid);
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < steps->len; i++) {
        const kn_customs_step *s = &g_array_index(steps, kn_customs_step, i);

        g_string_append_printf(out, "%s%s%s@%d%s", i ? " " : "", s->ack ? "ack:" : "",
                               s->ack ? s->ack : s->code, (int)s->after_ms,
                               s->times > 1 ? "x2" : "");
    }
    return g_string_free(out, FALSE);
}

static void
customs_behaviours(void **unused)
{
    static const struct {
        kn_customs_plan plan;
        const char *expect, *why;
    } vectors[] = {
        { { .behave = "approve" }, "ack:accepted@0 10@0", "at once" },
        { { .behave = "approve", .delay_ms = 200 }, "ack:accepted@200 10@400", "a delay each" },
        { { .behave = "return" }, "ack:accepted@0 20@0", "taken, then returned" },
        { { .behave = "refuse", .life = true }, "ack:refused@0", "not taken: no answer, no life" },
        { { .behave = "return", .life = true }, "ack:accepted@0 20@0", "no life after a return" },
        { { .behave = "approve", .delay_ms = 5, .early_percent = 100 },
          "10@5 ack:accepted@10",
          "early" },
        { { .behave = "refuse", .early_percent = 100 }, "ack:refused@0", "nothing to overtake" },
        { { .behave = "approve", .double_percent = 100 },
          "ack:accepted@0x2 10@0x2",
          "all doubled" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *text = steps_text(&vectors[i].plan, GUID);

        if (strcmp(text, vectors[i].expect) != 0)
            fail_msg("%s: %s, expected %s", vectors[i].why, text, vectors[i].expect);
    }
}

/* The same guid, the same answers; of many guids about as many as the percentage says. */
static void
customs_dice(void **unused)
{
    const kn_customs_plan plan = {
        .behave = "approve", .life = true, .double_percent = 20, .early_percent = 30
    };
    int early = 0;

    (void)unused;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *guid = g_strdup_printf("guid %d", i);
        g_autofree char *one = steps_text(&plan, guid), *two = steps_text(&plan, guid);

        assert_string_equal(one, two);
        early += g_str_has_prefix(one, "10@");
    }
    assert_in_range(early, 250, 350);
}

static void
customs_guids(void **unused)
{
    char one[37], again[37], two[37], other[37];

    (void)unused;
    kn_customs_guid(GUID, 0, one);
    kn_customs_guid(GUID, 0, again);
    kn_customs_guid(GUID, 1, two);
    kn_customs_guid("x", 0, other);
    assert_string_equal(one, again);
    assert_string_not_equal(one, two);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), 36);
}

static void
customs_scripts(void **unused)
{
    static const struct {
        const char *text;
        const char *expect; /* NULL: refused */
        const char *why;
    } vectors[] = {
        { "[{\"ack\":\"accepted\",\"delay_ms\":5},{\"code\":\"20\",\"delay_ms\":10}]",
          "ack:accepted@5 20@15", "delays add up" },
        { "[[{\"code\":\"41\"}]]", "41@3", "array of arrays; the plan's delay" },
        { "[]", NULL, "nothing to do" },
        { "{}", NULL, "no array" },
        { "[1]", NULL, "no step" },
        { "[{}]", NULL, "neither ack nor code" },
        { "[{\"ack\":\"accepted\",\"code\":\"10\"}]", NULL, "both" },
        { "[{\"ack\":\"maybe\"}]", NULL, "no such acknowledgement" },
        { "[{\"code\":10}]", NULL, "a code is a text" },
        { "[{\"code\":\"10\",\"delay_ms\":-1}]", NULL, "backwards" },
        { "[{\"code\":\"10\",\"text\":1}]", NULL, "a text is a text" },
        { "[[{\"code\":\"10\"}],{\"code\":\"10\"}]", NULL, "mixed" },
        { "[", NULL, "no JSON" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *name = NULL;
        kn_customs_plan plan = { .behave = "script", .delay_ms = 3 };
        int fd = g_file_open_tmp("kouan-script-XXXXXX", &name, NULL);
        bool ok;

        assert_true(fd >= 0);
        (void)close(fd);
        assert_true(g_file_set_contents(name, vectors[i].text, -1, NULL));
        ok = kn_customs_script(name, &plan.script, NULL);
        (void)unlink(name);
        if (ok != (vectors[i].expect != NULL))
            fail_msg("%s: %s", vectors[i].text, vectors[i].why);
        if (ok) {
            g_autofree char *text = steps_text(&plan, GUID);

            assert_string_equal(text, vectors[i].expect);
        }
        json_decref(plan.script);
    }
}

static void
customs_plans(void **unused)
{
    static const kn_customs_plan bad[] = {
        { .behave = "maybe" },
        { .behave = "" },
        { .behave = "script" },
        { .behave = "approve", .delay_ms = -1 },
        { .behave = "approve", .double_percent = 101 },
        { .behave = "approve", .early_percent = -1 },
    };
    const kn_customs_plan good = { .behave = "approve", .double_percent = 100 };

    (void)unused;
    assert_true(kn_customs_plan_check(&good, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (kn_customs_plan_check(&bad[i], NULL))
            fail_msg("plan %zu was taken", i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(customs_behaviours), cmocka_unit_test(customs_dice),
        cmocka_unit_test(customs_guids),      cmocka_unit_test(customs_scripts),
        cmocka_unit_test(customs_plans),
    };

    return cmocka_run_group_tests_name("customs_plan", tests, NULL, NULL);
}
