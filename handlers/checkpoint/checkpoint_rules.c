/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of a whole document: header, rows, and what lies between them (CK-V01..V05). */
#include "checkpoint.h"

#define BASE "Declaration"

typedef struct checker {
    const ck_conf *conf;
    kn_field_scope scope;
    const kn_msg *msg;
    GPtrArray *errors;
    GHashTable *objects; /* set of "type|id" seen (CK-V04); only looked up, never walked */
    json_t *rows;        /* accepted rows */
} checker;

static void
add_error(checker *c, kn_error code, const char *path, const char *rule, const char *label)
{
    g_autofree char *detail = g_strdup_printf("%s：%s", label, kn_error_row_of(code)->text);

    if (c->errors->len < KN_FIELD_ERRORS_MAX)
        g_ptr_array_add(c->errors, kn_field_error_new(code, path, rule, detail, false));
}

/* CK-V04: the same object twice in one document. */
static void
check_twice(checker *c, const json_t *row, const char *path)
{
    const char *type = json_string_value(json_object_get(row, "bindObjectType"));
    const char *id = json_string_value(json_object_get(row, "bindObjectId"));
    g_autofree char *where = g_strdup_printf("%s/bindObjectId", path);

    if (c->conf->allow_duplicate_object || !type || !id)
        return;
    if (!g_hash_table_add(c->objects, g_strdup_printf("%s|%s", type, id)))
        add_error(c, KN_E_FIELD_DUPLICATE, where, "CK-V04", "绑定对象ID");
}

static void
check_row(checker *c, size_t n, kn_node *node, const json_t *stored)
{
    g_autofree char *path = g_strdup_printf(BASE "/Rows/Row[%zu]", n);
    json_t *values = json_object();

    if (stored)
        kn_values_check(kn_checkpoint_row, stored, path, &c->scope, values, c->errors);
    else
        kn_fields_check(kn_checkpoint_row, c->msg, node, path, &c->scope, values, c->errors);
    check_twice(c, values, path);
    (void)json_array_append_new(c->rows, values);
}

/* Rows up to the limit; their number, which may be larger than what was looked at. */
static size_t
check_rows(checker *c, kn_node *node, const json_t *stored)
{
    kn_node *list = node ? kn_msg_node(c->msg, BASE "/Rows") : NULL;
    size_t n = 0;

    if (stored) {
        const json_t *rows = json_object_get(stored, "Rows");

        for (; n < json_array_size(rows); n++)
            check_row(c, n + 1, NULL, json_array_get(rows, n));
        return n;
    }
    for (kn_node *row = list ? kn_node_next(list, "Row", NULL) : NULL; row;
         row = kn_node_next(list, "Row", row))
        if (++n <= CK_ROWS_MAX)
            check_row(c, n, row, NULL);
    return n;
}

void
kn_checkpoint_check(kn_context *ctx, const kn_msg *msg, kn_node *node, const json_t *stored,
                    bool declaring, json_t *values, GPtrArray *errors)
{
    const ck_conf *conf = kn_context_conf(ctx);
    checker c = {
        .conf = conf,
        .scope = { .codes = kn_context_codes(ctx),
                   .conf = conf,
                   .flags = (conf->fullwidth == 1 ? KN_SCOPE_CONVERT_FULLWIDTH : 0u)
                            | (conf->grey == 1 && !stored ? KN_SCOPE_REFUSE_GREY : 0u) },
        .msg = msg,
        .errors = errors,
        .objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .rows = json_array(),
    };
    size_t n;

    if (stored)
        kn_values_check(kn_checkpoint_header, stored, BASE, &c.scope, values, errors);
    else
        kn_fields_check(kn_checkpoint_header, msg, node, BASE, &c.scope, values, errors);
    c.scope.parent = values;
    n = check_rows(&c, node, stored);
    if (n > CK_ROWS_MAX || (declaring && (int64_t)n < conf->min_body_rows))
        add_error(&c, KN_E_FIELD_ROWS, BASE "/Rows", "CK-B00", "表体");
    (void)json_object_set_new(values, "Rows", c.rows);
    g_hash_table_unref(c.objects);
}

/* --- the declared part of a body ------------------------------------------------------------------- */

static bool
is_declared(const kn_field *row)
{
    return row->need != KN_GIVEN && row->need != KN_KEY;
}

void
kn_checkpoint_drop_values(json_t *body)
{
    for (const kn_field *row = kn_checkpoint_header; row->id; row++)
        if (is_declared(row))
            (void)json_object_del(body, row->name);
    (void)json_object_del(body, "Rows");
}

json_t *
kn_checkpoint_values(const json_t *body)
{
    json_t *values = json_object();

    for (const kn_field *row = kn_checkpoint_header; row->id; row++) {
        json_t *value = json_object_get(body, row->name);

        if (value && is_declared(row))
            (void)json_object_set(values, row->name, value);
    }
    if (json_object_get(body, "Rows"))
        (void)json_object_set(values, "Rows", json_object_get(body, "Rows"));
    return values;
}

void
kn_checkpoint_put_values(json_t *body, const json_t *values)
{
    kn_checkpoint_drop_values(body);
    for (const kn_field *row = kn_checkpoint_header; row->id; row++) {
        json_t *value = json_object_get(values, row->name);

        if (value && is_declared(row))
            (void)json_object_set(body, row->name, value);
    }
    (void)json_object_set(body, "Rows", json_object_get(values, "Rows"));
}

/* The members of from that rows name, in row order: a body read back from the database has its
 * members in the database's order, and outgoing bytes must not depend on that. */
static json_t *
in_row_order(const kn_field *rows, const json_t *from)
{
    json_t *object = json_object();

    for (const kn_field *row = rows; row->id; row++) {
        const char *text = json_string_value(json_object_get(from, row->name));

        if (text && *text)
            (void)json_object_set_new(object, row->name, json_string(text));
    }
    return object;
}

json_t *
kn_checkpoint_declaration(const kn_record *record)
{
    json_t *declaration = in_row_order(kn_checkpoint_header, record->body);
    const json_t *rows = json_object_get(record->body, "Rows");
    json_t *list = json_array();

    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = in_row_order(kn_checkpoint_row, json_array_get(rows, i));
        json_t *numbered = json_object();
        g_autofree char *n = g_strdup_printf("%zu", i + 1);

        (void)json_object_set_new(numbered, "rowNo", json_string(n)); /* CK-B00 */
        (void)json_object_update(numbered, row);
        json_decref(row);
        (void)json_array_append_new(list, numbered);
    }
    if (json_array_size(list) > 0)
        (void)json_object_set_new(declaration, "Rows", json_pack("{s:o}", "Row", list));
    else
        json_decref(list);
    return declaration;
}
