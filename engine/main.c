/* SPDX-License-Identifier: Apache-2.0 */
/* kouand: loads and checks everything, runs lanes until SIGTERM or SIGINT.  SIGHUP: the files of the
 * trust set again. */
#include "base/alarm.h"
#include "base/fault.h"
#include "lane/herald.h"
#include "lane/kouand.h"
#include "lane/supervisor.h"

#include <kouan/log.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

static atomic_bool stop, reload;

static void
on_signal(int number)
{
    atomic_store(number == SIGHUP ? &reload : &stop, true);
}

static bool
catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    return sigaction(SIGTERM, &action, NULL) == 0 && sigaction(SIGINT, &action, NULL) == 0
           && sigaction(SIGHUP, &action, NULL) == 0;
}

static int
serve(const kn_engine *engine, const char *stats)
{
    g_autoptr(GError) err = NULL;

    if (kn_supervisor_run(engine, &stop, &reload, stats, &err)) {
        kn_info("stopped cleanly", KN_STR("instance", engine->config->instance));
        return EX_OK;
    }
    kn_alarm(KN_ALARM_STOPPED, KN_STR("error", kn_error_row_of(kn_error_code(err))->name),
             KN_STR("why", err->message));
    /* Servers that stay away while a process starts pass, too: whoever watches us starts it again. */
    return kn_error_outcome(err) == KN_OUTCOME_PAUSE ? EX_TEMPFAIL : EX_SOFTWARE;
}

static int
run(const char *config, const char *stats)
{
    g_autoptr(kn_engine) engine = NULL;
    kn_herald *herald;
    g_autoptr(GError) err = NULL;
    int end;

    if (!kn_engine_load(config, true, &engine, &err)) {
        kn_alarm(KN_ALARM_NOT_STARTED, KN_STR("why", err->message));
        return EX_CONFIG;
    }
    kn_log_init((kn_level)engine->config->log_level, engine->config->log_json);
    kn_info("started", KN_STR("instance", engine->config->instance),
            KN_INT("lanes", engine->config->lanes), KN_STR("brokers", engine->config->brokers));
    herald = kn_herald_start(engine);
    end = serve(engine, stats);
    kn_herald_free(herald);
    return end;
}

static char *
ends_text(void)
{
    GString *text = g_string_new("Exit codes:\n");

    for (const kn_kouand_end *end = kn_kouand_ends; end->what; end++)
        g_string_append_printf(text, "  %-3d %s\n", end->exit, end->what);
    return g_string_free(text, FALSE);
}

int
main(int argc, char **argv)
{
    kn_kouand_words words = { 0 };
    GOptionEntry entries[KN_KOUAND_ENTRIES];
    g_autoptr(GOptionContext) context = g_option_context_new(
        "— the engine behind a trade single window");
    g_autofree char *ends = ends_text(), *config = NULL, *stats = NULL;
    g_autoptr(GError) err = NULL;
    bool good;

    kn_kouand_entries(&words, entries);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, ends);
    good = g_option_context_parse(context, &argc, &argv, &err);
    config = words.config;
    stats = words.stats;
    if (!good) {
        (void)fprintf(stderr, "kouand: %s\n", err->message);
        return EX_USAGE;
    }
    if (words.version) {
        (void)printf("kouand %s\n", KOUAN_VERSION);
        return EX_OK;
    }
    if (!kn_fault_init() || !catch_signals())
        return EX_USAGE;
    return run(config ? config : "config/kouan.ini", stats);
}
