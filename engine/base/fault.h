/* SPDX-License-Identifier: Apache-2.0 */
/* Named fault points, compiled into test builds only (KOUAN_FAULTS).
 * KOUAN_FAULT=point:action:nth[,point:action:nth...] — action kill (SIGKILL itself), stop (SIGSTOP
 * itself), sleep (ms given as action "sleep500"), error (the point answers true and the caller fails
 * as if its boundary call had failed).  nth counts from 1; 0 = every time; =TEXT: every time that it is
 * about this message (points that know one: kn_fault_about).
 * The names are listed in fault.c; an unknown one stops the start. */
#ifndef KOUAN_BASE_FAULT_H
#define KOUAN_BASE_FAULT_H

#include <stdbool.h>

#ifdef KOUAN_FAULTS
#include <stdint.h>

/* Sets the clock ahead (base/clock.h); before threads start. */
void kn_clock_go_ahead(int64_t ms);
/* true: pretend that the boundary call here failed. */
bool kn_fault(const char *point);
/* The same at a point that knows which message it is about (its guid). */
bool kn_fault_about(const char *point, const char *message);
/* The point is named in KOUAN_FAULT: for points that need a step of their own before them. */
bool kn_fault_armed(const char *point);
/* Reads KOUAN_FAULT and KOUAN_CLOCK_AHEAD_MS; false when it names an unknown point or action (said on stderr). */
bool kn_fault_init(void);
/* KOUAN_CONTROL=no-transactions: the control run that the judge of exactly-once must catch. */
bool kn_fault_control(void);
/* All points, NULL-ended. */
const char *const *kn_fault_points(void);
#else
static inline bool
kn_fault(const char *point)
{
    (void)point;
    return false;
}
static inline bool
kn_fault_about(const char *point, const char *message)
{
    (void)point;
    (void)message;
    return false;
}
static inline bool
kn_fault_armed(const char *point)
{
    (void)point;
    return false;
}
static inline bool
kn_fault_init(void)
{
    return true;
}
#endif

#endif
