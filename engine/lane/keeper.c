/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/keeper.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "lane/reload.h"
#include "lane/rollout.h"
#include "lane/seal.h"
#include "lane/ticker.h"
#include "store/archived.h"

#include <kouan/log.h>
#include <string.h>
#include <unistd.h>

#define ROUND_MS 200
#define START_TRIES 150
#define AGAIN_US 2000000LL
/* A switch reaches a partition when its backlog is through; another is appended only where that takes
 * long, or where whoever should have appended it has died.  Twice as late each time. */
#define BEHIND_FIRST_US 30000000LL
#define BEHIND_MAX_US 600000000LL
#define SEAL_FIRST_US 60000000LL
#define COUNT_EVERY_US 5000000LL
#define WARN_EVERY_US 3600000000LL

struct kn_keeper {
    const kn_engine *engine;
    atomic_bool *reload;
    const atomic_bool *stop;
    atomic_bool ending;
    GThread *thread;
    char *name;
    kn_store *store;
    kn_producer *producer; /* made when there is something to append */
    kn_store_trust newest; /* of the database, as last seen */
    bool announce_all;     /* every partition is to get a switch to newest */
    int64_t again_us;      /* after trouble: not before then */
    int64_t behind_us, behind_wait_us, warn_us;
    int64_t seal_us;  /* next look at the heads of the chain */
    int64_t count_us; /* next count of what is parked */
    kn_ticker *ticker;
    GHashTable *said; /* warnings of this day */
    unsigned hours;
};

/* What was said within a day is not said again. */
static void
say_warning(kn_keeper *k, const char *what)
{
    if (g_hash_table_add(k->said, g_strdup(what)))
        kn_warn("partner entry needs attention", KN_STR("what", what));
}

static void
say_warnings(kn_keeper *k, const kn_trust_set *set)
{
    g_auto(GStrv) lines = kn_partners_warnings(set->partners, kn_clock_wall_ms());

    for (size_t i = 0; lines[i]; i++)
        say_warning(k, lines[i]);
    for (unsigned i = 0; set->hints && i < set->hints->len; i++)
        say_warning(k, g_ptr_array_index(set->hints, i));
}

static void
say_refused(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i]; i++)
        if (*lines[i])
            kn_alarm(KN_ALARM_TRUST_REFUSED, KN_STR("why", lines[i]));
}

static void
say_version(kn_rollout_found found, const kn_trust_set *set)
{
    if (found == KN_ROLLOUT_MADE)
        kn_info("trust set made", KN_INT("version", set->version));
    else
        kn_info("trust set is the newest already", KN_INT("version", set->version));
}

/* --- start --------------------------------------------------------------------------------------- */

/* The newest of the database is what this process begins with, whatever its files say. */
static bool
begin_with_newest(kn_keeper *k, GError **err)
{
    g_autoptr(kn_trust_set) set = NULL;

    return kn_trust_book_get(k->engine->book, k->store, k->newest.version, NULL, &set, err);
}

static bool
find_beginning(kn_keeper *k, GError **err)
{
    g_autoptr(GError) why = NULL;
    kn_trust_set *set = k->engine->set;
    kn_rollout_found found = KN_ROLLOUT_SAME;

    if (!kn_rollout_version(k->engine, k->store, set, false, k->name, &found, &k->newest, &why)) {
        if (kn_error_code(why) != KN_E_CONFIG || k->newest.version == 0) {
            g_propagate_error(err, g_steal_pointer(&why));
            return false;
        }
        say_refused(why->message);
        return begin_with_newest(k, err);
    }
    if (found == KN_ROLLOUT_OLD) {
        kn_alarm(KN_ALARM_TRUST_OLD, KN_INT("in_force", k->newest.version));
        return begin_with_newest(k, err);
    }
    kn_trust_book_put(k->engine->book, set);
    say_version(found, set);
    /* Positions that hold an older one are told; a first start has none. */
    k->behind_us = kn_clock_steady_us();
    k->behind_wait_us = BEHIND_FIRST_US;
    return true;
}

