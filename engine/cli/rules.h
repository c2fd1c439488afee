/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of documents without an installation: schemas, code tables, handlers with their options.  No
 * partners, no keys, no server.
 *
 * A configuration gives folders and handlers' options; without one the defaults hold, and the folders
 * are those of this source tree or of `cmake --install`.
 */
#ifndef KOUAN_CLI_RULES_H
#define KOUAN_CLI_RULES_H

#include "xml/schema.h"

#include <kouan/registry.h>

typedef struct kn_rules kn_rules;

/* config: NULL = defaults; codes, schemas: other folders, or NULL.
 * false: KN_E_CONFIG, KN_E_TABLE, KN_E_IO. */
bool kn_rules_load(const char *config, const char *codes, const char *schemas, kn_rules **out,
                   GError **err);
void kn_rules_free(kn_rules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_rules, kn_rules_free)

const kn_codes *kn_rules_codes(const kn_rules *rules);
const kn_schemas *kn_rules_schemas(const kn_rules *rules);
const kn_schema *kn_rules_shell_schema(const kn_rules *rules);
/* Options of a handler, as kn_context_conf gives them. */
const void *kn_rules_conf(const kn_rules *rules, const kn_handler *handler);

#endif
