/* SPDX-License-Identifier: Apache-2.0 */
/* settle: a batch becomes one database transaction.  EXACTLY_ONCE §4; what becomes of one that fails stands in
 * policy.c and poison.c. */
#include "base/clock.h"
#include "base/fault.h"
#include "lane/poison.h"
#include "lane/work.h"
#include "store/dictionary.h"

#include <kouan/log.h>
#include <string.h>

static void
fill_records(kn_work *work)
{
    g_array_set_size(work->batch.records, 0);
    kn_overlay_writes(work->overlay, work->batch.records);
}

/* relayed moves lazily with the next settle: a lower bound of K, and the day from which to look for
 * what is not published. */
static void
fill_positions(kn_work *work)
{
    for (unsigned i = 0; i < work->parts->len; i++) {
        const kn_part *part = g_ptr_array_index(work->parts, i);
        kn_position *after = g_ptr_array_index(work->after, i);
        bool all = part->relayed >= part->position.next_off;

        after->relayed = MAX(after->relayed, part->relayed);
        for (size_t k = 0; all && k < work->n; k++)
            if (work->items[k]->part == part) {
                after->relayed_day = work->items[k]->day;
                break;
            }
    }
}

static bool
make_days(kn_work *work, GError **err)
{
    kn_lane *lane = work->lane;
    int32_t last = 0;

    for (size_t i = 0; i < work->n; i++)
        last = MAX(last, work->items[i]->day);
    if (last > lane->dictionary_day) {
        if (!kn_store_load_dictionaries(lane->store, err))
            return false;
        lane->dictionary_day = last;
    }
    if (last < lane->days_made)
        return true;
    if (!kn_store_days(lane->store, last, (int)lane->engine->config->days_ahead, err))
        return false;
    lane->days_made = last + (int32_t)lane->engine->config->days_ahead;
    return true;
}

bool
kn_work_commit(kn_work *work, bool *in_doubt, GError **err)
{
    int64_t mark = 0;
    bool ok;

    kn_lane_spent(work->lane, KN_STAGE_COUNT, &mark);
    fill_records(work);
    fill_positions(work);
    ok = kn_store_settle(work->lane->store, &work->batch, in_doubt, err);
    kn_lane_spent(work->lane, KN_STAGE_WRITE, &mark);
    return ok;
}

bool
kn_work_doubt(kn_work *work, kn_doubt *out, GError **err)
{
    return kn_store_doubt(work->lane->store, (const kn_position *const *)work->before->pdata,
                          (const kn_position *const *)work->after->pdata, work->before->len, out,
                          err);
}

/* The line of one message: who, what, where, how it ended; nothing that it says. */
static void
say(const kn_lane *lane, const kn_item *item)
{
    bool ok = strcmp(item->verdict, "OK") == 0;
    kn_log_messages of = (kn_log_messages)lane->engine->config->log_messages;

    if (of == KN_LOG_NONE || (of == KN_LOG_REFUSED && ok))
        return;
    kn_log(KN_INFO, ok ? "message accepted" : "message not accepted",
           (const kn_tag[]){ KN_STR("verdict", item->verdict),
                             KN_STR("topic", item->part->topic),
                             KN_INT("partition", item->part->position.part),
                             KN_INT("offset", item->record.offset),
                             KN_STR("guid", item->guid),
                             KN_STR("type", item->type),
                             KN_STR("sender", item->partner ? item->partner->id : "-"),
                             KN_INT("bytes", item->record.len),
                             KN_INT("ms", MAX(kn_clock_wall_ms() - item->record.time_ms, 0)),
                             { .key = "why",
                               .type = item->why ? KN_TAG_STR : KN_TAG_END,
                               .str = item->why ? item->why->message : NULL },
                             { .type = KN_TAG_END } });
}

static void
count(kn_lane *lane, const kn_item *item)
{
    atomic_fetch_add(&lane->stats.messages, 1);
    kn_gauge_settled(lane, item);
    if (strcmp(item->verdict, "REPEAT") == 0)
        atomic_fetch_add(&lane->stats.repeated, 1);
    else if (strcmp(item->verdict, "OK") != 0)
        atomic_fetch_add(&lane->stats.refused, 1);
    say(lane, item);
}

static void
message_free(kn_store_message *message)
{
    kn_store_message_clear(message);
    g_free(message);
}

/* The switch is settled: from here on its partition goes by the new set. */
static void
go_by(kn_lane *lane, kn_item *item)
{
    kn_trust_set_unref(item->part->set);
    item->part->set = kn_trust_set_ref(item->to);
    kn_info("trust set in force", KN_INT("version", item->to->version),
            KN_STR("topic", item->part->topic), KN_INT("partition", item->part->position.part),
            KN_INT("from", item->record.offset + 1));
    kn_lane_forget_sets(lane);
}

