/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/ledger.h"

#include "lane/action.h"

#include <assert.h>
#include <string.h>

#define ACTS_MAX 100 /* kept in the row; older ones are in the history and the archive */

enum { NONE, OPEN, RELEASED, DISCARDED };
enum { PARK, RELEASE, DISCARD };

static const kn_state states[] = {
    { NONE, "NONE", "NONE", "未生成", 0, false },
    { OPEN, KN_LEDGER_OPEN, "OPEN", "待处理", 0, false },
    { RELEASED, "RELEASED", "RELEASED", "已放行", 0, true },
    { DISCARDED, "DISCARDED", "DISCARDED", "已作废", 0, true },
    { .code = NULL },
};
static const kn_event events[] = {
    { PARK, "PARK" },
    { RELEASE, "RELEASE" },
    { DISCARD, "DISCARD" },
    { .name = NULL },
};
static const kn_transition rows[] = {
    { "DL-1", NONE, PARK, NULL, NULL, OPEN, 0 },
    { "DL-2", OPEN, PARK, NULL, NULL, OPEN, 0 }, /* released, and parked again */
    { "DL-3", OPEN, RELEASE, NULL, NULL, RELEASED, 0 },
    { "DL-4", OPEN, DISCARD, NULL, NULL, DISCARDED, 0 },
    { .id = NULL },
};
const kn_machine kn_ledger_machine = {
    .name = "parked",
    .kind = KN_LEDGER_KIND,
    .states = states,
    .events = events,
    .rows = rows,
    .initial = NONE,
};

char *
kn_ledger_key(const char *topic, int part, int64_t off)
{
    return g_strdup_printf("%s-%d-%" G_GINT64_FORMAT, topic, part, off);
}

bool
kn_ledger_ready(kn_item *item, kn_ask *ask)
{
    kn_ask_enter(ask);
    (void)kn_ask_record(ask, KN_LEDGER_KIND, item->act->key);
    return !kn_ask_pending(ask);
}

kn_error
kn_ledger_permits(const kn_item *item, kn_ask *ask)
{
    const kn_record *row = kn_ask_record(ask, KN_LEDGER_KIND, item->act->key);

    if (!row || item->act->part != item->record.part)
        return KN_E_NO_DOCUMENT;
    if (strcmp(row->state, KN_LEDGER_OPEN) != 0)
        return KN_E_WRONG_STATE;
    return item->act->found ? KN_E_OK : KN_E_NO_DOCUMENT;
}

/* --- rows ------------------------------------------------------------------------------------------------- */

static void
set_integer(kn_record *row, const char *name, int64_t value)
{
    (void)json_object_set_new(row->body, name, json_integer(value));
}

static void
describe(kn_record *row, const kn_item *item)
{
    const kn_bus_record *r = kn_item_judged(item);

    kn_record_set_text(row, "topic", item->act ? item->act->topic : item->part->topic);
    set_integer(row, "partition", r->part);
    set_integer(row, "offset", r->offset);
    set_integer(row, "at", kn_item_came_ms(item));
    set_integer(row, "bytes", (int64_t)r->len);
    kn_record_set_text(row, "guid", item->guid);
    kn_record_set_text(row, "type", item->type);
    kn_record_set_text(row, "sender", item->partner ? item->partner->id : "");
}

static void
add_act(kn_record *row, const kn_item *item, const char *what)
{
    json_t *acts = json_object_get(row->body, "acts");
    json_t *one = json_pack("{ss ss ss ss sI}", "do", what, "by", item->act->by, "reason",
                            item->act->reason, "guid", item->act->guid, "at",
                            (json_int_t)item->time_ms);

    if (!acts) {
        acts = json_array();
        (void)json_object_set_new(row->body, "acts", acts);
    }
    while (json_array_size(acts) >= ACTS_MAX)
        (void)json_array_remove(acts, 0);
    (void)json_array_append_new(acts, one);
}

/* The row of this message: a new one, or the one its action speaks of. */
static kn_record *
open_row(kn_decision *d, const kn_item *item, kn_ask *ask)
{
    g_autofree char *own = item->act ? NULL
                                     : kn_ledger_key(item->part->topic, item->record.part,
                                                     item->record.offset);
    const char *key = item->act ? item->act->key : own;
    const kn_record *seen = item->act ? kn_ask_record(ask, KN_LEDGER_KIND, key) : NULL;

    return kn_decision_record(d, seen, KN_LEDGER_KIND, key, item->owner ? item->owner : "");
}

static int
event_of(const kn_item *item)
{
    if (item->parked)
        return PARK;
    return item->act->discard ? DISCARD : RELEASE;
}

bool
kn_ledger_note(kn_work *work, kn_item *item, kn_ask *ask, GError **err)
{
    kn_decision *d = work->lane->ledger;
    bool acts = item->act && kn_ledger_permits(item, ask) == KN_E_OK;
    kn_record *row;

    if (item->act)
        item->act->done = acts;
    if (!acts && (!item->parked || item->act))
        return true;
    kn_decision_reset(d);
    row = open_row(d, item, ask);
    if (item->parked) {
        describe(row, item);
        kn_record_set_text(row, "error", item->parked->name);
        kn_record_set_text(row, "detail", item->parked_detail);
    }
    if (acts)
        add_act(row, item, item->act->discard ? "discard" : "release");
    if (!kn_fire(d, &kn_ledger_machine, row, event_of(item), NULL, acts ? item->act->by : NULL))
        return kn_fail(err, KN_E_ENGINE_ERROR, "%s %s cannot be moved from %s", row->kind, row->key,
                       row->state);
    if (!kn_decision_finish(d, err))
        return false;
    kn_work_writes(work, item, kn_decision_take_writes(d));
    return true;
}
