/* SPDX-License-Identifier: Apache-2.0 */
/* What the independent reader looks at in a payload: found by searching its text, not by the engine's parser. */
#ifndef KOUAN_CHAOS_READ_H
#define KOUAN_CHAOS_READ_H

#include <glib.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct chaos_facts {
    const char *technical, *final; /* "1", "0", or "-": no receipt */
    char ori_guid[64];             /* "-": none */
    char sm3[65];
} chaos_facts;

void chaos_facts_read(const void *payload, size_t len, chaos_facts *out);

#endif
