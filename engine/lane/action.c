/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/action.h"

#include "lane/admit_priv.h"
#include "lane/ledger.h"
#include "lane/own.h"
#include "store/archived.h"

#include <kouan/handler.h>
#include <string.h>

bool
kn_action_write(const kn_engine *e, const kn_action *a, int64_t now_ms, char guid[37], GString *out,
                GError **err)
{
    g_autofree char *part = g_strdup_printf("%d", a->part),
                    *off = g_strdup_printf("%" G_GINT64_FORMAT, a->off),
                    *words = g_strdup_printf("%d\n%s\n%s\n%s\n%s\n%" G_GINT64_FORMAT, a->discard,
                                             a->topic, part, off, a->by, now_ms);
    const kn_own_field fields[] = {
        { "name", a->discard ? "discard" : "release" },
        { "topic", a->topic },
        { "partition", part },
        { "offset", off },
        { "by", a->by },
        { "reason", a->reason },
        { NULL, NULL },
    };

    kn_own_guid(e, KN_ACTION_TYPE, words, guid);
    return kn_own_write(e, KN_ACTION_TYPE, guid, now_ms, "Action", fields, out, err);
}

void
kn_act_free(kn_act *act)
{
    if (!act)
        return;
    g_free(act->guid);
    g_free(act->type);
    g_free(act->topic);
    g_free(act->key);
    g_free(act->by);
    g_free(act->reason);
    g_clear_pointer(&act->payload, g_bytes_unref);
    g_clear_pointer(&act->record_key, g_bytes_unref);
    g_free(act->sender);
    g_free(act->trace);
    g_free(act);
}

/* --- the message that is judged ------------------------------------------------------------------------- */

const kn_bus_record *
kn_item_judged(const kn_item *item)
{
    return item->act && item->act->found ? &item->act->record : &item->record;
}

int64_t
kn_item_came_ms(const kn_item *item)
{
    return item->act && item->act->found ? item->act->record.time_ms : item->time_ms;
}

char *
kn_item_own_header(const kn_item *item, const char *name)
{
    const json_t *in = json_object_get(item->headers, "in");

    return item->headers ? g_strdup(json_string_value(json_object_get(in, name)))
                         : kn_bus_record_header(&item->record, name);
}

char *
kn_item_header(const kn_item *item, const char *name)
{
    const kn_act *act = item->act;

    if (!act || !act->found)
        return kn_item_own_header(item, name);
    return g_strdup(strcmp(name, "sender") == 0        ? act->sender
                    : strcmp(name, "traceparent") == 0 ? act->trace
                                                       : NULL);
}

/* --- admission ------------------------------------------------------------------------------------------- */

static kn_act *
read_act(const kn_store *store, const xmlDoc *doc)
{
    kn_act *act = g_new0(kn_act, 1);

    act->discard = strcmp(kn_own_text(doc, "Action", "name"), "discard") == 0;
    act->topic = g_strdup(kn_own_text(doc, "Action", "topic"));
    act->topic_id = kn_store_topic(store, act->topic);
    act->part = (int)g_ascii_strtoll(kn_own_text(doc, "Action", "partition"), NULL, 10);
    act->off = g_ascii_strtoll(kn_own_text(doc, "Action", "offset"), NULL, 10);
    act->by = g_strdup(kn_own_text(doc, "Action", "by"));
    act->reason = g_strdup(kn_own_text(doc, "Action", "reason"));
    act->key = kn_ledger_key(act->topic, act->part, act->off);
    return act;
}

static char *
member(const json_t *header, const char *name)
{
    return g_strdup(json_string_value(json_object_get(header, name)));
}

static void
fill_original(kn_act *act, kn_store_archived *found)
{
    json_t *header = found->header ? json_loads(found->header, 0, NULL) : NULL;
    const json_t *in = json_object_get(header, "in");
    size_t len = 0, key_len = 0;

    act->payload = g_steal_pointer(&found->payload);
    act->record_key = g_steal_pointer(&found->key);
    act->sender = member(in, "sender");
    act->trace = member(in, "traceparent");
    act->record = (kn_bus_record){ .topic = act->topic,
                                   .part = act->part,
                                   .offset = act->off,
                                   .time_ms = found->at_ms,
                                   .append_time = true };
    act->record.bytes = g_bytes_get_data(act->payload, &len);
    act->record.len = len;
    if (act->record_key) {
        act->record.key = g_bytes_get_data(act->record_key, &key_len);
        act->record.key_len = key_len;
    }
    act->found = true;
    json_decref(header);
}

/* What was parked unread may end the process that reads it: only a release takes that upon itself. */
static bool
is_to_be_read(const kn_act *act, const kn_store_archived *found)
{
    return !act->discard || found->judged;
}

bool
kn_action_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err)
{
    g_auto(kn_store_archived) found = { 0 };
    kn_act *act = read_act(lane->store, doc);
    bool read = false;

    act->guid = g_steal_pointer(&item->guid);
    act->type = g_steal_pointer(&item->type);
    item->guid = g_strdup("");
    item->type = g_strdup("");
    item->act = act;
    if (act->part != item->record.part)
        return true; /* not where its document is at home: the ledger will not know it here */
    if (act->topic_id >= 0
        && !kn_store_archived_read(lane->store, act->topic_id, act->part, act->off, &found, err))
        return false;
    if (!found.payload)
        return true;
    read = is_to_be_read(act, &found);
    fill_original(act, &found);
    return !read || kn_admit_judged(lane, item, err);
}
