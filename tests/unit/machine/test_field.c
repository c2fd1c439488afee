/* SPDX-License-Identifier: Apache-2.0 */
/* Types, obligations and the walk over a table; given values come from JSON here, from messages in
 * tests/cases. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/handler.h>
#include <stdlib.h>
#include <string.h>

static kn_codes *codes;

static int
load_codes(void **unused)
{
    (void)unused;
    return kn_codes_load("config/codes", &codes, NULL) ? 0 : -1;
}

static int
free_codes(void **unused)
{
    (void)unused;
    kn_codes_free(codes);
    return 0;
}

/* One value through one row: the accepted value (g_free it) or NULL with the code. */
static char *
through(const kn_field *row, unsigned flags, const char *text, kn_error *code)
{
    const kn_field rows[] = { *row, { .id = NULL } };
    json_t *given = json_pack("{s:s}", row->name, text);
    json_t *values = json_object();
    g_autoptr(GPtrArray) errors = g_ptr_array_new();
    kn_field_scope scope = { .codes = codes, .flags = flags };
    char *value;

    kn_values_check(rows, given, "P", &scope, values, errors);
    value = g_strdup(json_string_value(json_object_get(values, row->name)));
    *code = KN_E_OK;
    for (unsigned i = 0; i < errors->len; i++) {
        *code = ((kn_field_error *)errors->pdata[i])->code;
        kn_field_error_free(errors->pdata[i]);
    }
    json_decref(given);
    json_decref(values);
    return value;
}

typedef struct vector {
    const char *text, *value;
    kn_error code;
    const char *why;
} vector;

static void
run(const kn_field *row, unsigned flags, const vector *vectors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        kn_error code;
        g_autofree char *value = through(row, flags, vectors[i].text, &code);

        if (code != vectors[i].code || g_strcmp0(value, vectors[i].value) != 0)
            fail_msg("%s: %s (got %s, %s)", vectors[i].text, vectors[i].why, value ? value : "none",
                     kn_error_row_of(code)->name);
    }
}

#define ROW(...) \
    { \
        .id = "X", .name = "x", .label = "甲", .need = KN_MAY, __VA_ARGS__ \
    }

static void
field_decimal(void **unused)
{
    static const kn_field zero_too = ROW(.type = KN_F_DECIMAL, .max = 14, .scale = 4);
    static const kn_field positive = ROW(.type = KN_F_DECIMAL, .min = 1, .max = 14, .scale = 4);
    static const vector vectors[] = {
        { "0", "0", KN_E_OK, "zero" },
        { "0.0000", "0", KN_E_OK, "zero with decimals" },
        { "007.50", "7.5", KN_E_OK, "useless zeros go" },
        { "10", "10", KN_E_OK, "useful zeros stay" },
        { "1234567890.1234", "1234567890.1234", KN_E_OK, "fourteen digits" },
        { "00000000000000001", "1", KN_E_OK, "leading zeros do not count" },
        { "12345678901", NULL, KN_E_FIELD_RANGE, "eleven places before the point" },
        { "0.12345", NULL, KN_E_FIELD_RANGE, "five decimals" },
        { "0.00000", NULL, KN_E_FIELD_RANGE, "five decimals as written" },
        { "-1", NULL, KN_E_FIELD_RANGE, "below zero" },
        { "+1", NULL, KN_E_FIELD_FORMAT, "sign" },
        { "1e3", NULL, KN_E_FIELD_FORMAT, "exponent" },
        { "1.", NULL, KN_E_FIELD_FORMAT, "point without decimals" },
        { ".5", NULL, KN_E_FIELD_FORMAT, "decimals without whole" },
        { ".", NULL, KN_E_FIELD_FORMAT, "point" },
        { "-", NULL, KN_E_FIELD_FORMAT, "sign alone" },
        { "1.2.3", NULL, KN_E_FIELD_FORMAT, "two points" },
        { "1,5", NULL, KN_E_FIELD_FORMAT, "comma" },
        { "1 000", NULL, KN_E_FIELD_FORMAT, "blank" },
        { "0x10", NULL, KN_E_FIELD_FORMAT, "hexadecimal" },
        { "NaN", NULL, KN_E_FIELD_FORMAT, "no number" },
        { "１", NULL, KN_E_FIELD_FULLWIDTH, "full-width" },
    };
    static const vector above[] = {
        { "0.0001", "0.0001", KN_E_OK, "smallest" },
        { "0", NULL, KN_E_FIELD_RANGE, "zero" },
        { "0.0000", NULL, KN_E_FIELD_RANGE, "zero with decimals" },
    };

    (void)unused;
    run(&zero_too, 0, vectors, G_N_ELEMENTS(vectors));
    run(&positive, 0, above, G_N_ELEMENTS(above));
}

