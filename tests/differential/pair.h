/* SPDX-License-Identifier: Apache-2.0 */
/* One document, two verifiers. */
#ifndef KOUAN_TEST_PAIR_H
#define KOUAN_TEST_PAIR_H

#include "bases.h"

typedef enum kn_pair_result {
    KN_PAIR_NOT_OPENED, /* X rules */
    KN_PAIR_NOT_SHAPED, /* S rules: past these is "past the gate" */
    KN_PAIR_REFUSED,    /* by both */
    KN_PAIR_ACCEPTED,   /* by both, and it says what the base says */
    KN_PAIR_DISAGREE,
    KN_PAIR_CHANGED, /* accepted by both with another content */
    KN_PAIR_COUNT
} kn_pair_result;

typedef struct kn_pair {
    kn_xml *xml;
    kn_profile profile;
    bool spoil;        /* xmlsec1 is shown the base instead: must be found out */
    char what[256];    /* of the last disagreement */
    int64_t direct_us; /* thread CPU spent past the gate */
    int64_t xmlsec_us;
} kn_pair;

kn_pair_result kn_pair_judge(kn_pair *pair, const kn_base *base, const char *text, size_t len);

#endif
