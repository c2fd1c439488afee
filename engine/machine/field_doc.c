/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables: their start-time check and their printed form. */
#include <kouan/handler.h>
#include <string.h>

static bool
name_twice(const kn_field *rows, const kn_field *row)
{
    for (const kn_field *before = rows; before != row; before++)
        if (strcmp(before->name, row->name) == 0 || strcmp(before->id, row->id) == 0)
            return true;
    return false;
}

static const char *
row_fault(const kn_field *rows, const kn_field *row, const kn_codes *codes)
{
    if (!row->name || !row->label || row->need < KN_MUST || row->type < KN_F_TEXT)
        return "name, label, obligation or type is not given";
    if (name_twice(rows, row))
        return "id or name twice";
    if ((row->need == KN_WHEN) != (row->when != NULL))
        return "KN_WHEN and .when go together";
    if (row->min < 0 || row->max < row->min || row->scale < 0 || row->scale > row->max)
        return "limits are not in order";
    if (row->type == KN_F_DECIMAL && (row->max < 1 || row->max == row->scale))
        return "a decimal needs a place before the point";
    if ((row->type == KN_F_CODE) != (row->list != NULL))
        return "KN_F_CODE and .list go together";
    if (row->list && codes && !kn_codes_has_list(codes, row->list))
        return "its code list is not loaded";
    return NULL;
}

bool
kn_fields_table_check(const char *table, const kn_field *rows, const kn_codes *codes, GError **err)
{
    for (const kn_field *row = rows; row->id; row++) {
        const char *fault = row_fault(rows, row, codes);

        if (fault)
            return kn_fail(err, KN_E_TABLE, "fields %s: row %s: %s", table, row->id, fault);
    }
    return true;
}

static char *
type_text(const kn_field *row)
{
    switch (row->type) {
    case KN_F_TEXT: return g_strdup_printf("X..%d", row->max);
    case KN_F_ALNUM:
        return row->min == row->max ? g_strdup_printf("AN %d", row->max)
                                    : g_strdup_printf("an..%d", row->max);
    case KN_F_DIGITS:
        return row->min == row->max ? g_strdup_printf("N %d", row->max)
                                    : g_strdup_printf("N..%d", row->max);
    case KN_F_DECIMAL:
        return g_strdup_printf("N..%d,%d %s", row->max, row->scale, row->min > 0 ? "> 0" : "≥ 0");
    case KN_F_CODE: return g_strdup_printf("CODE(%s)", row->list);
    case KN_F_DATE: return g_strdup("D10");
    }
    return g_strdup("?");
}

char *
kn_fields_markdown(const kn_fieldset *set)
{
    static const char *const needs[] = {
        [KN_MUST] = "must", [KN_MAY] = "may",     [KN_GIVEN] = "engine",
        [KN_WHEN] = "when", [KN_NEVER] = "never", [KN_KEY] = "engine, key",
    };
    GString *text = g_string_new(NULL);

    g_string_append_printf(
        text, "**%s**\n\n| Id | Element | 名称 | Obligation | Type |\n|---|---|---|---|---|\n",
        set->title);
    for (const kn_field *row = set->rows; row->id; row++) {
        g_autofree char *type = type_text(row);

        g_string_append_printf(text, "| %s | `%s` | %s | %s | %s |\n", row->id, row->name,
                               row->label, needs[row->need], type);
    }
    return g_string_free(text, FALSE);
}
