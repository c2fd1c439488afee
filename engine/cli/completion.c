/* SPDX-License-Identifier: Apache-2.0 */
/* kouan completion: a script for the shell, printed from the table of commands and their syntaxes, so that
 * it offers what the tool takes and nothing else. */
#include "base/alarm.h"
#include "base/alg.h"
#include "cli/cli.h"
#include "cli/make.h"

#include <kouan/registry.h>
#include <stdio.h>
#include <string.h>

/* What stands before and behind the rows.  In them, prev is the option whose value is wanted, and what
 * to offer is "file", "dir", "word" (nothing is known) or "list" with the list. */
static const char head[] =
    "# bash completion of kouan(1), printed by: kouan completion bash\n"
    "_kouan()\n{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local offer='' list='' options='' words='' files=''\n\n"
    "    COMPREPLY=()\n"
    "    # --option=value comes as three words\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    if ((COMP_CWORD < 2)); then\n";
static const char tail[] =
    "    *) return ;;\n"
    "    esac\n"
    "    if [[ -z $offer && $cur == -* ]]; then\n"
    "        offer=list list=$options\n"
    "    elif [[ -z $offer ]]; then\n"
    "        offer=list$files list=$words\n"
    "    fi\n"
    "    if [[ $offer == *list* ]]; then mapfile -t COMPREPLY < <(compgen -W \"$list\" -- "
    "\"$cur\"); fi\n"
    "    if [[ $offer == *file ]]; then mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "
    "\"$cur\"); fi\n"
    "    if [[ $offer == dir ]]; then mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); fi\n"
    "    if [[ $offer == *file || $offer == dir ]]; then compopt -o filenames 2>/dev/null; fi\n"
    "}\n"
    "complete -F _kouan kouan\n";

/* --- values that other tables know ---------------------------------------------------------------------- */

static void
add(GString *list, const char *word)
{
    g_string_append_printf(list, "%s%s", list->len > 0 ? " " : "", word);
}

static void
add_algorithms(GString *list)
{
    for (int alg = KN_ALG_NONE + 1; alg < KN_ALG_COUNT; alg++)
        add(list, kn_alg_row_of((kn_alg)alg)->name);
}

static void
add_types(GString *list)
{
    for (const kn_make_template *t = kn_make_templates; t->type; t++)
        add(list, t->type);
}

static void
add_machines(GString *list)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->machine)
            add(list, kn_handlers[i]->machine->name);
}

static void
add_errors(GString *list)
{
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++)
        add(list, kn_error_row_of(code)->name);
}

static void
add_alarms(GString *list)
{
    for (kn_alarm_id i = 0; i < KN_ALARM_COUNT; i++)
        add(list, kn_alarm_row_of(i)->code);
}

/* option NULL: the command's words. */
static const struct {
    const char *command, *option;
    void (*add)(GString *list);
} values[] = {
    { "sign", "dialect", add_algorithms }, { "sign", "algorithm", add_algorithms },
    { "make", "type", add_types },         { "machine", NULL, add_machines },
    { "errors", NULL, add_errors },        { "alarms", NULL, add_alarms },
};

static void
add_values(const char *command, const char *option, GString *list)
{
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        if (strcmp(values[i].command, command) == 0 && g_strcmp0(values[i].option, option) == 0)
            values[i].add(list);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static void
print_value(const char *command, const GOptionEntry *e)
{
    g_autoptr(GString) list = g_string_new(NULL);

    if (e->arg_description && g_ascii_islower(*e->arg_description)) {
        g_auto(GStrv) choices = g_strsplit(e->arg_description, "|", -1);

        for (char **choice = choices; *choice; choice++)
            add(list, *choice);
    }
    add_values(command, e->long_name, list);
    (void)printf("        ");
    if (e->short_name)
        (void)printf("-%c | ", e->short_name);
    (void)printf("--%s) offer=", e->long_name);
    if (list->len > 0)
        (void)printf("list list='%s' ;;\n", list->str);
    else if (e->arg == G_OPTION_ARG_FILENAME || e->arg == G_OPTION_ARG_FILENAME_ARRAY)
        (void)printf("'%s' ;;\n", g_strcmp0(e->arg_description, "DIR") == 0 ? "dir" : "file");
    else
        (void)printf("word ;;\n");
}

static void
print_command(const kn_cli_command *command, const kn_cli_syntax *syntax, void *unused)
{
    g_autoptr(GArray) options = kn_cli_options(syntax);
    g_autoptr(GString) names = g_string_new("-h --help"), words = g_string_new(NULL);
    bool files = false;
    g_auto(GStrv) keywords = kn_cli_keywords(syntax, &files);

    (void)unused;
    for (char **word = keywords; *word; word++)
        add(words, *word);
    add_values(command->name, NULL, words);
    for (unsigned i = 0; i < options->len; i++) {
        const GOptionEntry *e = &g_array_index(options, GOptionEntry, i);

        if (e->short_name)
            g_string_append_printf(names, " -%c", e->short_name);
        g_string_append_printf(names, " --%s", e->long_name);
    }
    (void)printf(
        "    %s)\n        options='%s'\n        words='%s' files='%s'\n        case $prev in\n",
        command->name, names->str, words->str, files ? "file" : "");
    for (unsigned i = 0; i < options->len; i++)
        if (g_array_index(options, GOptionEntry, i).arg != G_OPTION_ARG_NONE)
            print_value(command->name, &g_array_index(options, GOptionEntry, i));
    (void)printf("        esac\n        ;;\n");
}

static bool
print_bash(GError **err)
{
    g_autoptr(GString) names = g_string_new("help --help --version");

    for (const kn_cli_command *c = kn_cli_commands; c->name; c++)
        add(names, c->name);
    (void)printf(
        "%s        mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n        return\n    fi\n"
        "    case ${COMP_WORDS[1]} in\n",
        head, names->str);
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++)
        if (strcmp(c->name, "completion") != 0 && !kn_cli_describe(c, print_command, NULL))
            return kn_fail(err, KN_E_TABLE, "%s does not say what it takes", c->name);
    return true;
}

int
kn_cli_completion(int argc, char **argv)
{
    static const kn_cli_command self = { "completion", "", kn_cli_completion };
    const kn_cli_syntax syntax = {
        .words = "bash",
        .what = "Prints a script that makes bash complete commands, options and their values.",
        .more = "Try it:  . <(kouan completion bash)\n"
                "For good: where cmake --install has put it, "
                "share/bash-completion/completions/kouan.\n",
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (strcmp(argv[1], "bash") != 0) {
        (void)fprintf(stderr, "kouan completion: bash is the one it knows\n");
        return KN_EXIT_USAGE;
    }
    if (!print_bash(&err))
        return kn_cli_fail("completion", err);
    print_command(&self, &syntax, NULL);
    (void)printf("%s", tail);
    return KN_EXIT_OK;
}
