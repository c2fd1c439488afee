/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/rule.h"
#include "cli/answer.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void
cli_commands(void **unused)
{
    (void)unused;
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++) {
        if (!c->help || strlen(c->help) < 10 || strchr(c->help, '\n') || !c->run)
            fail_msg("%s: wants one line of help and a function", c->name);
        if (kn_cli_find(c->name) != c)
            fail_msg("%s: stands twice", c->name);
    }
    assert_null(kn_cli_find(""));
    assert_null(kn_cli_find("Migrate"));
    assert_null(kn_cli_find("mig"));
}

static void
see_syntax(const kn_cli_command *command, const kn_cli_syntax *syntax, void *data)
{
    g_autoptr(GArray) options = kn_cli_options(syntax);

    if (!syntax->what || !syntax->words)
        fail_msg("%s: says nothing of itself", command->name);
    for (unsigned i = 0; i < options->len; i++) {
        const GOptionEntry *e = &g_array_index(options, GOptionEntry, i);

        if (!e->description || (e->arg != G_OPTION_ARG_NONE) != (e->arg_description != NULL))
            fail_msg("%s --%s: wants a text, and a word for its value", command->name,
                     e->long_name);
        for (unsigned k = 0; k < i; k++)
            if (strcmp(g_array_index(options, GOptionEntry, k).long_name, e->long_name) == 0)
                fail_msg("%s --%s: stands twice", command->name, e->long_name);
    }
    (*(size_t *)data)++;
}

static int
says_nothing(int argc, char **argv)
{
    (void)argc, (void)argv;
    return KN_EXIT_OK;
}

/* Looked at, not run: no command may do anything before it has read its command line. */
static void
cli_describe(void **unused)
{
    static const kn_cli_command silent = { "silent", "says nothing", says_nothing };
    const kn_cli_syntax with_json = { .words = "", .what = "" };
    char *argv[] = { (char *)(uintptr_t) "x", NULL }, **words = argv;
    size_t seen = 0, there = 0;
    int argc = 1;

    (void)unused;
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++, there++)
        if (!kn_cli_describe(c, see_syntax, &seen))
            fail_msg("%s: does not say what it takes", c->name);
    assert_int_equal(seen, there);
    assert_false(kn_cli_describe(&silent, see_syntax, &seen));
    assert_true(kn_cli_parse(&with_json, &argc, &words)); /* looking has ended */
    assert_int_equal(seen, there);
}

static void
cli_keywords(void **unused)
{
    static const struct {
        const char *words, *keywords;
        bool files;
    } vectors[] = {
        { "", "", false },
        { "check|show|sample", "check show sample", false },
        { "list|show VERSION|switch", "list show switch", false },
        { "check FILE.so|list", "check list", true },
        { "FILE|-|GUID|KID", "", true },
        { "FILE…|DIR|-", "", true },
        { "[NAME]", "", false },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const kn_cli_syntax syntax = { .words = vectors[i].words };
        bool files = !vectors[i].files;
        g_auto(GStrv) found = kn_cli_keywords(&syntax, &files);
        g_autofree char *text = g_strjoinv(" ", found);

        assert_string_equal(text, vectors[i].keywords);
        assert_true(files == vectors[i].files);
    }
}

static void
cli_exit_codes(void **unused)
{
    static const struct {
        kn_error code;
        int exit;
        const char *why;
    } vectors[] = {
        { KN_E_CONFIG, 78, "configuration" },
        { KN_E_TABLE, 78, "a code table" },
        { KN_E_USAGE, 64, "wrong use" },
        { KN_E_IO, 2, "a file is missing" },
        { KN_E_STORE_WRONG, 2, "not migrated" },
        { KN_E_BUS_WRONG, 2, "a topic is missing" },
        { KN_E_STORE_DOWN, 69, "no database" },
        { KN_E_BUS_DOWN, 69, "no broker" },
        { KN_E_ENGINE_ERROR, 70, "internal" },
        { KN_E_DIGEST_MISMATCH, 1, "refused" },
        { KN_E_KEY_CRL_STALE, 1, "cannot be judged now" },
        { KN_E_NO_DOCUMENT, 1, "not found" },
        { KN_E_POSITION_MOVED, 70, "nothing a tool should meet" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GError) err = NULL;

        (void)kn_fail(&err, vectors[i].code, "x");
        if (kn_cli_exit_of(err) != vectors[i].exit)
            fail_msg("%s: exit %d, expected %d", vectors[i].why, kn_cli_exit_of(err),
                     vectors[i].exit);
    }
}

/* argv of a call; the parser may move words about. */
typedef struct line {
    char *words[6];
    int count;
} line;