static void
field_words(void **unused)
{
    static const kn_field alnum = ROW(.type = KN_F_ALNUM, .min = 2, .max = 4);
    static const kn_field digits = ROW(.type = KN_F_DIGITS, .min = 2, .max = 2);
    static const vector letters[] = {
        { "aB1", "aB1", KN_E_OK, "letters and digits" },
        { "a", NULL, KN_E_FIELD_LENGTH, "short" },
        { "abcde", NULL, KN_E_FIELD_LENGTH, "long" },
        { "a-b", NULL, KN_E_FIELD_FORMAT, "hyphen" },
        { "渝A1", NULL, KN_E_FIELD_FORMAT, "not ASCII" },
        { "ａｂ", NULL, KN_E_FIELD_FULLWIDTH, "full-width letters" },
    };
    static const vector numbers[] = {
        { "01", "01", KN_E_OK, "zeros stay" },
        { "1", NULL, KN_E_FIELD_LENGTH, "short" },
        { "1a", NULL, KN_E_FIELD_FORMAT, "letter" },
        { "０１", NULL, KN_E_FIELD_FULLWIDTH, "full-width" },
        { "٠١", NULL, KN_E_FIELD_FORMAT, "digits of another script" },
    };

    (void)unused;
    run(&alnum, 0, letters, G_N_ELEMENTS(letters));
    run(&digits, 0, numbers, G_N_ELEMENTS(numbers));
}

static void
field_fullwidth_converted(void **unused)
{
    static const kn_field digits = ROW(.type = KN_F_DIGITS, .min = 2, .max = 2);
    static const kn_field code = ROW(.type = KN_F_CODE, .list = "ie");
    static const kn_field text = ROW(.type = KN_F_TEXT, .max = 4);
    static const vector numbers[] = {
        { "０１", "01", KN_E_OK, "converted" },
        { "０１２", NULL, KN_E_FIELD_LENGTH, "converted, and then too long" },
        { "　　", NULL, KN_E_FIELD_FORMAT, "nothing left" },
    };
    static const vector letters[] = { { "Ｉ", "I", KN_E_OK, "converted" },
                                      { "Ｚ", NULL, KN_E_FIELD_CODE, "converted, no code" } };
    static const vector words[] = { { "ＡＢ", "ＡＢ", KN_E_OK, "text is left alone" } };

    (void)unused;
    run(&digits, KN_SCOPE_CONVERT_FULLWIDTH, numbers, G_N_ELEMENTS(numbers));
    run(&code, KN_SCOPE_CONVERT_FULLWIDTH, letters, G_N_ELEMENTS(letters));
    run(&text, KN_SCOPE_CONVERT_FULLWIDTH, words, G_N_ELEMENTS(words));
}

static void
field_dates(void **unused)
{
    static const kn_field date = ROW(.type = KN_F_DATE);
    static const vector vectors[] = {
        { "2026-07-15", "2026-07-15", KN_E_OK, "a day" },
        { "2028-02-29", "2028-02-29", KN_E_OK, "leap year" },
        { "2026-02-29", NULL, KN_E_FIELD_FORMAT, "no leap year" },
        { "2100-02-29", NULL, KN_E_FIELD_FORMAT, "a century is none" },
        { "2026-13-01", NULL, KN_E_FIELD_FORMAT, "month 13" },
        { "2026-00-01", NULL, KN_E_FIELD_FORMAT, "month 0" },
        { "2026-04-31", NULL, KN_E_FIELD_FORMAT, "April 31" },
        { "2026-04-00", NULL, KN_E_FIELD_FORMAT, "day 0" },
        { "0000-01-01", NULL, KN_E_FIELD_FORMAT, "year 0" },
        { "2026/04/01", NULL, KN_E_FIELD_FORMAT, "slashes" },
        { "20260401", NULL, KN_E_FIELD_FORMAT, "eight digits" },
        { "2026-4-1", NULL, KN_E_FIELD_FORMAT, "no zeros" },
        { "2026-04-01T00:00:00", NULL, KN_E_FIELD_FORMAT, "with a time" },
    };

    (void)unused;
    run(&date, 0, vectors, G_N_ELEMENTS(vectors));
}

