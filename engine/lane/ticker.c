/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/ticker.h"

#include "base/clock.h"
#include "lane/ring.h"

#include <string.h>

#define LOOK_EVERY_US 500000LL
#define FLUSH_MS 10000
/* One that still stands was appended in vain (it waits behind a backlog, or came before its time): again later,
 * each time twice as late, so that a partition that stands still is not filled with them. */
#define AGAIN_FIRST_US 10000000LL
#define AGAIN_MAX_US 600000000LL

typedef struct said {
    int64_t next_us, wait_us;
    unsigned round; /* in which it was seen last */
} said;

struct kn_ticker {
    const kn_engine *engine;
    char *topic; /* the internal one; NULL: this installation has none, and so no timers */
    int64_t look_us;
    unsigned round;
    GHashTable *said; /* kind, key, version, name -> said */
};

kn_ticker *
kn_ticker_new(const kn_engine *engine)
{
    kn_ticker *t = g_new0(kn_ticker, 1);

    t->engine = engine;
    t->topic = kn_engine_internal_topic(engine);
    t->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return t;
}

void
kn_ticker_free(kn_ticker *t)
{
    if (!t)
        return;
    g_hash_table_unref(t->said);
    g_free(t->topic);
    g_free(t);
}

bool
kn_ticker_due(const kn_ticker *t)
{
    return t->topic && kn_clock_steady_us() >= t->look_us;
}

/* Is it this one's turn to be appended?  Notes that it was seen. */
static bool
turn(kn_ticker *t, const kn_store_due *due, int64_t now_us)
{
    g_autofree char *id = g_strdup_printf("%s\n%s\n%d\n%s", due->kind, due->key, due->version,
                                          due->name);
    said *s = g_hash_table_lookup(t->said, id);

    if (!s) {
        s = g_new0(said, 1);
        s->wait_us = AGAIN_FIRST_US;
        (void)g_hash_table_insert(t->said, g_steal_pointer(&id), s);
    }
    s->round = t->round;
    if (now_us < s->next_us)
        return false;
    s->next_us = now_us + s->wait_us;
    s->wait_us = MIN(2 * s->wait_us, AGAIN_MAX_US);
    return true;
}

static int
is_gone(void *key, void *value, void *round)
{
    (void)key;
    return ((const said *)value)->round != *(const unsigned *)round;
}

static bool
append(kn_ticker *t, kn_producer *producer, const kn_store_due *due, GError **err)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    char guid[37];
    json_t *headers;
    bool ok;

    if (!kn_ring_write(t->engine, due, kn_clock_wall_ms(), guid, bytes, err))
        return false;
    headers = json_pack("{ss ss}", "type", KN_RING_TYPE, "guid", guid);
    ok = kn_producer_send(producer,
                          &(kn_bus_send){ .topic = t->topic,
                                          .placed = true,
                                          .part = due->part,
                                          .key = due->owner,
                                          .key_len = strlen(due->owner),
                                          .bytes = bytes->str,
                                          .len = bytes->len,
                                          .headers = headers },
                          err);
    json_decref(headers);
    return ok;
}

static void
show(const kn_ticker *t, const GPtrArray *due, int64_t now_ms)
{
    int64_t oldest = due->len > 0
                         ? now_ms - ((const kn_store_due *)g_ptr_array_index(due, 0))->due_ms
                         : 0;

    kn_cell_set(kn_metrics_cell(t->engine->metrics, KN_METRIC_TIMERS_LATE, NULL), oldest * 1000);
}

static bool
append_all(kn_ticker *t, const GPtrArray *due, kn_producer **producer, GError **err)
{
    int64_t now_us = kn_clock_steady_us();
    unsigned n = 0;

    for (unsigned i = 0; i < due->len; i++) {
        const kn_store_due *d = g_ptr_array_index(due, i);

        if (!turn(t, d, now_us))
            continue;
        if ((!*producer && !kn_producer_new(&t->engine->bus, NULL, producer, err))
            || !append(t, *producer, d, err))
            return false;
        n++;
    }
    if (n == 0)
        return true;
    kn_cell_add(kn_metrics_cell(t->engine->metrics, KN_METRIC_TIMERS, NULL), n);
    return kn_producer_flush(*producer, FLUSH_MS, err);
}

bool
kn_ticker_look(kn_ticker *t, kn_store *store, kn_producer **producer, GError **err)
{
    g_autoptr(GPtrArray) due = kn_store_due_array();
    int topic = kn_store_topic(store, t->topic);
    int64_t now_ms = kn_clock_wall_ms();

    t->look_us = kn_clock_steady_us() + LOOK_EVERY_US;
    if (topic < 0)
        return kn_fail(err, KN_E_STORE_WRONG, "topic %s is not provisioned", t->topic);
    if (!kn_store_timers_due(store, topic, t->engine->config->instance, now_ms, due, err))
        return false;
    t->round++;
    show(t, due, now_ms);
    if (!append_all(t, due, producer, err))
        return false;
    (void)g_hash_table_foreach_remove(t->said, is_gone, &t->round);
    return true;
}
