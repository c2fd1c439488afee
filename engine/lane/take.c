/* SPDX-License-Identifier: Apache-2.0 */
/* take: partitions come and go.  One way in: start, rebalance and the end of a database outage all
 * run kn_take_assign.  EXACTLY_ONCE §3. */
#include "base/fault.h"
#include "lane/lane_priv.h"
#include "lane/poison.h"

#include <kouan/log.h>
#include <string.h>

#define PENDING_PAGE 500
#define ALONE_AFTER_DEATH 200

static void
part_free(void *data)
{
    kn_part *p = data;

    g_free(p->topic);
    kn_position_clear(&p->position);
    kn_trust_set_unref(p->set);
    kn_trust_set_unref(p->ahead);
    g_ptr_array_unref(p->pending);
    g_array_unref(p->waiting);
    g_free(p);
}

kn_part *
kn_lane_part(kn_lane *lane, const char *topic, int part)
{
    for (unsigned i = 0; i < lane->parts->len; i++) {
        kn_part *p = g_ptr_array_index(lane->parts, i);

        if (p->position.part == part && strcmp(p->topic, topic) == 0)
            return p;
    }
    return NULL;
}

/* K against P: what may be, and what stops the engine (§3 step 3). */
static bool
judge(const kn_part *p, int64_t committed, GError **err)
{
    const kn_position *pos = &p->position;

    if (committed < 0 && pos->last_off >= 0)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: the group has no offset though %" G_GINT64_FORMAT
                       " was settled: offset expired or group deleted",
                       p->topic, pos->part, pos->last_off);
    if (committed >= 0 && committed < pos->relayed)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: committed offset %" G_GINT64_FORMAT " is below %" G_GINT64_FORMAT
                       " known to be published: the broker lost data",
                       p->topic, pos->part, committed, pos->relayed);
    if (committed > pos->next_off)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: committed offset %" G_GINT64_FORMAT
                       " is above position %" G_GINT64_FORMAT ": the database lost commits",
                       p->topic, pos->part, committed, pos->next_off);
    return true;
}

static bool
load_pending(kn_lane *lane, kn_part *p, GError **err)
{
    int64_t from = p->relayed;
    bool more = true;

    while (more && from < p->position.next_off) {
        unsigned before = p->pending->len;

        if (!kn_store_pending(lane->store, &p->position, from, p->position.next_off, PENDING_PAGE,
                              p->pending, &more, err))
            return false;
        if (p->pending->len == before)
            break;
        from = ((kn_store_message *)g_ptr_array_index(p->pending, p->pending->len - 1))->off + 1;
    }
    return true;
}

/* Where reading starts: the last settled record is read once more and compared, so that a truncated
 * or recreated log is noticed (librdkafka 2.0.2 has no KIP-320). */
static bool
start_offset(kn_lane *lane, kn_part *p, kn_bus_part *bus, GError **err)
{
    const kn_position *pos = &p->position;

    if (!kn_consumer_watermarks(lane->consumer, bus, err))
        return false;
    if (bus->low > pos->next_off)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: log starts at %" G_GINT64_FORMAT ", position is %" G_GINT64_FORMAT
                       ": retention removed unread input",
                       p->topic, pos->part, bus->low, pos->next_off);
    if (bus->high < pos->next_off)
        return kn_fail(err, KN_E_LOG_LOST,
                       "%s/%d: log ends at %" G_GINT64_FORMAT ", position is %" G_GINT64_FORMAT
                       ": the log was truncated or made anew",
                       p->topic, pos->part, bus->high, pos->next_off);
    p->check_last = pos->last_off >= bus->low;
    p->expected = p->check_last ? pos->last_off : pos->next_off;
    bus->offset = p->expected;
    return true;
}

static bool
take_one(kn_lane *lane, kn_bus_part *bus, GError **err)
{
    kn_part *p = kn_lane_part(lane, bus->topic, bus->part);

    p->relayed = p->position.next_off;
    if (lane->control)
        p->relayed = p->position.relayed; /* the control believes its own mark */
    else if (!judge(p, bus->committed, err))
        return false;
    else if (bus->committed >= 0)
        p->relayed = bus->committed;
    if (!load_pending(lane, p, err) || !start_offset(lane, p, bus, err))
        return false;
    p->alone = p->position.unclean ? ALONE_AFTER_DEATH : 0;
    kn_poison_taken(lane, p);
    kn_debug("partition taken", KN_STR("topic", p->topic), KN_INT("partition", p->position.part),
             KN_INT("position", p->position.next_off), KN_INT("published", p->relayed),
             KN_INT("pending", p->pending->len), KN_INT("epoch", p->position.epoch),
             KN_STR("handover", p->position.unclean ? "unclean" : "clean"));
    return true;
}

