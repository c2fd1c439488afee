/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered migrations schemas/sql/NNN-what.sql, each in one transaction, recorded in schema_version. */
#ifndef KOUAN_STORE_MIGRATE_H
#define KOUAN_STORE_MIGRATE_H

#include <glib.h>
#include <stdbool.h>

#define KN_SCHEMA_VERSION 9

/* Applies what is missing from folder, in order; *applied counts.  KN_E_STORE_WRONG names the file and line. */
bool kn_migrate(const char *conninfo, const char *folder, int *applied, GError **err);

#endif
