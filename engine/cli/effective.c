/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/effective.h"

#include "base/ini.h"
#include "lane/config.h"
#include "registry/module.h"

#include <kouan/registry.h>
#include <string.h>

#define MASK "***"

/* A group with rows: of the engine or of a handler. */
typedef struct part {
    const char *name, *title;
    const kn_option *rows;
    size_t size;
} part;

static GArray *
parts_of(GPtrArray *names)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(part));

    for (const kn_option_group *g = kn_config_groups; g->rows; g++) {
        part p = { g->name, g->title, g->rows, sizeof(kn_config) };

        g_array_append_val(list, p);
    }
    for (size_t i = 0; kn_handlers[i]; i++) {
        char *name = g_strconcat("handler.", kn_handlers[i]->name, NULL);
        part p = { name, "a handler", kn_handlers[i]->options, MAX(kn_handlers[i]->conf_size, 1) };

        g_ptr_array_add(names, name);
        if (p.rows)
            g_array_append_val(list, p);
    }
    return list;
}

char *
kn_effective_mask(const char *text)
{
    static const char word[] = "password=";
    g_autoptr(GString) out = g_string_new(NULL);
    const char *p = text;

    while (*p) {
        if (g_ascii_strncasecmp(p, word, sizeof word - 1) != 0) {
            (void)g_string_append_c(out, *p++);
            continue;
        }
        (void)g_string_append_len(out, p, sizeof word - 1);
        (void)g_string_append(out, MASK);
        p += sizeof word - 1;
        if (*p == '\'') { /* libpq's quotes */
            for (p++; *p && *p != '\''; p++)
                if (*p == '\\' && p[1])
                    p++;
            if (*p)
                p++;
        } else {
            while (*p && !g_ascii_isspace(*p) && *p != ',')
                p++;
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *
text_of(const kn_option *row, const void *conf)
{
    const char *at = (const char *)conf + row->offset;

    switch (row->type) {
    case KN_OPT_INT:
        return g_strdup_printf("%" G_GINT64_FORMAT, *(const int64_t *)(const void *)at);
    case KN_OPT_BOOL: return g_strdup(*(const bool *)(const void *)at ? "true" : "false");
    case KN_OPT_TEXT: return kn_effective_mask(*(char *const *)(const void *)at);
    case KN_OPT_ENUM: {
        g_auto(GStrv) choices = g_strsplit(row->choices, "|", -1);

        return g_strdup(choices[*(const int *)(const void *)at]);
    }
    case KN_OPT_LIST: {
        g_autofree char *joined = g_strjoinv(", ", *(char **const *)(const void *)at);

        return kn_effective_mask(joined);
    }
    }
    return g_strdup("");
}

/* Values of one group go to out (may be NULL); its mistakes are added. */
static void
read_part(const part *p, GKeyFile *keys, const char *file, json_t *out, GPtrArray *mistakes)
{
    void *conf = g_malloc0(p->size);
    bool good = kn_options_collect(p->rows, keys, file, p->name, conf, mistakes);

    if (good && out) {
        json_t *group = json_object();

        for (const kn_option *row = p->rows; row->key; row++) {
            g_autofree char *text = text_of(row, conf);

            (void)json_object_set_new(group, row->key, json_string(text));
        }
        (void)json_object_set_new(out, p->name, group);
    }
    kn_options_clear(p->rows, conf);
    g_free(conf);
}

static void
check_groups(const GArray *parts, GKeyFile *keys, const char *file, GPtrArray *mistakes)
{
    g_auto(GStrv) groups = g_key_file_get_groups(keys, NULL);
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (unsigned k = 0; k < parts->len; k++)
        g_ptr_array_add(words, (char *)(uintptr_t)g_array_index(parts, part, k).name);
    g_ptr_array_add(words, NULL);
    for (size_t i = 0; groups[i]; i++) {
        bool known = strcmp(groups[i], "card.oids") == 0 || strcmp(groups[i], "card.classes") == 0;

        for (unsigned k = 0; k < parts->len && !known; k++)
            known = strcmp(g_array_index(parts, part, k).name, groups[i]) == 0;
        if (!known && g_str_has_prefix(groups[i], "handler."))
            known = kn_handlers_by_name(groups[i] + strlen("handler.")) != NULL;
        if (!known) {
            g_autofree char *meant = kn_ini_meant(groups[i], (const char *const *)words->pdata);

            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: [%s]: unknown group%s", file, groups[i], meant));
        }
    }
}

/* Modules first: their handlers have groups of their own.  One that does not load is one mistake. */
static void
load_modules(GKeyFile *keys, const char *file, GPtrArray *mistakes)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_auto(GStrv) groups = g_key_file_get_groups(keys, NULL);

    for (size_t i = 0; groups[i]; i++) {
        g_autoptr(GError) why = NULL;

        if (!g_str_has_prefix(groups[i], "handler.")
            || kn_module_load_group(keys, file, folder, groups[i], &why))
            continue;
        {
            g_auto(GStrv) lines = g_strsplit(why->message, "\n", -1);

            for (size_t k = 0; lines[k]; k++)
                g_ptr_array_add(mistakes, g_strdup(lines[k]));
        }
        (void)g_key_file_remove_group(keys, groups[i], NULL);
    }
}

/* Where a handler from outside came from, beside its options. */
static void
show_modules(json_t *out)
{
    for (size_t i = 0; kn_handlers[i]; i++) {
        const kn_module *m = kn_module_of(kn_handlers[i]);
        g_autofree char *name = g_strconcat("handler.", kn_handlers[i]->name, NULL);
        json_t *group = json_object_get(out, name);

        if (!m)
            continue;
        if (!group) {
            group = json_object();
            (void)json_object_set_new(out, name, group);
        }
        (void)json_object_set_new(group, "module", json_string(m->file));
        (void)json_object_set_new(group, "module.schemas",
                                  json_string(m->schemas ? m->schemas : ""));
        (void)json_object_set_new(group, "module.codes", json_string(m->codes ? m->codes : ""));
    }
}

static void
read_all(const char *file, json_t *out, GPtrArray *mistakes)
{
    g_autoptr(GKeyFile) keys = g_key_file_new();
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) parts = NULL;
    g_autoptr(GError) why = NULL;

    if (!g_key_file_load_from_file(keys, file, G_KEY_FILE_KEEP_TRANSLATIONS, &why)) {
        g_ptr_array_add(mistakes, g_strdup_printf("%s: %s", file, why->message));
        return;
    }
    load_modules(keys, file, mistakes);
    parts = parts_of(names);
    check_groups(parts, keys, file, mistakes);
    for (unsigned i = 0; i < parts->len; i++)
        read_part(&g_array_index(parts, part, i), keys, file, out, mistakes);
    if (out)
        show_modules(out);
}

void
kn_effective_check(const char *file, GPtrArray *mistakes)
{
    read_all(file, NULL, mistakes);
}

bool
kn_effective_read(const char *file, json_t **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    json_t *values = json_object();

    read_all(file, values, mistakes);
    if (mistakes->len > 0) {
        g_autofree char *text = NULL;

        json_decref(values);
        g_ptr_array_add(mistakes, NULL);
        text = g_strjoinv("\n", (char **)mistakes->pdata);
        return kn_fail(err, KN_E_CONFIG, "%s", text);
    }
    *out = values;
    return true;
}

/* --- sample ------------------------------------------------------------------------------------------ */

static void
add_row(GString *out, const kn_option *row)
{
    g_string_append_printf(out, "# %s", row->help);
    if (row->type == KN_OPT_INT)
        g_string_append_printf(out, " (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ")", row->min,
                               row->max);
    else if (row->type == KN_OPT_ENUM)
        g_string_append_printf(out, " (%s)", row->choices);
    else if (row->type == KN_OPT_BOOL)
        (void)g_string_append(out, " (true|false)");
    if (row->source)
        g_string_append_printf(out, " [%s]", row->source);
    g_string_append_printf(out, "\n%s%s = %s\n", row->def ? "" : "#", row->key,
                           row->def ? row->def : "");
}

char *
kn_effective_sample(void)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) parts = parts_of(names);
    GString *out = g_string_new(
        "# Configuration of kouan: every key with its default, printed by `kouan config sample`.\n"
        "# Relative paths begin at the folder of this file.  kouan config check reads it as the\n"
        "# engine does.  Passwords do not belong here: use a passfile (PGPASSFILE).\n");

    for (unsigned i = 0; i < parts->len; i++) {
        const part *p = &g_array_index(parts, part, i);

        g_string_append_printf(out, "\n# ---- %s\n[%s]\n", p->title, p->name);
        for (const kn_option *row = p->rows; row->key; row++)
            add_row(out, row);
    }
    return g_string_free(out, FALSE);
}