static void
field_text_counts_code_points(void **unused)
{
    static const kn_field remark = ROW(.type = KN_F_TEXT, .max = 1000);
    static const char *const units[] = { "a", "备", "𠮷" };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        for (int n = 999; n <= 1001; n++) {
            GString *text = g_string_new(NULL);
            kn_error code;
            g_autofree char *value = NULL;

            for (int k = 0; k < n; k++)
                g_string_append(text, units[i]);
            value = through(&remark, 0, text->str, &code);
            assert_int_equal(code, n > 1000 ? KN_E_FIELD_LENGTH : KN_E_OK);
            assert_int_equal(value != NULL, n <= 1000);
            (void)g_string_free(text, TRUE);
        }
}

/* --- the walk --------------------------------------------------------------------------------------- */

static kn_obligation
when_a(const kn_field_scope *scope)
{
    return kn_field_given(scope, "a") ? KN_MUST : KN_NEVER;
}

static kn_error
warn_long(const kn_field_scope *scope, const char *value, bool *warning)
{
    (void)scope;
    *warning = true;
    return strlen(value) > 2 ? KN_E_FIELD_FORMAT : KN_E_OK;
}

static const kn_field walk_rows[] = {
    { .id = "R1", .name = "a", .label = "甲", .need = KN_MUST, .type = KN_F_CODE, .list = "ie" },
    { .id = "R2",
      .name = "b",
      .label = "乙",
      .need = KN_WHEN,
      .type = KN_F_TEXT,
      .max = 9,
      .when = when_a },
    { .id = "R3", .name = "c", .label = "丙", .need = KN_GIVEN, .type = KN_F_TEXT, .max = 9 },
    { .id = "R4", .name = "d", .label = "丁", .need = KN_NEVER, .type = KN_F_TEXT, .max = 9 },
    { .id = "R5", .name = "e", .label = "戊", .need = KN_KEY, .type = KN_F_TEXT, .max = 9 },
    { .id = "R6",
      .name = "f",
      .label = "己",
      .need = KN_MAY,
      .type = KN_F_TEXT,
      .max = 9,
      .check = warn_long },
    { .id = NULL },
};

/* "CODE@path;CODE@path" with '!' before a warning. */
static char *
walk(const char *given_text, unsigned flags, char **values_text)
{
    json_t *given = json_loads(given_text, 0, NULL);
    json_t *values = json_object();
    g_autoptr(GPtrArray) errors = g_ptr_array_new();
    kn_field_scope scope = { .codes = codes, .flags = flags };
    GString *text = g_string_new(NULL);
    char *dump;

    kn_values_check(walk_rows, given, "P", &scope, values, errors);
    for (unsigned i = 0; i < errors->len; i++) {
        kn_field_error *error = errors->pdata[i];

        g_string_append_printf(text, "%s%s%s@%s", i ? ";" : "", error->warning ? "!" : "",
                               kn_error_row_of(error->code)->name, error->path);
        assert_non_null(strstr(error->detail, "："));
        kn_field_error_free(error);
    }
    dump = json_dumps(values, JSON_COMPACT);
    *values_text = g_strdup(dump);
    free(dump); /* allow: jansson's own */
    json_decref(given);
    json_decref(values);
    assert_null(scope.source);
    return g_string_free(text, FALSE);
}

