/* SPDX-License-Identifier: Apache-2.0 */
/* Registry: the handlers compiled in.  The table is made by handlers/CMakeLists.txt. */
#ifndef KOUAN_REGISTRY_H
#define KOUAN_REGISTRY_H

#include <kouan/handler.h>

/* Ended by NULL. */
extern const kn_handler *const kn_handlers[];

/* Start-time check of all tables: abi, names and document types unique, machine rows, field rows and
 * their code lists (codes NULL: lists are not looked at).  false: KN_E_TABLE naming handler and row. */
bool kn_handlers_check(const kn_codes *codes, GError **err);
/* Handler and document type of a root element; NULL when nobody takes it. */
const kn_handler *kn_handlers_find(const char *root, const char *ns,
                                   const kn_doctype **doctype_out);
/* By name, or NULL. */
const kn_handler *kn_handlers_by_name(const char *name);

#endif
