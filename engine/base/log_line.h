/* SPDX-License-Identifier: Apache-2.0 */
/* What log.c and alarm.c share: one line, from its parts. */
#ifndef KOUAN_BASE_LOG_LINE_H
#define KOUAN_BASE_LOG_LINE_H

#include <jansson.h>
#include <kouan/log.h>

typedef struct kn_log_line {
    kn_level level;
    const char *code; /* of an alarm, or NULL */
    const char *sentence;
    const kn_tag *tags;
} kn_log_line;

/* To stderr, unless its level is not shown. */
void kn_log_write(const kn_log_line *line);
/* The line as a JSON object; the caller's. */
json_t *kn_log_object(const kn_log_line *line);

#endif
