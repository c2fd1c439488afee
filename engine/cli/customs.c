/* SPDX-License-Identifier: Apache-2.0 */
/* kouan customs: stands in for the customs intranet.  Answers and the group's offsets go out in one
 * Kafka transaction; an offset moves when all answers to what lies below it are sent. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/customs_desk.h"

#include <kouan/log.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define GATHER_MAX 500
#define TROUBLE_MAX 20

static atomic_bool stop;

static void
on_signal(int number)
{
    (void)number;
    atomic_store(&stop, true);
}

typedef struct office {
    kn_engine *engine;
    kn_make *make;
    kn_customs_plan plan;
    kn_desk *desk;
    kn_consumer *consumer;
    kn_producer *producer;
    rd_kafka_consumer_group_metadata_t *generation;
    char *group;
    bool assigned;
    int64_t busy_us; /* when something last happened */
} office;

static void
office_clear(office *o)
{
    kn_consumer_free(o->consumer);
    kn_producer_free(o->producer);
    if (o->generation)
        rd_kafka_consumer_group_metadata_destroy(o->generation);
    kn_desk_free(o->desk);
    kn_make_free(o->make);
    kn_engine_free(o->engine);
    json_decref(o->plan.script);
    g_free(o->group);
}

/* --- partitions --------------------------------------------------------------------------------------------- */

static bool
on_assign(void *arg, kn_consumer *consumer, kn_bus_part *parts, size_t n, GError **err)
{
    office *o = arg;

    kn_desk_reset(o->desk);
    if (n > 0 && !kn_consumer_committed(consumer, parts, n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!kn_consumer_watermarks(consumer, &parts[i], err))
            return false;
        parts[i].offset = MAX(parts[i].committed, parts[i].low);
    }
    if (o->generation)
        rd_kafka_consumer_group_metadata_destroy(o->generation);
    o->generation = kn_consumer_generation(consumer);
    o->assigned = n > 0;
    o->busy_us = kn_clock_steady_us();
    return true;
}

static void
on_revoke(void *arg, const kn_bus_part *parts, size_t n)
{
    office *o = arg;

    (void)parts;
    (void)n;
    kn_desk_reset(o->desk);
    o->assigned = false;
}

/* --- the round ------------------------------------------------------------------------------------------------ */

static bool
gather(office *o, GError **err)
{
    for (int i = 0; i < GATHER_MAX; i++) {
        kn_bus_record record;

        if (!kn_consumer_poll(o->consumer, i == 0 ? 20 : 0, &record, err))
            return false;
        if (!record.raw)
            return true;
        kn_desk_take(o->desk, &record);
        kn_bus_record_clear(&record);
        o->busy_us = kn_clock_steady_us();
    }
    return true;
}

static bool
transaction(office *o, const kn_bus_part *parts, size_t n, GError **err)
{
    bool slow = false;

    return (n == 0 || kn_producer_offsets(o->producer, parts, n, o->generation, err))
           && kn_producer_commit(o->producer, &slow, err);
}

static bool
answer(office *o, GError **err)
{
    const kn_bus_part *parts;
    unsigned sent = 0;
    size_t n = 0;

    if (!o->assigned || !kn_desk_ready(o->desk, kn_clock_wall_ms()))
        return true;
    if (!kn_producer_begin(o->producer, err)
        || !kn_desk_send(o->desk, o->producer, kn_clock_wall_ms(), &sent, err))
        return false;
    parts = kn_desk_offsets(o->desk, &n);
    if (!transaction(o, parts, n, err))
        return false;
    kn_desk_done(o->desk);
    o->busy_us = kn_clock_steady_us();
    return true;
}

/* Broker trouble passes; what was due stays due. */
static bool
overcome(office *o, int *trouble, GError **err)
{
    g_autoptr(GError) why = NULL;

    if (kn_error_code(*err) != KN_E_BUS_DOWN || ++*trouble > TROUBLE_MAX)
        return false;
    kn_warn("broker trouble, will be tried again", KN_STR("why", (*err)->message));
    g_clear_error(err);
    if (kn_producer_abort(o->producer, &why))
        return true;
    g_clear_error(&why);
    return kn_producer_recycle(o->producer, err);
}

static bool
serve(office *o, int64_t until_idle_ms, GError **err)
{
    int trouble = 0;

    while (!atomic_load(&stop)) {
        if (gather(o, err) && answer(o, err)) {
            trouble = 0;
        } else if (!overcome(o, &trouble, err)) {
            return false;
        }
        if (until_idle_ms > 0 && o->assigned && kn_desk_empty(o->desk)
            && kn_clock_steady_us() - o->busy_us > until_idle_ms * 1000)
            return true;
    }
    return true;
}

/* --- start ------------------------------------------------------------------------------------------------------ */

