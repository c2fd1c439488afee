/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: a constant sentence with typed tags, one line each, JSON or text on stderr.
 * Never bodies, PINs, identity numbers or full phones.  Low functions return errors; the lane logs.
 *
 * threads  any; the context (message, handler, partner) is per thread and set by the lane
 */
#ifndef KOUAN_LOG_H
#define KOUAN_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* KN_SILENT: least level of those who show nothing at all. */
typedef enum kn_level { KN_DEBUG, KN_INFO, KN_WARN, KN_ERROR, KN_ALARM, KN_SILENT } kn_level;
typedef enum kn_tag_type { KN_TAG_END, KN_TAG_STR, KN_TAG_INT } kn_tag_type;

typedef struct kn_tag {
    const char *key;
    kn_tag_type type;
    const char *str; /* borrowed for the call */
    int64_t num;
} kn_tag;

#define KN_STR(k, v) \
    { \
        .key = "" k, .type = KN_TAG_STR, .str = (v) \
    }
#define KN_INT(k, v) \
    { \
        .key = "" k, .type = KN_TAG_INT, .num = (int64_t)(v) \
    }

void kn_log(kn_level level, const char *sentence, const kn_tag *tags);

/* A line without a tag does not compile. */
#define kn_debug(sentence, ...) \
    kn_log(KN_DEBUG, "" sentence, (const kn_tag[]){ __VA_ARGS__, { .type = KN_TAG_END } })
#define kn_info(sentence, ...) \
    kn_log(KN_INFO, "" sentence, (const kn_tag[]){ __VA_ARGS__, { .type = KN_TAG_END } })
#define kn_warn(sentence, ...) \
    kn_log(KN_WARN, "" sentence, (const kn_tag[]){ __VA_ARGS__, { .type = KN_TAG_END } })
#define kn_error_line(sentence, ...) \
    kn_log(KN_ERROR, "" sentence, (const kn_tag[]){ __VA_ARGS__, { .type = KN_TAG_END } })
/* Alarms have codes: base/alarm.h; a handler asks for one with kn_decision_alarm. */

/* Lines below this level are dropped (default KN_INFO); json selects the form. Before threads start. */
void kn_log_init(kn_level least, bool json);
/* Context of this thread, borrowed until replaced; NULL clears. Printed as msg=... and partner=... */
void kn_log_context(const char *msg, const char *partner);

#endif
