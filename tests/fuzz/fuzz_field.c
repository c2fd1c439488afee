/* SPDX-License-Identifier: Apache-2.0 */
/* Door: values of a document.  Each line is the value of the next row; what is accepted keeps the row's
 * limits, what is not has an error, and a second look says the same. */
#include <assert.h>
#include <kouan/handler.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* clang-format off */
static const kn_field rows[] = {
    { .id = "F-1", .name = "text", .label = "名称", .need = KN_MUST, .type = KN_F_TEXT, .min = 1, .max = 10 },
    { .id = "F-2", .name = "alnum", .label = "代码", .need = KN_MAY, .type = KN_F_ALNUM, .min = 2, .max = 8 },
    { .id = "F-3", .name = "digits", .label = "号码", .need = KN_MAY, .type = KN_F_DIGITS, .min = 4, .max = 4 },
    { .id = "F-4", .name = "decimal", .label = "重量", .need = KN_MAY, .type = KN_F_DECIMAL, .max = 19, .scale = 5 },
    { .id = "F-5", .name = "positive", .label = "件数", .need = KN_MAY, .type = KN_F_DECIMAL, .min = 1, .max = 5 },
    { .id = "F-6", .name = "date", .label = "日期", .need = KN_MAY, .type = KN_F_DATE },
    { .id = "F-7", .name = "never", .label = "空", .need = KN_NEVER, .type = KN_F_TEXT, .max = 10 },
    { .id = NULL },
};
/* clang-format on */

static void
keeps_limits(const kn_field *row, const char *value)
{
    size_t n = strlen(value);

    assert(g_utf8_validate(value, -1, NULL));
    switch (row->type) {
    case KN_F_TEXT:
    case KN_F_ALNUM:
    case KN_F_DIGITS:
        assert(g_utf8_strlen(value, -1) >= row->min && g_utf8_strlen(value, -1) <= row->max);
        if (row->type == KN_F_DIGITS)
            assert(strspn(value, "0123456789") == n);
        break;
    case KN_F_DECIMAL:
        assert(strspn(value, "0123456789.") == n && n >= 1);
        assert(n <= (size_t)row->max + 1);
        break;
    case KN_F_DATE: assert(n == 10 && value[4] == '-' && value[7] == '-'); break;
    case KN_F_CODE: break;
    }
    assert(row->need != KN_NEVER);
}

static void
check_digits(const char *text)
{
    assert(kn_orgcode_ok(text) == kn_orgcode_ok(text));
    if (kn_orgcode_ok(text))
        assert(strlen(text) == 9);
    if (kn_uscc_ok(text, true))
        assert(strlen(text) == 18 && kn_uscc_ok(text, false));
    if (kn_container_ok(text))
        assert(strlen(text) == 11);
    if (kn_customs10_ok(text))
        assert(strlen(text) == 10);
    (void)kn_plate_ok(text);
}

static void
run(const json_t *given, json_t *values, GPtrArray *errors)
{
    kn_field_scope scope = { .values = values };

    kn_values_check(rows, given, "Doc", &scope, values, errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", (int)G_N_ELEMENTS(rows));
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(
        (GDestroyNotify)kn_field_error_free);
    g_autoptr(GPtrArray) again = g_ptr_array_new_with_free_func(
        (GDestroyNotify)kn_field_error_free);
    json_t *given = json_object(), *values = json_object(), *twice = json_object();

    for (size_t i = 0; rows[i].id && lines[i]; i++) {
        check_digits(lines[i]);
        (void)json_object_set_new(given, rows[i].name,
                                  json_string(lines[i])); /* not UTF-8: absent */
    }
    run(given, values, errors);
    for (const kn_field *row = rows; row->id; row++) {
        const char *value = json_string_value(json_object_get(values, row->name));

        if (value)
            keeps_limits(row, value);
        assert(value || row->need != KN_MUST || errors->len > 0);
    }
    /* Normalised once, a value stays as it is. */
    if (errors->len == 0) {
        run(values, twice, again);
        assert(again->len == 0 && json_equal(values, twice));
    }
    json_decref(given);
    json_decref(values);
    json_decref(twice);
    return 0;
}
