/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/herald.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "bus/producer.h"

#include <string.h>

#define WAITING_MAX 256
#define FLUSH_MS 5000
#define LAST_FLUSH_MS 2000
#define AGAIN_US 2000000LL

typedef struct note {
    const char *code; /* static */
    char *text;       /* jansson's */
} note;

struct kn_herald {
    const kn_engine *engine;
    GThread *thread;
    GMutex lock;
    GCond more;
    GQueue waiting; /* note */
    int64_t dropped;
    bool ending;
    kn_producer *producer; /* of the thread */
    bool complained;
};

static void
note_free(note *n)
{
    free(n->text); /* allow: jansson allocated it */
    g_free(n);
}

/* --- the side of whoever raises ----------------------------------------------------------------------- */

static char *
line_text(const kn_herald *h, const json_t *line)
{
    json_t *own = json_copy((json_t *)(uintptr_t)line);
    char *text;

    (void)json_object_set_new(own, "instance", json_string(h->engine->config->instance));
    if (h->dropped > 0)
        (void)json_object_set_new(own, "dropped", json_integer(h->dropped));
    text = json_dumps(own, JSON_COMPACT);
    json_decref(own);
    return text;
}

static void
on_alarm(void *data, kn_alarm_id id, const json_t *line)
{
    kn_herald *h = data;
    note *n = g_new0(note, 1);

    g_mutex_lock(&h->lock);
    if (g_queue_get_length(&h->waiting) >= WAITING_MAX) {
        note_free(g_queue_pop_head(&h->waiting));
        h->dropped++;
    }
    n->code = kn_alarm_row_of(id)->code;
    n->text = line_text(h, line);
    if (n->text)
        g_queue_push_tail(&h->waiting, n);
    else
        note_free(n);
    g_cond_signal(&h->more);
    g_mutex_unlock(&h->lock);
}

/* --- the thread ---------------------------------------------------------------------------------------- */

static bool
deliver(kn_herald *h, const note *n, int flush_ms, GError **err)
{
    const kn_bus_send send = {
        .topic = h->engine->config->alarm_topic,
        .key = n->code,
        .key_len = strlen(n->code),
        .bytes = n->text,
        .len = strlen(n->text),
    };

    if (!h->producer && !kn_producer_new(&h->engine->bus, NULL, &h->producer, err))
        return false;
    return kn_producer_send(h->producer, &send, err)
           && kn_producer_flush(h->producer, flush_ms, err);
}

/* Not an alarm: it would come here again. */
static void
complain(kn_herald *h, const GError *why)
{
    if (!h->complained)
        kn_warn("alarms cannot be published, they wait", KN_STR("why", why->message),
                KN_STR("topic", h->engine->config->alarm_topic));
    h->complained = true;
}

static void
delivered(kn_herald *h, note *n)
{
    h->complained = false;
    h->dropped = 0;
    note_free(n);
}

/* With the lock held, which it gives away while it speaks to the broker.  false: not now. */
static bool
publish_first(kn_herald *h, int flush_ms)
{
    note *n = g_queue_pop_head(&h->waiting);
    g_autoptr(GError) why = NULL;
    bool ok;

    g_mutex_unlock(&h->lock);
    ok = deliver(h, n, flush_ms, &why);
    if (!ok) {
        complain(h, why);
        kn_producer_free(
            h->producer); /* what it still holds is sent again: twice rather than not */
        h->producer = NULL;
    }
    g_mutex_lock(&h->lock);
    if (ok)
        delivered(h, n);
    else
        g_queue_push_head(&h->waiting, n);
    return ok;
}

static void *
run(void *data)
{
    kn_herald *h = data;

    g_mutex_lock(&h->lock);
    while (!h->ending) {
        if (g_queue_is_empty(&h->waiting))
            g_cond_wait(&h->more, &h->lock);
        else if (!publish_first(h, FLUSH_MS) && !h->ending)
            (void)g_cond_wait_until(&h->more, &h->lock, kn_clock_steady_us() + AGAIN_US);
    }
    while (!g_queue_is_empty(&h->waiting) && publish_first(h, LAST_FLUSH_MS))
        ;
    g_mutex_unlock(&h->lock);
    kn_producer_free(h->producer);
    h->producer = NULL;
    return NULL;
}

kn_herald *
kn_herald_start(const kn_engine *engine)
{
    kn_herald *h = g_new0(kn_herald, 1);

    h->engine = engine;
    g_mutex_init(&h->lock);
    g_cond_init(&h->more);
    g_queue_init(&h->waiting);
    h->thread = g_thread_new("herald", run, h);
    kn_alarm_to(on_alarm, h);
    return h;
}

void
kn_herald_free(kn_herald *h)
{
    if (!h)
        return;
    kn_alarm_to(NULL, NULL);
    g_mutex_lock(&h->lock);
    h->ending = true;
    g_cond_signal(&h->more);
    g_mutex_unlock(&h->lock);
    (void)g_thread_join(h->thread);
    while (!g_queue_is_empty(&h->waiting))
        note_free(g_queue_pop_head(&h->waiting));
    g_mutex_clear(&h->lock);
    g_cond_clear(&h->more);
    g_free(h);
}
