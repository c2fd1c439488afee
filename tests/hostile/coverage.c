/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the catalogue against docs/XML_SECURITY.md §3: each rule, and each error a rule names, has a
 * hostile file of its own, with the code that stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include <cmocka.h>
#include <string.h>

#define PAGE KOUAN_SOURCE_DIR "/docs/XML_SECURITY.md"
#define RULES "R1 X1 X2 X3 X4 X5 X6 S1 S2 S3 S4 S5 S6 S7 S8 S9 K1 K2 K3 K4 K5 K6 G1 D1 V1 B1 B2 B3"

/* No file makes these: they need an archive, or a library that fails.  The test that has them says so. */
static const struct {
    const char *error, *test;
} elsewhere[] = {
    { "MSG_ID_REUSED", "tests/e2e/flow" },
    { "MSG_TIME", "tests/e2e/flow" },
    { "C14N_FAILED", "tests/unit/xml/test_c14n.c" },
    { "XSD_ABORTED", "tests/unit/xml/test_schema.c" },
    { "ENGINE_ERROR", "tests/unit/decision/test_decision.c" },
};

static const hostile_row *
row_with(const char *error, const char *code)
{
    for (size_t l = 0; hostile_lists[l]; l++)
        for (const hostile_row *r = hostile_lists[l]->rows; r->name; r++)
            if (strcmp(kn_error_row_of(r->error)->name, error) == 0
                && (!code || strcmp(r->code, code) == 0))
                return r;
    return NULL;
}

static bool
is_elsewhere(const char *error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        g_autofree char *path = g_build_filename(KOUAN_SOURCE_DIR, elsewhere[i].test, NULL);
        g_autofree char *text = NULL;

        if (strcmp(elsewhere[i].error, error) != 0)
            continue;
        if (!g_file_get_contents(path, &text, NULL, NULL) || !strstr(text, error))
            fail_msg("%s: %s has no case of it", error, elsewhere[i].test);
        return true;
    }
    return false;
}

/* `NAME` after `NAME` of a cell. */
static unsigned
check_errors(const char *rule, const char *errors, const char *codes)
{
    g_auto(GStrv) words = g_strsplit(errors, "`", -1);
    unsigned here = 0;

    for (unsigned i = 1; words[i]; i += 2) {
        const hostile_row *r = row_with(words[i], NULL);

        if (!r && !is_elsewhere(words[i]))
            fail_msg("%s %s: no hostile file ends in it", rule, words[i]);
        if (!r)
            continue;
        here++;
        if (!strstr(codes, r->code))
            fail_msg("%s %s: the page says %s, the catalogue %s", rule, words[i], codes, r->code);
    }
    return here;
}

void
hostile_coverage(void **unused)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;

    (void)unused;
    assert_true(g_file_get_contents(PAGE, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        g_auto(GStrv) cells = g_strsplit(lines[i], "|", -1);
        unsigned n = g_strv_length(cells);

        if (n < 6)
            continue;
        g_strstrip(cells[1]);
        if (strlen(cells[1]) != 2 || !g_ascii_isupper(cells[1][0]) || !g_ascii_isdigit(cells[1][1]))
            continue;
        g_string_append_printf(seen, "%s%s", seen->len > 0 ? " " : "", cells[1]);
        if (check_errors(cells[1], cells[n - 3], cells[n - 2]) == 0)
            fail_msg("%s: no hostile file of its own", cells[1]);
    }
    assert_string_equal(seen->str, RULES);
}
