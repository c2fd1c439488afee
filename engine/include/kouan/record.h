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

/* The record's one timer: when its time has come, the handler's .timer is entered with this name.  Kept in the body
 * under "timer", so it is decided, archived and compared like the rest.  It belongs to the state it is set in: kn_fire
 * into another state ends it, so set it after kn_fire.  due_ms: ms since 1970, UTC, by record time; above 0.
 * source   EXACTLY_ONCE §7.5 */
void kn_timer_set(kn_record *record, const char *name, int64_t due_ms);
void kn_timer_clear(kn_record *record);
const char *kn_timer_name(const kn_record *record); /* NULL = none; borrowed */
int64_t kn_timer_due(const kn_record *record);      /* 0 = none */

#endif
