/* SPDX-License-Identifier: Apache-2.0 */
/* A real PostgreSQL for a test program: a folder of its own, a socket in it, gone at the end, also
 * when the program dies.
 *
 * threads  one; the server ends with the thread that started it
 */
#ifndef KOUAN_TESTS_PG_RIG_H
#define KOUAN_TESTS_PG_RIG_H

#include <stdbool.h>

typedef struct kn_pg_rig kn_pg_rig;

/* settings: further arguments of postgres ("-c", "fsync=off", ..., NULL) or NULL, borrowed for ever.
 * NULL: no server program here, said on stderr ("skipped: no PostgreSQL 15 server").  With CI set in the
 * environment, or when the server does not start, the program ends in failure. */
kn_pg_rig *kn_pg_rig_new(const char *const *settings);
void kn_pg_rig_free(kn_pg_rig *rig);
/* libpq text of a new empty database; freed by the caller. */
char *kn_pg_rig_database(kn_pg_rig *rig, const char *name);
/* Immediate stop, as after a crash; and up again. */
void kn_pg_rig_stop(kn_pg_rig *rig);
void kn_pg_rig_start(kn_pg_rig *rig);
/* Folder of the server, for other sockets and files of the test. */
const char *kn_pg_rig_folder(const kn_pg_rig *rig);

#endif
