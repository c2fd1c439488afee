/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/ring.h"

#include "lane/own.h"

#include <string.h>

bool
kn_ring_write(const kn_engine *e, const kn_store_due *due, int64_t now_ms, char guid[37],
              GString *out, GError **err)
{
    g_autofree char *version = g_strdup_printf("%d", due->version),
                    *words = g_strjoin("\n", due->kind, due->key, version, due->name, NULL);
    const kn_own_field fields[] = {
        { "kind", due->kind }, { "key", due->key }, { "version", version },
        { "name", due->name }, { NULL, NULL },
    };

    kn_own_guid(e, KN_RING_TYPE, words, guid);
    return kn_own_write(e, KN_RING_TYPE, guid, now_ms, "Ring", fields, out, err);
}

void
kn_ring_free(kn_ring *ring)
{
    if (!ring)
        return;
    g_free(ring->kind);
    g_free(ring->key);
    g_free(ring->name);
    g_free(ring);
}

static const kn_handler *
handler_of(const char *kind)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->timer && kn_handlers[i]->machine
            && strcmp(kn_handlers[i]->machine->kind, kind) == 0)
            return kn_handlers[i];
    return NULL;
}

bool
kn_ring_admit(kn_lane *lane, kn_item *item, const xmlDoc *doc, GError **err)
{
    kn_ring *ring = g_new0(kn_ring, 1);

    (void)err;
    ring->kind = g_strdup(kn_own_text(doc, "Ring", "kind"));
    ring->key = g_strdup(kn_own_text(doc, "Ring", "key"));
    ring->name = g_strdup(kn_own_text(doc, "Ring", "name"));
    ring->version = (int)g_ascii_strtoll(kn_own_text(doc, "Ring", "version"), NULL, 10);
    ring->handler = handler_of(ring->kind);
    ring->conf = ring->handler ? kn_engine_conf(lane->engine, ring->handler) : NULL;
    item->ring = ring;
    return true;
}

/* Does this very timer stand, and has its time come?  Judged by record time alone. */
static bool
stands(const kn_item *item, const kn_record *record)
{
    const kn_ring *ring = item->ring;
    const char *name = record ? kn_timer_name(record) : NULL;

    return name && record->version == ring->version && strcmp(name, ring->name) == 0
           && kn_timer_due(record) <= item->time_ms;
}

static bool
wrote(const kn_decision *d, const kn_ring *ring)
{
    for (unsigned i = 0; i < d->writes->len; i++) {
        const kn_record *r = ((const kn_write *)g_ptr_array_index(d->writes, i))->record;

        if (strcmp(r->kind, ring->kind) == 0 && strcmp(r->key, ring->key) == 0)
            return true;
    }
    return false;
}

/* A timer that is rung is over, unless it is set again: the handler sees the record without it. */
static bool
enter(kn_work *work, kn_item *item, const kn_record *record, kn_ask *ask, kn_step *step,
      GError **err)
{
    kn_decision *d = work->lane->decision;
    const kn_ring *ring = item->ring;
    kn_record *seen = kn_record_dup(record);

    kn_timer_clear(seen);
    kn_work_enter(work, item, ring->conf, 0, item->owner, ask);
    (void)kn_ask_record(ask, ring->kind, ring->key); /* what it hangs on, for the archive */
    *step = ring->handler->timer(work->lane->context, seen, ring->name, ask, d);
    kn_record_free(seen);
    if (*step == KN_WAIT)
        return true;
    if (!kn_decision_finish(d, err))
        return false;
    if (d->code != KN_E_OK || !wrote(d, ring))
        return kn_fail(err, KN_E_ENGINE_ERROR, "handler %s: timer %s of %s %s moved nothing",
                       ring->handler->name, ring->name, ring->kind, ring->key);
    return kn_work_at_home(work, item, d)
           || kn_fail(err, KN_E_ENGINE_ERROR, "timer of %s %s is not where it is at home",
                      ring->kind, ring->key);
}

bool
kn_ring_decide(kn_work *work, kn_item *item, kn_ask *ask, bool *done, GError **err)
{
    const kn_ring *ring = item->ring;
    const kn_record *record;
    kn_step step = KN_DONE;

    kn_ask_enter(ask);
    record = kn_ask_record(ask, ring->kind, ring->key);
    *done = !kn_ask_pending(ask);
    item->verdict = kn_error_row_of(KN_E_OK)->name;
    if (!*done || !ring->handler || !stands(item, record))
        return true;
    g_free(item->owner);
    item->owner = g_strdup(record->owner);
    if (!enter(work, item, record, ask, &step, err))
        return false;
    *done = step == KN_DONE;
    if (!*done)
        return true;
    if (!kn_answer_others(work->lane, item, work->lane->decision, err))
        return false;
    kn_work_effects(work, item, ask);
    return true;
}