static bool
start(kn_keeper *k, GError **err)
{
    for (int i = 0; i < START_TRIES && !atomic_load(k->stop); i++) {
        g_clear_error(err);
        if (k->store ? kn_store_reopen(k->store, err)
                     : kn_store_open(k->engine->config->conninfo, &k->store, err))
            if (find_beginning(k, err))
                return true;
        if (kn_error_outcome(*err) != KN_OUTCOME_PAUSE)
            return false;
        (void)usleep(ROUND_MS * 1000);
    }
    return *err == NULL;
}

/* --- rounds -------------------------------------------------------------------------------------- */

/* false: trouble that passes; tried again soon. */
static bool
later(kn_keeper *k, const char *what, const GError *why)
{
    kn_warn("trust keeper tries again", KN_STR("what", what), KN_STR("why", why->message));
    k->again_us = kn_clock_steady_us() + AGAIN_US;
    if (kn_error_code(why) == KN_E_STORE_DOWN) {
        g_autoptr(GError) ignored = NULL; /* told by the next round */

        (void)kn_store_reopen(k->store, &ignored);
    }
    return false;
}

static bool
announce(kn_keeper *k, const GArray *parts)
{
    g_autoptr(GError) why = NULL;

    if (!k->producer && !kn_producer_new(&k->engine->bus, NULL, &k->producer, &why))
        return later(k, "producer", why);
    if (!kn_rollout_announce(k->engine, k->producer, &k->newest, parts, &why))
        return later(k, "switch", why);
    kn_info("switch of trust sets appended", KN_INT("version", k->newest.version),
            KN_INT("partitions", parts->len));
    return true;
}

static bool
reload(kn_keeper *k)
{
    g_autoptr(kn_trust_set) set = NULL;
    g_autoptr(GError) why = NULL;
    kn_rollout_found found;

    if (!kn_reload_read(k->engine, &set, &why)) {
        say_refused(why->message);
        return true;
    }
    if (!kn_rollout_version(k->engine, k->store, set, true, k->name, &found, &k->newest, &why)) {
        if (kn_error_code(why) != KN_E_CONFIG)
            return later(k, "reload", why);
        say_refused(why->message);
        return true;
    }
    kn_trust_book_put(k->engine->book, set);
    say_version(found, set);
    g_hash_table_remove_all(k->said);
    say_warnings(k, set);
    k->announce_all = k->announce_all || found == KN_ROLLOUT_MADE;
    k->behind_us = kn_clock_steady_us(); /* somebody may have died over this version */
    k->behind_wait_us = BEHIND_FIRST_US;
    return true;
}

static bool
tell_all(kn_keeper *k)
{
    g_autoptr(GArray) all = kn_rollout_all(k->engine);

    if (!announce(k, all))
        return false;
    k->announce_all = false;
    k->behind_us = kn_clock_steady_us() + k->behind_wait_us;
    return true;
}

/* Another process may have made a version and died before its switches were appended. */
static bool
tell_behind(kn_keeper *k)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, TRUE, sizeof(kn_store_behind));
    g_autoptr(GError) why = NULL;

    if (!kn_store_trust_newest(k->store, &k->newest, &why)
        || !kn_store_trust_behind(k->store, k->newest.version, parts, &why))
        return later(k, "look", why);
    if (parts->len > 0 && !announce(k, parts))
        return false;
    k->behind_us = kn_clock_steady_us() + k->behind_wait_us;
    k->behind_wait_us = parts->len > 0 ? MIN(2 * k->behind_wait_us, BEHIND_MAX_US)
                                       : BEHIND_FIRST_US;
    return true;
}

