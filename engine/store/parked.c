/* SPDX-License-Identifier: Apache-2.0 */
#include "store/parked.h"

#include "store/trace_priv.h"

/* clang-format off */
#define ROWS \
    "SELECT coalesce(json_agg(json_build_object('key', r.key, 'owner', r.owner, 'state', r.state," \
    "  'version', r.version, 'body', r.body, 'verdict', m.verdict) ORDER BY (r.body->>'at')::bigint, r.key), '[]')" \
    " FROM record r LEFT JOIN message m ON m.topic = r.topic AND m.part = r.part AND m.off = r.off AND m.idx = 0" \
    " WHERE r.kind = 'parked' AND "

static const char one[] = ROWS "r.key = $1";
static const char open_ones[] = ROWS "r.state = 'OPEN' AND $1 = ''";
static const char every[] = ROWS "$1 = ''";
/* clang-format on */

bool
kn_parked_list(kn_trace *trace, const char *key, bool all, json_t **out, GError **err)
{
    return kn_trace_ask(trace, key ? one : all ? every : open_ones, key ? key : "", NULL, out, err);
}
