/* SPDX-License-Identifier: Apache-2.0 */
/* effects: what an accepted decision wants becomes rows: records, history, serials, archive, chain
 * (store/chain.h). */
#include "base/alarm.h"
#include "lane/action.h"
#include "lane/work.h"
#include "store/chain.h"

#include <kouan/log.h>
#include <kouan/mask.h>
#include <string.h>

/* One history row: seq of its partition; its chain is known when the message's last row is. */
static void
add_history(kn_work *work, kn_item *item, const kn_write *w, const kn_history *h)
{
    kn_position *pos = g_ptr_array_index(work->after, kn_work_part_index(work, item));
    kn_store_history row = {
        .topic = pos->topic,
        .part = pos->part,
        .seq = ++pos->seq,
        .off = item->record.offset,
        .kind = w->record->kind,
        .key = w->record->key,
        .version = h->version,
        .state_from = h->from,
        .state_to = h->to,
        .event = h->event,
        .row = h->row,
        .actor = h->actor,
        .at_ms = item->time_ms,
    };

    g_array_append_val(work->batch.history, row);
}

/* Records whose last writer stands elsewhere, and those found absent (EXACTLY_ONCE §7.2). */
static char *
foreign_reads(const kn_work *work, const kn_item *item, const kn_ask *ask)
{
    json_t *list = json_array();
    char *text = NULL, *copy = NULL;

    for (unsigned i = 0; i < ask->asked->len; i++) {
        const kn_asked *a = g_ptr_array_index(ask->asked, i);
        const kn_slot *s = kn_overlay_slot(work->overlay, a->kind, a->key);
        const kn_position *pos = &item->part->position;

        if (s && s->record && s->topic == pos->topic && s->part == pos->part)
            continue;
        (void)json_array_append_new(
            list, json_pack("[ssi]", a->kind, a->key, s && s->record ? s->record->version : 0));
    }
    if (json_array_size(list) > 0)
        text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    copy = g_strdup(text);
    free(text); /* allow: jansson allocated it */
    return copy;
}

static void
draw_serials(kn_work *work, const kn_item *item)
{
    unsigned part = kn_work_part_index(work, item);
    GHashTable *counters = g_ptr_array_index(work->counters, part);
    kn_position *pos = g_ptr_array_index(work->after, part);
    const kn_context *ctx = work->lane->context;

    for (unsigned i = 0; i < ctx->draws->len; i++) {
        const kn_draw *draw = g_ptr_array_index(ctx->draws, i);
        const int64_t *old = g_hash_table_lookup(counters, draw->counter);
        int64_t now = (old ? *old : 0) + draw->count;

        (void)g_hash_table_insert(counters, g_strdup(draw->counter), g_memdup2(&now, sizeof now));
        (void)json_object_set_new(pos->serial, draw->counter, json_integer(now));
    }
}

void
kn_work_reads(kn_work *work, kn_item *item, const kn_ask *ask)
{
    g_free(item->reads);
    item->reads = foreign_reads(work, item, ask);
}

void
kn_work_writes(kn_work *work, kn_item *item, GPtrArray *writes)
{
    const kn_position *pos = &item->part->position;

    for (unsigned i = 0; i < writes->len; i++) {
        const kn_write *w = g_ptr_array_index(writes, i);

        kn_overlay_put(work->overlay, kn_record_dup(w->record), pos->topic, pos->part,
                       item->record.offset);
    }
    if (item->writes) {
        g_ptr_array_extend_and_steal(item->writes, writes);
        return;
    }
    item->writes = writes;
    /* History rows borrow from the decision's writes: keep them until COMMIT. */
    g_ptr_array_add(work->histories, g_ptr_array_ref(writes));
}

void
kn_work_effects(kn_work *work, kn_item *item, const kn_ask *ask)
{
    kn_decision *d = work->lane->decision;

    for (unsigned i = 0; i < d->alarms->len && !work->lane->again; i++) {
        const kn_alarm_note *a = g_ptr_array_index(d->alarms, i);

        kn_alarm(KN_ALARM_DOCUMENT, KN_STR("what", a->sentence), KN_STR("kind", a->kind),
                 KN_STR("key", a->key));
    }
    kn_work_reads(work, item, ask);
    if (d->code != KN_E_OK)
        return;
    draw_serials(work, item);
    kn_work_writes(work, item, kn_decision_take_writes(d));
}

/* What the record's own headers had a say in: executing again needs them. */
static json_t *
record_headers(const kn_item *item)
{
    static const char *const names[] = { "sender", "traceparent" };
    json_t *in = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *value = kn_item_own_header(item, names[i]);

        if (!value)
            continue;
        in = in ? in : json_object();
        (void)json_object_set_new(in, names[i], json_string(value));
    }
    return in;
}