static bool
parse(const char *text, const kn_cli_syntax *syntax, line *out)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    char **argv = out->words;

    memset(out, 0, sizeof *out);
    for (; words[out->count] && out->count < 5; out->count++)
        out->words[out->count] = (char *)(uintptr_t)g_intern_string(words[out->count]);
    if (!kn_cli_parse(syntax, &out->count, &argv))
        return false;
    memmove(out->words, argv, sizeof(char *) * (size_t)out->count);
    return true;
}

static void
cli_parse_lines(void **unused)
{
    static const struct {
        const char *text;
        bool ok;
        int words;
        const char *why;
    } vectors[] = {
        { "t a", true, 1, "one word" },
        { "t a b", true, 2, "two words" },
        { "t -c x.ini a", true, 1, "an option before" },
        { "t a --json", true, 1, "an option behind" },
        { "t -- --json", true, 1, "after -- all is words" },
        { "t", false, 0, "too few" },
        { "t a b c", false, 0, "too many" },
        { "t --nope a", false, 0, "unknown option" },
        { "t a -c", false, 0, "option without its value" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const char *config = NULL;
        bool json = false;
        const kn_cli_syntax syntax = {
            .words = "", .what = "x", .config = &config, .json = &json, .least = 1, .most = 2
        };
        line l;
        bool ok = parse(vectors[i].text, &syntax, &l);

        if (ok != vectors[i].ok || (ok && l.count - 1 != vectors[i].words))
            fail_msg("%s (%s): %d words", vectors[i].text, vectors[i].why, l.count - 1);
        if (ok && (json != (strcmp(vectors[i].text, "t a --json") == 0) || !config))
            fail_msg("%s: options", vectors[i].text);
    }
}

static void
rule_of_codes(void **unused)
{
    (void)unused;
    assert_string_equal(kn_rule_of(KN_E_DIGEST_MISMATCH), "D1");
    assert_string_equal(kn_rule_of(KN_E_XML_TAG_LIMIT), "X4");
    assert_string_equal(kn_rule_of(KN_E_KEY_TYPE), "K5");
    assert_string_equal(kn_rule_of(KN_E_OK), "");
    assert_string_equal(kn_rule_of(KN_E_STORE_DOWN), "");
    assert_string_equal(kn_rule_of(KN_E_FIELD_CODE), "");
}

static void
answer_reads(void **unused)
{
    static const char receipt[] =
        "<r:Receipt xmlns:r=\"urn:kouan:receipt:1\" guid=\"G\" version=\"1.0\"><r:Head>"
        "<r:receiptKind>technical</r:receiptKind><r:oriGuid>O</r:oriGuid></r:Head>"
        "<r:Keys><r:tripNo>T</r:tripNo></r:Keys><r:resultCode>4100</r:resultCode>"
        "<r:Errors><r:Error><r:path>a/b</r:path><r:rule>CK-H03</r:rule></r:Error></r:Errors>"
        "<r:Actions><r:action>VIEW</r:action><r:action>EDIT</r:action></r:Actions></r:Receipt>";
    static const char letter[] = "{\"guid\":\"O\",\"error\":\"SIG_BAD\"}";
    static const char *const bad[] = { "", "<x", "<Other guid=\"G\"/>", "{}" };
    kn_xml *xml;
    json_t *answer = NULL;

    (void)unused;
    assert_true(kn_xml_setup(NULL));
    xml = kn_xml_new(NULL, NULL);
    assert_true(kn_answer_read(xml, receipt, strlen(receipt), &answer, NULL));
    assert_false(kn_answer_accepted(answer));
    assert_string_equal(json_string_value(json_object_get(answer, "answers")), "O");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer, "keys"), "tripNo")), "T");
    assert_int_equal(json_array_size(json_object_get(answer, "errors")), 1);
    assert_int_equal(json_array_size(json_object_get(answer, "actions")), 2);
    json_decref(answer);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        if (kn_answer_read(xml, bad[i], strlen(bad[i]), &answer, NULL))
            fail_msg("“%s” was taken for a receipt", bad[i]);
    assert_false(kn_answer_dead_letter("[1]", 3, &answer, NULL));
    assert_true(kn_answer_dead_letter(letter, strlen(letter), &answer, NULL));
    assert_false(kn_answer_accepted(answer));
    json_decref(answer);
    kn_xml_free(xml);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cli_commands),    cmocka_unit_test(cli_describe),
        cmocka_unit_test(cli_keywords),    cmocka_unit_test(cli_exit_codes),
        cmocka_unit_test(cli_parse_lines), cmocka_unit_test(rule_of_codes),
        cmocka_unit_test(answer_reads),
    };

    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
