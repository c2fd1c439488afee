/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/supervisor.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "lane/keeper.h"
#include "lane/lane.h"
#include "lane/watch.h"

#include <kouan/log.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define WATCH_MS 200
#define CHECK_TRIES 100

typedef struct worker {
    GThread *thread;
    kn_lane *lane;
    atomic_bool *stop;
    atomic_bool done;
    GError *err;
} worker;

static void *
run(void *arg)
{
    worker *w = arg;

    if (!kn_lane_run(w->lane, &w->err))
        atomic_store(w->stop, true); /* one stopped lane stops the process: a person must look */
    atomic_store(&w->done, true);
    return NULL;
}

/* The broker may still be starting: passing trouble is waited out, wrong topics are not. */
static bool
check_world(const kn_engine *engine, atomic_bool *stop, GError **err)
{
    g_autoptr(GArray) topics = kn_engine_topics(engine);

    for (int i = 0; i < CHECK_TRIES && !atomic_load(stop); i++) {
        g_clear_error(err);
        if (kn_topics_check(&engine->bus, (kn_topic_spec *)(void *)topics->data, topics->len, err))
            return true;
        if (kn_error_outcome(*err) != KN_OUTCOME_PAUSE)
            return false;
        (void)usleep(WATCH_MS * 1000);
    }
    return *err == NULL;
}

static void
write_stats(const worker *workers, size_t n, const char *file)
{
    json_t *object = json_object();
    json_t *lanes = json_array();
    struct rusage usage;
    g_autofree char *line = NULL;
    char *text;

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(lanes, kn_lane_stats_json(workers[i].lane));
    (void)json_object_set_new(object, "lanes", lanes);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        (void)json_object_set_new(
            object, "user_us",
            json_integer(usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec));
        (void)json_object_set_new(
            object, "system_us",
            json_integer(usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec));
        (void)json_object_set_new(object, "max_rss_kb", json_integer(usage.ru_maxrss));
    }
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    line = g_strconcat(text ? text : "{}", "\n", NULL);
    free(text); /* allow: jansson allocated it */
    (void)g_file_set_contents_full(file, line, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL);
}

static void
watch(const kn_engine *engine, const worker *workers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!atomic_load(&workers[i].done)
            && kn_lane_silence_us(workers[i].lane) > engine->config->watchdog_ms * 1000) {
            kn_alarm(KN_ALARM_LANE_SILENT, KN_INT("lane", i),
                     KN_INT("ms", kn_lane_silence_us(workers[i].lane) / 1000));
            _exit(EX_TEMPFAIL);
        }
}

static bool
all_done(const worker *workers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!atomic_load(&workers[i].done))
            return false;
    return true;
}

/* Until every lane has come back. */
static void
go_on(const kn_engine *engine, worker *workers, size_t n, kn_watch *seen, const char *stats_file)
{
    int rounds = 0;

    while (!all_done(workers, n)) {
        (void)usleep(WATCH_MS * 1000);
        watch(engine, workers, n);
        kn_watch_notify(seen);
        if (stats_file && ++rounds % 5 == 0)
            write_stats(workers, n, stats_file);
    }
    for (size_t i = 0; i < n; i++)
        (void)g_thread_join(workers[i].thread);
    if (stats_file)
        write_stats(workers, n, stats_file);
}

static bool
run_lanes(const kn_engine *engine, worker *workers, size_t n, kn_watch *seen, atomic_bool *reload,
          const char *stats_file, GError **err)
{
    kn_keeper *keeper = NULL;
    bool ok = true;

    if (!check_world(engine, workers[0].stop, err)
        || !kn_keeper_start(engine, reload, workers[0].stop, &keeper, err))
        return false;
    for (size_t i = 0; i < n; i++)
        workers[i].thread = g_thread_new("lane", run, &workers[i]);
    go_on(engine, workers, n, seen, stats_file);
    kn_keeper_free(keeper);
    for (size_t i = 0; i < n; i++) {
        if (workers[i].err && ok) {
            ok = false;
            g_propagate_error(err, g_steal_pointer(&workers[i].err));
        }
        g_clear_error(&workers[i].err);
    }
    return ok;
}

bool
kn_supervisor_run(const kn_engine *engine, atomic_bool *stop, atomic_bool *reload,
                  const char *stats_file, GError **err)
{
    size_t n = (size_t)engine->config->lanes;
    g_autofree worker *workers = g_new0(worker, n);
    g_autofree kn_lane **lanes = g_new0(kn_lane *, n);
    kn_watch *seen = NULL;
    bool ok;

    for (size_t i = 0; i < n; i++) {
        lanes[i] = kn_lane_new(engine, (int)i, stop);
        workers[i].lane = lanes[i];
        workers[i].stop = stop;
    }
    ok = kn_watch_start(engine, lanes, n, &seen, err)
         && run_lanes(engine, workers, n, seen, reload, stats_file, err);
    kn_watch_free(seen);
    for (size_t i = 0; i < n; i++)
        kn_lane_free(lanes[i]);
    return ok;
}
