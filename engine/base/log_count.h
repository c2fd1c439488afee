/* SPDX-License-Identifier: Apache-2.0 */
/* How often the log has called for a person.
 *
 * threads  any
 */
#ifndef KOUAN_BASE_LOG_COUNT_H
#define KOUAN_BASE_LOG_COUNT_H

#include <stdint.h>

/* Lines of level alarm so far, whatever level is shown. */
int64_t kn_log_alarms(void);

#endif
