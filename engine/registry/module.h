/* SPDX-License-Identifier: Apache-2.0 */
/* Modules: handlers from outside, loaded from a shared object that a group [handler.<name>] names.
 *
 * A file is read and judged as bytes first (owner, imports, changing data), then opened with all its
 * symbols bound at once, then its descriptor is added to the registry.  What fails leaves a sentence with
 * file and reason; nothing of a refused file has run, except that of one whose descriptor is refused.
 *
 * threads  everything here before lanes start; a module is never unloaded
 * errors   KN_E_CONFIG (file, symbols), KN_E_TABLE (descriptor): both stop the start with exit 78
 */
#ifndef KOUAN_REGISTRY_MODULE_H
#define KOUAN_REGISTRY_MODULE_H

#include <kouan/registry.h>

typedef struct kn_module_conf {
    char *file, *schemas, *codes; /* as written, relative paths from the folder of the .ini */
} kn_module_conf;

/* The keys a group [handler.<name>] may have besides the handler's own; of struct kn_module_conf. */
extern const kn_option kn_module_rows[];

typedef struct kn_module {
    const kn_handler *handler;
    char *file;
    char *schemas; /* folder looked into before the engine's, or NULL */
    char *codes;   /* folder of further code lists, or NULL */
} kn_module;

/* What a file is judged to be; everything found, not only the first thing. */
typedef struct kn_module_verdict {
    char *name;       /* handler it shows, or NULL */
    int abi;          /* 0: its descriptor was not reached */
    GPtrArray *wrong; /* char *: one sentence each; empty = may be loaded */
} kn_module_verdict;

/* Loads the module of each group [handler.*] that names one, and takes the keys of kn_module_rows out of
 * file.  The same file for the same name a second time is no mistake.  folder: of the .ini. */
bool kn_modules_load(GKeyFile *file, const char *file_name, const char *folder, GError **err);
/* One group of those; nothing to do when it names no module. */
bool kn_module_load_group(GKeyFile *file, const char *file_name, const char *folder,
                          const char *group, GError **err);
/* One file; schemas and codes may be NULL: the folders "schemas" and "codes" beside it, if there. */
bool kn_module_load(const char *path, const char *name, const char *schemas, const char *codes,
                    const kn_module **out, GError **err);

/* Where a handler came from; NULL: compiled in. */
const kn_module *kn_module_of(const kn_handler *handler);

/* Judges a file without adding it: `kouan handler check`.  name NULL: whatever handler it shows.
 * The descriptor is opened only when nothing else is wrong; *handler_out is NULL otherwise. */
void kn_module_judge(const char *path, const char *name, kn_module_verdict *out,
                     const kn_handler **handler_out);
void kn_module_verdict_clear(kn_module_verdict *verdict);
/* The symbol is one that a handler may call (pure-allow.txt). */
bool kn_module_may_call(const char *symbol);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_module_verdict, kn_module_verdict_clear)

#endif
