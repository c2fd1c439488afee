/* SPDX-License-Identifier: Apache-2.0 */
#include <kouan/error.h>
#include <kouan/machine.h>
#include <string.h>

#define KN_STATES_MAX 64

static int
count_states(const kn_machine *machine)
{
    int n = 0;

    while (machine->states[n].code)
        n++;
    return n;
}

static int
count_events(const kn_machine *machine)
{
    int n = 0;

    while (machine->events[n].name)
        n++;
    return n;
}

const kn_state *
kn_machine_state(const kn_machine *machine, const char *code)
{
    if (!code)
        return &machine->states[machine->initial];
    for (const kn_state *s = machine->states; s->code; s++)
        if (strcmp(s->code, code) == 0)
            return s;
    return NULL;
}

const kn_transition *
kn_machine_find(const kn_machine *machine, const kn_record *record, int event,
                const void *guard_arg)
{
    const kn_state *state = kn_machine_state(machine, record ? record->state : NULL);

    if (!state)
        return NULL;
    for (const kn_transition *row = machine->rows; row->id; row++) {
        bool from = row->from == state->state
                    || (row->from == KN_ANY_STATE && state->state != machine->initial);

        if (from && row->on == event && (!row->guard || row->guard(record, guard_arg)))
            return row;
    }
    return NULL;
}

/* --- start-time check --------------------------------------------------------------------------- */

static bool
check_states(const kn_machine *machine, GError **err)
{
    int n = count_states(machine);

    for (int i = 0; i < n; i++) {
        const kn_state *s = &machine->states[i];

        if (s->state != i)
            return kn_fail(err, KN_E_TABLE, "machine %s: state %s stands at place %d, not %d",
                           machine->name, s->code, i, s->state);
        if (!s->name || !s->label)
            return kn_fail(err, KN_E_TABLE, "machine %s: state %s has no name or label",
                           machine->name, s->code);
        if (kn_machine_state(machine, s->code) != s)
            return kn_fail(err, KN_E_TABLE, "machine %s: state code %s twice", machine->name,
                           s->code);
    }
    if (n > KN_STATES_MAX)
        return kn_fail(err, KN_E_TABLE, "machine %s: more than %d states", machine->name,
                       KN_STATES_MAX);
    if (machine->initial < 0 || machine->initial >= n)
        return kn_fail(err, KN_E_TABLE, "machine %s: no initial state", machine->name);
    return true;
}

static bool
check_events(const kn_machine *machine, GError **err)
{
    for (int i = 0; machine->events[i].name; i++)
        if (machine->events[i].event != i)
            return kn_fail(err, KN_E_TABLE, "machine %s: event %s stands at place %d, not %d",
                           machine->name, machine->events[i].name, i, machine->events[i].event);
    return true;
}

/* Can this row ever be reached, given the rows before it?  An unguarded row ends its (from, on). */
static bool
check_order(const kn_machine *machine, const kn_transition *row, GError **err)
{
    for (const kn_transition *before = machine->rows; before != row; before++) {
        bool same_from = before->from == row->from || before->from == KN_ANY_STATE;

        if (same_from && before->on == row->on && !before->guard)
            return kn_fail(err, KN_E_TABLE, "machine %s: row %s is hidden by the unguarded row %s",
                           machine->name, row->id, before->id);
        if (before->from == row->from && before->on == row->on && before->guard == row->guard)
            return kn_fail(err, KN_E_TABLE, "machine %s: rows %s and %s have the same guard",
                           machine->name, before->id, row->id);
    }
    return true;
}

static bool
check_row(const kn_machine *machine, const kn_transition *row, GError **err)
{
    int states = count_states(machine);
    int events = count_events(machine);

    if (row->from < KN_ANY_STATE || row->from >= states || row->to < KN_ANY_STATE
        || row->to >= states)
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s names an unknown state", machine->name,
                       row->id);
    if (row->on < 0 || row->on >= events)
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s names an unknown event", machine->name,
                       row->id);
    if (row->to == machine->initial || (row->from == machine->initial && row->to == KN_ANY_STATE))
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s leads to the initial state",
                       machine->name, row->id);
    if ((row->guard != NULL) != (row->guard_name != NULL))
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s: guard and its name go together",
                       machine->name, row->id);
    if (row->from == KN_ANY_STATE && row->to != KN_ANY_STATE)
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s: any state may only stay",
                       machine->name, row->id);
    if (row->from != KN_ANY_STATE && row->to != KN_ANY_STATE && machine->states[row->from].final
        && !machine->states[row->to].final)
        return kn_fail(err, KN_E_TABLE, "machine %s: row %s leaves the final state %s",
                       machine->name, row->id, machine->states[row->from].code);
    return check_order(machine, row, err);
}

static bool
check_reach(const kn_machine *machine, GError **err)
{
    uint64_t reached = UINT64_C(1) << machine->initial; /* check_states keeps them below 64 */
    uint64_t before = 0;

    while (reached != before) {
        before = reached;
        for (const kn_transition *row = machine->rows; row->id; row++)
            if (row->from != KN_ANY_STATE && row->to != KN_ANY_STATE && (reached >> row->from & 1))
                reached |= UINT64_C(1) << row->to;
    }
    for (int i = 0; machine->states[i].code; i++)
        if (!(reached >> i & 1))
            return kn_fail(err, KN_E_TABLE, "machine %s: state %s cannot be reached", machine->name,
                           machine->states[i].code);
    return true;
}

bool
kn_machine_check(const kn_machine *machine, GError **err)
{
    if (!machine->name || !machine->kind)
        return kn_fail(err, KN_E_TABLE, "a machine has no name or kind");
    if (!check_states(machine, err) || !check_events(machine, err))
        return false;
    for (const kn_transition *row = machine->rows; row->id; row++)
        if (!check_row(machine, row, err))
            return false;
    return check_reach(machine, err);
}
