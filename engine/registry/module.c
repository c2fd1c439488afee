/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/module.h"

#include "registry/elf.h"
#include "registry/pure.h"

#include <errno.h>
#include <gmodule.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOL "kn_handler_"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

#define AT(member) .offset = offsetof(kn_module_conf, member)

/* clang-format off */
const kn_option kn_module_rows[] = {
    { .key = "module", .type = KN_OPT_TEXT, .def = "", AT(file),
      .help = "shared object that holds this handler; empty = compiled in", .source = "DESIGN §4" },
    { .key = "module.schemas", .type = KN_OPT_TEXT, .def = "", AT(schemas),
      .help = "folder of its XML schemas, looked into before the engine's; empty = schemas beside the file",
      .source = "DESIGN §4" },
    { .key = "module.codes", .type = KN_OPT_TEXT, .def = "", AT(codes),
      .help = "folder of its code lists, besides the engine's; empty = codes beside the file",
      .source = "DESIGN §4" },
    { .key = NULL },
};
/* clang-format on */

static kn_module modules[KN_HANDLERS_MAX];
static size_t n_modules;

const kn_module *
kn_module_of(const kn_handler *handler)
{
    for (size_t i = 0; i < n_modules; i++)
        if (modules[i].handler == handler)
            return &modules[i];
    return NULL;
}

/* --- may this file be loaded at all -------------------------------------------------------------- */

bool
kn_module_may_call(const char *symbol)
{
    static const char *const of_sanitizers[] = { "__asan_*", "__ubsan_*", "__tsan_*",
                                                 "__sanitizer_*" };

    for (size_t i = 0; kn_pure_allowed[i]; i++)
        if (g_pattern_match_simple(kn_pure_allowed[i], symbol))
            return true;
    for (size_t i = 0; SANITIZED && i < G_N_ELEMENTS(of_sanitizers); i++)
        if (g_pattern_match_simple(of_sanitizers[i], symbol))
            return true;
    return false;
}

G_GNUC_PRINTF(2, 3)
static void
wrong(kn_module_verdict *v, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(v->wrong, g_strdup_vprintf(format, args));
    va_end(args);
}

/* Whoever can write the file is as good as the engine itself. */
static void
judge_owner(const char *path, kn_module_verdict *v)
{
    g_autofree char *folder = g_path_get_dirname(path);
    const char *const places[] = { path, folder };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        struct stat st;

        if (stat(places[i], &st) != 0) {
            wrong(v, "%s: %s", places[i], g_strerror(errno));
            return;
        }
        if (i == 0 && !S_ISREG(st.st_mode)) {
            wrong(v, "%s: not a file", path);
            return;
        }
        if (st.st_uid != 0 && st.st_uid != geteuid())
            wrong(v, "%s belongs to user %u; it must belong to root or to the user who runs this",
                  places[i], (unsigned)st.st_uid);
        if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(i == 1 && (st.st_mode & S_ISVTX)))
            wrong(v, "%s may be written by others (mode %04o; chmod go-w)", places[i],
                  (unsigned)st.st_mode & 07777);
    }
}

