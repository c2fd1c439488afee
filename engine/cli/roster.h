/* SPDX-License-Identifier: Apache-2.0 */
/* Whom and what the archive is asked about: ids of the partners, kinds of records.  New references. */
#ifndef KOUAN_CLI_ROSTER_H
#define KOUAN_CLI_ROSTER_H

#include "lane/engine.h"

#include <jansson.h>

json_t *kn_roster_partners(const kn_engine *engine);
json_t *kn_roster_kinds(void);

#endif
