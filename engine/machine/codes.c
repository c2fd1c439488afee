/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/codes_read.h"

#include <kouan/error.h>
#include <stdarg.h>
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
    g_autofree char *remark = name ? take_field(&at) : NULL;
    const char *other;

    if (!code || !name || !remark)
        return kn_fail(err, KN_E_CONFIG, "broken quoting");
    if (*at)
        return kn_fail(err, KN_E_CONFIG, "more columns than code,name,remark");
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

/* A list being read; mistakes name it and the line. */
typedef struct list_reader {
    const char *path;
    code_list *list;
    GPtrArray *mistakes;
} list_reader;

static void G_GNUC_PRINTF(3, 4)
    mistake(const list_reader *r, unsigned line, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(r->mistakes, line ? g_strdup_printf("%s:%u: %s", r->path, line, what)
                                      : g_strdup_printf("%s: %s", r->path, what));
}

/* Tools for tables like to put one before the first line. */
static bool
starts_well(const list_reader *r, const char *text, size_t len)
{
    if (len > KN_CODES_FILE_MAX)
        mistake(r, 0, "too long");
    else if (g_str_has_prefix(text, "\xef\xbb\xbf"))
        mistake(r, 1, "a byte order mark stands before the first line: save as UTF-8 without one");
    else if (memchr(text, '\0', len) || !g_utf8_validate(text, (gssize)len, NULL))
        mistake(r, 0, "not UTF-8");
    else
        return true;
    return false;
}

static void
read_lines(const list_reader *r, char **lines)
{
    unsigned before = r->mistakes->len;

    if (!lines[0] || !g_str_has_prefix(lines[0], "code,name")) {
        mistake(r, 1, "the first line must be code,name,remark");
        return;
    }
    for (unsigned i = 1; lines[i]; i++) {
        g_autoptr(GError) why = NULL;

        g_strstrip(lines[i]);
        if (*lines[i] && !add_line(r->list, lines[i], &why))
            mistake(r, i + 1, "%s", why->message);
    }
    if (g_hash_table_size(r->list->names) == 0 && r->mistakes->len == before)
        mistake(r, 0, "no codes in it");
}

static void
read_list(kn_files *files, const char *area, const char *name, const list_reader *r)
{
    g_autoptr(GError) why = NULL;
    g_auto(GStrv) lines = NULL;
    const char *text;
    size_t len;

    if (!kn_files_read(files, area, name, &text, &len, &why)) {
        g_ptr_array_add(r->mistakes, g_strdup(why->message));
        return;
    }
    if (!starts_well(r, text, len))
        return;
    lines = g_strsplit(text, "\n", -1);
    read_lines(r, lines);
}

kn_codes *
kn_codes_new(void)
{
    kn_codes *codes = g_new0(kn_codes, 1);

    codes->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_free);
    return codes;
}

void
kn_codes_read(kn_files *files, const char *area, kn_codes *codes, GPtrArray *mistakes)
{
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) why = NULL;

    if (!kn_files_list(files, area, ".csv", &names, &why)) {
        g_ptr_array_add(mistakes, g_strdup(why->message));
        return;
    }
    for (unsigned i = 0; names[i]; i++) {
        g_autofree char *name = g_strndup(names[i], strlen(names[i]) - strlen(".csv"));
        g_autofree char *path = kn_files_path(files, area, names[i]);
        const list_reader r = { path, list_new(), mistakes };

        if (kn_codes_has_list(codes, name)) {
            mistake(&r, 0, "a list %s is there already", name);
            list_free(r.list);
            continue;
        }
        (void)g_hash_table_insert(codes->lists, g_steal_pointer(&name), r.list);
        read_list(files, area, names[i], &r);
    }
}

bool
kn_codes_add(kn_codes *codes, const char *folder, GError **err)
{
    g_autoptr(kn_files) files = kn_files_new();
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *all = NULL;

    kn_files_folder(files, KN_AREA_CODES, folder);
    kn_codes_read(files, KN_AREA_CODES, codes, mistakes);
    if (mistakes->len == 0)
        return true;
    g_ptr_array_add(mistakes, NULL);
    all = g_strjoinv("\n", (char **)mistakes->pdata);
    return kn_fail(err, KN_E_CONFIG, "%s", all);
}

bool
kn_codes_load(const char *folder, kn_codes **out, GError **err)
{
    kn_codes *codes = kn_codes_new();

    if (folder && !kn_codes_add(codes, folder, err)) {
        kn_codes_free(codes);
        return false;
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