static bool
open_office(office *o, const char *config, const char *pki, GError **err)
{
    g_autofree char *folder = NULL, *txn_id = NULL;
    kn_bus_conf bus;
    kn_consumer_events events = { .arg = o, .assign = on_assign, .revoke = on_revoke };

    if (!kn_engine_load(config, false, &o->engine, err))
        return false;
    folder = pki ? g_strdup(pki) : g_strdup(o->engine->config->folder);
    if (!kn_make_open(folder, &o->make, err)
        || !kn_desk_new(o->engine, o->make, &o->plan, &o->desk, err))
        return false;
    bus = o->engine->bus;
    if (!o->group)
        o->group = g_strconcat(o->engine->config->prefix, ".customs-simulator", NULL);
    bus.group = o->group;
    bus.client_id = "customs-simulator";
    txn_id = g_strconcat(o->group, ".answers", NULL);
    {
        const char *const topics[] = { o->engine->config->customs_topic };

        return kn_producer_new(&bus, txn_id, &o->producer, err)
               && kn_consumer_new(&bus, topics, 1, &events, &o->consumer, err);
    }
}

static void
report(const office *o, bool json)
{
    const kn_desk_figures *f = o->desk ? kn_desk_read(o->desk) : &(kn_desk_figures){ 0 };

    if (json)
        kn_cli_print_json(json_pack("{sI sI sI sI}", "requests", (json_int_t)f->requests, "repeats",
                                    (json_int_t)f->repeats, "refused", (json_int_t)f->refused,
                                    "answers", (json_int_t)f->answers));
    else
        (void)printf("%" G_GINT64_FORMAT " requests, %" G_GINT64_FORMAT
                     " repeats, %" G_GINT64_FORMAT " refused, %" G_GINT64_FORMAT " answers\n",
                     f->requests, f->repeats, f->refused, f->answers);
}

static bool
prepare_plan(kn_customs_plan *plan, const char *script, const char *life, GError **err)
{
    if (life && strcmp(life, "full") != 0)
        return kn_fail(err, KN_E_USAGE, "--life: full");
    plan->life = life != NULL;
    return (!script || kn_customs_script(script, &plan->script, err))
           && kn_customs_plan_check(plan, err);
}

static const char more[] = "A script is a JSON array of steps {\"ack\": \"accepted\"|\"refused\"} "
                           "or {\"code\": \"10\"}, each with\n"
                           "\"text\" and \"delay_ms\" if wanted, or an array of such arrays, one "
                           "of which is taken by the guid.\n"
                           "Nothing is random: the guid of a request decides what is doubled, "
                           "early, and which life it has.\n";

int
kn_cli_customs(int argc, char **argv)
{
    g_autofree char *pki = NULL, *behave = NULL, *script = NULL, *life = NULL;
    office o = { 0 };
    const char *config;
    bool json, ok;
    int delay = 0, until_idle = 0;
    const GOptionEntry entries[] = {
        { "pki", 'p', 0, G_OPTION_ARG_FILENAME, &pki,
          "folder of pki.json (that of the configuration)", "DIR" },
        { "behave", 'b', 0, G_OPTION_ARG_STRING, &behave,
          "answers, when there is no --script (approve)", "approve|return|refuse|script" },
        { "script", 0, 0, G_OPTION_ARG_FILENAME, &script, "answers of --behave script", "FILE" },
        { "delay-ms", 0, 0, G_OPTION_ARG_INT, &delay, "before each answer (0)", "MS" },
        { "double-percent", 0, 0, G_OPTION_ARG_INT, &o.plan.double_percent, "answers sent twice",
          "N" },
        { "early-percent", 0, 0, G_OPTION_ARG_INT, &o.plan.early_percent,
          "answers sent before their acknowledgement", "N" },
        { "life", 0, 0, G_OPTION_ARG_STRING, &life, "full: 40, 41, 42, 43, 50 follow an approval",
          "full" },
        { "until-idle", 0, 0, G_OPTION_ARG_INT, &until_idle,
          "end when nothing happened for so long", "MS" },
        { "group", 0, 0, G_OPTION_ARG_STRING, &o.group,
          "consumer group (<prefix>.customs-simulator)", "NAME" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "",
        .what = "Plays the customs intranet until SIGTERM: takes what the engine sends, answers.",
        .more = more,
        .entries = entries,
        .config = &config,
        .json = &json
    };
    struct sigaction action = { .sa_handler = on_signal };
    g_autoptr(GError) err = NULL;
    int code = KN_EXIT_OK;

    if (!kn_cli_parse(&syntax, &argc, &argv) || sigaction(SIGTERM, &action, NULL) != 0
        || sigaction(SIGINT, &action, NULL) != 0)
        return KN_EXIT_USAGE;
    o.plan.delay_ms = delay;
    o.plan.behave = behave ? behave : script ? "script" : "approve";
    ok = prepare_plan(&o.plan, script, life, &err) && open_office(&o, config, pki, &err)
         && serve(&o, until_idle, &err);
    report(&o, json);
    if (!ok)
        code = kn_cli_fail("customs", err);
    office_clear(&o);
    return code;
}
