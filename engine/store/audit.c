/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include "store/pg_auto.h"
#include "store/trace_priv.h"

#include <kouan/error.h>
#include <kouan/mask.h>
#include <string.h>

/* clang-format off */
static const char events[] =
    "SELECT json_strip_nulls(json_build_object("
    "  'at', floor(extract(epoch FROM m.at) * 1000)::bigint, 'topic', t.name, 'part', m.part, 'off', m.off,"
    "  'guid', m.header->>'guid', 'type', m.header->>'type', 'sender', m.header->>'sender',"
    "  'enterprise', encode(m.key, 'escape'), 'card', m.header->>'card', 'verdict', m.verdict,"
    "  'kind', h.kind, 'key', h.key, 'version', h.version, 'from', h.state_from, 'to', h.state_to,"
    "  'event', h.event, 'row', h.\"row\", 'actor', h.actor))"
    " FROM message m JOIN topic t ON t.id = m.topic"
    " LEFT JOIN history h ON h.topic = m.topic AND h.part = m.part AND h.off = m.off"
    "  AND h.at >= to_timestamp($1::bigint / 1000.0) AND h.at < to_timestamp($2::bigint / 1000.0)"
    " WHERE m.idx = 0"
    "  AND m.day >= (to_timestamp($1::bigint / 1000.0) AT TIME ZONE 'UTC')::date"
    "  AND m.day <= (to_timestamp($2::bigint / 1000.0) AT TIME ZONE 'UTC')::date"
    "  AND m.at >= to_timestamp($1::bigint / 1000.0) AND m.at < to_timestamp($2::bigint / 1000.0)"
    "  AND ($3 = '' OR m.header->>'sender' = $3)"
    "  AND ($4 = '' OR m.key = convert_to($4, 'UTF8'))"
    "  AND ($5 = '' OR h.key = $5)"
    "  AND ($6 = '' OR m.verdict = $6)"
    "  AND ($7 = '' OR m.verdict NOT IN ('OK', 'REPEAT'))"
    " ORDER BY m.at, m.topic, m.part, m.off, h.seq";
/* clang-format on */

#define CARD_LEN 13

/* An operator without an account is known by the card's number; history keeps it, nobody is shown it. */
static void
mask_actor(json_t *event)
{
    const char *actor = json_string_value(json_object_get(event, "actor"));

    if (actor && strlen(actor) == CARD_LEN && strspn(actor, "0123456789") == CARD_LEN) {
        g_autofree char *masked = kn_mask(KN_MASK_CARD, actor);

        (void)json_object_set_new(event, "actor", json_string(masked));
    }
}

static bool
give(const PGresult *res, kn_audit_row *row, void *arg, bool *more, GError **err)
{
    json_t *event = json_loads(PQgetvalue(res, 0, 0), 0, NULL);

    if (!event)
        return kn_fail(err, KN_E_STORE_WRONG, "audit: a row is no JSON");
    mask_actor(event);
    *more = row(arg, event);
    json_decref(event);
    return true;
}

/* Row by row; what is left when the reader has enough is read and dropped. */
static bool
stream(kn_trace *trace, kn_audit_row *row, void *arg, GError **err)
{
    bool more = true, ok = true, told = false;
    PGresult *next;

    while ((next = PQgetResult(trace->conn))) {
        g_autoptr(PGresult) res = next;

        if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
            if (ok && more)
                ok = give(res, row, arg, &more, err);
        } else if (PQresultStatus(res) != PGRES_TUPLES_OK && ok && more) {
            ok = kn_trace_fail(trace, "audit", err);
        }
        if (!more && !told) {
            PGcancel *cancel = PQgetCancel(trace->conn);
            char why[256];

            told = true;
            (void)PQcancel(cancel, why, sizeof why); /* too late is as good */
            PQfreeCancel(cancel);
        }
    }
    return ok;
}

bool
kn_audit_read(kn_trace *trace, const kn_audit_query *q, kn_audit_row *row, void *arg, GError **err)
{
    g_autofree char *since = g_strdup_printf("%" G_GINT64_FORMAT, q->since_ms);
    g_autofree char *until = g_strdup_printf("%" G_GINT64_FORMAT, q->until_ms);
    const char *values[] = { since,
                             until,
                             q->sender ? q->sender : "",
                             q->enterprise ? q->enterprise : "",
                             q->object ? q->object : "",
                             q->verdict ? q->verdict : "",
                             q->failures ? "1" : "" };

    if (!PQsendQueryParams(trace->conn, events, G_N_ELEMENTS(values), NULL, values, NULL, NULL, 0)
        || !PQsetSingleRowMode(trace->conn))
        return kn_trace_fail(trace, "audit", err);
    return stream(trace, row, arg, err);
}
