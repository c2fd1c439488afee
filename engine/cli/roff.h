/* SPDX-License-Identifier: Apache-2.0 */
/* Text for manual pages: man(7) macros, nothing in a text that groff could take for one. */
#ifndef KOUAN_CLI_ROFF_H
#define KOUAN_CLI_ROFF_H

#include <glib.h>
#include <kouan/option.h>

/* .TH and NAME. */
void kn_roff_head(GString *out, const char *name, const char *section, const char *what);
/* .SH, or .SS below one. */
void kn_roff_section(GString *out, const char *title);
void kn_roff_part(GString *out, const char *title);
/* A paragraph; a line that ends a sentence or a clause (".", ";") ends there. */
void kn_roff_text(GString *out, const char *text);
/* Lines as they stand. */
void kn_roff_lines(GString *out, const char *text);
/* A tagged paragraph: mark (of the roff language already), then text. */
void kn_roff_item(GString *out, const char *mark, const char *text);
/* An option of a command line. */
void kn_roff_entry(GString *out, const GOptionEntry *entry);
/* A group of a configuration file. */
void kn_roff_rows(GString *out, const kn_option *rows);
/* The text escaped; free with g_free. */
char *kn_roff_escape(const char *text);

#endif