static bool
listed(const GPtrArray *names, const char *name)
{
    for (unsigned i = 0; i < names->len; i++)
        if (strcmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

/* The one descriptor it shows; name NULL: takes what is there. */
static void
judge_shows(const kn_elf *elf, const char *path, const char *name, kn_module_verdict *v)
{
    g_autofree char *symbol = name ? g_strconcat(SYMBOL, name, NULL) : NULL;
    const char *found = NULL;

    for (unsigned i = 0; i < elf->shows->len; i++)
        if (g_str_has_prefix(elf->shows->pdata[i], SYMBOL))
            found = elf->shows->pdata[i];
    if (symbol && !listed(elf->shows, symbol)) {
        wrong(v, "%s shows no symbol %s%s%s", path, symbol, found ? "; it shows " : "",
              found ? found : " (KN_HANDLER_PUBLIC before the descriptor?)");
        return;
    }
    if (!symbol && !found) {
        wrong(v, "%s shows no symbol " SYMBOL "<name> (KN_HANDLER_PUBLIC before the descriptor?)",
              path);
        return;
    }
    v->name = g_strdup(name ? name : found + strlen(SYMBOL));
}

static void
judge_wants(const kn_elf *elf, const char *path, kn_module_verdict *v)
{
    bool instrumented = SANITIZED
                        && (listed(elf->wants, "__asan_init") || listed(elf->wants, "__tsan_init"));
    GModule *self = g_module_open(NULL, 0);

    for (unsigned i = 0; i < elf->wants->len; i++) {
        const char *symbol = elf->wants->pdata[i];
        void *place;

        if (!kn_module_may_call(symbol))
            wrong(v, "%s calls %s, which a handler must not: it decides, the engine acts", path,
                  symbol);
        else if (!g_module_symbol(self, symbol, &place))
            wrong(v, "%s wants %s, which this program does not have (built for another version?)",
                  path, symbol);
    }
    for (unsigned i = 0; !instrumented && i < elf->changing->len; i++)
        wrong(v, "%s holds data that can change: %s; make it const", path,
              (const char *)elf->changing->pdata[i]);
    if (!instrumented && elf->runs_at_load)
        wrong(v, "%s runs code when it is loaded (a constructor)", path);
    (void)g_module_close(self);
}

/* Bound at once: nothing is looked up when a message comes. */
static const kn_handler *
open_file(const char *path, kn_module_verdict *v)
{
    g_autofree char *symbol = g_strconcat(SYMBOL, v->name, NULL);
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);
    const kn_handler *handler;
    void *place = NULL;

    if (!module || !g_module_symbol(module, symbol, &place) || !place) {
        wrong(v, "%s: %s", path, g_module_error());
        return NULL;
    }
    g_module_make_resident(module);
    handler = place;
    v->abi = handler->abi; /* the first member in every version */
    if (v->abi != (int)KN_HANDLER_ABI) {
        wrong(v, "%s was built for handler abi %d, this program has %d: build it again", path,
              v->abi, (int)KN_HANDLER_ABI);
        return NULL;
    }
    if (!handler->name || strcmp(handler->name, v->name) != 0) {
        wrong(v, "%s: descriptor %s names itself “%s”", path, symbol,
              handler->name ? handler->name : "");
        return NULL;
    }
    return handler;
}

void
kn_module_judge(const char *path, const char *name, kn_module_verdict *out,
                const kn_handler **handler_out)
{
    g_auto(kn_elf) elf = { 0 };
    g_autoptr(GError) err = NULL;

    *handler_out = NULL;
    *out = (kn_module_verdict){ .wrong = g_ptr_array_new_with_free_func(g_free) };
    judge_owner(path, out);
    if (!kn_elf_read(path, &elf, &err)) {
        if (out->wrong->len == 0)
            wrong(out, "%s", err->message);
        return;
    }
    judge_shows(&elf, path, name, out);
    judge_wants(&elf, path, out);
    if (out->wrong->len == 0)
        *handler_out = open_file(path, out);
}

void
kn_module_verdict_clear(kn_module_verdict *verdict)
{
    g_clear_pointer(&verdict->name, g_free);
    g_clear_pointer(&verdict->wrong, g_ptr_array_unref);
}

/* --- into the registry ---------------------------------------------------------------------------- */

/* The folder named, or the one of this name beside the file, if there. */
static char *
folder_of(const char *given, const char *path, const char *name)
{
    g_autofree char *dir = g_path_get_dirname(path);
    char *beside = given && *given ? g_strdup(given) : g_build_filename(dir, name, NULL);

    if (!(given && *given) && !g_file_test(beside, G_FILE_TEST_IS_DIR))
        g_clear_pointer(&beside, g_free);
    return beside;
}

bool
kn_module_load(const char *path, const char *name, const char *schemas, const char *codes,
               const kn_module **out, GError **err)
{
    g_auto(kn_module_verdict) verdict = { 0 };
    const kn_handler *handler;
    const kn_handler *there = name ? kn_handlers_by_name(name) : NULL;
    const kn_module *known = there ? kn_module_of(there) : NULL;

    if (known && strcmp(known->file, path) == 0) {
        *out = known;
        return true;
    }
    if (there)
        return kn_fail(err, KN_E_CONFIG, "%s: handler %s is there already, %s%s", path, name,
                       known ? "from " : "compiled in", known ? known->file : "");
    kn_module_judge(path, name, &verdict, &handler);
    if (!handler) {
        g_ptr_array_add(verdict.wrong, NULL);
        {
            g_autofree char *text = g_strjoinv("\n", (char **)verdict.wrong->pdata);

            return kn_fail(err, KN_E_CONFIG, "%s", text);
        }
    }
    if (!kn_handlers_add(handler, err)) {
        g_prefix_error(err, "%s: ", path);
        return false;
    }
    modules[n_modules] = (kn_module){ .handler = handler,
                                      .file = g_strdup(path),
                                      .schemas = folder_of(schemas, path, "schemas"),
                                      .codes = folder_of(codes, path, "codes") };
    *out = &modules[n_modules++];
    return true;
}

static char *
full_path(const char *folder, const char *path)
{
    return *path == '\0' || g_path_is_absolute(path) ? g_strdup(path)
                                                     : g_build_filename(folder, path, NULL);
}

/* Our keys out of the group, so that the handler's own rows find only theirs. */
static GKeyFile *
take_keys(GKeyFile *file, const char *group)
{
    GKeyFile *own = g_key_file_new();

    for (const kn_option *o = kn_module_rows; o->key; o++) {
        /* allow: moved to a group of their own, where option rows read them */
        g_autofree char *value = g_key_file_get_value(file, group, o->key, NULL);

        if (!value)
            continue;
        g_key_file_set_value(own, group, o->key, value);
        (void)g_key_file_remove_key(file, group, o->key, NULL);
    }
    return own;
}

bool
kn_module_load_group(GKeyFile *file, const char *file_name, const char *folder, const char *group,
                     GError **err)
{
    g_autoptr(GKeyFile) own = take_keys(file, group);
    kn_module_conf conf = { 0 };
    const kn_module *module;
    bool ok = kn_options_load(kn_module_rows, own, file_name, group, &conf, err);

    if (ok && *conf.file) {
        g_autofree char *path = full_path(folder, conf.file),
                        *schemas = full_path(folder, conf.schemas),
                        *codes = full_path(folder, conf.codes);

        ok = kn_module_load(path, group + strlen("handler."), schemas, codes, &module, err);
        if (!ok)
            g_prefix_error(err, "%s: [%s] module: ", file_name, group);
    } else if (ok && (*conf.schemas || *conf.codes)) {
        ok = kn_fail(err, KN_E_CONFIG, "%s: [%s]: module.schemas or module.codes without module",
                     file_name, group);
    }
    kn_options_clear(kn_module_rows, &conf);
    return ok;
}

bool
kn_modules_load(GKeyFile *file, const char *file_name, const char *folder, GError **err)
{
    g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

    for (size_t i = 0; groups[i]; i++)
        if (g_str_has_prefix(groups[i], "handler.")
            && !kn_module_load_group(file, file_name, folder, groups[i], err))
            return false;
    return true;
}
