/* SPDX-License-Identifier: Apache-2.0 */
/* The connection that cannot write, for those in store/ that look with it. */
#ifndef KOUAN_STORE_TRACE_PRIV_H
#define KOUAN_STORE_TRACE_PRIV_H

#include "store/trace.h"

#include <libpq-fe.h>

struct kn_trace {
    PGconn *conn;
};

/* A statement with one or two (second not NULL) texts that answers one cell of JSON. */
bool kn_trace_ask(kn_trace *trace, const char *sql, const char *first, const char *second,
                  json_t **out, GError **err);
/* false, with what the server said. */
bool kn_trace_fail(const kn_trace *trace, const char *what, GError **err);

#endif
