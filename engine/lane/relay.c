/* SPDX-License-Identifier: Apache-2.0 */
/* relay: one Kafka transaction carries what is settled and not yet published, and the group's offsets.
 * EXACTLY_ONCE §5. */
#include "base/fault.h"
#include "base/hex.h"
#include "lane/lane_priv.h"

#include <kouan/log.h>
#include <openssl/evp.h>
#include <string.h>

#define ABORTS_MAX 5

static bool
send_message(kn_lane *lane, const kn_store_message *m, GError **err)
{
    json_t *headers = m->header ? json_loads(m->header, 0, NULL) : NULL;
    size_t len = 0, key_len = 0;
    const void *bytes = g_bytes_get_data(m->payload, &len);
    const void *key = m->key ? g_bytes_get_data(m->key, &key_len) : NULL;
    bool ok = kn_producer_send(lane->producer,
                               &(kn_bus_send){ .topic = kn_store_topic_name(lane->store, m->dest),
                                               .key = key,
                                               .key_len = key_len,
                                               .bytes = bytes,
                                               .len = len,
                                               .headers = headers },
                               err);

    json_decref(headers);
    return ok;
}

/* The journal says in Kafka what the database says of this stretch (§7.2). */
static bool
send_journal(kn_lane *lane, const kn_part *p, unsigned count, GError **err)
{
    g_autofree char *key = g_strdup_printf("%s/%d", p->topic, p->position.part);
    char chain[65];
    bool ok;

    kn_hex_encode(p->position.chain, sizeof p->position.chain, chain);
    json_t *object = json_pack("{ss si sI sI si si si ss}", "topic", p->topic, "part",
                               p->position.part, "from", (json_int_t)p->relayed, "to",
                               (json_int_t)p->position.next_off, "rules", p->position.rules,
                               "trust", p->position.trust, "outputs", (int)count, "chain", chain);
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (!text)
        return kn_fail(err, KN_E_ENGINE_ERROR, "journal entry not encodable");
    ok = kn_producer_send(lane->producer,
                          &(kn_bus_send){ .topic = lane->engine->config->journal_topic,
                                          .key = key,
                                          .key_len = strlen(key),
                                          .bytes = text,
                                          .len = strlen(text) },
                          err);
    free(text); /* allow: jansson allocated it */
    return ok;
}

static bool
send_part(kn_lane *lane, const kn_part *p, GError **err)
{
    for (unsigned i = 0; i < p->pending->len; i++) {
        const kn_store_message *m = g_ptr_array_index(p->pending, i);

        if (m->dest >= 0 && m->off >= p->relayed && !send_message(lane, m, err))
            return false;
    }
    return send_journal(lane, p, p->pending->len, err);
}

static GArray *
offsets(const kn_lane *lane)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(kn_bus_part));

    for (unsigned i = 0; i < lane->parts->len; i++) {
        const kn_part *p = g_ptr_array_index(lane->parts, i);

        if (p->relayed < p->position.next_off) {
            kn_bus_part part = { .topic = p->topic,
                                 .part = p->position.part,
                                 .offset = p->position.next_off };

            g_array_append_val(list, part);
        }
    }
    return list;
}

static bool
send_all(kn_lane *lane, GError **err)
{
    for (unsigned i = 0; i < lane->parts->len; i++) {
        kn_part *p = g_ptr_array_index(lane->parts, i);

        if (p->relayed < p->position.next_off && !send_part(lane, p, err))
            return false;
    }
    return true;
}

static void
published(kn_lane *lane)
{
    for (unsigned i = 0; i < lane->parts->len; i++) {
        kn_part *p = g_ptr_array_index(lane->parts, i);

        if (p->relayed >= p->position.next_off)
            continue;
        p->relayed = p->position.next_off;
        atomic_fetch_add(&lane->stats.outputs, p->pending->len);
        g_ptr_array_set_size(p->pending, 0);
        kn_gauge_published(lane, p);
    }
    atomic_fetch_add(&lane->stats.relays, 1);
    lane->aborts_in_row = 0;
}

static bool
transaction(kn_lane *lane, GArray *list, bool *slow, GError **err)
{
    if (!kn_producer_begin(lane->producer, err))
        return false;
    (void)kn_fault("relay.begun");
    if (!send_all(lane, err))
        return false;
    (void)kn_fault("relay.produced");
    if (!kn_producer_offsets(lane->producer, (kn_bus_part *)(void *)list->data, list->len,
                             lane->group, err))
        return false;
    (void)kn_fault("relay.offsets");
    if (kn_fault("relay.abort"))
        return kn_fail(err, KN_E_BUS_DOWN, "fault: relay.abort");
    if (kn_fault_armed("relay.commit_sent")) {
        bool answered = kn_producer_commit_send(lane->producer);

        (void)kn_fault("relay.commit_sent");
        if (answered)
            return true;
    }
    return kn_producer_commit(lane->producer, slow, err);
}

/* An abortable failure: everything stays pending, the next round tries again. */
static bool
abort_and_keep(kn_lane *lane, GError **err)
{
    g_autoptr(GError) why = NULL;

    atomic_fetch_add(&lane->stats.aborts, 1);
    kn_warn("relay aborted, will be tried again", KN_STR("why", (*err)->message),
            KN_INT("in_a_row", lane->aborts_in_row + 1));
    if (++lane->aborts_in_row >= ABORTS_MAX) {
        g_clear_error(err);
        return kn_fail(err, KN_E_BUS_FENCED, "%d aborts in a row", ABORTS_MAX);
    }
    if (!kn_producer_abort(lane->producer, &why)) {
        g_clear_error(err);
        return kn_fail(err, KN_E_BUS_FENCED, "abort failed: %s", why->message);
    }
    return false;
}

/* Fenced, or something a person must look at: the process will end.  An open transaction would hold
 * back every read_committed reader of these topics until the broker times it out, so it is aborted if
 * that still works; when it does not, nothing is worse than before. */
static bool
abort_and_leave(kn_lane *lane)
{
    g_autoptr(GError) ignored = NULL;

    if (!kn_producer_abort(lane->producer, &ignored))
        kn_warn("transaction left to the broker's time-out", KN_STR("why", ignored->message));
    return false;
}

/* Control run: idempotent producer plus a mark in PostgreSQL written with the next settle.  It must
 * double messages when it is killed here, or the judge of the real thing proves nothing. */
static bool
relay_control(kn_lane *lane, GError **err)
{
    if (!send_all(lane, err) || !kn_producer_flush(lane->producer, 10000, err))
        return false;
    (void)kn_fault("relay.produced");
    (void)kn_fault("relay.offsets");
    published(lane);
    return true;
}

bool
kn_relay(kn_lane *lane, GError **err)
{
    g_autoptr(GArray) list = offsets(lane);
    bool slow = false;

    if (list->len == 0)
        return true;
    if (lane->control)
        return relay_control(lane, err);
    if (!transaction(lane, list, &slow, err))
        return kn_error_outcome(*err) == KN_OUTCOME_PAUSE ? abort_and_keep(lane, err)
                                                          : abort_and_leave(lane);
    (void)kn_fault("relay.committed");
    published(lane);
    if (slow || kn_fault("relay.recycle")) {
        kn_info("producer recycled after a slow commit", KN_STR("id", lane->txn_id));
        return kn_producer_recycle(lane->producer, err);
    }
    return true;
}
