/* SPDX-License-Identifier: Apache-2.0 */
/* kouan explain from the inside: one message with everything found out about it, and its two forms. */
#ifndef KOUAN_CLI_EXPLAIN_H
#define KOUAN_CLI_EXPLAIN_H

#include "cli/finding.h"
#include "cli/judge.h"

#include <jansson.h>

typedef struct kn_explained {
    const char *checks;   /* kn_judge_checks */
    kn_judgement verdict; /* of this tool, now; its partner is gone */
    char *partner;        /* id, "" = not known; owned */
    kn_paper paper;       /* owns the trees of the findings */
    kn_finding findings[2];
    size_t n;        /* documents that could be read */
    json_t *archive; /* {topic, part, off, at, verdict, rules, answer {}} or NULL; owned */
} kn_explained;

void kn_explained_clear(kn_explained *e);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_explained, kn_explained_clear)

/* Judges the letter, reads its documents and looks for the trap.  others: further keys; n_others. */
void kn_explain(kn_judge *judge, const kn_letter *letter, EVP_PKEY *const *others, size_t n_others,
                kn_explained *out);
/* The finding that the refusal speaks of; NULL when nothing could be read. */
const kn_finding *kn_explained_refused(const kn_explained *e);

/* New reference. */
json_t *kn_explained_json(const kn_explained *e);
/* One sentence, then facts; for a terminal. */
char *kn_explained_text(const kn_explained *e);
/* The sentence alone; free with g_free. */
char *kn_explained_sentence(const kn_explained *e);
/* Step names with commas: those that passed ('p'), that come behind the refusal ('t'), that are not
 * checked here ('c'). */
char *kn_explained_steps(const kn_explained *e, char which);
/* Both canonical forms, and what was signed instead, as files of folder; names are printed to stderr. */
bool kn_explained_write(const kn_explained *e, const char *folder, GError **err);

#endif
