/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/roff.h"

#include "lane/config.h"

#include <string.h>

char *
kn_roff_escape(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *c = text; *c; c++) {
        bool start = c == text || c[-1] == '\n';

        if (start && (*c == '.' || *c == '\''))
            g_string_append(out, "\\&");
        if (*c == '\\')
            g_string_append(out, "\\e");
        else if (*c == '-')
            g_string_append(out, "\\-");
        else
            g_string_append_c(out, *c);
    }
    return g_string_free(out, FALSE);
}

void
kn_roff_head(GString *out, const char *name, const char *section, const char *what)
{
    g_autofree char *title = g_ascii_strup(name, -1), *text = kn_roff_escape(what);
    g_autofree char *plain = kn_roff_escape(name);

    g_string_append_printf(
        out,
        ".\\\" Printed from the tables of the program by kouan-man; change those.\n"
        ".TH %s %s \"\" \"kouan %s\" Kouan\n.nh\n.ad l\n.SH NAME\n%s \\- %s\n",
        title, section, KOUAN_VERSION, plain, text);
}

void
kn_roff_section(GString *out, const char *title)
{
    g_string_append_printf(out, ".SH %s\n", title);
}

void
kn_roff_part(GString *out, const char *title)
{
    g_string_append_printf(out, ".SS %s\n", title);
}

void
kn_roff_text(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_string_append(out, ".PP\n");
    for (char **line = lines; *line; line++) {
        g_autofree char *plain = kn_roff_escape(*line);
        bool ends = g_str_has_suffix(*line, ".") || g_str_has_suffix(*line, ";");

        if (**line)
            g_string_append_printf(out, "%s\n%s", plain,
                                   ends && line[1] && *line[1] ? ".br\n" : "");
    }
}

void
kn_roff_lines(GString *out, const char *text)
{
    g_autofree char *plain = kn_roff_escape(text);

    g_string_append_printf(out, ".PP\n.nf\n%s%s.fi\n", plain,
                           g_str_has_suffix(text, "\n") ? "" : "\n");
}

void
kn_roff_item(GString *out, const char *mark, const char *text)
{
    g_autofree char *plain = kn_roff_escape(text);

    g_string_append_printf(out, ".TP\n%s\n%s\n", mark, plain);
}

void
kn_roff_entry(GString *out, const GOptionEntry *entry)
{
    g_autoptr(GString) mark = g_string_new(NULL);
    g_autofree char *name = kn_roff_escape(entry->long_name);

    if (entry->short_name)
        g_string_append_printf(mark, "\\fB\\-%c\\fR, ", entry->short_name);
    g_string_append_printf(mark, "\\fB\\-\\-%s\\fR", name);
    if (entry->arg_description) {
        g_autofree char *value = kn_roff_escape(entry->arg_description);

        g_string_append_printf(mark, "=\\fI%s\\fR", value);
    }
    kn_roff_item(out, mark->str, entry->description);
}

void
kn_roff_rows(GString *out, const kn_option *rows)
{
    for (const kn_option *o = rows; o->key; o++) {
        g_autofree char *key = kn_roff_escape(o->key), *range = kn_option_range(o);
        g_autofree char *mark = g_strdup_printf("\\fB%s\\fR", key);
        g_autofree char *text = g_strdup_printf("%s. Values: %s. %s%s.", o->help, range,
                                                !o->def   ? "Must be given"
                                                : *o->def ? "Default: "
                                                          : "Default: none",
                                                o->def ? o->def : "");

        kn_roff_item(out, mark, text);
    }
}
