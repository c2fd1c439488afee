/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that reads a clock or turns seconds into dates.  Wire times are +08:00 fixed
 * (GN-08), never the host's zone; decisions use the record's Kafka time, never these clocks. */
#ifndef KOUAN_BASE_CLOCK_H
#define KOUAN_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t kn_clock_wall_ms(
    void); /* UTC, ms since 1970: log lines, certificates of the tool, producers */
/* Tests of what happens in a day or two set this and the next one ahead together: the wall clock, and the times the
 * broker gave records (bus/consumer.c).  0 but in test builds (KOUAN_CLOCK_AHEAD_MS, base/fault.h). */
int64_t kn_clock_ahead_ms(void);
int64_t kn_clock_steady_us(void);     /* for durations only */
int64_t kn_clock_thread_cpu_us(void); /* CPU time of the calling thread */

typedef struct kn_date {
    int year, month, day, hour, minute, second, ms;
} kn_date;
/* Civil date of ms UTC at a fixed offset of minutes east. */
void kn_clock_civil(int64_t ms, int offset_minutes, kn_date *out);
/* ms UTC of a civil date at a fixed offset; false when the date does not exist. */
bool kn_clock_from_civil(const kn_date *date, int offset_minutes, int64_t *ms_out);

#define KN_CHINA_MINUTES 480

#endif
