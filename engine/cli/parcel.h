/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to be sent: bytes with everything the broker record needs. */
#ifndef KOUAN_CLI_PARCEL_H
#define KOUAN_CLI_PARCEL_H

#include "lane/engine.h"

#include <jansson.h>

typedef struct kn_parcel {
    char *name; /* file, or file:line */
    char *bytes;
    size_t len;
    char *guid, *type, *sender, *key; /* "" where unknown */
    char sm3[65];                     /* of the bytes: a dead letter names it */
    const char *topic; /* borrowed from the engine's configuration or from the call */
    json_t *answer;    /* technical receipt or dead letter once it came, or NULL */
} kn_parcel;

/* What the caller wants instead of what the message says; NULL = what it says. */
typedef struct kn_parcel_label {
    const char *topic, *key, *sender;
} kn_parcel_label;

/* Files, folders (their *.xml and *.ndjson by name) or "-"; a file of JSON objects a line as `kouan make
 * --ndjson` writes them, or one message.  Appends kn_parcel* to out (its free function is set here).
 * A message that cannot be read is taken only when the label gives a topic and a key. */
bool kn_parcels_load(const kn_engine *engine, const char *const *paths,
                     const kn_parcel_label *label, GPtrArray **out, GError **err);
/* Input topic of a document type: <prefix>.in.<handler>, and the one of customs for what customs sends. */
const char *kn_parcel_topic(const kn_engine *engine, const char *type, const char *ns);

#endif
