/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of code lists with every mistake of every file at once; see <kouan/codes.h>. */
#ifndef KOUAN_MACHINE_CODES_READ_H
#define KOUAN_MACHINE_CODES_READ_H

#include "base/files.h"

#include <kouan/codes.h>

#define KN_AREA_CODES "codes" /* of kn_files; those of a handler from outside: "codes.<name>" */

kn_codes *kn_codes_new(void);
/* The lists of one area join codes; each mistake is added to mistakes, "file:line: what". */
void kn_codes_read(kn_files *files, const char *area, kn_codes *codes, GPtrArray *mistakes);

#endif
