/* SPDX-License-Identifier: Apache-2.0 */
/* kouan validate: all that is wrong with the content of documents, before they are signed. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/content.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG "config/kouan.ini"

typedef struct wish {
    char *codes, *schemas;
} wish;

/* --- files and folders -------------------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The *.xml of a folder, by name. */
static bool
add_folder(const char *folder, GPtrArray *files, GError **err)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    const char *name;

    if (!dir)
        return kn_fail(err, KN_E_IO, "%s: cannot be read", folder);
    while ((name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".xml"))
            g_ptr_array_add(found, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(found, by_name);
    if (found->len == 0)
        return kn_fail(err, KN_E_IO, "%s: no *.xml", folder);
    for (unsigned i = 0; i < found->len; i++)
        g_ptr_array_add(files, found->pdata[i]);
    return true;
}

static bool
all_files(char **words, int n, GPtrArray *files, GError **err)
{
    for (int i = 0; i < n; i++) {
        if (!g_file_test(words[i], G_FILE_TEST_IS_DIR))
            g_ptr_array_add(files, g_strdup(words[i]));
        else if (!add_folder(words[i], files, err))
            return false;
    }
    return true;
}

/* --- output ----------------------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void
print_error(const json_t *error)
{
    bool warning = json_is_true(json_object_get(error, "warning"));
    json_int_t line = json_integer_value(json_object_get(error, "line"));

    (void)printf("    %-8s%-7s %s %s  %s%s", warning ? "warning" : "error", text_of(error, "rule"),
                 text_of(error, "code"), text_of(error, "error"), text_of(error, "path"),
                 *text_of(error, "path") ? ": " : "");
    (void)printf("%s",
                 *text_of(error, "detail") ? text_of(error, "detail") : text_of(error, "text"));
    if (line > 0)
        (void)printf(" (line %" JSON_INTEGER_FORMAT ")", line);
    (void)putchar('\n');
}

static void
print_result(const json_t *result)
{
    const json_t *errors = json_object_get(result, "errors");
    const json_t *notes = json_object_get(result, "notes");
    size_t wrong = 0;

    for (size_t i = 0; i < json_array_size(errors); i++)
        wrong += !json_is_true(json_object_get(json_array_get(errors, i), "warning"));
    (void)printf("%s: %s%s", text_of(result, "file"), text_of(result, "type"),
                 *text_of(result, "type") ? ", " : "");
    if (wrong == 0)
        (void)printf("good\n");
    else
        (void)printf("%zu error%s\n", wrong, wrong == 1 ? "" : "s");
    for (size_t i = 0; i < json_array_size(errors); i++)
        print_error(json_array_get(errors, i));
    for (size_t i = 0; i < json_array_size(notes); i++)
        (void)printf("    note    %s\n", json_string_value(json_array_get(notes, i)));
}

/* --- the run ------------------------------------------------------------------------------------------------ */

static bool
check_file(kn_xml *xml, const kn_rules *rules, const char *path, json_t *results, GError **err)
{
    g_autofree char *text = NULL;
    size_t len = 0;
    json_t *result;

    if (!kn_cli_read(path, &text, &len, err))
        return false;
    result = kn_content_check(xml, rules, text, len, kn_clock_wall_ms());
    (void)json_object_set_new(result, "file", json_string(path));
    (void)json_array_append_new(results, result);
    return true;
}

static bool
run(const wish *w, const char *config, char **words, int n, json_t *results, GError **err)
{
    bool defaults = strcmp(config, DEFAULT_CONFIG) == 0 && !g_file_test(config, G_FILE_TEST_EXISTS);
    g_autoptr(kn_rules) rules = NULL;
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    kn_xml *xml;
    bool ok = true;

    if (!kn_rules_load(defaults ? NULL : config, w->codes, w->schemas, &rules, err)
        || !all_files(words, n, files, err))
        return false;
    xml = kn_xml_new(NULL, kn_rules_schemas(rules));
    for (unsigned i = 0; i < files->len && ok; i++)
        ok = check_file(xml, rules, files->pdata[i], results, err);
    kn_xml_free(xml);
    return ok;
}

static int
report(json_t *results, bool json)
{
    bool good = true;

    for (size_t i = 0; i < json_array_size(results); i++)
        good &= json_is_true(json_object_get(json_array_get(results, i), "good"));
    if (json)
        kn_cli_print_json(json_pack("{sb sO}", "good", good, "files", results));
    for (size_t i = 0; i < json_array_size(results) && !json; i++)
        print_result(json_array_get(results, i));
    return good ? KN_EXIT_OK : KN_EXIT_REFUSED;
}

static const char more[] = "FILE is a document as a person or program writes it, signed or not, "
                           "bare or in a shell; of a folder its\n"
                           "*.xml are taken.  No server, key or partner is needed: rules come from "
                           "the configuration, or from the\n"
                           "schemas and code tables that were installed with this program.\n"
                           "\nExamples:\n"
                           "  kouan validate declaration.xml\n"
                           "  kouan validate --json outbox/ > report.json\n";

int
kn_cli_validate(int argc, char **argv)
{
    wish w = { 0 };
    const char *config;
    bool json;
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "codes", 0, 0, G_OPTION_ARG_FILENAME, &w.codes, "folder of code tables", "DIR" },
        { "schemas", 0, 0, G_OPTION_ARG_FILENAME, &w.schemas, "folder of schemas", "DIR" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    /* clang-format on */
    const kn_cli_syntax syntax = {
        .words = "FILE|DIR|-…",
        .what = "Checks the content of documents against their schema, field rows and code tables, "
                "and names\n"
                "every error with its rule, place and text.  Signatures are not looked at.",
        .more = more,
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = -1,
    };
    g_autoptr(GError) err = NULL;
    json_t *results;
    int code;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    results = json_array();
    code = run(&w, config, argv + 1, argc - 1, results, &err) ? report(results, json)
                                                              : kn_cli_fail("validate", err);
    json_decref(results);
    g_free(w.codes);
    g_free(w.schemas);
    return code;
}
