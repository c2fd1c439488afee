/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of an XML text that know its structure: what an attacker or a careless tool would do to a signed
 * document.  The result need not be well-formed.  Everything else is deterministic in rng. */
#ifndef KOUAN_TEST_MUTATE_H
#define KOUAN_TEST_MUTATE_H

#include "rng.h"

#include <glib.h>

/* Applies one to three of them; text grows or shrinks.  notes (may be NULL): names of what was done. */
void kn_mutate(GString *text, kn_rng *rng, GString *notes);

#endif
