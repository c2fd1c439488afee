/* SPDX-License-Identifier: Apache-2.0 */
/* State machines: rows {id, from, on, guard, to}; one function finds the row and records "A -> B".
 * Of rows with the same from and on, the first whose guard holds wins; a row without guard is last.
 */
#ifndef KOUAN_MACHINE_H
#define KOUAN_MACHINE_H

#include <glib.h>
#include <kouan/record.h>
#include <stdbool.h>

typedef struct kn_state {
    int state;         /* enum of the handler, 0.. dense; table ends at code == NULL */
    const char *code;  /* what record.state keeps: "S01" */
    const char *name;  /* "STAGED" */
    const char *label; /* Chinese label */
    int status;        /* E-port returnStatus of a receipt that tells of this state */
    bool final;
} kn_state;

typedef struct kn_event {
    int event;        /* enum of the handler, 0.. dense; table ends at name == NULL */
    const char *name; /* "CK.STAGE", "CUSTOMS_10" */
} kn_event;

typedef bool (*kn_guard)(const kn_record *record, const void *arg);

/* In .from: every stored state (not the initial one).  In .to: stays where it is. */
#define KN_ANY_STATE (-1)

typedef struct kn_transition {
    const char *id; /* requirement id; NULL ends the table */
    int from;
    int on;
    kn_guard guard;         /* NULL = always */
    const char *guard_name; /* for the picture */
    int to;                 /* same as from: stays */
    int effect;             /* the handler's own enum; 0 = none */
} kn_transition;

typedef struct kn_machine {
    const char *name; /* "checkpoint" */
    const char *kind; /* record kind it belongs to */
    const kn_state *states;
    const kn_event *events;
    const kn_transition *rows;
    int initial; /* pseudo-state of a record that does not exist yet */
} kn_machine;

/* Checked at start: no doubled (from,on) without guards, unguarded row last, no unreachable state,
 * no way out of a final state other than to a final one.  false: KN_E_TABLE naming machine and row. */
bool kn_machine_check(const kn_machine *machine, GError **err);
const kn_state *kn_machine_state(const kn_machine *machine,
                                 const char *code); /* NULL code = initial */
/* The row for this record and event, or NULL: refused (nothing is changed). */
const kn_transition *kn_machine_find(const kn_machine *machine, const kn_record *record, int event,
                                     const void *guard_arg);
/* The machine as Graphviz text / as Markdown tables; free with g_free. */
char *kn_machine_dot(const kn_machine *machine);
char *kn_machine_markdown(const kn_machine *machine);

#endif
