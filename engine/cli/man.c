/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/man.h"

#include "cli/cli.h"
#include "cli/roff.h"
#include "lane/config.h"
#include "lane/kouand.h"
#include "registry/module.h"
#include "trust/partner_file.h"

#include <kouan/registry.h>
#include <string.h>

static void
see_also(GString *out, const char *const *pages)
{
    kn_roff_section(out, "SEE ALSO");
    for (; *pages; pages += 2)
        g_string_append_printf(out, ".BR %s (%s)%s\n", pages[0], pages[1], pages[2] ? "," : "");
}

#define SEE(...) ((const char *const[]){ __VA_ARGS__, NULL, NULL, NULL })

/* --- kouan(1) --------------------------------------------------------------------------------------------- */

static void
write_command(const kn_cli_command *command, const kn_cli_syntax *syntax, void *data)
{
    g_autoptr(GArray) options = kn_cli_options(syntax);
    g_autofree char *words = kn_roff_escape(syntax->words);
    GString *out = data;

    kn_roff_part(out, command->name);
    g_string_append_printf(out, ".B kouan %s\n%s%s\n", command->name,
                           options->len > 0 ? "[\\fIOPTION\\fR…] " : "", words);
    kn_roff_text(out, syntax->what);
    for (unsigned i = 0; i < options->len; i++)
        kn_roff_entry(out, &g_array_index(options, GOptionEntry, i));
    if (syntax->more)
        kn_roff_lines(out, syntax->more);
}

static void
write_kouan(GString *out)
{
    kn_roff_head(out, "kouan", "1", "tool of the engine behind a trade single window");
    kn_roff_section(out, "SYNOPSIS");
    g_string_append(out, ".B kouan\n\\fICOMMAND\\fR [\\fIOPTION\\fR…] [\\fIWORD\\fR…]\n");
    kn_roff_section(out, "DESCRIPTION");
    kn_roff_text(out,
                 "For operators, for those who send messages, and for tests. Facts go to standard "
                 "output, with --json as one JSON document; complaints go to standard error.");
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++) {
        g_autofree char *mark = g_strdup_printf("\\fB%s\\fR", c->name);

        kn_roff_item(out, mark, c->help);
    }
    kn_roff_section(out, "COMMANDS");
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++)
        (void)kn_cli_describe(c, write_command, out);
    kn_roff_section(out, "EXIT STATUS");
    kn_roff_text(out, kn_cli_exit_codes);
    see_also(out, SEE("kouan.ini", "5", "kouan-partner", "5", "kouan-errors", "7", "kouand", "8"));
}

/* --- kouand(8) --------------------------------------------------------------------------------------------- */

static void
write_kouand(GString *out)
{
    GOptionEntry entries[KN_KOUAND_ENTRIES];

    kn_kouand_entries(NULL, entries);
    kn_roff_head(out, "kouand", "8", "engine behind a trade single window");
    kn_roff_section(out, "SYNOPSIS");
    g_string_append(out, ".B kouand\n[\\fIOPTION\\fR…]\n");
    kn_roff_section(out, "DESCRIPTION");
    kn_roff_text(
        out,
        "Reads signed declarations from Kafka, proves who signed, checks every rule, and answers "
        "with signed receipts: once, in order. As many as are wanted may run, each with an "
        "instance name of its own; Kafka shares out the partitions. While database or broker "
        "are away it pauses and tries again. It stays in the foreground and writes its log to "
        "standard error.");
    kn_roff_section(out, "OPTIONS");
    for (const GOptionEntry *e = entries; e->long_name; e++)
        kn_roff_entry(out, e);
    kn_roff_section(out, "SIGNALS");
    for (const kn_kouand_signal *s = kn_kouand_signals; s->name; s++) {
        g_autofree char *mark = g_strdup_printf("\\fB%s\\fR", s->name);

        kn_roff_item(out, mark, s->what);
    }
    kn_roff_section(out, "EXIT STATUS");
    for (const kn_kouand_end *end = kn_kouand_ends; end->what; end++) {
        g_autofree char *mark = g_strdup_printf("\\fB%d\\fR", end->exit);

        kn_roff_item(out, mark, end->what);
    }
    see_also(out, SEE("kouan", "1", "kouan.ini", "5", "kouan-partner", "5"));
}

