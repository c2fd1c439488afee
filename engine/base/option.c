/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ini.h"

#include <kouan/error.h>
#include <kouan/option.h>
#include <string.h>

static const kn_option *
find_row(const kn_option *rows, const char *key)
{
    for (const kn_option *o = rows; o->key; o++)
        if (strcmp(o->key, key) == 0)
            return o;
    return NULL;
}

/* "unknown key", with the one that may have been meant; g_free. */
static char *
unknown_key(const kn_option *rows, const char *key)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *meant = NULL;

    for (const kn_option *o = rows; o->key; o++)
        g_ptr_array_add(words, (char *)(uintptr_t)o->key);
    g_ptr_array_add(words, NULL);
    meant = kn_ini_meant(key, (const char *const *)words->pdata);
    return g_strconcat("unknown key", meant, NULL);
}

static bool
set_int(const kn_option *o, void *member, const char *text, GError **err)
{
    int64_t n;
    g_autoptr(GError) why = NULL;

    if (!g_ascii_string_to_signed(text, 10, o->min, o->max, &n, &why))
        return kn_fail(err, KN_E_CONFIG, "%s", why->message);
    *(int64_t *)member = n;
    return true;
}

static bool
set_bool(const kn_option *o, void *member, const char *text, GError **err)
{
    bool yes = strcmp(text, "true") == 0;

    (void)o;
    if (!yes && strcmp(text, "false") != 0)
        return kn_fail(err, KN_E_CONFIG, "“%s” is neither true nor false", text);
    *(bool *)member = yes;
    return true;
}

static bool
set_text(const kn_option *o, void *member, const char *text, GError **err)
{
    char **place = member;

    if (!g_utf8_validate(text, -1, NULL))
        return kn_fail(err, KN_E_CONFIG, "not UTF-8");
    if (o->max > 0 && (int64_t)strlen(text) > o->max)
        return kn_fail(err, KN_E_CONFIG, "longer than %" G_GINT64_FORMAT " bytes", o->max);
    g_free(*place);
    *place = g_strdup(text);
    return true;
}

static bool
set_enum(const kn_option *o, void *member, const char *text, GError **err)
{
    g_auto(GStrv) choices = g_strsplit(o->choices, "|", -1);

    for (int i = 0; choices[i]; i++)
        if (strcmp(choices[i], text) == 0) {
            *(int *)member = i;
            return true;
        }
    g_autofree char *meant = kn_ini_meant(text, (const char *const *)choices);

    return kn_fail(err, KN_E_CONFIG, "“%s” is not one of %s%s", text, o->choices, meant);
}

static bool
set_list(const kn_option *o, void *member, const char *text, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    char ***place = member;
    size_t n = 0;

    (void)o;
    for (size_t i = 0; parts[i]; i++) {
        g_strstrip(parts[i]);
        if (*parts[i] == '\0' && parts[1])
            return kn_fail(err, KN_E_CONFIG, "empty entry in the list");
        n++;
    }
    if (n == 1 && *parts[0] == '\0')
        g_clear_pointer(&parts[0], g_free); /* an empty value is an empty list */
    g_strfreev(*place);
    *place = g_steal_pointer(&parts);
    return true;
}

static bool
set_member(const kn_option *o, void *conf, const char *text, GError **err)
{
    static bool (*const setters[])(const kn_option *, void *, const char *, GError **) = {
        [KN_OPT_INT] = set_int,   [KN_OPT_BOOL] = set_bool, [KN_OPT_TEXT] = set_text,
        [KN_OPT_ENUM] = set_enum, [KN_OPT_LIST] = set_list,
    };

    return setters[o->type](o, (char *)conf + o->offset, text, err);
}

static bool
load_row(const kn_option *o, GKeyFile *file, const char *group, void *conf, GError **err)
{
    g_autofree char *given = file ? g_key_file_get_value(file, group, o->key, NULL) : NULL;

    if (given)
        g_strstrip(given);
    if (!given && !o->def)
        return kn_fail(err, KN_E_CONFIG, "must be given");
    return set_member(o, conf, given ? given : o->def, err);
}

bool
kn_options_load(const kn_option *rows, GKeyFile *file, const char *file_name, const char *group,
                void *conf, GError **err)
{
    g_auto(GStrv) keys = file ? g_key_file_get_keys(file, group, NULL, NULL) : NULL;

    for (size_t i = 0; keys && keys[i]; i++)
        if (!find_row(rows, keys[i])) {
            g_autofree char *what = unknown_key(rows, keys[i]);

            return kn_fail(err, KN_E_CONFIG, "%s: [%s] %s: %s", file_name, group, keys[i], what);
        }
    for (const kn_option *o = rows; o->key; o++)
        if (!load_row(o, file, group, conf, err)) {
            g_prefix_error(err, "%s: [%s] %s: ", file_name, group, o->key);
            return false;
        }
    return true;
}

bool
kn_options_collect(const kn_option *rows, GKeyFile *file, const char *file_name, const char *group,
                   void *conf, GPtrArray *mistakes)
{
    g_auto(GStrv) keys = file ? g_key_file_get_keys(file, group, NULL, NULL) : NULL;
    unsigned before = mistakes->len;

    for (size_t i = 0; keys && keys[i]; i++)
        if (!find_row(rows, keys[i])) {
            g_autofree char *what = unknown_key(rows, keys[i]);

            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: [%s] %s: %s", file_name, group, keys[i], what));
        }
    for (const kn_option *o = rows; o->key; o++) {
        g_autoptr(GError) why = NULL;

        if (!load_row(o, file, group, conf, &why))
            g_ptr_array_add(mistakes, g_strdup_printf("%s: [%s] %s: %s", file_name, group, o->key,
                                                      why->message));
        if (why && o->def)
            (void)set_member(o, conf, o->def, NULL); /* so that the rest can be looked at */
    }
    return mistakes->len == before;
}

void
kn_options_clear(const kn_option *rows, void *conf)
{
    for (const kn_option *o = rows; o->key; o++) {
        void *member = (char *)conf + o->offset;

        if (o->type == KN_OPT_TEXT)
            g_clear_pointer((char **)member, g_free);
        else if (o->type == KN_OPT_LIST)
            g_clear_pointer((char ***)member, g_strfreev);
    }
}