static void
field_walk(void **unused)
{
    static const struct {
        const char *given;
        unsigned flags;
        const char *errors, *values;
    } vectors[] = {
        { "{\"a\":\"进口\",\"b\":\"x\"}", 0, "", "{\"a\":\"I\",\"b\":\"x\"}" },
        { "{\"b\":\"x\",\"a\":\"I\"}", 0, "", "{\"a\":\"I\",\"b\":\"x\"}" }, /* row order */
        { "{}", 0, "FIELD_MISSING@P/a", "{}" },
        { "{\"a\":\"\"}", 0, "FIELD_MISSING@P/a", "{}" },
        { "{\"a\":\"I\"}", 0, "FIELD_MISSING@P/b", "{\"a\":\"I\"}" },
        { "{\"a\":\"Z\",\"b\":\"x\"}", 0, "FIELD_CODE@P/a",
          "{\"b\":\"x\"}" }, /* given, though wrong */
        { "{\"b\":\"x\"}", 0, "FIELD_MISSING@P/a;FIELD_FORBIDDEN@P/b", "{}" },
        { "{\"a\":\"I\",\"b\":\"x\",\"c\":\"x\",\"e\":\"x\"}", 0, "", "{\"a\":\"I\",\"b\":\"x\"}" },
        { "{\"a\":\"I\",\"b\":\"x\",\"c\":\"x\",\"e\":\"x\"}", KN_SCOPE_REFUSE_GREY,
          "FIELD_FORBIDDEN@P/c", "{\"a\":\"I\",\"b\":\"x\"}" },
        { "{\"a\":\"I\",\"b\":\"x\",\"d\":\"x\"}", 0, "FIELD_FORBIDDEN@P/d",
          "{\"a\":\"I\",\"b\":\"x\"}" },
        { "{\"a\":\"I\",\"b\":\"x\",\"f\":\"xyz\"}", 0, "!FIELD_FORMAT@P/f",
          "{\"a\":\"I\",\"b\":\"x\",\"f\":\"xyz\"}" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *values = NULL;
        g_autofree char *errors = walk(vectors[i].given, vectors[i].flags, &values);

        assert_string_equal(errors, vectors[i].errors);
        assert_string_equal(values, vectors[i].values);
    }
}

static void
field_errors_have_a_ceiling(void **unused)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new();
    json_t *given = json_object();

    (void)unused;
    for (int i = 0; i < KN_FIELD_ERRORS_MAX + 50; i++) {
        json_t *values = json_object();
        kn_field_scope scope = { .codes = codes };

        kn_values_check(walk_rows, given, "P", &scope, values, errors);
        json_decref(values);
    }
    assert_int_equal(errors->len, KN_FIELD_ERRORS_MAX);
    for (unsigned i = 0; i < errors->len; i++)
        kn_field_error_free(errors->pdata[i]);
    json_decref(given);
}

/* clang-format off */
static const kn_field bad_tables[][3] = {
    { { .id = "A", .label = "甲", .need = KN_MAY, .type = KN_F_TEXT } },
    { { .id = "A", .name = "a", .need = KN_MAY, .type = KN_F_TEXT } },
    { { .id = "A", .name = "a", .label = "甲", .type = KN_F_TEXT } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_DATE },
      { .id = "B", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_DATE } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_DATE },
      { .id = "A", .name = "b", .label = "甲", .need = KN_MAY, .type = KN_F_DATE } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_WHEN, .type = KN_F_TEXT } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_TEXT, .when = when_a } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_TEXT, .min = 2, .max = 1 } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_DECIMAL } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_DECIMAL, .max = 4, .scale = 4 } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_CODE } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_TEXT, .list = "ie" } },
    { { .id = "A", .name = "a", .label = "甲", .need = KN_MAY, .type = KN_F_CODE, .list = "nowhere" } },
};
/* clang-format on */

static void
field_table_check(void **unused)
{
    g_autoptr(GError) none = NULL;

    (void)unused;
    assert_true(kn_fields_table_check("walk", walk_rows, codes, &none));
    for (size_t i = 0; i < G_N_ELEMENTS(bad_tables); i++) {
        g_autoptr(GError) err = NULL;

        if (kn_fields_table_check("bad", bad_tables[i], codes, &err))
            fail_msg("table %zu passes", i);
        assert_int_equal(kn_error_code(err), KN_E_TABLE);
    }
    assert_true(
        kn_fields_table_check("no codes", bad_tables[G_N_ELEMENTS(bad_tables) - 1], NULL, &none));
}

static void
field_markdown(void **unused)
{
    static const kn_fieldset set = { "title", walk_rows };
    g_autofree char *text = kn_fields_markdown(&set);

    (void)unused;
    assert_non_null(strstr(text, "| R1 | `a` | 甲 | must | CODE(ie) |"));
    assert_non_null(strstr(text, "| R2 | `b` | 乙 | when | X..9 |"));
    assert_non_null(strstr(text, "| R5 | `e` | 戊 | engine, key | X..9 |"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_decimal),
        cmocka_unit_test(field_words),
        cmocka_unit_test(field_fullwidth_converted),
        cmocka_unit_test(field_dates),
        cmocka_unit_test(field_text_counts_code_points),
        cmocka_unit_test(field_walk),
        cmocka_unit_test(field_errors_have_a_ceiling),
        cmocka_unit_test(field_table_check),
        cmocka_unit_test(field_markdown),
    };

    return cmocka_run_group_tests(tests, load_codes, free_codes);
}
