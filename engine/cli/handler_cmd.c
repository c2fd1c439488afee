/* SPDX-License-Identifier: Apache-2.0 */
/* kouan handler check, list: handlers from outside, judged as the engine would judge them. */
#include "cli/cli.h"
#include "lane/engine.h"
#include "registry/module.h"
#include "xml/open.h"

#include <stdio.h>
#include <string.h>

/* Everything wrong about one file, and what it holds if it can be opened. */
typedef struct finding {
    kn_module_verdict verdict;
    const kn_handler *handler; /* NULL: not opened */
    const char *lists;         /* which code lists its tables were held against */
} finding;

static void
note(GPtrArray *wrong, GError **err)
{
    g_auto(GStrv) lines = g_strsplit((*err)->message, "\n", -1);

    for (size_t i = 0; lines[i]; i++)
        g_ptr_array_add(wrong, g_strdup(lines[i]));
    g_clear_error(err);
}

/* Its schemas, from the folder the engine would take: given, beside the file, or the engine's. */
static void
check_schemas(const kn_module *module, const kn_config *config, GPtrArray *wrong)
{
    g_autofree char *engines = config ? kn_config_path(config, config->schemas) : NULL;
    const char *folder = module->schemas ? module->schemas : engines;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GError) err = NULL;
    kn_schemas *schemas = NULL;

    for (const kn_doctype *d = module->handler->doctypes; d->root; d++)
        g_ptr_array_add(names, (char *)(uintptr_t)d->xsd);
    g_ptr_array_add(names, NULL);
    if (!folder)
        g_ptr_array_add(wrong, g_strdup("no folder of schemas: --schemas, or --config"));
    else if (!kn_schemas_load(folder, (const char *const *)names->pdata, &schemas, &err))
        note(wrong, &err);
    kn_schemas_free(schemas);
}

static void
check_tables(const kn_config *config, finding *f)
{
    g_autoptr(GError) err = NULL;
    kn_codes *codes = NULL;

    f->lists = config ? "held against all code lists"
                      : "code lists not looked at (--config names them)";
    if ((config && !kn_engine_codes(config, &codes, &err)) || !kn_handlers_check(codes, &err))
        note(f->verdict.wrong, &err);
    kn_codes_free(codes);
}

/* As at start: the file, the descriptor among the others, then tables and schemas. */
static void
check(const char *path, const char *name, const char *folders[2], const kn_config *config,
      finding *f)
{
    g_autoptr(GError) err = NULL;
    const kn_module *module = NULL;

    kn_module_judge(path, name, &f->verdict, &f->handler);
    if (!f->handler)
        return;
    if (!kn_module_load(path, f->handler->name, folders[0], folders[1], &module, &err)) {
        note(f->verdict.wrong, &err);
        return;
    }
    check_tables(config, f);
    check_schemas(module, config, f->verdict.wrong);
}

/* --- telling --------------------------------------------------------------------------------------- */

static json_t *
holds(const kn_handler *h)
{
    json_t *types = json_array(), *options = json_array(), *refusals = json_array();
    size_t states = 0, rows = 0;

    for (const kn_doctype *d = h->doctypes; d->root; d++)
        (void)json_array_append_new(types, json_pack("{ss ss ss ss}", "root", d->root, "ns", d->ns,
                                                     "operation", d->operation, "xsd", d->xsd));
    for (const kn_option *o = h->options; o && o->key; o++)
        (void)json_array_append_new(options, json_string(o->key));
    for (const kn_error_row *r = h->refusals; r && r->name; r++)
        (void)json_array_append_new(refusals, json_pack("{ss ss ss}", "name", r->name, "receipt",
                                                        r->receipt, "text", r->text));
    for (const kn_state *s = h->machine ? h->machine->states : NULL; s && s->code; s++)
        states++;
    for (const kn_transition *t = h->machine ? h->machine->rows : NULL; t && t->id; t++)
        rows++;
    return json_pack("{so so so si si}", "doctypes", types, "options", options, "refusals",
                     refusals, "states", (int)states, "rows", (int)rows);
}

