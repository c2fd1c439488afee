/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms: log lines that want a person.  Each is a row of alarm.def with a code that can be looked up
 * (config/ALARMS.md, `kouan alarms`).
 *
 * threads  any
 */
#ifndef KOUAN_BASE_ALARM_H
#define KOUAN_BASE_ALARM_H

#include <jansson.h>
#include <kouan/log.h>

#define KN_ALARM_ROW(id, code, text, meaning, action) KN_ALARM_##id,
typedef enum kn_alarm_id {
#include "base/alarm.def"
    KN_ALARM_COUNT
} kn_alarm_id;
#undef KN_ALARM_ROW

typedef struct kn_alarm_row {
    const char *code, *text, *meaning, *action;
} kn_alarm_row;

const kn_alarm_row *kn_alarm_row_of(kn_alarm_id id);
/* KN_ALARM_COUNT when there is none. */
kn_alarm_id kn_alarm_by_code(const char *code);

/* A line of level alarm, with code=; shown whatever the least level is.  Without a tag it does not compile. */
#define kn_alarm(id, ...) \
    kn_alarm_raise(id, (const kn_tag[]){ __VA_ARGS__, { .type = KN_TAG_END } })
void kn_alarm_raise(kn_alarm_id id, const kn_tag *tags);

/* How often it was raised since start. */
int64_t kn_alarm_raised(kn_alarm_id id);

/* Whoever carries alarms further (lane/herald.h): called on the raising thread with the line as an object, borrowed;
 * it must return at once.  NULL ends it: no call is running on return. */
typedef void (*kn_alarm_sink)(void *data, kn_alarm_id id, const json_t *line);
void kn_alarm_to(kn_alarm_sink sink, void *data);

#endif
