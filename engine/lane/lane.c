/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/lane.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "base/fault.h"
#include "lane/lane_priv.h"

#include <assert.h>
#include <kouan/log.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000

static const char *const stage_names[] = {
    [KN_STAGE_GATHER] = "gather", [KN_STAGE_OPEN] = "open",   [KN_STAGE_PROVE] = "prove",
    [KN_STAGE_CHECK] = "check",   [KN_STAGE_READ] = "read",   [KN_STAGE_DECIDE] = "decide",
    [KN_STAGE_ANSWER] = "answer", [KN_STAGE_WRITE] = "write", [KN_STAGE_RELAY] = "relay",
};
static_assert(G_N_ELEMENTS(stage_names) == KN_STAGE_COUNT, "one name for each stage");

const char *
kn_stage_name(kn_stage stage)
{
    return stage_names[stage];
}

void
kn_lane_spent(kn_lane *lane, kn_stage stage, int64_t *mark)
{
    int64_t now = kn_clock_thread_cpu_us();

    if (stage < KN_STAGE_COUNT)
        atomic_fetch_add(&lane->stats.cpu_us[stage], now - *mark);
    *mark = now;
}

void
kn_lane_sample(kn_lane *lane)
{
    lane->sampled = lane->sample++ % KN_SAMPLE == 0;
}

void
kn_lane_sampled(kn_lane *lane, kn_stage stage, int64_t *mark)
{
    int64_t now;

    if (!lane->sampled)
        return;
    now = kn_clock_thread_cpu_us();
    if (stage < KN_STAGE_COUNT)
        atomic_fetch_add(&lane->stats.cpu_us[stage], (now - *mark) * KN_SAMPLE);
    *mark = now;
}

static void
beat(kn_lane *lane)
{
    atomic_store(&lane->stats.last_beat_us, kn_clock_steady_us());
}

int64_t
kn_lane_silence_us(const kn_lane *lane)
{
    return kn_clock_steady_us() - atomic_load(&lane->stats.last_beat_us);
}

json_t *
kn_lane_stats_json(const kn_lane *lane)
{
    const kn_lane_stats *s = &lane->stats;
    json_t *cpu = json_object();
    json_t *object = json_pack("{sI sI sI sI sI sI sI}", "messages", (json_int_t)s->messages,
                               "refused", (json_int_t)s->refused, "repeated",
                               (json_int_t)s->repeated, "outputs", (json_int_t)s->outputs,
                               "batches", (json_int_t)s->batches, "relays", (json_int_t)s->relays,
                               "aborts", (json_int_t)s->aborts);

    for (size_t i = 0; i < KN_STAGE_COUNT; i++)
        (void)json_object_set_new(cpu, stage_names[i], json_integer((json_int_t)s->cpu_us[i]));
    (void)json_object_set_new(object, "cpu_us", cpu);
    return object;
}

/* Certificates seen under one trust set: facts hang on its anchors and CRLs. */
typedef struct cert_cache {
    kn_trust_set *set;
    kn_trust *trust;
} cert_cache;

static void
cache_free(void *data)
{
    cert_cache *cache = data;

    kn_trust_free(cache->trust);
    kn_trust_set_unref(cache->set);
    g_free(cache);
}

/* Every topic of a partner's receipts is in the database, and the producer has met it. */
static bool
meet_topics(kn_lane *lane, const kn_trust_set *set, GError **err)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    bool again = false;

    for (size_t i = 0; i < kn_partners_count(set->partners); i++) {
        const char *name = kn_trust_set_topic(set, kn_partners_at(set->partners, i));

        if (kn_store_topic(lane->store, name) < 0 && !again) {
            again = true;
            if (!kn_store_load_topics(lane->store, err))
                return false;
        }
        if (kn_store_topic(lane->store, name) < 0)
            return kn_fail(err, KN_E_BUS_WRONG,
                           "topic %s of trust set %d is not there: run kouan provision", name,
                           set->version);
        g_ptr_array_add(names, (char *)(uintptr_t)name);
    }
    kn_producer_warm(lane->producer, (const char *const *)names->pdata, names->len);
    return true;
}

bool
kn_lane_enter_set(kn_lane *lane, kn_trust_set *set, GError **err)
{
    for (unsigned i = 0; i < lane->caches->len; i++)
        if (((cert_cache *)g_ptr_array_index(lane->caches, i))->set == set)
            return true;
    if (lane->store && lane->producer && !meet_topics(lane, set, err))
        return false;
    (void)kn_lane_trust(lane, set);
    return true;
}

void
kn_lane_forget_sets(kn_lane *lane)
{
    for (unsigned i = lane->caches->len; i-- > 0;) {
        const kn_trust_set *set = ((cert_cache *)g_ptr_array_index(lane->caches, i))->set;
        bool used = false;

        for (unsigned p = 0; p < lane->parts->len; p++) {
            const kn_part *part = g_ptr_array_index(lane->parts, p);

            used |= part->set == set || part->ahead == set;
        }
        if (!used)
            (void)g_ptr_array_remove_index(lane->caches, i);
    }
}