static char *
incoming_header(const kn_work *work, const kn_item *item)
{
    json_t *in = record_headers(item), *header = json_object();
    const char *guid = item->act ? item->act->guid : item->guid,
               *type = item->act ? item->act->type : item->type;
    char *text = NULL;

    if (item->partner || *guid) {
        const char *sender = item->partner && !item->act ? item->partner->id
                             : item->own                 ? work->lane->engine->config->id
                                                         : "";

        (void)json_object_set_new(header, "sender", json_string(sender));
        (void)json_object_set_new(header, "guid", json_string(guid));
        (void)json_object_set_new(header, "type", json_string(type));
    }
    if (item->proven && item->msg && *kn_msg_card(item->msg)->number) {
        g_autofree char *card = kn_mask(KN_MASK_CARD, kn_msg_card(item->msg)->number); /* AU-02 */

        (void)json_object_set_new(header, "card", json_string(card));
    }
    if (in)
        (void)json_object_set_new(header, "in", in);
    if (json_object_size(header) > 0) {
        char *dumped = json_dumps(header, JSON_COMPACT);

        text = g_strdup(dumped);
        free(dumped); /* allow: jansson allocated it */
    }
    json_decref(header);
    return text;
}

static void
finish_incoming(const kn_work *work, kn_item *item, kn_store_message *m)
{
    *m = (kn_store_message){
        .day = item->day,
        .topic = item->part->position.topic,
        .part = item->part->position.part,
        .off = item->record.offset,
        .idx = 0,
        .dest = -1,
        .key = item->record.key ? g_bytes_new(item->record.key, item->record.key_len) : NULL,
        .payload = g_bytes_new(item->record.bytes, item->record.len),
        .at_ms = item->time_ms,
        .verdict = item->verdict,
        .rules = item->part->position.rules,
        .trust = item->set->version,
        .reads = g_steal_pointer(&item->reads),
    };
    memcpy(m->digest, item->payload_digest, sizeof m->digest);
    m->header = incoming_header(work, item);
}

/* The message's rows, in the order of its entry, move the head; who made a row in history can be told by it. */
static void
link_rows(kn_work *work, const kn_item *item, kn_store_message *in, unsigned first_history)
{
    kn_lane *lane = work->lane;
    const char *topic = item->part->topic;
    kn_position *pos = g_ptr_array_index(work->after, kn_work_part_index(work, item));
    uint8_t digest[KN_SM3_BYTES];

    kn_chain_begin(lane->entry);
    kn_chain_message(lane->entry, in, topic, NULL);
    for (unsigned i = first_history; i < work->batch.history->len; i++)
        kn_chain_history(lane->entry, &g_array_index(work->batch.history, kn_store_history, i),
                         topic);
    for (unsigned i = 0; i < item->outs->len; i++) {
        const kn_store_message *m = g_ptr_array_index(item->outs, i);

        kn_chain_message(lane->entry, m, topic,
                         m->dest >= 0 ? kn_store_topic_name(lane->store, m->dest) : NULL);
    }
    kn_sm3_of(lane->sm3, lane->entry->str, lane->entry->len, digest);
    kn_chain_link(lane->sm3, pos->chain, digest, pos->chain);
    memcpy(in->chain, pos->chain, sizeof in->chain);
    for (unsigned i = first_history; i < work->batch.history->len; i++)
        memcpy(g_array_index(work->batch.history, kn_store_history, i).chain, pos->chain,
               sizeof pos->chain);
}

void
kn_work_archive(kn_work *work, kn_item *item)
{
    kn_position *pos = g_ptr_array_index(work->after, kn_work_part_index(work, item));
    kn_store_message *in = g_new0(kn_store_message, 1);
    unsigned first_history = work->batch.history->len;

    finish_incoming(work, item, in);
    for (unsigned i = 0; item->writes && i < item->writes->len; i++) {
        const kn_write *w = g_ptr_array_index(item->writes, i);

        for (unsigned k = 0; k < w->history->len; k++)
            add_history(work, item, w, g_ptr_array_index(w->history, k));
    }
    link_rows(work, item, in, first_history);
    if (item->writes)
        g_ptr_array_unref(g_steal_pointer(&item->writes));
    g_ptr_array_add(work->batch.messages, in);
    for (unsigned i = 0; i < item->outs->len; i++)
        g_ptr_array_add(work->batch.messages, g_ptr_array_index(item->outs, i));
    g_ptr_array_add(item->outs, in); /* owned with the others; dest -1 keeps it off the wire */
    pos->next_off = item->record.offset + 1;
    pos->clock_ms = item->time_ms;
    pos->last_off = item->record.offset;
    memcpy(pos->last_hash, item->payload_digest, sizeof pos->last_hash);
    pos->trust = item->to ? item->to->version : item->set->version;
    pos->suspect = -1;
    pos->tries = 0;
}
