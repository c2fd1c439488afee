/* SPDX-License-Identifier: Apache-2.0 */
/* Record: one business document or claim, as the database keeps it.
 * shape   (kind, key) is unique; version 0 = not stored yet; body is a JSON object
 * owner   home key: organisation code of the enterprise, or normalised user name
 */
#ifndef KOUAN_RECORD_H
#define KOUAN_RECORD_H

#include <jansson.h>
#include <stdint.h>

typedef struct kn_record {
    char *kind;
    char *key;
    char *owner;
    char *state;
    int version;
    json_t *body;
} kn_record;

kn_record *kn_record_new(const char *kind, const char *key, const char *owner, const char *state);
kn_record *kn_record_dup(const kn_record *record); /* deep copy */
void kn_record_free(kn_record *record);

/* Text member of the body, or NULL; borrowed. */
const char *kn_record_text(const kn_record *record, const char *name);
/* Sets it; NULL or "" takes the member out, so that an empty text and none are the same. */
void kn_record_set_text(kn_record *record, const char *name, const char *value);

#endif
