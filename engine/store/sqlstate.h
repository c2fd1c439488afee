/* SPDX-License-Identifier: Apache-2.0 */
/* What an SQLSTATE means for a batch.  First match wins (EXACTLY_ONCE §9.1).
 * threads  any */
#ifndef KOUAN_STORE_SQLSTATE_H
#define KOUAN_STORE_SQLSTATE_H

#include "store/store.h"

#include <kouan/error.h>

typedef struct kn_sqlstate_row {
    const char *prefix;      /* of the five characters; "" = everything else */
    bool without_constraint; /* matches only when the server named no constraint */
    kn_error code;
    kn_store_todo todo;
} kn_sqlstate_row;

/* sqlstate: five characters, NULL or "" = the connection is gone; constraint: its name or NULL.
 * Never NULL. */
const kn_sqlstate_row *kn_sqlstate_row_of(const char *sqlstate, const char *constraint);

#endif
