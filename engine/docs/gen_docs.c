/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-gen-docs [--module FILE.so] SECTION [HANDLER]: prints one generated section as Markdown
 * (scripts/gen-docs puts it in its place).  Everything comes from the tables that run, so the documents
 * cannot lie; those of a handler from outside are printed in the same way.
 *
 * TO ADD ONE: 1. a function  2. a row in sections  3. a place: a page in scripts/gen-docs, or the marker
 * lines in a README
 */
#include "docs/ops_docs.h"
#include "lane/config.h"
#include "registry/module.h"

#include <kouan/error.h>
#include <kouan/registry.h>
#include <stdio.h>
#include <string.h>

typedef struct section {
    const char *name;
    bool of_handler; /* printed once for each handler */
    bool (*has)(const kn_handler *handler);
    void (*print)(const kn_handler *handler);
} section;

/* A cell of a Markdown table: '|' would end it. */
static char *
cell(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "", "|", -1);

    return g_strjoinv("\\|", parts);
}

static void
print_errors(const kn_handler *none)
{
    static const char *const outcomes[] = {
        [KN_OUTCOME_DONE] = "done",   [KN_OUTCOME_REFUSE] = "refuse",
        [KN_OUTCOME_WAIT] = "wait",   [KN_OUTCOME_QUARANTINE] = "quarantine",
        [KN_OUTCOME_PAUSE] = "pause", [KN_OUTCOME_STOP] = "stop",
        [KN_OUTCOME_EXIT] = "exit",
    };

    (void)none;
    (void)printf("# Errors\n\nPrinted by `scripts/gen-docs` from `engine/include/kouan/error.def`, "
                 "in the order of the "
                 "steps; change it there.\n\n"
                 "The outcome says what the engine does: **refuse** answers with a negative "
                 "receipt (a dead letter when "
                 "the sender cannot\nbe known); **quarantine** parks the message until a person "
                 "releases it; **wait** "
                 "runs it again; **pause** backs off until the\ndatabase or broker is back, "
                 "nothing is lost or moved; "
                 "**stop** is a broken invariant, a person decides; **exit** leaves,\nbecause "
                 "another process owns the "
                 "partition now. A code without receipt code never reaches a partner.\n\n"
                 "| Name | Outcome | Receipt | Text for the partner | For the operator "
                 "|\n|---|---|---|---|---|\n");
    for (kn_error code = KN_E_OK; code < KN_E_COUNT; code++) {
        const kn_error_row *row = kn_error_row_of(code);

        (void)printf("| `%s` | %s | %s | %s | %s |\n", row->name, outcomes[row->outcome],
                     row->receipt, row->text, row->english);
    }
}

static void
print_option_rows(const char *group, const char *title, const kn_option *rows)
{
    (void)printf("\n## [%s]\n\n", group);
    if (title && *title)
        (void)printf("%s\n\n", title);
    (void)printf("| Key | Values | Default | Meaning | Source |\n|---|---|---|---|---|\n");
    for (const kn_option *o = rows; o->key; o++) {
        g_autofree char *range = kn_option_range(o), *values = cell(range), *def = cell(o->def),
                        *help = cell(o->help);
        const char *mark = *def ? "`" : "";

        (void)printf("| `%s` | %s | %s%s%s | %s | %s |\n", o->key, values, mark,
                     o->def ? def : "must be given", mark, help, o->source ? o->source : "");
    }
}

static void
print_options(const kn_handler *none)
{
    (void)none;
    (void)printf("# Options\n\nPrinted by `scripts/gen-docs` from the option rows; change them "
                 "there. The file is "
                 "`kouan.ini`; an unknown group or\nkey, a bad value or a value out of range stops "
                 "the start with "
                 "file, group and key. Relative paths count from the\nfile's folder.\n");
    for (const kn_option_group *g = kn_config_groups; g->rows; g++)
        print_option_rows(g->name, g->title, g->rows);
    for (const kn_handler *const *h = kn_handlers; *h; h++) {
        g_autofree char *group = g_strconcat("handler.", (*h)->name, NULL);

        if ((*h)->options)
            print_option_rows(group, NULL, (*h)->options);
    }
    print_option_rows(
        "handler.<name>",
        "Besides its own keys, a handler from outside (handlers/README.md):", kn_module_rows);
}

static bool
has_refusals(const kn_handler *handler)
{
    return handler->refusals && handler->refusals->name;
}

static void
print_refusals(const kn_handler *handler)
{
    (void)printf("| Name | Outcome | Receipt | Text for the partner | For the operator |\n"
                 "|---|---|---|---|---|\n");
    for (const kn_error_row *r = handler->refusals; r->name; r++)
        (void)printf("| `%s` | %s | %s | %s | %s |\n", r->name,
                     r->outcome == KN_OUTCOME_REFUSE ? "refuse" : "quarantine", r->receipt, r->text,
                     r->english);
}

