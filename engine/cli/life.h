/* SPDX-License-Identifier: Apache-2.0 */
/* A trace (store/trace.h) as text for a person: one block a message, in order of time. */
#ifndef KOUAN_CLI_LIFE_H
#define KOUAN_CLI_LIFE_H

#include <glib.h>
#include <jansson.h>

/* trace: {"documents": [record …], "life": [place …]} ; free with g_free. */
char *kn_life_text(const json_t *trace);

#endif
