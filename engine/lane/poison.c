/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/poison.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "base/fault.h"
#include "lane/policy.h"

#include <kouan/log.h>
#include <string.h>
#include <unistd.h>

#define SUSPECT_TRIES 3

/* What a lane knows of a partition beyond one take. */
struct kn_ward {
    char *topic;
    int part;
    kn_rate rate;
    int64_t halted_at; /* position; -1 = runs */
};

static void
ward_free(void *data)
{
    struct kn_ward *w = data;

    g_free(w->topic);
    g_free(w);
}

static struct kn_ward *
ward_of(kn_lane *lane, const kn_part *part)
{
    struct kn_ward *w;

    if (!lane->wards)
        lane->wards = g_ptr_array_new_with_free_func(ward_free);
    for (unsigned i = 0; i < lane->wards->len; i++) {
        w = g_ptr_array_index(lane->wards, i);
        if (w->part == part->position.part && strcmp(w->topic, part->topic) == 0)
            return w;
    }
    w = g_new0(struct kn_ward, 1);
    w->topic = g_strdup(part->topic);
    w->part = part->position.part;
    w->rate.since_us = kn_clock_steady_us();
    w->halted_at = -1;
    g_ptr_array_add(lane->wards, w);
    return w;
}

bool
kn_poison_halted(const kn_part *part)
{
    return part->halted;
}

void
kn_poison_taken(kn_lane *lane, kn_part *part)
{
    struct kn_ward *w = ward_of(lane, part);

    if (w->halted_at == part->position.next_off) {
        part->halted = true;
        kn_alarm(KN_ALARM_PART_STILL, KN_STR("topic", part->topic),
                 KN_INT("partition", part->position.part),
                 KN_INT("position", part->position.next_off));
    } else if (w->halted_at >= 0) {
        w->halted_at = -1;
        w->rate = (kn_rate){ .since_us = kn_clock_steady_us() };
    }
}

static void
halt(kn_lane *lane, kn_part *part, kn_error code, const char *why)
{
    part->halted = true;
    ward_of(lane, part)->halted_at = part->position.next_off;
    kn_alarm(KN_ALARM_PART_STOPPED, KN_STR("error", kn_error_row_of(code)->name),
             KN_STR("topic", part->topic), KN_INT("partition", part->position.part),
             KN_INT("position", part->position.next_off), KN_STR("why", why));
}

/* Only what the engine itself could not do counts: a partner who sends what customs never heard of must not be
 * able to stop anything. */
static bool
counts_as_parked(const kn_item *item)
{
    return strcmp(item->verdict, kn_error_row_of(KN_E_DATA_ERROR)->name) == 0
           || strcmp(item->verdict, kn_error_row_of(KN_E_ENGINE_ERROR)->name) == 0;
}

void
kn_poison_note(kn_lane *lane, const kn_item *item)
{
    kn_rate *rate = &ward_of(lane, item->part)->rate;
    g_autofree char *why = NULL;

    if (!kn_rate_note(rate, kn_clock_steady_us(), counts_as_parked(item)) || item->part->halted)
        return;
    why = g_strdup_printf("%u of %u messages of a minute were parked", rate->parked,
                          rate->messages);
    halt(lane, item->part, KN_E_QUARANTINE_RATE, why);
}

/* --- the policy's three verbs --------------------------------------------------------------------- */

kn_store_todo
kn_poison_todo(const kn_store *store, const GError *err)
{
    switch (kn_error_code(err)) {
    case KN_E_STORE_RETRY:
    case KN_E_STORE_BUSY:
    case KN_E_STORE_DOWN:
    case KN_E_DATA_ERROR: return kn_store_todo_of(store);
    default: return KN_TODO_STOP;
    }
}

typedef struct stretch {
    kn_lane *lane;
    kn_item *const *items;
    const char *why; /* one message that is parked: the reason */
} stretch;

static bool
attempt(void *arg, size_t at, size_t n, kn_store_todo *todo, GError **err)
{
    const stretch *s = arg;
    g_autofree kn_item **left = g_new0(kn_item *, n);
    size_t count = 0;

    /* Behind a message that could not be settled nothing of its partition may be. */
    for (size_t i = 0; i < n; i++)
        if (!s->items[at + i]->part->halted)
            left[count++] = s->items[at + i];
    return count == 0 || kn_settle_attempt(s->lane, left, count, KN_E_OK, NULL, todo, err);
}

static void
rest(void *arg, int tries)
{
    const stretch *s = arg;

    kn_debug("batch runs again", KN_STR("lane", s->lane->owner_name), KN_INT("try", tries));
    (void)usleep((useconds_t)(20000 + 1000 * (tries % 50)));
}

static bool
park_forced(void *arg, size_t at, size_t n, kn_store_todo *todo, GError **err)
{
    const stretch *s = arg;

    return kn_settle_attempt(s->lane, s->items + at, n, KN_E_DATA_ERROR, s->why, todo, err);
}

static bool
park_failed(void *arg, size_t at, const char *why, GError **err)
{
    const stretch *s = arg;

    (void)err;
    halt(s->lane, s->items[at]->part, KN_E_QUARANTINE_FAILED, why);
    return true; /* the other partitions go on */
}

static bool
park(void *arg, size_t at, const char *why, GError **err)
{
    stretch *s = arg;
    const kn_item *item = s->items[at];
    stretch one = { s->lane, s->items + at, why };
    const kn_policy_ops forced = { &one, park_forced, park_failed, rest };

    /* What follows was judged by the set it switches to: it cannot be parked. */
    if (item->to)
        return kn_fail(err, KN_E_STORE_WRONG, "a switch of trust sets is not taken: %s", why);
    kn_alarm(KN_ALARM_QUARANTINED, KN_STR("error", kn_error_row_of(KN_E_DATA_ERROR)->name),
             KN_STR("topic", item->part->topic), KN_INT("partition", item->part->position.part),
             KN_INT("offset", item->record.offset), KN_STR("why", why));
    (void)kn_fault("single.quarantine");
    return kn_policy_settle(&forced, 1, err);
}

bool
kn_poison_settle(kn_lane *lane, kn_item *const *items, size_t n, GError **err)
{
    stretch s = { lane, items, NULL };
    const kn_policy_ops ops = { &s, attempt, park, rest };

    return kn_policy_settle(&ops, n, err);
}

/* --- what kills -------------------------------------------------------------------------------------- */

static bool
run_suspect(kn_lane *lane, kn_item *item, int tries, GError **err)
{
    kn_item *const items[] = { item };
    stretch s = { lane, items, NULL };

    if (tries < SUSPECT_TRIES)
        return kn_admit(lane, item, err) && kn_poison_settle(lane, items, 1, err);
    item->guid = item->guid ? item->guid : g_strdup("");
    item->type = item->type ? item->type : g_strdup("");
    return park(&s, 0, "the process died on this message three times", err);
}

bool
kn_poison_suspect(kn_lane *lane, kn_item *item, GError **err)
{
    int tries = 0;

    if (!kn_store_suspect(lane->store, &item->part->position, item->record.offset, &tries, err))
        return false;
    (void)kn_fault("single.suspect");
    item->part->alone--;
    item->set = kn_trust_set_ref(item->part->set);
    if (run_suspect(lane, item, tries, err))
        return true;
    /* Whatever failed, the process has lived: it was not the message. */
    kn_store_calm(lane->store, &item->part->position);
    return false;
}
