/* SPDX-License-Identifier: Apache-2.0 */
/* decide: a batch in memory, message by message in offset order; see EXACTLY_ONCE §4.  One attempt of
 * a batch is a kn_work; a failed attempt is dropped whole and nothing of it is left in the lane. */
#include "lane/work.h"

#include "base/alarm.h"
#include "base/fault.h"
#include "base/rule.h"
#include "lane/action.h"
#include "lane/identity.h"
#include "lane/ledger.h"
#include "lane/ring.h"

#include <kouan/log.h>
#include <string.h>

static void
position_free(void *p)
{
    kn_position_clear(p);
    g_free(p);
}

static kn_position *
position_dup(const kn_position *from)
{
    kn_position *p = g_memdup2(from, sizeof *from);

    p->serial = json_deep_copy(from->serial);
    return p;
}

static GHashTable *
counters_of(const json_t *serial)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)serial, name, value) {
        int64_t n = json_integer_value(value);

        (void)g_hash_table_insert(table, g_strdup(name), g_memdup2(&n, sizeof n));
    }
    return table;
}

static void
add_part(kn_work *work, kn_part *part)
{
    for (unsigned i = 0; i < work->parts->len; i++)
        if (g_ptr_array_index(work->parts, i) == part)
            return;
    g_ptr_array_add(work->parts, part);
    g_ptr_array_add(work->before, &part->position);
    g_ptr_array_add(work->after, position_dup(&part->position));
    g_ptr_array_add(work->counters, counters_of(part->position.serial));
}

kn_work *
kn_work_new(kn_lane *lane, kn_item *const *items, size_t n)
{
    kn_work *work = g_new0(kn_work, 1);

    work->lane = lane;
    work->items = items;
    work->n = n;
    work->parts = g_ptr_array_new();
    work->before = g_ptr_array_new();
    work->after = g_ptr_array_new_with_free_func(position_free);
    work->counters = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    work->ids = kn_identity_table();
    work->seen = kn_store_seen_array();
    work->overlay = kn_overlay_new();
    work->histories = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    work->batch = (kn_store_batch){
        .inbox = g_array_new(FALSE, FALSE, sizeof(kn_store_inbox)),
        .history = g_array_new(FALSE, FALSE, sizeof(kn_store_history)),
        .records = g_array_new(FALSE, FALSE, sizeof(kn_store_write)),
        .messages = g_ptr_array_new(),
        .positions = work->after,
    };
    for (size_t i = 0; i < n; i++) {
        add_part(work, items[i]->part);
        if (items[i]->outs)
            g_ptr_array_unref(items[i]->outs);
        items[i]->outs = kn_store_message_array();
        items[i]->next_idx = 1;
        items[i]->verdict = NULL;
        items[i]->parked = NULL;
        g_clear_pointer(&items[i]->parked_detail, g_free);
        g_clear_pointer(&items[i]->writes, g_ptr_array_unref);
    }
    return work;
}

void
kn_work_free(kn_work *work)
{
    if (!work)
        return;
    g_ptr_array_unref(work->parts);
    g_ptr_array_unref(work->before);
    g_ptr_array_unref(work->after);
    g_ptr_array_unref(work->counters);
    g_hash_table_unref(work->ids);
    g_ptr_array_unref(work->seen);
    kn_overlay_free(work->overlay);
    g_ptr_array_unref(work->histories);
    g_array_unref(work->batch.inbox);
    g_array_unref(work->batch.history);
    g_array_unref(work->batch.records);
    g_ptr_array_unref(work->batch.messages);
    g_free(work->force_detail);
    g_free(work);
}

void
kn_work_force(kn_work *work, kn_error code, const char *detail)
{
    work->force = code;
    work->force_detail = g_strdup(detail);
}

unsigned
kn_work_part_index(const kn_work *work, const kn_item *item)
{
    unsigned i = 0;

    while (g_ptr_array_index(work->parts, i) != item->part)
        i++;
    return i;
}

/* --- one message -------------------------------------------------------------------------------- */

static bool
park_as(kn_work *work, kn_item *item, const kn_error_row *row, const char *detail, GError **err)
{
    item->parked = row;
    g_free(item->parked_detail);
    item->parked_detail = g_strdup(detail);
    return kn_answer_dead(work->lane, item, row, detail, err);
}

