/* SPDX-License-Identifier: Apache-2.0 */
/* effects: what an accepted decision wants becomes rows: records, history, serials, archive, chain.
 *
 * The chain covers, in this order for each message: the incoming row, its history rows, its outgoing
 * rows.  Each link is SM3(previous link, tag, coordinates, SM3 of the raw payload or of the history
 * row's text), so that anyone can recompute it from the tables with SM3 alone. */
#include "lane/work.h"

#include <kouan/log.h>
#include <string.h>

static void
link_chain(kn_sm3 *sm3, kn_position *pos, const void *bytes, size_t len)
{
    kn_sm3_of_two(sm3, pos->chain, sizeof pos->chain, bytes, len, pos->chain);
}

static void
link_message(kn_sm3 *sm3, kn_position *pos, const kn_store_message *m)
{
    char head[96];
    g_autoptr(GByteArray) link = g_byte_array_new();
    int n = g_snprintf(head, sizeof head, "M %d %" G_GINT64_FORMAT " %d ", m->part, m->off, m->idx);

    (void)g_byte_array_append(link, (const uint8_t *)head, (unsigned)n);
    (void)g_byte_array_append(link, m->digest, sizeof m->digest);
    link_chain(sm3, pos, link->data, link->len);
}

/* One history row: seq and chain of its partition. */
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
    g_autofree char *text = g_strdup_printf(
        "H %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %s %d %s %s %s %s %s", row.part, row.seq,
        row.off, row.kind, row.key, row.version, row.state_from ? row.state_from : "-",
        row.state_to, row.event, row.row, row.actor ? row.actor : "-");

    link_chain(work->lane->sm3, pos, text, strlen(text));
    memcpy(row.chain, pos->chain, sizeof row.chain);
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
kn_work_effects(kn_work *work, kn_item *item, const kn_ask *ask)
{
    kn_decision *d = work->lane->decision;
    const kn_position *pos = &item->part->position;

    for (unsigned i = 0; i < d->alarms->len; i++) {
        const kn_alarm_note *a = g_ptr_array_index(d->alarms, i);

        kn_log(KN_ALARM, a->sentence,
               (const kn_tag[]){
                   KN_STR("kind", a->kind), KN_STR("key", a->key), { .type = KN_TAG_END } });
    }
    item->reads = foreign_reads(work, item, ask);
    if (d->code != KN_E_OK)
        return;
    draw_serials(work, item);
    item->writes = kn_decision_take_writes(d);
    for (unsigned i = 0; i < item->writes->len; i++) {
        const kn_write *w = g_ptr_array_index(item->writes, i);

        kn_overlay_put(work->overlay, kn_record_dup(w->record), pos->topic, pos->part,
                       item->record.offset);
    }
    /* History rows borrow from the decision's writes: keep them until COMMIT. */
    g_ptr_array_add(work->histories, g_ptr_array_ref(item->writes));
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
    if (item->partner || *item->guid) {
        const char *sender = item->partner     ? item->partner->id
                             : item->is_switch ? work->lane->engine->config->id
                                               : "";
        json_t *header = json_pack("{ss ss ss}", "sender", sender, "guid", item->guid, "type",
                                   item->type);
        char *text = json_dumps(header, JSON_COMPACT);

        m->header = g_strdup(text);
        free(text); /* allow: jansson allocated it */
        json_decref(header);
    }
}

void
kn_work_archive(kn_work *work, kn_item *item)
{
    kn_position *pos = g_ptr_array_index(work->after, kn_work_part_index(work, item));
    kn_store_message *in = g_new0(kn_store_message, 1);

    finish_incoming(work, item, in);
    link_message(work->lane->sm3, pos, in);
    for (unsigned i = 0; item->writes && i < item->writes->len; i++) {
        const kn_write *w = g_ptr_array_index(item->writes, i);

        for (unsigned k = 0; k < w->history->len; k++)
            add_history(work, item, w, g_ptr_array_index(w->history, k));
    }
    if (item->writes)
        g_ptr_array_unref(g_steal_pointer(&item->writes));
    g_ptr_array_add(work->batch.messages, in);
    for (unsigned i = 0; i < item->outs->len; i++) {
        link_message(work->lane->sm3, pos, g_ptr_array_index(item->outs, i));
        g_ptr_array_add(work->batch.messages, g_ptr_array_index(item->outs, i));
    }
    g_ptr_array_add(item->outs, in); /* owned with the others; dest -1 keeps it off the wire */
    pos->next_off = item->record.offset + 1;
    pos->clock_ms = item->time_ms;
    pos->last_off = item->record.offset;
    memcpy(pos->last_hash, item->payload_digest, sizeof pos->last_hash);
    pos->trust = item->to ? item->to->version : item->set->version;
    pos->suspect = -1;
    pos->tries = 0;
}
