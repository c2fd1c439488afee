/* SPDX-License-Identifier: Apache-2.0 */
/* Registry: the handlers compiled in (a table made by handlers/CMakeLists.txt), and behind them those
 * from shared objects (registry/module.h).  For the engine, not for handlers.
 * threads  changes before lanes start only; nothing is ever taken out
 */
#ifndef KOUAN_REGISTRY_H
#define KOUAN_REGISTRY_H

#include <kouan/handler.h>

#define KN_HANDLERS_MAX 64

/* Ended by NULL. */
extern const kn_handler *kn_handlers[KN_HANDLERS_MAX + 1];

/* One more, behind the others: abi, name, document types and record kind are looked at, so that a
 * collision names both.  false: KN_E_TABLE, nothing was added. */
bool kn_handlers_add(const kn_handler *handler, GError **err);

/* Start-time check of one handler's tables, as below. */
bool kn_handler_check(const kn_handler *handler, const kn_codes *codes, GError **err);
/* Start-time check of all tables: abi, names and document types unique, machine rows, field rows and
 * their code lists (codes NULL: lists are not looked at).  false: KN_E_TABLE naming handler and row. */
bool kn_handlers_check(const kn_codes *codes, GError **err);
/* Handler and document type of a root element; NULL when nobody takes it. */
const kn_handler *kn_handlers_find(const char *root, const char *ns,
                                   const kn_doctype **doctype_out);
/* The reason is one of the handler's own rows. */
bool kn_handler_owns(const kn_handler *handler, const kn_error_row *reason);
/* By name, or NULL. */
const kn_handler *kn_handlers_by_name(const char *name);

#endif
