/* SPDX-License-Identifier: Apache-2.0 */
/* The manual pages, each written from the tables that run, so that none can lie.
 *
 * TO ADD ONE: 1. a function in man.c  2. a row there  3. its name in CMakeLists.txt
 */
#ifndef KOUAN_CLI_MAN_H
#define KOUAN_CLI_MAN_H

#include <glib.h>

typedef struct kn_man_page {
    const char *file; /* "kouan.1"; NULL ends the table */
    void (*write)(GString *out);
} kn_man_page;

extern const kn_man_page kn_man_pages[];

#endif
