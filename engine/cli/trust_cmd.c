/* SPDX-License-Identifier: Apache-2.0 */
/* kouan trust: versions of partner entries, CRLs and code tables: which are in force, what they were. */
#include "base/clock.h"
#include "cli/cli.h"
#include "lane/rollout.h"
#include "store/trace.h"

#include <glib/gstdio.h>
#include <kouan/handler.h>
#include <stdio.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------------ */

static bool
list(const char *file, json_t **out, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_trace) trace = NULL;

    return kn_config_load(file, &config, NULL, err) && kn_trace_open(config->conninfo, &trace, err)
           && kn_trace_trust(trace, out, err);
}

static void
print_versions(const json_t *versions)
{
    size_t i;
    json_t *v;

    json_array_foreach (versions, i, v) {
        char when[32];

        kn_time_text(json_integer_value(json_object_get(v, "at")), KN_TIME_STAMP, when);
        (void)printf("%6" JSON_INTEGER_FORMAT "  %s  %-16s %.16s  %8" JSON_INTEGER_FORMAT
                     " bytes  in force in %" JSON_INTEGER_FORMAT " partitions\n",
                     json_integer_value(json_object_get(v, "version")), when,
                     json_string_value(json_object_get(v, "by")),
                     json_string_value(json_object_get(v, "digest")),
                     json_integer_value(json_object_get(v, "bytes")),
                     json_integer_value(json_object_get(v, "partitions")));
    }
}

/* --- show ------------------------------------------------------------------------------------------ */

typedef struct shown {
    const char *folder; /* NULL: names only */
    bool ok;
    json_t *files;
} shown;

/* An absolute name, or one that leads out of the folder, is written by its last part. */
static char *
place_of(const char *folder, const char *area, const char *name)
{
    g_autofree char *base = g_path_get_basename(name);
    bool plain = !g_path_is_absolute(name) && !strstr(name, "..");

    return g_build_filename(folder, area, plain ? name : base, NULL);
}

static void
show_file(void *arg, const char *area, const char *name, const char *bytes, size_t len)
{
    shown *s = arg;
    g_autofree char *path = s->folder ? place_of(s->folder, area, name) : NULL;
    g_autofree char *folder = path ? g_path_get_dirname(path) : NULL;

    (void)json_array_append_new(
        s->files, json_pack("{ss ss sI}", "area", area, "name", name, "bytes", (json_int_t)len));
    if (path
        && (g_mkdir_with_parents(folder, 0755) != 0
            || !g_file_set_contents(path, bytes, (gssize)len, NULL)))
        s->ok = false;
}

static bool
show(const char *file, const char *word, const char *folder, json_t **out, GError **err)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_store) store = NULL;
    g_autoptr(GBytes) bundle = NULL;
    g_autoptr(kn_files) files = NULL;
    shown s = { .folder = folder, .ok = true };
    uint8_t digest[KN_SM3_BYTES];
    int64_t version;

    if (!g_ascii_string_to_signed(word, 10, 1, INT32_MAX, &version, NULL))
        return kn_fail(err, KN_E_USAGE, "“%s” is no version", word);
    if (!kn_config_load(file, &config, NULL, err) || !kn_store_open(config->conninfo, &store, err)
        || !kn_store_trust_get(store, (int)version, digest, &bundle, err)
        || !kn_files_unpack(bundle, &files, err))
        return false;
    s.files = json_array();
    kn_files_each(files, show_file, &s);
    *out = s.files;
    return s.ok || kn_fail(err, KN_E_IO, "%s cannot be filled", folder);
}

static void
print_files(const json_t *files)
{
    size_t i;
    json_t *f;

    json_array_foreach (files, i, f)
        (void)printf("%8" JSON_INTEGER_FORMAT "  %s  %s\n",
                     json_integer_value(json_object_get(f, "bytes")),
                     json_string_value(json_object_get(f, "area")),
                     json_string_value(json_object_get(f, "name")));
}

/* --- switch ---------------------------------------------------------------------------------------- */

static bool
announce(const kn_engine *engine, const kn_store_trust *newest, GError **err)
{
    g_autoptr(GArray) all = kn_rollout_all(engine);
    kn_producer *producer = NULL;
    bool ok;

    if (!kn_producer_new(&engine->bus, NULL, &producer, err))
        return false;
    ok = kn_rollout_announce(engine, producer, newest, all, err);
    kn_producer_free(producer);
    return ok;
}

/* What a SIGHUP does, without a kouand that runs. */
static bool
switch_to(const char *file, json_t **out, GError **err)
{
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(kn_store) store = NULL;
    kn_rollout_found found;
    kn_store_trust newest;

    if (!kn_engine_load(file, true, &engine, err)
        || !kn_store_open(engine->config->conninfo, &store, err)
        || !kn_rollout_version(engine, store, engine->set, true, "kouan", &found, &newest, err)
        || !announce(engine, &newest, err))
        return false;
    *out = json_pack("{si sb}", "version", newest.version, "new", found == KN_ROLLOUT_MADE);
    return true;
}

static void
print_switch(const json_t *done)
{
    (void)printf("switch to trust set %" JSON_INTEGER_FORMAT "%s appended to every partition\n",
                 json_integer_value(json_object_get(done, "version")),
                 json_is_true(json_object_get(done, "new")) ? " (new)" : "");
}

/* --------------------------------------------------------------------------------------------------- */

static bool
run(const char *config, char **words, const char *folder, json_t **out,
    void (**print)(const json_t *), GError **err)
{
    if (strcmp(words[1], "list") == 0 && !words[2]) {
        *print = print_versions;
        return list(config, out, err);
    }
    if (strcmp(words[1], "show") == 0 && words[2]) {
        *print = print_files;
        return show(config, words[2], folder, out, err);
    }
    if (strcmp(words[1], "switch") == 0 && !words[2]) {
        *print = print_switch;
        return switch_to(config, out, err);
    }
    return kn_fail(err, KN_E_USAGE, "list, show VERSION or switch");
}

int
kn_cli_trust(int argc, char **argv)
{
    const char *config;
    g_autofree char *folder = NULL;
    bool json;
    const GOptionEntry entries[] = {
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &folder, "show: write the files there", "DIR" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "list|show VERSION|switch",
        .what = "list: versions of the trust set, and in how many partitions each is in force.\n"
                "show: the files of one, byte for byte, as messages were judged by them.\n"
                "switch: checks the files on disk, makes a version of them and appends a switch to "
                "every partition;\n"
                "the same as SIGHUP to a kouand.",
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 2,
    };
    g_autoptr(GError) err = NULL;
    void (*print)(const json_t *) = NULL;
    json_t *out = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!run(config, argv, folder, &out, &print, &err)) {
        json_decref(out);
        return kn_cli_fail("trust", err);
    }
    if (json) {
        kn_cli_print_json(out);
    } else {
        if (print)
            print(out);
        json_decref(out);
    }
    return KN_EXIT_OK;
}