static bool
refuse(kn_work *work, kn_item *item, kn_error code, const char *field, const char *rule,
       const char *detail, GError **err)
{
    kn_decision *d = work->lane->decision;
    /* The database's words are not for a partner. */
    const char *told = work->force == KN_E_OK ? detail : NULL;

    kn_decision_reset(d);
    (void)kn_refuse(d, code, field, rule, told ? "%s" : NULL, told);
    if (!kn_decision_finish(d, err))
        return false;
    item->verdict = kn_error_row_of(code)->name;
    /* The reply first: row 1 of a message is its original receipt. */
    if (item->partner && !kn_answer_reply(work->lane, item, d, err))
        return false;
    if (kn_error_row_of(code)->outcome == KN_OUTCOME_QUARANTINE)
        return park_as(work, item, kn_error_row_of(code), detail, err);
    if (!item->partner)
        return kn_answer_dead(work->lane, item, kn_error_row_of(code), detail, err);
    return true;
}

void
kn_work_enter(kn_work *work, const kn_item *item, const void *conf, int op, const char *owner,
              kn_ask *ask)
{
    kn_context *c = work->lane->context;

    c->time_ms = item->time_ms;
    c->conf = conf;
    c->codes = item->set->codes;
    c->op = op;
    c->owner = owner ? owner : "";
    c->topic = item->part->topic;
    c->partition = item->part->position.part;
    c->offset = item->record.offset;
    c->secret = work->lane->engine->secret;
    c->secret_len = sizeof work->lane->engine->secret;
    c->counters = g_ptr_array_index(work->counters, kn_work_part_index(work, item));
    c->slot = item->part->position.slot;
    kn_context_enter(c);
    kn_ask_enter(ask);
    kn_decision_reset(work->lane->decision);
}

static void
enter(kn_work *work, kn_item *item, kn_ask *ask)
{
    kn_work_enter(work, item, item->route->conf, item->route->doctype->op, item->owner, ask);
}

/* Only a sender whose own enterprise is not the owner's can miss it: customs, echoing a wrong key. */
bool
kn_work_at_home(const kn_work *work, const kn_item *item, const kn_decision *d)
{
    const kn_config *c = work->lane->engine->config;

    for (unsigned i = 0; c->check_partition && i < d->writes->len; i++) {
        const char *owner = ((const kn_write *)g_ptr_array_index(d->writes, i))->record->owner;

        if (kn_topics_partition(owner, strlen(owner), (int)c->partitions) != item->record.part)
            return false;
    }
    return true;
}

/* Enters the handler; false in *done: records are wanted. */
static bool
run_handler(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err)
{
    kn_decision *d = work->lane->decision;

    enter(work, item, ask);
    *done = item->route->handler->decide(work->lane->context, item->msg, ask, d) == KN_DONE;
    if (!*done)
        return true;
    if (!kn_decision_finish(d, err))
        return false;
    if (d->own && !kn_handler_owns(item->route->handler, d->own))
        return kn_fail(err, KN_E_ENGINE_ERROR, "handler %s refuses with %s, no row of its own",
                       item->route->handler->name, d->own->name);
    if (!kn_work_at_home(work, item, d)) {
        kn_work_reads(work, item, ask);
        return refuse(work, item, KN_E_KEY_PARTITION, NULL, kn_rule_of(KN_E_KEY_PARTITION),
                      "record key is not the one of the document's enterprise", err);
    }
    item->verdict = kn_decision_row(d)->name;
    if (!kn_answer_reply(work->lane, item, d, err) || !kn_answer_others(work->lane, item, d, err))
        return false;
    if (kn_decision_row(d)->outcome == KN_OUTCOME_QUARANTINE
        && !park_as(work, item, kn_decision_row(d), d->detail, err))
        return false;
    kn_work_effects(work, item, ask);
    return true;
}

/* SC-06: only the record's Kafka time is compared, so that a backlog refuses nobody. */
static bool
in_time(const kn_work *work, const kn_item *item)
{
    int64_t skew = work->lane->engine->config->max_skew_seconds * 1000;

    int64_t came_ms = kn_item_came_ms(item);

    return item->create_ms >= came_ms - skew && item->create_ms <= came_ms + skew;
}

/* The last word about a message that was parked: its sender, where there is one, gets the final refusal. */
static bool
discard(kn_work *work, kn_item *item, GError **err)
{
    if (!item->partner) {
        item->verdict = kn_error_row_of(KN_E_DISCARDED)->name;
        return true;
    }
    return refuse(work, item, KN_E_DISCARDED, NULL, NULL, NULL, err);
}

/* Repeated, or an id used before. */
static bool
seen_before(kn_work *work, kn_item *item, const kn_seen_id *id, GError **err)
{
    if (!kn_identity_same_digest(id, item))
        return refuse(work, item, KN_E_MSG_ID_REUSED, "guid", "MS-02", NULL, err);
    if (!kn_identity_has_receipt(id))
        return refuse(work, item, KN_E_RECEIPT_GONE, "guid", "MS-02", NULL, err);
    item->verdict = "REPEAT";
    kn_identity_answer(work->lane, id, item);
    return true;
}

