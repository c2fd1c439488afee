/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/again.h"

#include "lane/lane_priv.h"

#include <string.h>

bool
kn_again_new(const kn_engine *e, const char *conninfo, kn_lane **out, GError **err)
{
    static atomic_bool never;
    kn_lane *lane = kn_lane_new(e, 0, &never);
    kn_xml_limits limits = kn_lane_limits(e->config);

    lane->again = true;
    lane->xml = kn_xml_new(&limits, e->schemas);
    kn_engine_set_verifier(e, lane->xml);
    lane->writer = kn_writer_new();
    if (kn_store_open(conninfo, &lane->store, err)) {
        *out = lane;
        return true;
    }
    kn_lane_free(lane);
    return false;
}

bool
kn_again_take(kn_lane *lane, const char *topic, int part, GError **err)
{
    return kn_take_partition(lane, topic, part, err);
}

int64_t
kn_again_history(kn_lane *lane, const char *topic, int part)
{
    return kn_lane_part(lane, topic, part)->position.seq;
}

/* Died over, and never read: no partner was found for it then, so nothing of it is known. */
static bool
was_unread(const kn_item *item, bool forced)
{
    return forced && !json_object_get(item->headers, "sender");
}

static kn_item *
item_of(kn_part *part, const kn_entry *entry)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    kn_item *item = g_new0(kn_item, 1);
    size_t len = 0;

    item->part = part;
    item->record = (kn_bus_record){ .topic = part->topic,
                                    .part = part->position.part,
                                    .offset = entry->off,
                                    .time_ms = in->at_ms,
                                    .append_time = true };
    item->record.bytes = g_bytes_get_data(in->payload, &len);
    item->record.len = len;
    if (in->key)
        item->record.key = g_bytes_get_data(in->key, &item->record.key_len);
    item->headers = in->header ? json_loads(in->header, 0, NULL) : NULL;
    if (!item->headers)
        item->headers = json_object(); /* there is no record to ask */
    item->time_ms = in->at_ms;
    item->day = in->day;
    memcpy(item->payload_digest, in->digest, sizeof item->payload_digest);
    return item;
}

bool
kn_again_settle(kn_lane *lane, const char *topic, const kn_entry *entry, GError **err)
{
    const kn_store_message *in = g_ptr_array_index(entry->messages, 0);
    kn_part *part = kn_lane_part(lane, topic, in->part);
    bool forced = g_strcmp0(in->verdict, kn_error_row_of(KN_E_DATA_ERROR)->name) == 0;
    kn_store_todo todo = KN_TODO_STOP;
    kn_item *item;
    bool ok;

    if (!part || !in->payload)
        return kn_fail(err, KN_E_STORE_WRONG, "%s/%d offset %" G_GINT64_FORMAT ": %s", topic,
                       in->part, entry->off, part ? "its payload is gone" : "not taken");
    item = item_of(part, entry);
    item->set = kn_trust_set_ref(part->set);
    if (was_unread(item, forced)) {
        item->guid = g_strdup("");
        item->type = g_strdup("");
        ok = true;
    } else
        ok = kn_admit(lane, item, err);
    ok = ok
         && kn_settle_attempt(lane, &item, 1, forced ? KN_E_DATA_ERROR : KN_E_OK,
                              forced ? "as it was settled then" : NULL, &todo, err);
    g_ptr_array_set_size(part->pending, 0); /* nobody is told again */
    kn_item_free(item);
    return ok;
}
