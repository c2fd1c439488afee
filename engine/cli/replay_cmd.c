/* SPDX-License-Identifier: Apache-2.0 */
/* kouan replay: the archive executed once more, and what came out differently; with another handler or schema
 * on trial. */
#include "cli/cli.h"
#include "cli/trial.h"
#include "evidence/replay.h"
#include "evidence/signed.h"

#include <kouan/log.h>
#include <stdio.h>
#include <unistd.h>

typedef struct request {
    const char *config;
    char **with;
    int diff, fail_on_diff;
} request;

static void
show_progress(int64_t done, int64_t all)
{
    (void)fprintf(stderr, "\r%" G_GINT64_FORMAT " of about %" G_GINT64_FORMAT " messages ", done,
                  all);
    (void)fflush(stderr);
}

static bool
run(const request *r, json_t **out, GError **err)
{
    g_autoptr(kn_trial) trial = NULL;
    g_autoptr(kn_engine) engine = NULL;
    g_auto(kn_replay_report) report = { 0 };
    g_autofree char *sql = NULL;
    kn_replay_plan plan = { .progress = isatty(STDERR_FILENO) ? show_progress : NULL };

    if (!kn_signed_setup(err) || !kn_trial_make(r->config, r->with, &trial, err)
        || !kn_engine_load(kn_trial_config(trial), true, &engine, err))
        return false;
    sql = kn_config_path(engine->config, engine->config->sql);
    plan.engine = engine;
    plan.conninfo = engine->config->conninfo;
    plan.sql = sql;
    kn_log_init(KN_SILENT, false); /* alarms of then are no alarms of today */
    if (!kn_replay(&plan, &report, err))
        return false;
    if (plan.progress)
        (void)fputc('\n', stderr);
    *out = json_pack("{sI sI sI sI sI sI sO sO sO}", "messages", (json_int_t)report.messages,
                     "outputs", (json_int_t)report.outputs, "history", (json_int_t)report.history,
                     "differ", (json_int_t)report.differ, "recordsDiffer",
                     (json_int_t)report.records_differ, "unordered", (json_int_t)report.unordered,
                     "groups", report.groups, "examples", report.examples, "records",
                     report.records);
    return true;
}

static json_int_t
number(const json_t *out, const char *name)
{
    return json_integer_value(json_object_get(out, name));
}

static void
print(const json_t *out)
{
    const json_t *examples = json_object_get(out, "examples"),
                 *records = json_object_get(out, "records");
    const char *group;
    json_t *n;

    (void)printf("%" JSON_INTEGER_FORMAT " messages executed again, with %" JSON_INTEGER_FORMAT
                 " changes of documents and %" JSON_INTEGER_FORMAT " outputs: %" JSON_INTEGER_FORMAT
                 " messages and %" JSON_INTEGER_FORMAT " documents differ\n",
                 number(out, "messages"), number(out, "history"), number(out, "outputs"),
                 number(out, "differ"), number(out, "recordsDiffer"));
    if (number(out, "unordered") > 0)
        (void)printf("the order of %" JSON_INTEGER_FORMAT
                     " is a guess: what they had read then did not come about\n",
                     number(out, "unordered"));
    json_object_foreach ((json_t *)(uintptr_t)json_object_get(out, "groups"), group, n)
        (void)printf("%8" JSON_INTEGER_FORMAT "  %s\n", json_integer_value(n), group);
    for (size_t i = 0; i < json_array_size(examples); i++) {
        const json_t *e = json_array_get(examples, i);

        (void)printf("    %s/%" JSON_INTEGER_FORMAT " offset %" JSON_INTEGER_FORMAT "  %s %s: %s\n",
                     json_string_value(json_object_get(e, "topic")), number(e, "partition"),
                     number(e, "offset"), json_string_value(json_object_get(e, "type")),
                     json_string_value(json_object_get(e, "guid")),
                     json_string_value(json_object_get(e, "what")));
    }
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *e = json_array_get(records, i);

        (void)printf("    %s %s: %s\n", json_string_value(json_object_get(e, "kind")),
                     json_string_value(json_object_get(e, "key")),
                     json_string_value(json_object_get(e, "what")));
    }
}

int
kn_cli_replay(int argc, char **argv)
{
    request r = { 0 };
    bool json, same, ok;
    const GOptionEntry entries[] = {
        { "with", 'w', 0, G_OPTION_ARG_FILENAME_ARRAY, &r.with,
          "NEW.so instead of the handler of that name, NEW.xsd instead of the schema of that name; "
          "may be repeated",
          "FILE" },
        { "fail-on-diff", 0, 0, G_OPTION_ARG_NONE, &r.fail_on_diff,
          "exit 1 for differences with --with, too", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const kn_cli_syntax syntax = {
        .words = "",
        .what =
            "Executes every message of the archive once more, by the engine's own code, into a "
            "scratch schema\n"
            "beside its tables, and compares verdicts, changes and outputs with what was settled "
            "(signatures aside).\n"
            "Without --with: exit 1 when anything differs. With it: what a new handler or schema "
            "would have done.\n"
            "The engine's tables are only read; it may go on meanwhile. The schema is dropped at "
            "the end.",
        .entries = entries,
        .config = &r.config,
        .json = &json,
    };
    g_autoptr(GError) err = NULL;
    json_t *out = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    ok = run(&r, &out, &err);
    if (!ok) {
        g_strfreev(r.with);
        return kn_cli_fail("replay", err);
    }
    same = number(out, "differ") == 0 && number(out, "recordsDiffer") == 0
           && number(out, "unordered") == 0;
    ok = same || (r.with && !r.fail_on_diff);
    if (json) {
        kn_cli_print_json(out);
    } else {
        print(out);
        json_decref(out);
    }
    g_strfreev(r.with);
    return ok ? KN_EXIT_OK : KN_EXIT_REFUSED;
}
