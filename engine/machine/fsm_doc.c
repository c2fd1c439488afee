/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as a picture and as tables, printed from the rows that run. */
#include <kouan/machine.h>

static const char *
from_text(const kn_machine *machine, int state)
{
    return state == KN_ANY_STATE ? "any" : machine->states[state].code;
}

char *
kn_machine_dot(const kn_machine *machine)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(
        text, "digraph %s {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n", machine->name);
    for (const kn_state *s = machine->states; s->code; s++)
        g_string_append_printf(text, "  %s [label=\"%s %s\\n%s\"%s%s];\n", s->code, s->code,
                               s->name, s->label, s->final ? ", peripheries=2" : "",
                               s->state == machine->initial ? ", style=dotted" : "");
    for (const kn_transition *row = machine->rows; row->id; row++) {
        if (row->from == KN_ANY_STATE || row->to == KN_ANY_STATE || row->from == row->to)
            continue; /* rows that stay are in the table; in the picture they hide the way */
        g_string_append_printf(text, "  %s -> %s [label=\"%s\\n%s%s%s%s\"];\n",
                               machine->states[row->from].code, machine->states[row->to].code,
                               row->id, machine->events[row->on].name, row->guard ? "\\n[" : "",
                               row->guard ? row->guard_name : "", row->guard ? "]" : "");
    }
    g_string_append(text, "}\n");
    return g_string_free(text, FALSE);
}

char *
kn_machine_markdown(const kn_machine *machine)
{
    GString *text = g_string_new(
        "| State | Name | Label | returnStatus | Final |\n|---|---|---|---|---|\n");

    for (const kn_state *s = machine->states; s->code; s++) {
        if (s->state == machine->initial)
            g_string_append_printf(text, "| (%s) | %s | %s | | |\n", s->code, s->name, s->label);
        else
            g_string_append_printf(text, "| %s | %s | %s | %d | %s |\n", s->code, s->name, s->label,
                                   s->status, s->final ? "yes" : "");
    }
    g_string_append(text, "\n| Id | From | Event | Guard | To |\n|---|---|---|---|---|\n");
    for (const kn_transition *row = machine->rows; row->id; row++)
        g_string_append_printf(
            text, "| %s | %s | %s | %s | %s |\n", row->id, from_text(machine, row->from),
            machine->events[row->on].name, row->guard ? row->guard_name : "",
            row->to == KN_ANY_STATE || row->to == row->from ? "stays"
                                                            : machine->states[row->to].code);
    return g_string_free(text, FALSE);
}
