/* SPDX-License-Identifier: Apache-2.0 */
/* What GKeyFile lets pass in a configuration file: it merges groups and keys that stand there twice, and
 * takes a byte order mark or a comment behind a value for text.  And the word somebody may have meant.
 */
#ifndef KOUAN_BASE_INI_H
#define KOUAN_BASE_INI_H

#include <glib.h>
#include <stdbool.h>

/* text: len bytes of file `name`.  Mistakes and hints (GPtrArray of char *, owned; hints may be NULL) are
 * added as "name: [group] key: what" or "name:line: what". */
void kn_ini_scan(const char *name, const char *text, size_t len, GPtrArray *mistakes,
                 GPtrArray *hints);

/* The word of a NULL-ended list that is at most two changes away, and nearer than any other; "" when
 * there is none. */
const char *kn_ini_nearest(const char *word, const char *const *words);
/* "; did you mean “…”?", or ""; g_free. */
char *kn_ini_meant(const char *word, const char *const *words);

#endif
