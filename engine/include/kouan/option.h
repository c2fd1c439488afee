/* SPDX-License-Identifier: Apache-2.0 */
/* Options: a row is the parser, the range check, the default and the manual (config/OPTIONS.md).
 * An unknown key, a bad value or a value out of range stops the start, naming file, group and key.
 *
 * TO ADD ONE: 1. a member in the conf struct  2. a row  3. scripts/gen-docs
 */
#ifndef KOUAN_OPTION_H
#define KOUAN_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum kn_option_type {
    KN_OPT_INT = 1, /* int64_t member; min..max */
    KN_OPT_BOOL,    /* bool member; true|false */
    KN_OPT_TEXT,    /* char * member, owned by the conf; max = longest, 0 = any */
    KN_OPT_ENUM,    /* int member; choices "a|b|c", value = index */
    KN_OPT_LIST,    /* char ** member (NULL-ended, owned); separated by commas */
} kn_option_type;

typedef struct kn_option {
    const char *key; /* NULL ends the table */
    kn_option_type type;
    const char *def; /* text of the default; NULL = must be given */
    int64_t min, max;
    const char *choices;
    size_t offset; /* offsetof(conf, member) */
    const char *help;
    const char *source; /* requirement or section, may be NULL */
} kn_option;

/* Fills conf (zeroed, conf_size bytes) from one group of a key file.  A missing group means defaults.
 * file_name is only for messages.  false: KN_E_CONFIG with "file: [group] key: what". */
bool kn_options_load(const kn_option *rows, GKeyFile *file, const char *file_name,
                     const char *group, void *conf, GError **err);
/* The same, but goes on after a mistake: each is added to mistakes (GPtrArray of char *, owned) and
 * true is returned when there was none.  A member with a mistake has its default, if there is one.  For
 * files that should be mended in one go. */
bool kn_options_collect(const kn_option *rows, GKeyFile *file, const char *file_name,
                        const char *group, void *conf, GPtrArray *mistakes);
/* Frees what kn_options_load put into text and list members; conf itself stays the caller's. */
void kn_options_clear(const kn_option *rows, void *conf);

#endif
