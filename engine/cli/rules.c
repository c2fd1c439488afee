/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules.h"

#include "lane/config.h"
#include "xml/open.h"

#include <string.h>

#define SHELL_SCHEMA "dxp-terminal.xsd"

struct kn_rules {
    kn_codes *codes;
    kn_schemas *schemas;
    GPtrArray *confs; /* one a handler, in the order of kn_handlers */
};

void
kn_rules_free(kn_rules *r)
{
    if (!r)
        return;
    for (unsigned i = 0; i < r->confs->len; i++) {
        if (kn_handlers[i]->options)
            kn_options_clear(kn_handlers[i]->options, r->confs->pdata[i]);
        g_free(r->confs->pdata[i]);
    }
    g_ptr_array_unref(r->confs);
    kn_schemas_free(r->schemas);
    kn_codes_free(r->codes);
    g_free(r);
}

/* What was installed with this program; it may have been moved as a whole (DESTDIR, --prefix). */
static char *
installed_folder(const char *name)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *bin = g_path_get_dirname(self ? self : ".");
    g_autofree char *moved = g_build_filename(bin, KOUAN_DATA_FROM_BIN, name, NULL);

    return g_file_test(moved, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&moved)
                                                  : g_build_filename(KOUAN_DATA_DIR, name, NULL);
}

/* The first of the two that is there: this tree's, or the installed one. */
static char *
folder_of(const char *given, const char *in_tree, const char *installed)
{
    if (given)
        return g_strdup(given);
    return g_file_test(in_tree, G_FILE_TEST_IS_DIR) ? g_strdup(in_tree)
                                                    : installed_folder(installed);
}

static bool
load_schemas(kn_rules *r, const char *folder, GError **err)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    g_ptr_array_add(names, (char *)(uintptr_t)SHELL_SCHEMA);
    for (size_t h = 0; kn_handlers[h]; h++)
        for (const kn_doctype *d = kn_handlers[h]->doctypes; d->root; d++)
            g_ptr_array_add(names, (char *)(uintptr_t)d->xsd);
    g_ptr_array_add(names, NULL);
    return kn_schemas_load(folder, (const char *const *)names->pdata, &r->schemas, err);
}

static bool
load_handlers(kn_rules *r, GKeyFile *file, const char *name, GError **err)
{
    for (size_t h = 0; kn_handlers[h]; h++) {
        const kn_handler *handler = kn_handlers[h];
        g_autofree char *group = g_strconcat("handler.", handler->name, NULL);
        void *conf = g_malloc0(MAX(handler->conf_size, 1));

        g_ptr_array_add(r->confs, conf);
        if (handler->options && !kn_options_load(handler->options, file, name, group, conf, err))
            return false;
        if (handler->check && !handler->check(conf, r->codes, err))
            return false;
    }
    return true;
}

bool
kn_rules_load(const char *config, const char *codes, const char *schemas, kn_rules **out,
              GError **err)
{
    g_autoptr(kn_rules) r = g_new0(kn_rules, 1);
    g_autoptr(kn_config) conf = NULL;
    g_autoptr(GKeyFile) file = NULL;
    g_autofree char *codes_dir = NULL, *schemas_dir = NULL;

    r->confs = g_ptr_array_new();
    if (!kn_xml_setup(err) || (config && !kn_config_load(config, &conf, &file, err)))
        return false;
    if (!file)
        file = g_key_file_new(); /* empty: defaults */
    codes_dir = conf && !codes ? kn_config_path(conf, conf->codes)
                               : folder_of(codes, "config/codes", "codes");
    schemas_dir = conf && !schemas ? kn_config_path(conf, conf->schemas)
                                   : folder_of(schemas, "schemas/xsd", "schemas/xsd");
    if (!kn_codes_load(codes_dir, &r->codes, err) || !load_schemas(r, schemas_dir, err)
        || !load_handlers(r, file, config ? config : "defaults", err))
        return false;
    *out = g_steal_pointer(&r);
    return true;
}

const kn_codes *
kn_rules_codes(const kn_rules *rules)
{
    return rules->codes;
}

const kn_schemas *
kn_rules_schemas(const kn_rules *rules)
{
    return rules->schemas;
}

const kn_schema *
kn_rules_shell_schema(const kn_rules *rules)
{
    return kn_schemas_get(rules->schemas, SHELL_SCHEMA);
}

const void *
kn_rules_conf(const kn_rules *rules, const kn_handler *handler)
{
    for (unsigned i = 0; i < rules->confs->len; i++)
        if (kn_handlers[i] == handler)
            return rules->confs->pdata[i];
    return NULL;
}
