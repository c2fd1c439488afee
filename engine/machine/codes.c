/* SPDX-License-Identifier: Apache-2.0 */
#include <kouan/codes.h>
#include <kouan/error.h>
#include <string.h>

#define KN_CODES_FILE_MAX (4u << 20)

typedef struct code_list {
    GHashTable *names;   /* code -> name of its first line */
    GHashTable *by_name; /* name -> code, "" = ambiguous */
} code_list;

struct kn_codes {
    GHashTable *lists; /* name -> code_list */
};

static void
list_free(void *item)
{
    code_list *list = item;

    g_hash_table_unref(list->names);
    g_hash_table_unref(list->by_name);
    g_free(list);
}

static code_list *
list_new(void)
{
    code_list *list = g_new0(code_list, 1);

    list->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    list->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return list;
}

/* One field of a CSV line: plain, or in double quotes with "" for a quote.  NULL: broken quoting. */
static char *
take_field(const char **at)
{
    GString *text = g_string_new(NULL);
    const char *p = *at;
    bool quoted = *p == '"';

    if (quoted)
        p++;
    while (*p && (quoted || *p != ',')) {
        if (quoted && *p == '"') {
            if (p[1] != '"')
                break;
            p++;
        }
        g_string_append_c(text, *p++);
    }
    if (quoted && (*p != '"' || (p[1] != ',' && p[1] != '\0'))) {
        (void)g_string_free(text, TRUE);
        return NULL;
    }
    if (quoted)
        p++;
    *at = *p == ',' ? p + 1 : p;
    return g_strstrip(g_string_free(text, FALSE));
}

/* Several lines with one code give it further names; the first is the one shown. */
static bool
add_line(code_list *list, const char *line, GError **err)
{
    const char *at = line;
    g_autofree char *code = take_field(&at);
    g_autofree char *name = code ? take_field(&at) : NULL;
    const char *other;

    if (!code || !name)
        return kn_fail(err, KN_E_CONFIG, "broken quoting");
    if (!*code || !*name)
        return kn_fail(err, KN_E_CONFIG, "code or name is empty");
    other = g_hash_table_lookup(list->by_name, name);
    if (other && strcmp(other, code) == 0)
        return kn_fail(err, KN_E_CONFIG, "code %s twice with the same name", code);
    if (!g_hash_table_contains(list->names, code))
        (void)g_hash_table_insert(list->names, g_strdup(code), g_strdup(name));
    (void)g_hash_table_insert(list->by_name, g_strdup(name), g_strdup(other ? "" : code));
    return true;
}

static bool
load_list(const char *path, code_list *list, GError **err)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) why = NULL;
    size_t len = 0;

    if (!g_file_get_contents(path, &text, &len, &why))
        return kn_fail(err, KN_E_CONFIG, "%s: %s", path, why->message);
    if (len > KN_CODES_FILE_MAX || !g_utf8_validate(text, (gssize)len, NULL))
        return kn_fail(err, KN_E_CONFIG, "%s: too long, or not UTF-8", path);
    lines = g_strsplit(text, "\n", -1);
    if (!lines[0] || !g_str_has_prefix(lines[0], "code,name"))
        return kn_fail(err, KN_E_CONFIG, "%s:1: the first line must be code,name,remark", path);
    for (unsigned i = 1; lines[i]; i++) {
        g_strstrip(lines[i]);
        if (*lines[i] && !add_line(list, lines[i], err)) {
            g_prefix_error(err, "%s:%u: ", path, i + 1);
            return false;
        }
    }
    if (g_hash_table_size(list->names) == 0)
        return kn_fail(err, KN_E_CONFIG, "%s: no codes in it", path);
    return true;
}

bool
kn_codes_load(const char *folder, kn_codes **out, GError **err)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
    kn_codes *codes;
    const char *file;

    if (!dir)
        return kn_fail(err, KN_E_CONFIG, "%s: %s", folder, why->message);
    codes = g_new0(kn_codes, 1);
    codes->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_free);
    while ((file = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, file, NULL);
        code_list *list;

        if (!g_str_has_suffix(file, ".csv"))
            continue;
        list = list_new();
        (void)g_hash_table_insert(codes->lists, g_strndup(file, strlen(file) - strlen(".csv")),
                                  list);
        if (!load_list(path, list, err)) {
            kn_codes_free(codes);
            return false;
        }
    }
    *out = codes;
    return true;
}

void
kn_codes_free(kn_codes *codes)
{
    if (!codes)
        return;
    g_hash_table_unref(codes->lists);
    g_free(codes);
}

bool
kn_codes_has_list(const kn_codes *codes, const char *list)
{
    return g_hash_table_contains(codes->lists, list);
}

const char *
kn_codes_resolve(const kn_codes *codes, const char *list, const char *value, bool *ambiguous)
{
    const code_list *found = g_hash_table_lookup(codes->lists, list);
    void *code = NULL;
    const char *by_name;

    if (ambiguous)
        *ambiguous = false;
    if (!found)
        return NULL;
    if (g_hash_table_lookup_extended(found->names, value, &code, NULL))
        return code;
    by_name = g_hash_table_lookup(found->by_name, value);
    if (by_name && *by_name == '\0') {
        if (ambiguous)
            *ambiguous = true;
        return NULL;
    }
    return by_name;
}

const char *
kn_codes_name(const kn_codes *codes, const char *list, const char *code)
{
    const code_list *found = g_hash_table_lookup(codes->lists, list);

    return found ? g_hash_table_lookup(found->names, code) : NULL;
}
