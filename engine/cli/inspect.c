/* SPDX-License-Identifier: Apache-2.0 */
/* kouan machine, kouan errors, kouan alarms: the tables that run, printed. */
#include "base/alarm.h"
#include "cli/cli.h"
#include "lane/config.h"

#include <kouan/registry.h>
#include <stdio.h>
#include <string.h>

static const char *const outcomes[] = {
    [KN_OUTCOME_DONE] = "done",
    [KN_OUTCOME_REFUSE] = "refuse",
    [KN_OUTCOME_WAIT] = "wait",
    [KN_OUTCOME_STOP] = "stop",
    [KN_OUTCOME_QUARANTINE] = "quarantine",
    [KN_OUTCOME_PAUSE] = "pause",
    [KN_OUTCOME_EXIT] = "exit",
};

/* With a configuration its modules are there too; without one, what is compiled in. */
static bool
see_modules(const char *command, const char *file, int *exit_code)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(GError) err = NULL;

    if (!file || kn_config_load(file, &config, NULL, &err))
        return true;
    *exit_code = kn_cli_fail(command, err);
    return false;
}

/* handler "" = the engine */
static void
add_error(json_t *list, const kn_error_row *row, const char *handler, const char *wanted, bool json)
{
    if (wanted && strcmp(wanted, row->name) != 0 && strcmp(wanted, row->receipt) != 0)
        return;
    (void)json_array_append_new(list,
                                json_pack("{ss ss ss ss ss ss}", "name", row->name, "outcome",
                                          outcomes[row->outcome], "receipt", row->receipt, "text",
                                          row->text, "english", row->english, "handler", handler));
    if (!json)
        (void)printf("%-22s %-10s %-4s  %s  (%s)\n", row->name, outcomes[row->outcome],
                     row->receipt, row->text, row->english);
}

int
kn_cli_errors(int argc, char **argv)
{
    g_autofree char *config = NULL;
    int exit_code = KN_EXIT_OK;
    bool json;
    const GOptionEntry entries[] = {
        { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "configuration whose modules count too",
          "FILE" },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "[NAME]",
        .what = "Every error: name, what the engine does, receipt code, text for the partner, for "
                "the operator; then the handlers' own.",
        .entries = entries,
        .json = &json,
        .most = 1,
    };
    json_t *list = json_array();

    if (!kn_cli_parse(&syntax, &argc, &argv)) {
        json_decref(list);
        return KN_EXIT_USAGE;
    }
    if (!see_modules("errors", config, &exit_code)) {
        json_decref(list);
        return exit_code;
    }
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++)
        add_error(list, kn_error_row_of(code), "", argc > 1 ? argv[1] : NULL, json);
    for (size_t i = 0; kn_handlers[i]; i++)
        for (const kn_error_row *row = kn_handlers[i]->refusals; row && row->name; row++)
            add_error(list, row, kn_handlers[i]->name, argc > 1 ? argv[1] : NULL, json);
    if (json_array_size(list) == 0) {
        (void)fprintf(stderr, "kouan errors: no error “%s”\n", argv[1]);
        json_decref(list);
        return KN_EXIT_REFUSED;
    }
    if (json)
        kn_cli_print_json(list);
    else
        json_decref(list);
    return KN_EXIT_OK;
}

/* --- alarms ------------------------------------------------------------------------------------------------- */

static void
add_alarm(json_t *list, const kn_alarm_row *row, bool json)
{
    (void)json_array_append_new(list,
                                json_pack("{ss ss ss ss}", "code", row->code, "text", row->text,
                                          "meaning", row->meaning, "action", row->action));
    if (!json)
        (void)printf("%s  %s\n      %s\n      → %s\n", row->code, row->text, row->meaning,
                     row->action);
}

int
kn_cli_alarms(int argc, char **argv)
{
    bool json;
    const kn_cli_syntax syntax = {
        .words = "[CODE…]",
        .what = "Every alarm, or those named: what the line says, what has happened, what to do.",
        .json = &json,
        .most = -1,
    };
    json_t *list = json_array();
    int exit_code = KN_EXIT_OK;

    if (!kn_cli_parse(&syntax, &argc, &argv)) {
        json_decref(list);
        return KN_EXIT_USAGE;
    }
    for (kn_alarm_id i = 0; argc == 1 && i < KN_ALARM_COUNT; i++)
        add_alarm(list, kn_alarm_row_of(i), json);
    for (int i = 1; i < argc; i++) {
        kn_alarm_id id = kn_alarm_by_code(argv[i]);

        if (id < KN_ALARM_COUNT) {
            add_alarm(list, kn_alarm_row_of(id), json);
            continue;
        }
        (void)fprintf(stderr, "kouan alarms: no alarm “%s”\n", argv[i]);
        exit_code = KN_EXIT_REFUSED;
    }
    if (json)
        kn_cli_print_json(list);
    else
        json_decref(list);
    return exit_code;
}

/* --- machines ------------------------------------------------------------------------------------------------ */

static const kn_machine *
machine_named(const char *name)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->machine && strcmp(kn_handlers[i]->machine->name, name) == 0)
            return kn_handlers[i]->machine;
    return NULL;
}

static json_t *
machine_json(const kn_machine *m)
{
    json_t *states = json_array(), *rows = json_array();

    for (const kn_state *s = m->states; s->code; s++)
        (void)json_array_append_new(states, json_pack("{ss ss ss si sb sb}", "code", s->code,
                                                      "name", s->name, "label", s->label,
                                                      "returnStatus", s->status, "final", s->final,
                                                      "initial", s->state == m->initial));
    for (const kn_transition *t = m->rows; t->id; t++)
        (void)json_array_append_new(
            rows, json_pack("{ss ss ss ss ss}", "id", t->id, "from",
                            t->from == KN_ANY_STATE ? "*" : m->states[t->from].code, "on",
                            m->events[t->on].name, "to",
                            t->to == KN_ANY_STATE ? "*" : m->states[t->to].code, "guard",
                            t->guard && t->guard_name ? t->guard_name : ""));
    return json_pack("{ss ss so so}", "name", m->name, "kind", m->kind, "states", states, "rows",
                     rows);
}

static void
list_machines(void)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->machine)
            (void)printf("%s\n", kn_handlers[i]->machine->name);
}

int
kn_cli_machine(int argc, char **argv)
{
    g_autofree char *config = NULL;
    int dot = 0, markdown = 0, exit_code = KN_EXIT_OK;
    bool json;
    const GOptionEntry entries[] = {
        { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "configuration whose modules count too",
          "FILE" },
        { "dot", 0, 0, G_OPTION_ARG_NONE, &dot, "as Graphviz text", NULL },
        { "markdown", 0, 0, G_OPTION_ARG_NONE, &markdown, "as Markdown tables (the default)",
          NULL },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "[NAME]",
        .what = "Prints a state machine; without a name, which there are.",
        .entries = entries,
        .json = &json,
        .most = 1
    };
    g_autofree char *text = NULL;
    const kn_machine *machine;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!see_modules("machine", config, &exit_code))
        return exit_code;
    if (argc < 2) {
        list_machines();
        return KN_EXIT_OK;
    }
    machine = machine_named(argv[1]);
    if (!machine) {
        (void)fprintf(stderr, "kouan machine: no machine “%s”\n", argv[1]);
        return KN_EXIT_REFUSED;
    }
    if (json) {
        kn_cli_print_json(machine_json(machine));
        return KN_EXIT_OK;
    }
    text = dot ? kn_machine_dot(machine) : kn_machine_markdown(machine);
    (void)fputs(text, stdout);
    return KN_EXIT_OK;
}
