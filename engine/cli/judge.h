/* SPDX-License-Identifier: Apache-2.0 */
/* One message before the engine's own gate, outside a lane: the verdict of kn_admit where there is an
 * installation; otherwise the same functions of xml/ and trust/ as far as they go without one.
 *
 * threads  one
 */
#ifndef KOUAN_CLI_JUDGE_H
#define KOUAN_CLI_JUDGE_H

#include "cli/paper.h"
#include "lane/engine.h"
#include "trust/certificate.h"

#include <openssl/evp.h>

#define KN_JUDGE_STEPS "RXSKGDVB" /* XML_SECURITY §3, in their order */

typedef struct kn_judge kn_judge;

/* What it is told to work with. */
typedef struct kn_judge_plan {
    const char *config;  /* the installation, or NULL */
    const char *anchors; /* without one: PEM file of CAs, or NULL: trust is not checked */
    kn_profile profile;  /* without one: the form that is looked for */
} kn_judge_plan;

/* false: KN_E_CONFIG, KN_E_IO. */
bool kn_judge_open(const kn_judge_plan *plan, kn_judge **out, GError **err);
void kn_judge_free(kn_judge *judge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_judge, kn_judge_free)

kn_engine *kn_judge_engine(const kn_judge *judge); /* NULL without an installation */
kn_xml *kn_judge_xml(const kn_judge *judge);
/* "RXSKGDVB" with '-' for what is not checked here. */
const char *kn_judge_checks(const kn_judge *judge);

typedef struct kn_letter {
    const char *bytes;
    size_t len;
    const char *partner; /* route's; NULL: whom the message names */
    int64_t at_ms;       /* Kafka time */
    const char *key;     /* record key; NULL: key and partition are not looked at */
    size_t key_len;
    int part;
} kn_letter;

typedef struct kn_judgement {
    GError *why;               /* NULL: passes */
    char step;                 /* letter of KN_JUDGE_STEPS that refused; '\0' */
    bool inner;                /* the message inside a shell was being looked at */
    const kn_partner *partner; /* NULL: not known */
} kn_judgement;

void kn_judgement_clear(kn_judgement *j);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_judgement, kn_judgement_clear)

void kn_judge_letter(kn_judge *judge, const kn_letter *letter, kn_judgement *out);

#endif