/* --- kouan.ini(5) ------------------------------------------------------------------------------------------- */

static void
write_group(GString *out, const char *name, const char *title, const kn_option *rows)
{
    g_autofree char *part = g_strdup_printf("[%s]", name), *plain = kn_roff_escape(part);

    kn_roff_part(out, plain);
    if (title && *title)
        kn_roff_text(out, title);
    kn_roff_rows(out, rows);
}

static void
write_ini(GString *out)
{
    kn_roff_head(out, "kouan.ini", "5", "configuration of kouand and kouan");
    kn_roff_section(out, "DESCRIPTION");
    kn_roff_text(
        out, "Groups in brackets, a key = value a line, # before a comment. An unknown group or "
             "key, a bad value or a value out of range stops the start with file, group and "
             "key. Relative paths count from the file's folder. Passwords do not belong here: "
             "use a passfile.");
    kn_roff_text(
        out, "kouan config sample prints a commented file with every default, kouan config check "
             "tells every mistake beforehand, kouan config show the values in force.");
    kn_roff_section(out, "GROUPS");
    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        write_group(out, g->name, g->title, g->rows);
    for (size_t i = 0; kn_handlers[i]; i++) {
        g_autofree char *name = g_strconcat("handler.", kn_handlers[i]->name, NULL);

        if (kn_handlers[i]->options)
            write_group(out, name, NULL, kn_handlers[i]->options);
    }
    write_group(out, "handler.<name>",
                "Besides its own keys, a handler from outside:", kn_module_rows);
    see_also(out, SEE("kouan", "1", "kouan-partner", "5", "kouand", "8"));
}

/* --- kouan-partner(5), kouan-errors(7) ----------------------------------------------------------------------- */

static void
write_partner(GString *out)
{
    kn_roff_head(out, "kouan-partner", "5", "who may send what: one file for each partner");
    kn_roff_section(out, "DESCRIPTION");
    kn_roff_text(
        out, "The *.ini files of the folder that [engine] partners names. Their names are free; id "
             "counts. All are read at start and on SIGHUP; with a mistake in one nothing changes. "
             "Relative file names count from the folder of kouan.ini.");
    kn_roff_section(out, "GROUPS");
    for (size_t i = 0; kn_partner_groups[i]; i++)
        write_group(out, kn_partner_group_names[i], NULL, kn_partner_groups[i]);
    see_also(out, SEE("kouan", "1", "kouan.ini", "5", "kouand", "8"));
}

static void
write_errors(GString *out)
{
    kn_roff_head(out, "kouan-errors", "7", "what a message is refused for, and other errors");
    kn_roff_section(out, "DESCRIPTION");
    kn_roff_text(
        out,
        "In the order of the steps. A number is the code that the sender finds in the receipt; "
        "an error without one never reaches a partner. kouan errors prints the sender's text, "
        "kouan explain tells why one message met which.");
    kn_roff_section(out, "ERRORS");
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++) {
        const kn_error_row *row = kn_error_row_of(code);
        g_autofree char *mark = g_strdup_printf("\\fB%s\\fR %s", row->name, row->receipt);

        kn_roff_item(out, mark, row->english);
    }
    see_also(out, SEE("kouan", "1"));
}

/* --------------------------------------------------------------------------------------------------------------- */

const kn_man_page kn_man_pages[] = {
    { "kouan.1", write_kouan },           { "kouan.ini.5", write_ini },
    { "kouan-partner.5", write_partner }, { "kouan-errors.7", write_errors },
    { "kouand.8", write_kouand },         { NULL, NULL },
};