/* The trust set the position names, or the newest for one that has settled nothing yet. */
static bool
find_set(kn_lane *lane, kn_part *p, GError **err)
{
    if (p->position.trust == 0)
        p->set = kn_trust_book_newest(lane->engine->book);
    else if (!kn_trust_book_get(lane->engine->book, lane->store, p->position.trust, NULL, &p->set,
                                err))
        return false;
    return p->set ? kn_lane_enter_set(lane, p->set, err)
                  : kn_fail(err, KN_E_STORE_WRONG, "%s/%d: no trust set to begin with", p->topic,
                            p->position.part);
}

bool
kn_take_partition(kn_lane *lane, const char *name, int part, GError **err)
{
    int topic = kn_store_topic(lane->store, name);
    kn_part *p;

    g_ptr_array_set_free_func(lane->parts, part_free);
    if (topic < 0)
        return kn_fail(err, KN_E_STORE_WRONG, "topic %s has no positions; run `kouan provision`",
                       name);
    p = g_new0(kn_part, 1);
    p->topic = g_strdup(name);
    p->pending = kn_store_message_array();
    p->waiting = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!kn_store_take(lane->store, topic, part, lane->owner_name, &p->position, err)) {
        part_free(p);
        return false;
    }
    g_ptr_array_add(lane->parts, p);
    return find_set(lane, p, err);
}

static void
say_taken(const kn_lane *lane)
{
    int64_t pending = 0, unclean = 0;

    for (unsigned i = 0; i < lane->parts->len; i++) {
        const kn_part *p = g_ptr_array_index(lane->parts, i);

        pending += p->pending->len;
        unclean += p->position.unclean;
    }
    kn_info("partitions taken", KN_STR("lane", lane->owner_name),
            KN_INT("partitions", lane->parts->len), KN_INT("after_a_death", unclean),
            KN_INT("to_publish", pending));
}

bool
kn_take_assign(void *arg, kn_consumer *consumer, kn_bus_part *parts, size_t n, GError **err)
{
    kn_lane *lane = arg;
    bool ok = true;

    g_ptr_array_set_free_func(lane->parts, part_free);
    g_ptr_array_set_size(lane->parts, 0);
    lane->generation++;
    lane->consumer =
        consumer; /* the first assignment may run before kn_consumer_new's caller goes on */
    for (size_t i = 0; i < n && ok; i++)
        ok = kn_take_partition(lane, parts[i].topic, parts[i].part,
                               err); /* from here a former owner's settle finds no row */
    (void)kn_fault("take.fenced");
    ok = ok && (n == 0 || kn_consumer_committed(consumer, parts, n, err));
    for (size_t i = 0; i < n && ok; i++)
        ok = take_one(lane, &parts[i], err);
    if (kn_fault("take.read") && ok)
        ok = kn_fail(err, KN_E_BUS_DOWN, "fault: take.read");
    if (!ok) {
        g_ptr_array_set_size(lane->parts, 0);
        return false;
    }
    if (lane->group)
        rd_kafka_consumer_group_metadata_destroy(lane->group);
    lane->group = kn_consumer_generation(consumer);
    lane->aborts_in_row = 0;
    lane->ready = false;
    say_taken(lane);
    return true;
}

void
kn_take_revoke(void *arg, const kn_bus_part *parts, size_t n)
{
    kn_lane *lane = arg;

    (void)kn_fault("revoke");
    lane->generation++;
    kn_info("partitions given up", KN_STR("lane", lane->owner_name), KN_INT("partitions", n));
    for (size_t i = 0; i < n; i++) {
        kn_part *p = kn_lane_part(lane, parts[i].topic, parts[i].part);

        if (p && lane->store && !lane->store_down)
            kn_store_release(lane->store, p->position.topic, p->position.part, p->position.epoch);
        if (p) {
            kn_gauge_gone(lane, p);
            (void)g_ptr_array_remove(lane->parts, p);
        }
    }
}
