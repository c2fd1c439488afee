/* SPDX-License-Identifier: Apache-2.0 */
/* gather: a batch of records, at most so many messages, bytes and milliseconds.  EXACTLY_ONCE §4. */
#include "base/clock.h"
#include "lane/action.h"
#include "lane/ring.h"

#include <kouan/log.h>
#include <string.h>

#define MS_A_DAY 86400000
#define PG_EPOCH_DAYS 10957 /* 2000-01-01 in days since 1970-01-01 */

void
kn_item_free(kn_item *item)
{
    if (!item)
        return;
    kn_bus_record_clear(&item->record);
    kn_trust_set_unref(item->set);
    kn_trust_set_unref(item->to);
    json_decref(item->headers);
    kn_act_free(item->act);
    kn_ring_free(item->ring);
    g_free(item->parked_detail);
    kn_msg_free(item->msg);
    if (item->in_shell)
        kn_dxp_clear(&item->shell);
    kn_dxp_clear(&item->head);
    g_free(item->guid);
    g_free(item->type);
    if (item->digest)
        g_byte_array_unref(item->digest);
    g_free(item->owner);
    g_clear_error(&item->why);
    g_free(item->why_field);
    g_free(item->why_rule);
    g_free(item->reads);
    if (item->writes)
        g_ptr_array_unref(item->writes);
    if (item->outs)
        g_ptr_array_unref(item->outs);
    g_free(item);
}

/* The first record after take must be the last settled one, unchanged; then it is dropped. */
static bool
check_last(kn_lane *lane, kn_part *p, const kn_bus_record *r, GError **err)
{
    uint8_t digest[32];

    p->check_last = false;
    if (r->offset != p->position.last_off)
        return r->offset >= p->position.next_off
                   ? true /* compaction never runs here; aborted input may hide it */
                   : kn_fail(err, KN_E_LOG_LOST,
                             "%s/%d: offset %" G_GINT64_FORMAT " where %" G_GINT64_FORMAT
                             " was settled last",
                             p->topic, r->part, r->offset, p->position.last_off);
    kn_sm3_of(lane->sm3, r->bytes, r->len, digest);
    if (memcmp(digest, p->position.last_hash, sizeof digest) != 0)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: record %" G_GINT64_FORMAT
                       " is not the one that was settled: the log was truncated or made anew",
                       p->topic, r->part, r->offset);
    return true;
}

/* Item of a record, or NULL when the record is none of ours (stale prefetch, already settled). */
static bool
admit_record(kn_lane *lane, kn_bus_record *r, kn_item **out, GError **err)
{
    kn_part *p = kn_lane_part(lane, r->topic, r->part);

    *out = NULL;
    if (!p || p->halted || r->offset < p->expected)
        return true;
    if (p->check_last && !check_last(lane, p, r, err))
        return false;
    p->expected = r->offset + 1;
    if (r->offset < p->position.next_off)
        return true;
    if (!r->append_time)
        return kn_fail(err, KN_E_BUS_WRONG, "topic %s: message.timestamp.type is not LogAppendTime",
                       r->topic);
    kn_item *item = g_new0(kn_item, 1);

    item->record = *r;
    *r = (kn_bus_record){ 0 };
    item->part = p;
    item->generation = lane->generation;
    *out = item;
    return true;
}

/* A rebalance inside a poll makes what was gathered before it stale. */
static void
drop_stale(kn_lane *lane)
{
    for (unsigned i = lane->batch->len; i-- > 0;)
        if (((kn_item *)g_ptr_array_index(lane->batch, i))->generation != lane->generation)
            (void)g_ptr_array_remove_index(lane->batch, i);
}

/* Time of each item: the record's, never running back within its partition (§7.1). */
static void
stamp(kn_lane *lane, kn_item *item, int64_t *clock)
{
    item->time_ms = MAX(*clock, item->record.time_ms);
    *clock = item->time_ms;
    item->day = (int32_t)(item->time_ms / MS_A_DAY - PG_EPOCH_DAYS);
    kn_sm3_of(lane->sm3, item->record.bytes, item->record.len, item->payload_digest);
}

static void
stamp_all(kn_lane *lane)
{
    for (unsigned p = 0; p < lane->parts->len; p++) {
        kn_part *part = g_ptr_array_index(lane->parts, p);
        int64_t clock = part->position.clock_ms;

        for (unsigned i = 0; i < lane->batch->len; i++) {
            kn_item *item = g_ptr_array_index(lane->batch, i);

            if (item->part == part)
                stamp(lane, item, &clock);
        }
    }
}

bool
kn_gather(kn_lane *lane, GError **err)
{
    const kn_config *c = lane->engine->config;
    int64_t until = 0;
    size_t bytes = 0;

    g_ptr_array_set_size(lane->batch, 0);
    while (lane->batch->len < (unsigned)c->batch_messages && bytes < (size_t)c->batch_bytes) {
        kn_bus_record record;
        kn_item *item = NULL;
        bool ok;

        if (!kn_consumer_poll(lane->consumer, lane->batch->len ? 2 : 50, &record, err)) {
            if (kn_error_code(*err) != KN_E_BUS_DOWN)
                return false;
            /* librdkafka goes on trying; what is gathered already must not be dropped */
            kn_warn("broker trouble", KN_STR("why", (*err)->message));
            g_clear_error(err);
            break;
        }
        if (!record.raw) {
            if (lane->batch->len == 0 || kn_clock_steady_us() >= until)
                break;
            continue;
        }
        ok = admit_record(lane, &record, &item, err);
        kn_bus_record_clear(&record);
        if (!ok)
            return false;
        if (!item)
            continue;
        if (lane->batch->len == 0)
            until = kn_clock_steady_us() + c->batch_linger_ms * 1000;
        bytes += item->record.len;
        g_ptr_array_add(lane->batch, item);
        if (kn_clock_steady_us() >= until)
            break;
    }
    drop_stale(lane);
    stamp_all(lane);
    return true;
}