kn_trust *
kn_lane_trust(kn_lane *lane, kn_trust_set *set)
{
    cert_cache *cache;

    for (unsigned i = 0; i < lane->caches->len; i++) {
        cache = g_ptr_array_index(lane->caches, i);
        if (cache->set == set)
            return cache->trust;
    }
    cache = g_new0(cert_cache, 1);
    cache->set = kn_trust_set_ref(set);
    cache->trust = kn_trust_new(set->partners);
    g_ptr_array_add(lane->caches, cache);
    return cache->trust;
}

kn_lane *
kn_lane_new(const kn_engine *engine, int number, atomic_bool *stop)
{
    kn_lane *lane = g_new0(kn_lane, 1);

    lane->engine = engine;
    lane->number = number;
    lane->stop = stop;
    lane->txn_id = g_strdup_printf("kouan-%s-%s-%d", engine->config->group,
                                   engine->config->instance, number);
    /* Like no other's, also where every process has the same number (a container). */
    lane->owner_name = g_strdup_printf("%s/%d/%d-%" G_GINT64_MODIFIER "x", engine->config->instance,
                                       number, (int)getpid(), kn_clock_wall_ms());
    lane->parts = g_ptr_array_new();
    lane->batch = g_ptr_array_new_with_free_func((GDestroyNotify)kn_item_free);
    lane->caches = g_ptr_array_new_with_free_func(cache_free);
    lane->context = kn_context_new();
    lane->decision = kn_decision_new();
    lane->ledger = kn_decision_new();
    lane->entry = g_string_sized_new(4096);
    lane->sm3 = kn_sm3_new(engine->secret, sizeof engine->secret);
    if (!lane->sm3)
        abort(); /* kn_xml_setup has proven it is there */
#ifdef KOUAN_FAULTS
    lane->control = kn_fault_control();
#endif
    beat(lane);
    return lane;
}

void
kn_lane_free(kn_lane *lane)
{
    if (!lane)
        return;
    g_ptr_array_unref(lane->batch);
    g_ptr_array_unref(lane->parts);
    if (lane->group)
        rd_kafka_consumer_group_metadata_destroy(lane->group);
    kn_producer_free(lane->producer);
    kn_store_close(lane->store);
    kn_context_free(lane->context);
    kn_decision_free(lane->decision);
    kn_decision_free(lane->ledger);
    kn_writer_free(lane->writer);
    kn_sm3_free(lane->sm3);
    (void)g_string_free(lane->entry, TRUE);
    kn_xml_free(lane->xml);
    g_ptr_array_unref(lane->caches);
    if (lane->wards)
        g_ptr_array_unref(lane->wards);
    g_free(lane->txn_id);
    g_free(lane->owner_name);
    g_free(lane);
}

kn_xml_limits
kn_lane_limits(const kn_config *c)
{
    return (kn_xml_limits){
        .max_bytes = (size_t)c->max_bytes,
        .max_tag_bytes = (size_t)c->max_tag_bytes,
        .max_tag_values = (size_t)c->max_tag_values,
        .max_depth = (size_t)c->max_depth,
        .max_attrs = (size_t)c->max_attrs,
        .max_ns_scope = (size_t)c->max_ns_scope,
        .max_elements = (size_t)c->max_elements,
        .max_text = (size_t)c->max_text,
        .max_attr_value = (size_t)c->max_attr_value,
    };
}

/* Every topic a relay may write, so that no transaction waits for its first meeting with one. */
static void
warm(kn_lane *lane)
{
    g_autoptr(GArray) specs = kn_engine_topics(lane->engine);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (unsigned i = 0; i < specs->len; i++)
        if (!g_array_index(specs, kn_topic_spec, i).append_time) /* the others are only read */
            g_ptr_array_add(names, (char *)(uintptr_t)g_array_index(specs, kn_topic_spec, i).name);
    kn_producer_warm(lane->producer, (const char *const *)names->pdata, names->len);
}

/* Order matters: the producer's init_transactions ends a dead predecessor's transaction and must come
 * before any reading of K (§3 step 2). */
static bool
start(kn_lane *lane, GError **err)
{
    const kn_engine *e = lane->engine;
    kn_xml_limits limits = kn_lane_limits(e->config);
    kn_consumer_events events = { .arg = lane, .assign = kn_take_assign, .revoke = kn_take_revoke };

    lane->xml = kn_xml_new(&limits, e->schemas);
    kn_engine_set_verifier(e, lane->xml);
    lane->writer = kn_writer_new();
    if (!kn_store_open(e->config->conninfo, &lane->store, err))
        return false;
    if (!kn_producer_new(&e->bus, lane->control ? NULL : lane->txn_id, &lane->producer, err))
        return false;
    warm(lane);
    return kn_consumer_new(&e->bus, (const char *const *)e->config->in_topics,
                           g_strv_length(e->config->in_topics), &events, &lane->consumer, err);
}

/* The database is away, or out of something: keep the group membership alive with nothing assigned, and take
 * everything again when it is back.  Nothing is lost or moved.  A server that takes connections and no
 * batch is asked less and less often. */