void
kn_work_adopt(kn_work *work)
{
    for (unsigned i = 0; i < work->parts->len; i++) {
        kn_part *part = g_ptr_array_index(work->parts, i);
        kn_position *after = g_ptr_array_index(work->after, i);
        kn_position old = part->position;

        part->position = *after;
        *after = old; /* freed with the work */
    }
    for (size_t i = 0; i < work->n; i++) {
        kn_item *item = work->items[i];

        count(work->lane, item);
        if (!work->lane->again)
            kn_poison_note(work->lane, item);
        if (item->to)
            go_by(work->lane, item);
        for (unsigned k = 0; k < item->outs->len; k++)
            if (((kn_store_message *)g_ptr_array_index(item->outs, k))->dest >= 0)
                g_ptr_array_add(item->part->pending, g_ptr_array_index(item->outs, k));
            else
                message_free(g_ptr_array_index(item->outs, k));
        g_ptr_array_set_free_func(item->outs, NULL);
        g_ptr_array_set_size(item->outs, 0);
    }
    atomic_fetch_add(&work->lane->stats.batches, 1);
}

/* The answer to COMMIT is missing.  true: it did happen. */
static bool
in_doubt_committed(kn_work *work, kn_store_todo *todo, GError **err)
{
    kn_doubt doubt = KN_DOUBT_NOT;
    g_autoptr(GError) why = NULL;

    if (!kn_store_reopen(work->lane->store, &why) || !kn_work_doubt(work, &doubt, &why))
        return false; /* a database away for longer is resolved by taking again */
    kn_warn("commit was in doubt", KN_STR("answer", doubt == KN_DOUBT_COMMITTED ? "committed"
                                                    : doubt == KN_DOUBT_NOT     ? "not committed"
                                                                                : "fenced"));
    if (doubt == KN_DOUBT_COMMITTED)
        return true;
    g_clear_error(err);
    *todo = doubt == KN_DOUBT_NOT ? KN_TODO_AGAIN : KN_TODO_STOP;
    return doubt == KN_DOUBT_NOT
               ? kn_fail(err, KN_E_STORE_RETRY, "commit did not happen")
               : kn_fail(err, KN_E_POSITION_MOVED, "another owner took the partition");
}

/* One attempt.  *todo: what its failure means; what no statement said ends the batch. */
static bool
attempt(kn_work *work, kn_store_todo *todo, GError **err)
{
    kn_store *store = work->lane->store;
    bool in_doubt = false;

    if (!make_days(work, err))
        return false;
    if (!kn_work_decide(work, err)) {
        kn_store_rollback(store);
        *todo = kn_poison_todo(store, *err);
        return false;
    }
    if (!kn_work_commit(work, &in_doubt, err)) {
        *todo = kn_poison_todo(store, *err);
        if (!in_doubt || !in_doubt_committed(work, todo, err))
            return false;
        g_clear_error(err);
    } else
        (void)kn_fault("settle.committed");
    kn_work_adopt(work);
    return true;
}

bool
kn_settle_attempt(kn_lane *lane, kn_item *const *items, size_t n, kn_error force,
                  const char *detail, kn_store_todo *todo, GError **err)
{
    kn_work *work = kn_work_new(lane, items, n);
    bool ok;

    if (force != KN_E_OK)
        kn_work_force(work, force, detail);
    ok = attempt(work, todo, err);
    kn_work_free(work);
    return ok;
}

/* Messages of a partition are judged in offset order, each by the set that is in force at its place: behind
 * a switch of this very batch by the new one. */
static bool
admit_next(kn_lane *lane, kn_item *item, GError **err)
{
    kn_part *part = item->part;

    item->set = kn_trust_set_ref(part->ahead ? part->ahead : part->set);
    if (!kn_admit(lane, item, err))
        return false;
    if (item->to) {
        kn_trust_set_unref(part->ahead);
        part->ahead = kn_trust_set_ref(item->to);
    }
    return true;
}

bool
kn_settle(kn_lane *lane, GError **err)
{
    g_autofree kn_item **items = g_new0(kn_item *, lane->batch->len + 1);
    size_t n = 0;

    for (unsigned i = 0; i < lane->parts->len; i++)
        g_clear_pointer(&((kn_part *)g_ptr_array_index(lane->parts, i))->ahead, kn_trust_set_unref);
    for (unsigned i = 0; i < lane->batch->len; i++) {
        kn_item *item = g_ptr_array_index(lane->batch, i);

        if (kn_poison_halted(item->part))
            continue;
        if (item->part->alone > 0) {
            if (!kn_poison_suspect(lane, item, err))
                return false;
            continue;
        }
        if (!admit_next(lane, item, err))
            return false;
        items[n++] = item;
    }
    return kn_poison_settle(lane, items, n, err);
}
