/* SPDX-License-Identifier: Apache-2.0 */
/* What a person can get wrong in kouan.ini and in everything it names: told at once, and nothing of it
 * changed.  What has to do with today (an end that has passed, a CRL that is late) is a warning: a start must
 * not fail because a day has come. */
#ifndef KOUAN_CLI_CONFIG_CHECK_H
#define KOUAN_CLI_CONFIG_CHECK_H

#include <glib.h>

/* Lists of char *, owned; a mistake is "file: [group] key: what", "file:line: what" or "file: what". */
void kn_config_check(const char *file, GPtrArray *mistakes, GPtrArray *warnings);

#endif
