/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trial.h"

#include "lane/config.h"
#include "registry/module.h"

#include <glib/gstdio.h>
#include <kouan/error.h>
#include <string.h>
#include <unistd.h>

struct kn_trial {
    char *given, *file, *folder; /* file, folder: of ours, NULL = none */
};

static bool
copy_schemas(const char *from, const char *to, GError **err)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(from, 0, &why);
    const char *name;

    if (!dir)
        return kn_fail(err, KN_E_IO, "%s", why->message);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *in = g_build_filename(from, name, NULL),
                        *to_file = g_build_filename(to, name, NULL), *bytes = NULL;
        size_t len;

        if (!g_str_has_suffix(name, ".xsd"))
            continue;
        if (!g_file_get_contents(in, &bytes, &len, &why)
            || !g_file_set_contents(to_file, bytes, (gssize)len, &why))
            return kn_fail(err, KN_E_IO, "%s", why->message);
    }
    return true;
}

/* The schemas' folder becomes one of ours, with this one instead of the one of its name. */
static bool
try_schema(kn_trial *t, GKeyFile *keys, const char *schemas, const char *file, GError **err)
{
    g_autofree char *name = g_path_get_basename(file), *place = NULL, *bytes = NULL;
    g_autoptr(GError) why = NULL;
    size_t len;

    if (!t->folder) {
        t->folder = g_dir_make_tmp("kouan-replay-XXXXXX", &why);
        if (!t->folder)
            return kn_fail(err, KN_E_IO, "%s", why->message);
        if (!copy_schemas(schemas, t->folder, err))
            return false;
        g_key_file_set_string(keys, "engine", "schemas", t->folder);
    }
    place = g_build_filename(t->folder, name, NULL);
    if (access(place, F_OK) != 0)
        return kn_fail(err, KN_E_CONFIG, "%s: there is no schema %s to be replaced", file, name);
    if (!g_file_get_contents(file, &bytes, &len, &why)
        || !g_file_set_contents(place, bytes, (gssize)len, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    return true;
}

static bool
try_module(GKeyFile *keys, const char *file, GError **err)
{
    g_auto(kn_module_verdict) verdict = { 0 };
    g_autofree char *path = g_canonicalize_filename(file, NULL), *group = NULL;
    const kn_handler *handler = NULL;

    kn_module_judge(path, NULL, &verdict, &handler);
    if (verdict.wrong->len > 0)
        return kn_fail(err, KN_E_CONFIG, "%s: %s", file,
                       (const char *)g_ptr_array_index(verdict.wrong, 0));
    group = g_strconcat("handler.", verdict.name, NULL);
    g_key_file_set_string(keys, group, "module", path);
    return true;
}

/* Before any module is loaded: a process has one handler of a name. */
static char *
schemas_of(const kn_trial *t, GKeyFile *keys)
{
    /* allow: the path as it is written; the rows that check it are read when the trial is loaded */
    g_autofree char *written = g_key_file_get_value(keys, "engine", "schemas", NULL);
    g_autofree char *folder = g_path_get_dirname(t->given);

    return g_canonicalize_filename(written ? written : KN_SCHEMAS_DEFAULT, folder);
}

static bool
change(kn_trial *t, GKeyFile *keys, char **with, GError **err)
{
    g_autofree char *schemas = schemas_of(t, keys);

    for (char **file = with; *file; file++) {
        bool ok = g_str_has_suffix(*file, ".xsd") ? try_schema(t, keys, schemas, *file, err)
                  : g_str_has_suffix(*file, ".so")
                      ? try_module(keys, *file, err)
                      : kn_fail(err, KN_E_USAGE, "--with %s: neither NAME.so nor NAME.xsd", *file);

        if (!ok)
            return false;
    }
    return true;
}

static bool
write_beside(kn_trial *t, GKeyFile *keys, GError **err)
{
    g_autofree char *folder = g_path_get_dirname(t->given),
                    *name = g_strdup_printf(".kouan-replay-%d.ini", (int)getpid());
    g_autoptr(GError) why = NULL;

    t->file = g_build_filename(folder, name, NULL);
    return g_key_file_save_to_file(keys, t->file, &why)
           || kn_fail(err, KN_E_IO, "%s: %s", t->file, why->message);
}

bool
kn_trial_make(const char *config, char **with, kn_trial **out, GError **err)
{
    g_autoptr(kn_trial) t = g_new0(kn_trial, 1);
    g_autoptr(GKeyFile) keys = g_key_file_new();
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);

    t->given = g_strdup(config);
    if (with) {
        if (!kn_config_open(config, keys, mistakes, mistakes))
            return kn_fail(err, KN_E_CONFIG, "%s",
                           mistakes->len > 0 ? (const char *)g_ptr_array_index(mistakes, 0)
                                             : config);
        if (!change(t, keys, with, err) || !write_beside(t, keys, err))
            return false;
    }
    *out = g_steal_pointer(&t);
    return true;
}

const char *
kn_trial_config(const kn_trial *t)
{
    return t->file ? t->file : t->given;
}

void
kn_trial_free(kn_trial *t)
{
    if (!t)
        return;
    if (t->file)
        (void)g_unlink(t->file);
    if (t->folder) {
        g_autoptr(GDir) dir = g_dir_open(t->folder, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir))) {
            g_autofree char *file = g_build_filename(t->folder, name, NULL);

            (void)g_unlink(file);
        }
        (void)g_rmdir(t->folder);
    }
    g_free(t->given);
    g_free(t->file);
    g_free(t->folder);
    g_free(t);
}
