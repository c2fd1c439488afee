/* SPDX-License-Identifier: Apache-2.0 */
/* Code lists: CSV files "code,name,remark" under config/codes, one list a file, UTF-8, first line a
 * header.  Loaded and checked at start, read-only afterwards (shared by lanes).
 * A value may be given by code or by name (CM-33); the code is what is stored.
 */
#ifndef KOUAN_CODES_H
#define KOUAN_CODES_H

#include <glib.h>
#include <stdbool.h>

typedef struct kn_codes kn_codes;

/* All *.csv of a folder (NULL: no list at all); list name = file name without ".csv".
 * false: KN_E_CONFIG with file:line. */
bool kn_codes_load(const char *folder, kn_codes **out, GError **err);
/* The lists of one more folder; a list name that is there already is refused.  Before codes are shared. */
bool kn_codes_add(kn_codes *codes, const char *folder, GError **err);
void kn_codes_free(kn_codes *codes);

bool kn_codes_has_list(const kn_codes *codes, const char *list);
/* Code for a code or a name; NULL when it is neither, or a name of two codes (*ambiguous true). */
const char *kn_codes_resolve(const kn_codes *codes, const char *list, const char *value,
                             bool *ambiguous);
const char *kn_codes_name(const kn_codes *codes, const char *list, const char *code); /* or NULL */

#endif
