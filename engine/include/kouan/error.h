/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: one domain, codes from error.def.  A code says what happens next (outcome), what the
 * partner is told (receipt code, Chinese text) and nothing else; the detail is the GError's message.
 *
 * threads  all functions here may be called from anywhere
 * source   DESIGN "Rules are rows"; receipt codes: E-port platform codes, own codes from 4000
 */
#ifndef KOUAN_ERROR_H
#define KOUAN_ERROR_H

#include <glib.h>
#include <stdbool.h>

/* What the lane does with a message (or with itself) after an error. */
typedef enum kn_outcome {
    KN_OUTCOME_DONE,       /* not an error */
    KN_OUTCOME_REFUSE,     /* a decision like any other: negative receipt or dead letter */
    KN_OUTCOME_WAIT,       /* records were asked for: decide again when they are there */
    KN_OUTCOME_QUARANTINE, /* parked: dead letter and a receipt that is not final */
    KN_OUTCOME_PAUSE,      /* infrastructure is away: nothing lost or moved, back off, alarm */
    KN_OUTCOME_STOP,       /* a broken invariant: stop, alarm, a person decides */
    KN_OUTCOME_EXIT,       /* doubt about ownership: leave; the ordinary start knows everything */
} kn_outcome;

typedef enum kn_error {
#define KN_E(name, outcome, receipt, text, english) KN_E_##name,
#include <kouan/error.def>
#undef KN_E
    KN_E_COUNT
} kn_error;

typedef struct kn_error_row {
    const char *name; /* "DIGEST_MISMATCH"; NULL ends a handler's own table */
    kn_outcome outcome;
    const char *receipt; /* four digits; "" where no partner is told */
    const char *text; /* Chinese, for the partner; literal prompt where the catalogue prints one */
    const char *english; /* its English twin, for operators and logs */
} kn_error_row;

GQuark kn_error_quark(void);

/* The row of a code; never NULL (an unknown code is a programming error and asserted). */
const kn_error_row *kn_error_row_of(kn_error code);
/* The code of an error of this domain; KN_E_ENGINE_ERROR for errors of another domain or NULL. */
kn_error kn_error_code(const GError *err);
kn_outcome kn_error_outcome(const GError *err);
/* Code by name; KN_E_COUNT when there is none. */
kn_error kn_error_by_name(const char *name);

/* Sets *err (when err is not NULL) and returns false, so that "return kn_fail(...)" stays visible.
 * The message is one line, impersonal, and adds only what the caller cannot know. */
bool kn_fail(GError **err, kn_error code, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
