/* SPDX-License-Identifier: Apache-2.0 */
/* Supervisor: checks the world, starts lanes, watches them, stops them.
 * Ends the process (EX_TEMPFAIL) when a lane stands still longer than engine.watchdog_ms. */
#ifndef KOUAN_LANE_SUPERVISOR_H
#define KOUAN_LANE_SUPERVISOR_H

#include "lane/engine.h"

#include <stdatomic.h>

/* Runs until *stop; *reload (taken back here) reads the files of the trust set again; prints
 * statistics as one JSON line to stats_file (NULL = nowhere) at the end and each second.
 * false: a lane stopped for a reason a person must look at. */
bool kn_supervisor_run(const kn_engine *engine, atomic_bool *stop, atomic_bool *reload,
                       const char *stats_file, GError **err);

#endif
