/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/field_types.h"

#include <kouan/field.h>

/* Where the values of a group come from: an element of a message, or a stored object. */
struct kn_field_source {
    const kn_msg *msg;
    kn_node *node;
    const json_t *object;
};

static const char *
given_text(const kn_field_source *source, const char *name)
{
    const char *text;

    if (source->object)
        text = json_string_value(json_object_get(source->object, name));
    else
        text = source->node ? kn_node_text(source->msg, source->node, name) : NULL;
    return text && *text ? text : NULL;
}

bool
kn_field_given(const kn_field_scope *scope, const char *name)
{
    return scope->source && given_text(scope->source, name) != NULL;
}

kn_field_error *
kn_field_error_new(kn_error code, const char *path, const char *rule, const char *detail,
                   bool warning)
{
    kn_field_error *error = g_new0(kn_field_error, 1);

    error->code = code;
    error->path = g_strdup(path);
    error->rule = g_strdup(rule);
    error->detail = g_strdup(detail);
    error->warning = warning;
    return error;
}

void
kn_field_error_free(kn_field_error *error)
{
    if (!error)
        return;
    g_free(error->path);
    g_free(error->rule);
    g_free(error->detail);
    g_free(error);
}

/* What the row allows, in the words of whoever fills the form. */
static char *
limits_text(const kn_field *row, kn_error code)
{
    if (row->type == KN_F_DECIMAL && (code == KN_E_FIELD_RANGE || code == KN_E_FIELD_FORMAT))
        return g_strdup_printf("（%s，最多%d位数字，其中小数最多%d位）",
                               row->min > 0 ? "须大于0" : "不得小于0", row->max, row->scale);
    if (code != KN_E_FIELD_LENGTH)
        return g_strdup("");
    if (row->min == row->max)
        return g_strdup_printf("（须为%d个字符）", row->max);
    return g_strdup_printf("（最多%d个字符）", row->max);
}

static void
add_error(GPtrArray *errors, const kn_field *row, const char *prefix, kn_error code, bool warning)
{
    g_autofree char *path = g_strdup_printf("%s/%s", prefix, row->name);
    g_autofree char *limits = limits_text(row, code);
    g_autofree char *detail = g_strdup_printf("%s：%s%s", row->label, kn_error_row_of(code)->text,
                                              limits);

    if (errors->len < KN_FIELD_ERRORS_MAX)
        g_ptr_array_add(errors, kn_field_error_new(code, path, row->id, detail, warning));
}

/* Errors of a given value; *value is set (owned by the caller) when it is accepted. */
static kn_error
accept(const kn_field *row, const kn_field_scope *scope, const char *text, char **value,
       bool *warning)
{
    kn_error code = kn_field_normalise(row, scope, text, value);

    *warning = false;
    if (code != KN_E_OK || !row->check)
        return code;
    code = row->check(scope, *value, warning);
    if (code != KN_E_OK && !*warning)
        g_clear_pointer(value, g_free);
    return code;
}

static void
check_row(const kn_field *row, const char *prefix, const kn_field_scope *scope, json_t *values,
          GPtrArray *errors)
{
    kn_obligation need = row->need == KN_WHEN ? row->when(scope) : row->need;
    const char *text = given_text(scope->source, row->name);
    g_autofree char *value = NULL;
    bool warning;
    kn_error code;

    if (need == KN_KEY)
        return;
    if (!text) {
        if (need == KN_MUST)
            add_error(errors, row, prefix, KN_E_FIELD_MISSING, false);
        return;
    }
    if (need == KN_GIVEN && !(scope->flags & KN_SCOPE_REFUSE_GREY))
        return;
    if (need == KN_NEVER || need == KN_GIVEN) {
        add_error(errors, row, prefix, KN_E_FIELD_FORBIDDEN, false);
        return;
    }
    code = accept(row, scope, text, &value, &warning);
    if (code != KN_E_OK)
        add_error(errors, row, prefix, code, warning);
    if (value)
        (void)json_object_set_new(values, row->name, json_string(value));
}

static void
check_group(const kn_field *rows, const kn_field_source *source, const char *prefix,
            kn_field_scope *scope, json_t *values, GPtrArray *errors)
{
    scope->source = source;
    scope->values = values;
    for (const kn_field *row = rows; row->id; row++)
        check_row(row, prefix, scope, values, errors);
    scope->source = NULL;
}

void
kn_fields_check(const kn_field *rows, const kn_msg *msg, kn_node *node, const char *path_prefix,
                kn_field_scope *scope, json_t *values, GPtrArray *errors)
{
    const kn_field_source source = { .msg = msg, .node = node };

    check_group(rows, &source, path_prefix, scope, values, errors);
}

void
kn_values_check(const kn_field *rows, const json_t *given, const char *path_prefix,
                kn_field_scope *scope, json_t *values, GPtrArray *errors)
{
    const kn_field_source source = { .object = given };

    check_group(rows, &source, path_prefix, scope, values, errors);
}
