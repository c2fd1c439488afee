/* SPDX-License-Identifier: Apache-2.0 */
/* The connection that cannot write, for those in store/ that look with it. */
#ifndef KOUAN_STORE_TRACE_PRIV_H
#define KOUAN_STORE_TRACE_PRIV_H

#include "store/trace.h"

#include <libpq-fe.h>

struct kn_trace {
    PGconn *conn;
};

/* false, with what the server said. */
bool kn_trace_fail(const kn_trace *trace, const char *what, GError **err);

#endif