/* An action that may not do what it wants changes nothing, and is told by its verdict. */
static bool
action_ends(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err)
{
    kn_error why = kn_ledger_permits(item, ask);

    *done = true;
    if (why != KN_E_OK) {
        item->verdict = kn_error_row_of(why)->name;
        return true;
    }
    if (item->act->discard)
        return discard(work, item, err);
    *done = false;
    return true;
}

/* Everything but the handler; *done true when that settled it. */
static bool
before_handler(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err)
{
    const kn_seen_id *id;

    *done = true;
    if (work->force != KN_E_OK)
        return refuse(work, item, work->force, NULL, NULL, work->force_detail, err);
    if (item->ring && !item->why)
        return kn_ring_decide(work, item, ask, done, err);
    if (item->own && !item->act && !item->why) { /* moves the position, and nothing else */
        item->verdict = kn_error_row_of(KN_E_OK)->name;
        return true;
    }
    if (item->act && (!action_ends(work, item, ask, done, err) || *done))
        return *done;
    *done = true;
    id = kn_identity_of(work, item);
    if (id)
        return seen_before(work, item, id, err);
    if (item->why)
        return refuse(work, item, kn_error_code(item->why), item->why_field, item->why_rule,
                      item->why->message, err);
    if (!in_time(work, item))
        return refuse(work, item, KN_E_MSG_TIME, "Head/createTime", "SC-06", NULL, err);
    *done = false;
    return true;
}

/* A message the engine itself cannot decide is parked; its neighbours go on. */
static bool
park(kn_work *work, kn_item *item, GError **err)
{
    g_autoptr(GError) why = g_steal_pointer(err);

    if (kn_error_outcome(why) != KN_OUTCOME_QUARANTINE
        && kn_error_outcome(why) != KN_OUTCOME_REFUSE) {
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    kn_alarm(KN_ALARM_PARKED, KN_STR("error", kn_error_row_of(kn_error_code(why))->name),
             KN_STR("why", why->message), KN_INT("offset", item->record.offset));
    g_ptr_array_set_size(item->outs, 0);
    item->next_idx = 1;
    return refuse(work, item, kn_error_code(why), NULL, NULL, NULL, err);
}

static bool
decide_item(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err)
{
    *done = false;
    if (item->act && !kn_ledger_ready(item, ask))
        return true;
    kn_lane_sample(work->lane);
    if (!before_handler(work, item, ask, done, err)) {
        *done = true;
        if (!park(work, item, err))
            return false;
    }
    if (!*done && !item->ring && !run_handler(work, item, ask, done, err)) {
        *done = true;
        if (!park(work, item, err))
            return false;
    }
    if (!*done)
        return true;
    if (!kn_ledger_note(work, item, ask, err))
        return false;
    kn_identity_note(work, item);
    kn_work_archive(work, item);
    return true;
}

/* Enters the handlers of the rest only to hear what they want, so that one trip serves them all. */
static void
prefetch(kn_work *work, size_t from, kn_ask *ask)
{
    for (size_t i = from; i < work->n; i++)
        if (!work->items[i]->why && work->items[i]->route) {
            enter(work, work->items[i], ask);
            (void)work->items[i]->route->handler->decide(work->lane->context, work->items[i]->msg,
                                                         ask, work->lane->decision);
        }
}

static bool
load_wanted(kn_work *work, GError **err)
{
    g_autoptr(GArray) wanted = kn_overlay_wanted(work->overlay);
    g_autoptr(GPtrArray) records = kn_store_record_array();

    if (wanted->len > 0
        && !kn_store_records(work->lane->store, (kn_store_key *)(void *)wanted->data, wanted->len,
                             records, err))
        return false;
    kn_overlay_loaded(work->overlay, records);
    return true;
}

bool
kn_work_decide(kn_work *work, GError **err)
{
    g_autoptr(kn_ask) ask = kn_ask_new(kn_overlay_lookup, work->overlay);
    int64_t mark = 0;

    kn_lane_spent(work->lane, KN_STAGE_COUNT, &mark);
    if (!kn_identity_read(work, err))
        return false;
    kn_lane_spent(work->lane, KN_STAGE_READ, &mark);
    (void)kn_fault("settle.gathered");
    for (size_t i = 0; i < work->n;) {
        bool done;

        if (!decide_item(work, work->items[i], ask, &done, err))
            return false;
        if (done) {
            i++;
            continue;
        }
        prefetch(work, i + 1, ask);
        kn_lane_spent(work->lane, KN_STAGE_DECIDE, &mark);
        if (!load_wanted(work, err))
            return false;
        kn_lane_spent(work->lane, KN_STAGE_READ, &mark);
    }
    kn_lane_spent(work->lane, KN_STAGE_DECIDE, &mark);
    (void)kn_fault("settle.decided");
    return true;
}
