/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the service manager how we are (sd_notify protocol), when there is one.
 *
 * threads  any
 * source   sd_notify(3): one datagram of NAME=VALUE lines to the socket NOTIFY_SOCKET names
 */
#ifndef KOUAN_OPS_SERVICE_H
#define KOUAN_OPS_SERVICE_H

#include <stdbool.h>

/* "READY=1", "WATCHDOG=1", "STOPPING=1\nSTATUS=…"; false: nobody is listening. */
bool kn_service_notify(const char *lines);

#endif
