/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file row by row: all mistakes, and the values in force as text. */
#ifndef KOUAN_CLI_EFFECTIVE_H
#define KOUAN_CLI_EFFECTIVE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Mistakes of the engine's and the handlers' groups are added (char *, owned). */
void kn_effective_check(const char *file, GPtrArray *mistakes);
/* {group: {key: text}} in the order of the rows.  false: KN_E_CONFIG. */
bool kn_effective_read(const char *file, json_t **out, GError **err);
/* The commented sample configuration: every key with its default; free with g_free. */
char *kn_effective_sample(void);
/* A copy with every password in it masked ("password=…" up to the next blank or comma). */
char *kn_effective_mask(const char *text);

#endif
