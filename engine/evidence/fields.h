/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the chain read back into fields (docs/EVIDENCE.md §2). */
#ifndef KOUAN_EVIDENCE_FIELDS_H
#define KOUAN_EVIDENCE_FIELDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define KN_FIELDS_MAX 16

typedef struct kn_field_text {
    const char *bytes; /* NULL: not there; not terminated */
    size_t len;
} kn_field_text;

typedef struct kn_fields {
    char letter;
    int n;
    kn_field_text field[KN_FIELDS_MAX];
} kn_fields;

enum { /* of an M line */
       KN_M_TOPIC,
       KN_M_PART,
       KN_M_OFF,
       KN_M_IDX,
       KN_M_DEST,
       KN_M_KEY,
       KN_M_HEADER,
       KN_M_SM3,
       KN_M_AT,
       KN_M_VERDICT,
       KN_M_RULES,
       KN_M_TRUST,
       KN_M_READS,
       KN_M_COUNT
};
enum { /* of an H line */
       KN_H_TOPIC,
       KN_H_PART,
       KN_H_SEQ,
       KN_H_OFF,
       KN_H_KIND,
       KN_H_KEY,
       KN_H_VERSION,
       KN_H_FROM,
       KN_H_TO,
       KN_H_EVENT,
       KN_H_ROW,
       KN_H_ACTOR,
       KN_H_AT,
       KN_H_COUNT
};

/* The next line at *at; false: *at is at the end (then *at == len), or the bytes are no entry. */
bool kn_fields_next(const char *bytes, size_t len, size_t *at, kn_fields *out);
/* Moves over the first line; false: no entry. */
bool kn_fields_begin(const char *bytes, size_t len, size_t *at);
/* A copy, NULL for one that is not there. */
char *kn_fields_dup(const kn_fields *f, int i);
/* false: no number. */
bool kn_fields_int(const kn_fields *f, int i, int64_t *out);

#endif
