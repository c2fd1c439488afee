/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/life.h"

#include "base/clock.h"

#include <kouan/registry.h>
#include <string.h>

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static int64_t
number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* The machine of a record kind; NULL when no handler here has it. */
static const kn_machine *
machine_of(const char *kind)
{
    for (size_t i = 0; kn_handlers[i]; i++)
        if (kn_handlers[i]->machine && strcmp(kn_handlers[i]->machine->kind, kind) == 0)
            return kn_handlers[i]->machine;
    return NULL;
}

static void
add_state(GString *out, const char *kind, const char *code)
{
    const kn_machine *machine = machine_of(kind);
    const kn_state *state = NULL;

    if (!*code) {
        (void)g_string_append(out, "(new)");
        return;
    }
    for (const kn_state *s = machine ? machine->states : NULL; s && s->code; s++)
        if (strcmp(s->code, code) == 0)
            state = s;
    (void)g_string_append(out, code);
    if (state)
        g_string_append_printf(out, " %s", state->label);
}

/* 2026-11-22 10:00:00.123, +08:00 */
static void
add_time(GString *out, int64_t at_ms)
{
    kn_date d;

    kn_clock_civil(at_ms, KN_CHINA_MINUTES, &d);
    g_string_append_printf(out, "%04d-%02d-%02d %02d:%02d:%02d.%03d", d.year, d.month, d.day,
                           d.hour, d.minute, d.second, d.ms);
}

static void
add_document(GString *out, const json_t *record)
{
    const char *trip = text_of(json_object_get(record, "body"), "tripNo");

    g_string_append_printf(out, "%s %s", text_of(record, "kind"), text_of(record, "key"));
    if (*trip)
        g_string_append_printf(out, ", tripNo %s", trip);
    (void)g_string_append(out, "\n    state ");
    add_state(out, text_of(record, "kind"), text_of(record, "state"));
    g_string_append_printf(out, ", version %" G_GINT64_FORMAT ", owner %s\n",
                           number_of(record, "version"), text_of(record, "owner"));
}

static void
add_change(GString *out, const json_t *change, bool name_it)
{
    (void)g_string_append(out, "    ");
    if (name_it)
        g_string_append_printf(out, "%s %s  ", text_of(change, "kind"), text_of(change, "key"));
    add_state(out, text_of(change, "kind"), text_of(change, "from"));
    (void)g_string_append(out, " → ");
    add_state(out, text_of(change, "kind"), text_of(change, "to"));
    g_string_append_printf(out, "  %s on %s", text_of(change, "row"), text_of(change, "event"));
    if (*text_of(change, "actor"))
        g_string_append_printf(out, " by %s", text_of(change, "actor"));
    (void)g_string_append_c(out, '\n');
}

static void
add_place(GString *out, const json_t *place, bool name_documents)
{
    const json_t *changes = json_object_get(place, "changes"),
                 *outputs = json_object_get(place, "outputs");

    add_time(out, number_of(place, "at"));
    g_string_append_printf(out, "  %s %s",
                           *text_of(place, "type") ? text_of(place, "type") : "(unreadable)",
                           text_of(place, "guid"));
    if (*text_of(place, "sender"))
        g_string_append_printf(out, " from %s", text_of(place, "sender"));
    g_string_append_printf(out, ": %s\n    at %s/%" G_GINT64_FORMAT " offset %" G_GINT64_FORMAT,
                           text_of(place, "verdict"), text_of(place, "topic"),
                           number_of(place, "part"), number_of(place, "off"));
    if (number_of(place, "trust") > 0)
        g_string_append_printf(out, ", judged by trust set %" G_GINT64_FORMAT,
                               number_of(place, "trust"));
    (void)g_string_append_c(out, '\n');
    for (size_t i = 0; i < json_array_size(changes); i++)
        add_change(out, json_array_get(changes, i), name_documents);
    for (size_t i = 0; i < json_array_size(outputs); i++) {
        const json_t *o = json_array_get(outputs, i);

        g_string_append_printf(out, "    sent %s %s to %s", text_of(o, "type"), text_of(o, "guid"),
                               text_of(o, "to"));
        if (*text_of(o, "answers") && strcmp(text_of(o, "answers"), text_of(place, "guid")) != 0)
            g_string_append_printf(out, " (belongs to %s)", text_of(o, "answers"));
        (void)g_string_append_c(out, '\n');
    }
}

char *
kn_life_text(const json_t *trace)
{
    const json_t *documents = json_object_get(trace, "documents"),
                 *life = json_object_get(trace, "life");
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < json_array_size(documents); i++)
        add_document(out, json_array_get(documents, i));
    for (size_t i = 0; i < json_array_size(life); i++) {
        if (out->len > 0)
            (void)g_string_append_c(out, '\n');
        add_place(out, json_array_get(life, i), json_array_size(documents) > 1);
    }
    if (json_integer_value(json_object_get(trace, "dropped")) > 0)
        g_string_append_printf(out,
                               "\n%" JSON_INTEGER_FORMAT
                               " messages lie in days of the archive that were dropped (kouan "
                               "archive list)\n",
                               json_integer_value(json_object_get(trace, "dropped")));
    return g_string_free(g_steal_pointer(&out), FALSE);
}
