/* SPDX-License-Identifier: Apache-2.0 */
/* Clean-up functions of libpq's types, declared once.  Private to store/ and its tests. */
#ifndef KOUAN_STORE_PG_AUTO_H
#define KOUAN_STORE_PG_AUTO_H

#include <glib.h>
#include <libpq-fe.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGconn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PQconninfoOption, PQconninfoFree)

#endif
