/* SPDX-License-Identifier: Apache-2.0 */
/* kouan config check, config show: what the engine would read, every mistake at once. */
#include "cli/cli.h"
#include "cli/config_check.h"
#include "cli/effective.h"
#include "xml/open.h"

#include <stdio.h>
#include <string.h>

/* --- check ------------------------------------------------------------------------------------------------ */

static json_t *
texts_of(const GPtrArray *list)
{
    json_t *out = json_array();

    for (unsigned i = 0; i < list->len; i++)
        (void)json_array_append_new(out, json_string(g_ptr_array_index(list, i)));
    return out;
}

static int
run_check(const char *file, bool json)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) err = NULL;

    if (!kn_xml_setup(&err))
        return kn_cli_fail("config", err);
    kn_config_check(file, mistakes, warnings);
    if (json) {
        kn_cli_print_json(json_pack("{sb so so}", "good", mistakes->len == 0, "mistakes",
                                    texts_of(mistakes), "warnings", texts_of(warnings)));
    } else {
        for (unsigned i = 0; i < mistakes->len; i++)
            (void)fprintf(stderr, "%s\n", (const char *)g_ptr_array_index(mistakes, i));
        for (unsigned i = 0; i < warnings->len; i++)
            (void)fprintf(stderr, "warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
        if (mistakes->len == 0)
            (void)printf("%s is good\n", file);
    }
    return mistakes->len == 0 ? KN_EXIT_OK : KN_EXIT_CONFIG;
}

/* --- show --------------------------------------------------------------------------------------------------- */

static int
run_show(const char *file, bool json)
{
    g_autoptr(GError) err = NULL;
    json_t *values = NULL;
    const char *group, *key;
    json_t *keys, *value;

    if (!kn_effective_read(file, &values, &err))
        return kn_cli_fail("config", err);
    if (json) {
        kn_cli_print_json(values);
        return KN_EXIT_OK;
    }
    json_object_foreach (values, group, keys) {
        (void)printf("[%s]\n", group);
        json_object_foreach (keys, key, value)
            (void)printf("%s = %s\n", key, json_string_value(value));
        (void)printf("\n");
    }
    json_decref(values);
    return KN_EXIT_OK;
}

int
kn_cli_config(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "check|show|sample",
        .what = "check: everything the engine reads at start, each mistake on a line of its own.\n"
                "show: the values in force, defaults included; secrets are masked.\n"
                "sample: a commented file with every default.",
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (strcmp(argv[1], "check") == 0)
        return run_check(config, json);
    if (strcmp(argv[1], "show") == 0)
        return run_show(config, json);
    if (strcmp(argv[1], "sample") == 0) {
        g_autofree char *text = kn_effective_sample();

        (void)fputs(text, stdout);
        return KN_EXIT_OK;
    }
    (void)fprintf(stderr, "kouan config: check, show or sample\n");
    return KN_EXIT_USAGE;
}