static bool
has_machine(const kn_handler *handler)
{
    return handler->machine != NULL;
}

/* The picture: rows that stay, or that hold in any state, are in the table only. */
static void
print_machine(const kn_handler *handler)
{
    const kn_machine *m = handler->machine;
    g_autofree char *tables = kn_machine_markdown(m);

    (void)printf("```mermaid\nstateDiagram-v2\n");
    for (const kn_state *s = m->states; s->code; s++)
        if (s->state != m->initial)
            (void)printf("    %s: %s %s\n", s->code, s->code, s->label);
    for (const kn_transition *t = m->rows; t->id; t++) {
        if (t->from == KN_ANY_STATE || t->to == KN_ANY_STATE || t->from == t->to)
            continue;
        (void)printf("    %s --> %s: %s %s%s%s%s\n",
                     t->from == m->initial ? "[*]" : m->states[t->from].code, m->states[t->to].code,
                     t->id, m->events[t->on].name, t->guard ? " [" : "",
                     t->guard ? t->guard_name : "", t->guard ? "]" : "");
    }
    for (const kn_state *s = m->states; s->code; s++)
        if (s->final)
            (void)printf("    %s --> [*]\n", s->code);
    (void)printf("```\n\n%s", tables);
}

static bool
has_fields(const kn_handler *handler)
{
    return handler->fieldsets && handler->fieldsets->rows;
}

static void
print_fields(const kn_handler *handler)
{
    for (const kn_fieldset *set = handler->fieldsets; set->rows; set++) {
        g_autofree char *table = kn_fields_markdown(set);

        (void)printf("%s%s", set == handler->fieldsets ? "" : "\n", table);
    }
}

static bool
has_doctypes(const kn_handler *handler)
{
    return handler->doctypes && handler->doctypes->root;
}

static void
print_doctypes(const kn_handler *handler)
{
    (void)printf("| Root | Operation | Schema | Sender | Card |\n|---|---|---|---|---|\n");
    for (const kn_doctype *d = handler->doctypes; d->root; d++)
        (void)printf("| `%s` | %s | `%s` |%s%s%s | %s |\n", d->root, d->operation,
                     d->xsd ? d->xsd : "", d->senders & KN_BY_PARTNER ? " partner" : "",
                     d->senders & KN_BY_CUSTOMS ? " customs" : "",
                     d->senders & KN_BY_INTERNAL ? " internal" : "",
                     d->card_required ? "required" : "");
}

static const section sections[] = {
    { .name = "errors", .print = print_errors },
    { .name = "options", .print = print_options },
    { .name = "metrics", .print = kn_docs_metrics },
    { .name = "alarms", .print = kn_docs_alarms },
    { .name = "grafana", .print = kn_docs_grafana },
    { .name = "machine", .of_handler = true, .has = has_machine, .print = print_machine },
    { .name = "fields", .of_handler = true, .has = has_fields, .print = print_fields },
    { .name = "refusals", .of_handler = true, .has = has_refusals, .print = print_refusals },
    { .name = "doctypes", .of_handler = true, .has = has_doctypes, .print = print_doctypes },
};

static void
print_list(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (!sections[i].of_handler)
            (void)printf("%s\n", sections[i].name);
        for (const kn_handler *const *h = kn_handlers; sections[i].of_handler && *h; h++)
            if (sections[i].has(*h))
                (void)printf("%s %s\n", sections[i].name, (*h)->name);
    }
}

/* --module FILE.so taken off the front of the words. */
static bool
take_module(int *argc, char ***argv)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) err = NULL;
    const kn_module *module;

    if (*argc < 3 || strcmp((*argv)[1], "--module") != 0)
        return true;
    path = g_canonicalize_filename((*argv)[2], NULL);
    *argc -= 2;
    *argv += 2;
    if (kn_module_load(path, NULL, NULL, NULL, &module, &err))
        return true;
    (void)fprintf(stderr, "kouan-gen-docs: %s\n", err->message);
    return false;
}

int
main(int argc, char **argv)
{
    const kn_handler *handler;

    if (!take_module(&argc, &argv))
        return 1;
    handler = argc == 3 ? kn_handlers_by_name(argv[2]) : NULL;
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        print_list();
        return 0;
    }
    for (size_t i = 0; argc >= 2 && i < G_N_ELEMENTS(sections); i++) {
        const section *s = &sections[i];

        if (strcmp(s->name, argv[1]) != 0 || s->of_handler != (handler != NULL)
            || (s->has && !s->has(handler)))
            continue;
        s->print(handler);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    (void)fprintf(stderr, "usage: kouan-gen-docs [--module FILE.so] list | SECTION [HANDLER]\n");
    return 2;
}
