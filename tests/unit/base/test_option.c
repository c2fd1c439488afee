/* SPDX-License-Identifier: Apache-2.0 */
/* Option rows: the value that is read, and each way to be wrong with the text that says so. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/error.h>
#include <kouan/option.h>
#include <string.h>

typedef struct conf {
    int64_t number, wide;
    bool flag;
    char *text;
    int choice;
    char **list;
} conf;

/* clang-format off */
static const kn_option rows[] = {
    { .key = "number", .type = KN_OPT_INT, .def = "3", .min = -5, .max = 999, .offset = offsetof(conf, number) },
    { .key = "wide", .type = KN_OPT_INT, .def = "0", .min = INT64_MIN, .max = INT64_MAX, .offset = offsetof(conf,
      wide) },
    { .key = "flag", .type = KN_OPT_BOOL, .def = "true", .offset = offsetof(conf, flag) },
    { .key = "text", .type = KN_OPT_TEXT, .def = "none", .max = 6, .offset = offsetof(conf, text) },
    { .key = "choice", .type = KN_OPT_ENUM, .def = "b", .choices = "a|b|c", .offset = offsetof(conf, choice) },
    { .key = "list", .type = KN_OPT_LIST, .def = "x,y", .offset = offsetof(conf, list) },
    { .key = NULL },
};
static const kn_option must[] = {
    { .key = "name", .type = KN_OPT_TEXT, .offset = offsetof(conf, text) },
    { .key = NULL },
};
/* clang-format on */

static bool
load(const kn_option *table, const char *text, conf *c, GError **err)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_KEEP_TRANSLATIONS, err))
        return false;
    return kn_options_load(table, file, "kouan.ini", "g", c, err);
}

static void
option_defaults(void **unused)
{
    static const char *const texts[] = { "", "[g]\n", "[other]\nnumber = 9\n" };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        conf c = { 0 };
        g_autoptr(GError) err = NULL;

        if (!load(rows, texts[i], &c, &err))
            fail_msg("“%s”: %s", texts[i], err->message);
        assert_int_equal(c.number, 3);
        assert_true(c.flag);
        assert_string_equal(c.text, "none");
        assert_int_equal(c.choice, 1);
        assert_string_equal(c.list[0], "x");
        assert_string_equal(c.list[1], "y");
        assert_null(c.list[2]);
        kn_options_clear(rows, &c);
    }
}

static void
option_no_file_means_defaults(void **unused)
{
    conf c = { 0 };

    (void)unused;
    assert_true(kn_options_load(rows, NULL, "-", "g", &c, NULL));
    assert_int_equal(c.number, 3);
    kn_options_clear(rows, &c);
    assert_null(c.text);
    assert_null(c.list);
    kn_options_clear(rows, &c); /* twice is fine */
}

static void
option_values(void **unused)
{
    conf c = { 0 };
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(load(rows,
                     "[g]\nnumber = -5\nwide=-9223372036854775808\nflag = false \ntext =  口岸 \n"
                     "choice=c\nlist = one , two,three\n",
                     &c, &err));
    assert_int_equal(c.number, -5);
    assert_true(c.wide == INT64_MIN);
    assert_false(c.flag);
    assert_string_equal(c.text, "口岸");
    assert_int_equal(c.choice, 2);
    assert_string_equal(c.list[1], "two");
    assert_null(c.list[3]);
    kn_options_clear(rows, &c);
}

static void
option_empty_list_and_last_value_wins(void **unused)
{
    conf c = { 0 };

    (void)unused;
    assert_true(load(rows, "[g]\nlist =\nnumber = 1\nnumber = 2\n", &c, NULL));
    assert_null(c.list[0]);
    assert_int_equal(c.number, 2);
    kn_options_clear(rows, &c);
}

/* Each mistake stops the start and names file, group and key. */
static void
option_mistakes(void **unused)
{
    static const struct {
        const char *line, *says, *why;
    } vectors[] = {
        { "number = 1000", "number: ", "one above the range" },
        { "number = -6", "number: ", "one below the range" },
        { "number =", "number: ", "no number" },
        { "number = 0x10", "number: ", "decimal only" },
        { "number = 1e2", "number: ", "no exponent" },
        { "number = 1.0", "number: ", "no fraction" },
        { "number = 10 ms", "number: ", "no unit" },
        { "number = ３", "number: ", "full-width digit" },
        { "wide = 9223372036854775808", "wide: ", "one above int64" },
        { "wide = -9223372036854775809", "wide: ", "one below int64" },
        { "flag = yes", "neither true nor false", "true or false only" },
        { "flag = True", "neither true nor false", "case counts" },
        { "flag = 1", "neither true nor false", "no number" },
        { "flag =", "neither true nor false", "empty" },
        { "text = seven77", "longer than 6 bytes", "seven bytes" },
        { "text = 口岸口", "longer than 6 bytes", "bytes count, not characters" },
        { "choice = d", "not one of a|b|c", "no such choice" },
        { "choice = A", "not one of a|b|c", "case counts" },
        { "choice = a|b", "not one of a|b|c", "one, not two" },
        { "choice =", "not one of a|b|c", "empty" },
        { "list = a,,b", "empty entry", "hole in the middle" },
        { "list = a,", "empty entry", "comma at the end" },
        { "list = ,a", "empty entry", "comma at the start" },
        { "list = ,", "empty entry", "nothing but a comma" },
        { "nummer = 3", "unknown key", "a slip of the pen must not mean the default" },
        { "Number = 3", "unknown key", "case counts" },
        { "number[de] = 3", "unknown key", "no translations here" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        conf c = { 0 };
        g_autoptr(GError) err = NULL;
        g_autofree char *text = g_strconcat("[g]\n", vectors[i].line, "\n", NULL);

        if (load(rows, text, &c, &err))
            fail_msg("“%s” was taken: %s", vectors[i].line, vectors[i].why);
        else if (kn_error_code(err) != KN_E_CONFIG
                 || !g_str_has_prefix(err->message, "kouan.ini: [g] ")
                 || !strstr(err->message, vectors[i].says))
            fail_msg("“%s”: the error says “%s”", vectors[i].line, err->message);
        kn_options_clear(rows, &c);
    }
}

static void
option_text_must_be_utf8(void **unused)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) err = NULL;
    conf c = { 0 };

    (void)unused;
    g_key_file_set_value(file, "g", "text", "\xff");
    assert_false(kn_options_load(rows, file, "f", "g", &c, &err));
    assert_int_equal(kn_error_code(err), KN_E_CONFIG);
    kn_options_clear(rows, &c);
}

static void
option_must_be_given(void **unused)
{
    conf c = { 0 };
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_false(load(must, "[g]\n", &c, &err));
    assert_string_equal(err->message, "kouan.ini: [g] name: must be given");
    assert_true(load(must, "[g]\nname = x\n", &c, NULL));
    kn_options_clear(must, &c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option_defaults),
        cmocka_unit_test(option_no_file_means_defaults),
        cmocka_unit_test(option_values),
        cmocka_unit_test(option_empty_list_and_last_value_wins),
        cmocka_unit_test(option_mistakes),
        cmocka_unit_test(option_text_must_be_utf8),
        cmocka_unit_test(option_must_be_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
