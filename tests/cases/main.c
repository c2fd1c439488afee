/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-case: the cases of a handler, compiled in or from a shared object; installed for those who write
 * handlers elsewhere.  usage: kouan-case [OPTION…] HANDLER [CASE]     (in this repository: from the top) */
#include "registry/module.h"
#include "run.h"

#include <libxml/parser.h>
#include <stdio.h>

enum { GOOD = 0, FAILED = 1, WRONG_USE = 64 };

typedef struct wish {
    char *module, *cases, *schemas;
    char **codes;
} wish;

static void
wish_clear(wish *w)
{
    g_free(w->module);
    g_free(w->cases);
    g_free(w->schemas);
    g_strfreev(w->codes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(wish, wish_clear)

static bool
parse(int *argc, char ***argv, wish *w, GError **err)
{
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "module", 0, 0, G_OPTION_ARG_FILENAME, &w->module, "shared object that holds the handler", "FILE" },
        { "cases", 0, 0, G_OPTION_ARG_FILENAME, &w->cases, "folder of the cases (tests/cases/HANDLER)", "DIR" },
        { "schemas", 0, 0, G_OPTION_ARG_FILENAME, &w->schemas,
          "folder of its schemas (beside the module, or schemas/xsd)", "DIR" },
        { "codes", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &w->codes,
          "folder of code lists, may be given again (beside the module, or config/codes)", "DIR" },
        { 0 },
    };
    /* clang-format on */
    g_autoptr(GOptionContext) context = g_option_context_new("HANDLER [CASE]");

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context,
                                 "Runs the cases of a handler without broker and database.");
    return g_option_context_parse(context, argc, argv, err);
}

static bool
load_codes(const wish *w, const kn_module *module, kn_codes **out, GError **err)
{
    const char *first = module ? module->codes : "config/codes";
    kn_codes *codes;

    if (w->codes)
        first = NULL;
    if (!kn_codes_load(first, &codes, err))
        return false;
    for (size_t i = 0; w->codes && w->codes[i]; i++)
        if (!kn_codes_add(codes, w->codes[i], err)) {
            kn_codes_free(codes);
            return false;
        }
    *out = codes;
    return true;
}

static int
run(const wish *w, const char *name, const char *only, GError **err)
{
    g_autofree char *path = w->module ? g_canonicalize_filename(w->module, NULL) : NULL;
    g_autofree char *cases = w->cases ? g_strdup(w->cases)
                                      : g_build_filename("tests/cases", name, NULL);
    const kn_module *module = NULL;
    kn_cases_place place = { .folder = cases, .only = only };
    kn_codes *codes = NULL;
    unsigned bad = 1;

    if (path && !kn_module_load(path, name, NULL, NULL, &module, err))
        return FAILED;
    place.handler = kn_handlers_by_name(name);
    if (!place.handler) {
        (void)kn_fail(err, KN_E_USAGE, "no handler “%s”; --module FILE loads one", name);
        return WRONG_USE;
    }
    if (!load_codes(w, module, &codes, err))
        return FAILED;
    place.codes = codes;
    place.schemas = w->schemas                  ? w->schemas
                    : module && module->schemas ? module->schemas
                                                : "schemas/xsd";
    if (kn_handler_check(place.handler, codes, err))
        bad = kn_cases_run(&place);
    kn_codes_free(codes);
    return bad ? FAILED : GOOD;
}

int
main(int argc, char **argv)
{
    g_auto(wish) w = { 0 };
    g_autoptr(GError) err = NULL;
    int code = WRONG_USE;

    if (parse(&argc, &argv, &w, &err) && (argc == 2 || argc == 3))
        code = run(&w, argv[1], argc == 3 ? argv[2] : NULL, &err);
    else if (!err)
        (void)kn_fail(&err, KN_E_USAGE, "HANDLER is missing; see --help");
    if (err)
        (void)fprintf(stderr, "kouan-case: %s\n", err->message);
    xmlCleanupParser();
    return code;
}
