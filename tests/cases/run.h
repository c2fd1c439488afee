/* SPDX-License-Identifier: Apache-2.0 */
/* The case files of one handler, run on the bench. */
#ifndef KOUAN_CASES_RUN_H
#define KOUAN_CASES_RUN_H

#include <kouan/registry.h>

typedef struct kn_cases_place {
    const kn_handler *handler;
    const kn_codes *codes;
    const char *folder;  /* of the case files */
    const char *schemas; /* of the handler's XSDs */
    const char *only;    /* name of one case, or NULL: all, with coverage */
} kn_cases_place;

/* How much went wrong; 0 = every case passed and every rule has one.  Says what on stderr. */
unsigned kn_cases_run(const kn_cases_place *place);

#endif