/* Every process looks; whoever comes first within the period makes the seal. */
static bool
seal_heads(kn_keeper *k)
{
    int64_t period_ms = k->engine->config->seal_minutes * 60000;
    g_autoptr(GError) why = NULL;
    int number = 0;

    if (!kn_seal_make(k->engine, k->store, period_ms, &number, &why))
        return later(k, "seal", why);
    if (number > 0)
        kn_info("heads of the chain sealed", KN_INT("number", number));
    if (!k->producer && !kn_producer_new(&k->engine->bus, NULL, &k->producer, &why))
        return later(k, "producer", why);
    if (!kn_seal_publish(k->engine, k->store, k->producer, &why))
        return later(k, "seal", why);
    k->seal_us = kn_clock_steady_us() + MIN(period_ms * 1000 / 4, 60000000LL);
    return true;
}

static bool
tick(kn_keeper *k)
{
    g_autoptr(GError) why = NULL;

    return kn_ticker_look(k->ticker, k->store, &k->producer, &why) || later(k, "timers", why);
}

static bool
count_parked(kn_keeper *k)
{
    g_autoptr(GError) why = NULL;
    int64_t n = 0;

    if (!kn_store_parked_count(k->store, &n, &why))
        return later(k, "parked", why);
    kn_cell_set(kn_metrics_cell(k->engine->metrics, KN_METRIC_PARKED, NULL), n);
    k->count_us = kn_clock_steady_us() + COUNT_EVERY_US;
    return true;
}

static void
warn_hourly(kn_keeper *k)
{
    g_autoptr(kn_trust_set) set = kn_trust_book_newest(k->engine->book);

    k->warn_us = kn_clock_steady_us() + WARN_EVERY_US;
    if (++k->hours % 24 == 0)
        g_hash_table_remove_all(k->said);
    if (set)
        say_warnings(k, set);
}

static void
go_round(kn_keeper *k)
{
    int64_t now = kn_clock_steady_us();

    if (now >= k->warn_us)
        warn_hourly(k);
    if (now < k->again_us)
        return;
    if (atomic_exchange(k->reload, false) && !reload(k)) {
        atomic_store(k->reload, true);
        return;
    }
    if (k->engine->config->seal_minutes > 0 && now >= k->seal_us)
        (void)seal_heads(k);
    if (kn_ticker_due(k->ticker))
        (void)tick(k);
    if (now >= k->count_us)
        (void)count_parked(k);
    if (k->announce_all)
        (void)tell_all(k);
    else if (now >= k->behind_us)
        (void)tell_behind(k);
}

static void *
run(void *arg)
{
    kn_keeper *k = arg;

    while (!atomic_load(&k->ending) && !atomic_load(k->stop)) {
        go_round(k);
        (void)usleep(ROUND_MS * 1000);
    }
    return NULL;
}

bool
kn_keeper_start(const kn_engine *engine, atomic_bool *reload_flag, const atomic_bool *stop,
                kn_keeper **out, GError **err)
{
    kn_keeper *k = g_new0(kn_keeper, 1);

    k->engine = engine;
    k->reload = reload_flag;
    k->stop = stop;
    k->behind_wait_us = BEHIND_FIRST_US;
    k->ticker = kn_ticker_new(engine);
    k->seal_us = kn_clock_steady_us() + SEAL_FIRST_US;
    k->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    k->name = g_strdup_printf("%s/%d", engine->config->instance, (int)getpid());
    if (!start(k, err)) {
        kn_keeper_free(k);
        return false;
    }
    k->thread = g_thread_new("trust", run, k);
    *out = k;
    return true;
}

void
kn_keeper_free(kn_keeper *k)
{
    if (!k)
        return;
    atomic_store(&k->ending, true);
    if (k->thread)
        (void)g_thread_join(k->thread);
    kn_ticker_free(k->ticker);
    kn_producer_free(k->producer);
    kn_store_close(k->store);
    g_hash_table_unref(k->said);
    g_free(k->name);
    g_free(k);
}
