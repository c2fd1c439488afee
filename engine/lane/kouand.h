/* SPDX-License-Identifier: Apache-2.0 */
/* What kouand takes on its command line, what signals do, and how it ends: for main.c and for its manual. */
#ifndef KOUAN_LANE_KOUAND_H
#define KOUAN_LANE_KOUAND_H

#include <glib.h>
#include <stdbool.h>

typedef struct kn_kouand_words {
    char *config, *stats; /* owned, NULL = not given */
    int version;          /* only says which */
} kn_kouand_words;

#define KN_KOUAND_ENTRIES 4 /* the empty one at the end among them */

/* Rows for GOption that put into words; NULL: only to be read. */
void kn_kouand_entries(kn_kouand_words *words, GOptionEntry out[KN_KOUAND_ENTRIES]);

typedef struct kn_kouand_end {
    int exit;         /* sysexits.h */
    const char *what; /* NULL ends the table */
} kn_kouand_end;

extern const kn_kouand_end kn_kouand_ends[];

typedef struct kn_kouand_signal {
    const char *name; /* "SIGHUP"; NULL ends the table */
    const char *what;
} kn_kouand_signal;

extern const kn_kouand_signal kn_kouand_signals[];

#endif