static bool
wait_for_store(kn_lane *lane, GError **err)
{
    int64_t next = kn_clock_steady_us() + lane->pause_ms * 1000;

    kn_alarm(KN_ALARM_STORE_AWAY, KN_STR("error", kn_error_row_of(kn_error_code(*err))->name),
             KN_STR("why", (*err)->message));
    lane->pause_ms = CLAMP(lane->pause_ms * 2, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
    g_clear_error(err);
    g_ptr_array_set_size(lane->batch, 0);
    lane->store_down = true;
    kn_gauge_state(lane, KN_LANE_NO_STORE);
    kn_consumer_pause(lane->consumer);
    while (!atomic_load(lane->stop)) {
        kn_bus_record record;
        g_autoptr(GError) ignored = NULL; /* told again when polling goes on */

        beat(lane);
        if (kn_consumer_poll(lane->consumer, 100, &record, &ignored))
            kn_bus_record_clear(&record);
        if (kn_clock_steady_us() < next)
            continue;
        if (kn_store_reopen(lane->store, err)) {
            lane->store_down = false;
            kn_info("database back", KN_STR("lane", lane->owner_name));
            kn_consumer_resume(lane->consumer);
            return true;
        }
        if (kn_error_outcome(*err) != KN_OUTCOME_PAUSE)
            return false;
        g_clear_error(err);
        lane->pause_ms = MIN(lane->pause_ms * 2, BACKOFF_MAX_MS);
        next = kn_clock_steady_us() + lane->pause_ms * 1000;
    }
    return true;
}

static bool
is_bus(const GError *err)
{
    return kn_error_code(err) == KN_E_BUS_DOWN;
}

/* The one switch that gives an outcome its meaning for the lane itself. */
static bool
on_trouble(kn_lane *lane, GError **err)
{
    switch (kn_error_outcome(*err)) {
    case KN_OUTCOME_PAUSE:
        if (!is_bus(*err))
            return wait_for_store(lane, err);
        kn_gauge_state(lane, KN_LANE_NO_BUS);
        kn_warn("broker does not answer, trying again", KN_STR("why", (*err)->message));
        g_clear_error(err);
        (void)usleep(200000);
        return true;
    case KN_OUTCOME_EXIT:
        kn_alarm(KN_ALARM_OWNERSHIP, KN_STR("why", (*err)->message));
        _exit(EX_TEMPFAIL);
    case KN_OUTCOME_WAIT:
    case KN_OUTCOME_REFUSE:
    case KN_OUTCOME_QUARANTINE:
    case KN_OUTCOME_DONE: /* decided below; up here it would be a bug */
    case KN_OUTCOME_STOP: break;
    }
    kn_alarm(KN_ALARM_LANE_STOPPED, KN_STR("error", kn_error_row_of(kn_error_code(*err))->name),
             KN_STR("why", (*err)->message));
    return false;
}

/* Once after each take, when what a predecessor left is published. */
static void
say_ready(kn_lane *lane)
{
    if (lane->ready || lane->parts->len == 0)
        return;
    lane->ready = true;
    kn_info("ready", KN_STR("lane", lane->owner_name), KN_INT("partitions", lane->parts->len));
}

static bool
round_once(kn_lane *lane, GError **err)
{
    int64_t mark = 0;

    beat(lane);
    kn_lane_spent(lane, KN_STAGE_COUNT, &mark);
    if (!kn_relay(lane, err)) /* what take found pending, or an earlier abort left, goes first */
        return false;
    kn_lane_spent(lane, KN_STAGE_RELAY, &mark);
    say_ready(lane);
    if (lane->generation > 0) /* the group has answered, if only with nothing */
        kn_gauge_state(lane, KN_LANE_READY);
    kn_gauge_parts(lane);
    if (!kn_gather(lane, err))
        return false;
    kn_lane_spent(lane, KN_STAGE_GATHER, &mark);
    if (lane->batch->len == 0)
        return true;
    if (!kn_settle(lane, err))
        return false;
    lane->pause_ms = 0;
    g_ptr_array_set_size(lane->batch, 0);
    kn_lane_spent(lane, KN_STAGE_COUNT, &mark);
    if (!kn_relay(lane, err))
        return false;
    kn_lane_spent(lane, KN_STAGE_RELAY, &mark);
    return true;
}

static bool
run(kn_lane *lane, GError **err)
{
    if (!start(lane, err))
        return false;
    while (!atomic_load(lane->stop)) {
        g_autoptr(GError) why = NULL;

        if (round_once(lane, &why))
            continue;
        /* Offsets gathered but not settled are read again: take forgets nothing that matters. */
        g_ptr_array_set_size(lane->batch, 0);
        if (!on_trouble(lane, &why)) {
            g_propagate_error(err, g_steal_pointer(&why));
            return false;
        }
    }
    kn_consumer_free(lane->consumer);
    lane->consumer = NULL;
    return true;
}

bool
kn_lane_run(kn_lane *lane, GError **err)
{
    bool ok = run(lane, err);

    kn_gauge_state(lane, KN_LANE_ENDED);
    return ok;
}