static void
tell(const char *path, const finding *f)
{
    const kn_handler *h = f->handler;
    size_t i;
    json_t *part, *all = h ? holds(h) : NULL;

    (void)printf("file       %s\nhandler    %s\n", path, f->verdict.name ? f->verdict.name : "?");
    if (f->verdict.abi)
        (void)printf("abi        %d (this program: %d)\n", f->verdict.abi, (int)KN_HANDLER_ABI);
    json_array_foreach (json_object_get(all, "doctypes"), i, part)
        (void)printf("document   %s  %s, %s\n", json_string_value(json_object_get(part, "root")),
                     json_string_value(json_object_get(part, "operation")),
                     json_string_value(json_object_get(part, "xsd")));
    json_array_foreach (json_object_get(all, "refusals"), i, part)
        (void)printf("refusal    %s %s %s\n", json_string_value(json_object_get(part, "receipt")),
                     json_string_value(json_object_get(part, "name")),
                     json_string_value(json_object_get(part, "text")));
    if (h)
        (void)printf("machine    %lld states, %lld rows\noptions    %zu\ntables     %s\n",
                     (long long)json_integer_value(json_object_get(all, "states")),
                     (long long)json_integer_value(json_object_get(all, "rows")),
                     json_array_size(json_object_get(all, "options")), f->lists ? f->lists : "");
    json_decref(all);
    for (unsigned k = 0; k < f->verdict.wrong->len; k++)
        (void)fprintf(stderr, "wrong: %s\n", (const char *)f->verdict.wrong->pdata[k]);
    (void)printf("verdict    %s\n", f->verdict.wrong->len == 0 ? "good" : "not to be loaded");
}

static void
tell_json(const char *path, const finding *f)
{
    json_t *all = f->handler ? holds(f->handler) : json_object(), *wrong = json_array();

    for (unsigned i = 0; i < f->verdict.wrong->len; i++)
        (void)json_array_append_new(wrong, json_string(f->verdict.wrong->pdata[i]));
    (void)json_object_set_new(all, "file", json_string(path));
    (void)json_object_set_new(all, "handler", json_string(f->verdict.name ? f->verdict.name : ""));
    (void)json_object_set_new(all, "abi", json_integer(f->verdict.abi));
    (void)json_object_set_new(all, "good", json_boolean(f->verdict.wrong->len == 0));
    (void)json_object_set_new(all, "wrong", wrong);
    kn_cli_print_json(all);
}

static int
list(bool json)
{
    json_t *all = json_array();

    for (size_t i = 0; kn_handlers[i]; i++) {
        const kn_module *m = kn_module_of(kn_handlers[i]);

        (void)json_array_append_new(all,
                                    json_pack("{ss si ss}", "name", kn_handlers[i]->name, "abi",
                                              kn_handlers[i]->abi, "file", m ? m->file : ""));
        if (!json)
            (void)printf("%-16s %s\n", kn_handlers[i]->name, m ? m->file : "(compiled in)");
    }
    if (json)
        kn_cli_print_json(all);
    else
        json_decref(all);
    return KN_EXIT_OK;
}

static int
run_check(const char *file, const char *name, const char *folders[2], const kn_config *config,
          bool json)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    finding f = { 0 };
    bool good;

    check(path, name, folders, config, &f);
    good = f.verdict.wrong->len == 0;
    if (json)
        tell_json(path, &f);
    else
        tell(path, &f);
    kn_module_verdict_clear(&f.verdict);
    return good ? KN_EXIT_OK : KN_EXIT_REFUSED;
}

int
kn_cli_handler(int argc, char **argv)
{
    g_autofree char *file = NULL, *schemas = NULL, *codes = NULL, *name = NULL;
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "config", 'c', 0, G_OPTION_ARG_FILENAME, &file, "its code lists, schemas and modules count too", "FILE" },
        { "schemas", 0, 0, G_OPTION_ARG_FILENAME, &schemas, "folder of its schemas (schemas beside the file)", "DIR" },
        { "codes", 0, 0, G_OPTION_ARG_FILENAME, &codes, "folder of its code lists (codes beside the file)", "DIR" },
        { "name", 0, 0, G_OPTION_ARG_STRING, &name, "the name it must have", "NAME" },
        { 0 },
    };
    /* clang-format on */
    bool json;
    const kn_cli_syntax syntax = {
        .words = "check FILE.so|list",
        .what = "check: may this shared object be loaded as a handler: file, imports, abi, tables, "
                "schemas;\nevery reason against it on a line of its own.\n"
                "list: the handlers compiled in and, with --config, those from outside.",
        .entries = entries,
        .json = &json,
        .least = 1,
        .most = 2,
    };
    g_autoptr(kn_config) config = NULL;
    g_autoptr(GError) err = NULL;
    const char *folders[2];

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!kn_xml_setup(&err) || (file && !kn_config_load(file, &config, NULL, &err)))
        return kn_cli_fail("handler", err);
    folders[0] = schemas;
    folders[1] = codes;
    if (strcmp(argv[1], "list") == 0 && argc == 2)
        return list(json);
    if (strcmp(argv[1], "check") == 0 && argc == 3)
        return run_check(argv[2], name, folders, config, json);
    (void)fprintf(stderr, "kouan handler: check FILE.so, or list\n");
    return KN_EXIT_USAGE;
}
