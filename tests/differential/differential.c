/* SPDX-License-Identifier: Apache-2.0 */
/* differential --mode eport|w3c|c14n --mutants N --seed S [--out FOLDER] [--spoil]
 *
 * eport   mutants of signed documents: the direct verification and xmlsec1 must agree on each that passes the
 *         gate, and what both accept must say what its base says
 * w3c     the same for the forms of profile w3c
 * c14n    random trees: our canonical forms and libxml2's must be the same bytes
 *
 * Seed and number give the mutant: --seed S --first K --mutants 1 is mutant K alone.  Exit 1: a disagreement;
 * its file is written and named.  Exit 3: too little was compared for the run to mean something. */
#include "bases.h"
#include "mutate.h"
#include "pair.h"
#include "trees.h"

#include <stdio.h>
#include <string.h>

#include "xml/xmlsec.h"

typedef struct run {
    char *mode, *out;
    int64_t mutants, seed, first;
    int spoil;
    kn_xml *xml;
    int64_t disagreements;
} run;

static const char *const words[KN_PAIR_COUNT] = {
    [KN_PAIR_NOT_OPENED] = "not opened",   [KN_PAIR_NOT_SHAPED] = "stopped by shape",
    [KN_PAIR_REFUSED] = "refused by both", [KN_PAIR_ACCEPTED] = "accepted by both",
    [KN_PAIR_DISAGREE] = "disagreements",  [KN_PAIR_CHANGED] = "accepted with other content",
};

static void
found(run *r, int64_t number, const char *what, const char *text, size_t len)
{
    g_autofree char *path = g_strdup_printf("%s/%s-%" PRId64 "-%" PRId64 ".xml", r->out, r->mode,
                                            (int64_t)r->seed, number);

    r->disagreements++;
    if (r->disagreements > 20)
        return; /* enough to begin with */
    if (!g_file_set_contents(path, text, (gssize)len, NULL))
        (void)fprintf(stderr, "%s: cannot be written\n", path);
    (void)printf("disagreement: %s\n  again: differential --mode %s --seed %" PRId64
                 " --first %" PRId64 " --mutants 1\n  %s\n",
                 what, r->mode, (int64_t)r->seed, number, path);
}

/* --- signed documents --------------------------------------------------------------------------------- */

static int
run_pairs(run *r, kn_profile profile)
{
    g_autoptr(GArray) bases = kn_bases_new(r->xml, profile);
    kn_pair pair = { .xml = r->xml, .profile = profile, .spoil = r->spoil };
    int64_t count[KN_PAIR_COUNT] = { 0 }, past = 0;

    for (size_t i = 0; i < bases->len;
         i++) { /* unchanged ones first: else nothing below has a meaning */
        const kn_base *base = &g_array_index(bases, kn_base, i);

        if (kn_pair_judge(&pair, base, base->text, strlen(base->text)) != KN_PAIR_ACCEPTED) {
            (void)printf("base %s: %s\n", base->name, pair.what);
            return 1;
        }
    }
    for (int64_t n = r->first; n < r->first + r->mutants; n++) {
        kn_rng rng = kn_rng_of((uint64_t)r->seed, (uint64_t)n);
        const kn_base *base = &g_array_index(bases, kn_base, kn_rng_below(&rng, bases->len));
        g_autoptr(GString) text = g_string_new(base->text), notes = g_string_new(NULL);
        g_autofree char *what = NULL;
        kn_pair_result result = KN_PAIR_NOT_OPENED;

        kn_mutate(text, &rng, notes);
        result = kn_pair_judge(&pair, base, text->str, text->len);
        count[result]++;
        past += result > KN_PAIR_NOT_SHAPED;
        if (result < KN_PAIR_DISAGREE)
            continue;
        what = g_strdup_printf("%s: %s (%s): %s", words[result], base->name, notes->str, pair.what);
        found(r, n, what, text->str, text->len);
    }
    (void)printf("%s: seed %" PRId64 ", %" PRId64 " mutants of %u bases, %" PRId64
                 " past the gate\n",
                 r->mode, (int64_t)r->seed, (int64_t)r->mutants, bases->len, past);
    for (size_t i = 0; i < KN_PAIR_COUNT; i++)
        (void)printf("  %-28s %" PRId64 "\n", words[i], count[i]);
    if (past > 0 && pair.direct_us > 0)
        (void)printf("  CPU past the gate: direct %" PRId64 ".%" PRId64
                     " us a document, xmlsec1 %.2f times that\n",
                     pair.direct_us / past, pair.direct_us * 10 / past % 10,
                     (double)pair.xmlsec_us / (double)pair.direct_us);
    if (r->disagreements > 0)
        return 1;
    return r->mutants > 1000
                   && (past < r->mutants / 10 || count[KN_PAIR_ACCEPTED] < r->mutants / 20
                       || count[KN_PAIR_REFUSED] < r->mutants / 50)
               ? 3
               : 0;
}

/* --- trees ---------------------------------------------------------------------------------------------- */

static int
run_trees(run *r)
{
    int64_t compared = 0;
    char what[128];

    for (int64_t n = r->first; n < r->first + r->mutants; n++) {
        kn_rng rng = kn_rng_of((uint64_t)r->seed, (uint64_t)n);
        g_autoptr(GString) text = kn_tree_text(&rng);
        kn_tree_result result = kn_tree_judge(r->xml, text->str, text->len, &rng, r->spoil, what);

        compared += result != KN_TREE_NOT_OPENED;
        if (result == KN_TREE_DIFFERS)
            found(r, n, what, text->str, text->len);
    }
    (void)printf("c14n: seed %" PRId64 ", %" PRId64 " trees, %" PRId64 " compared, %" PRId64
                 " differ\n",
                 (int64_t)r->seed, (int64_t)r->mutants, compared, r->disagreements);
    if (r->disagreements > 0)
        return 1;
    return r->mutants > 1000 && compared < r->mutants / 2 ? 3 : 0;
}

static int
run_mode(run *r)
{
    if (strcmp(r->mode, "c14n") == 0)
        return run_trees(r);
    if (strcmp(r->mode, "w3c") == 0)
        return run_pairs(r, KN_PROFILE_W3C);
    if (strcmp(r->mode, "eport") == 0)
        return run_pairs(r, KN_PROFILE_EPORT);
    (void)fprintf(stderr, "--mode eport, w3c or c14n\n");
    return 2;
}

int
main(int argc, char **argv)
{
    run r = { .mutants = 10000, .seed = 1 };
    const GOptionEntry entries[] = {
        { "mode", 0, 0, G_OPTION_ARG_STRING, &r.mode, "what is compared", "eport|w3c|c14n" },
        { "mutants", 0, 0, G_OPTION_ARG_INT64, &r.mutants, "how many (10000)", "N" },
        { "seed", 0, 0, G_OPTION_ARG_INT64, &r.seed, "of all chance (1)", "S" },
        { "first", 0, 0, G_OPTION_ARG_INT64, &r.first, "number of the first one (0)", "K" },
        { "out", 0, 0, G_OPTION_ARG_FILENAME, &r.out, "folder for what was found (.)", "FOLDER" },
        { "spoil", 0, 0, G_OPTION_ARG_NONE, &r.spoil,
          "show the oracle something else: must end with 1", NULL },
        { 0 },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) err = NULL;
    int result = 2;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err) || !kn_xml_setup(&err)
        || !kn_xmlsec_setup(&err)) {
        (void)fprintf(stderr, "differential: %s\n", err->message);
        return 2;
    }
    r.mode = r.mode ? r.mode : g_strdup("eport");
    r.out = r.out ? r.out : g_strdup(".");
    r.xml = kn_xml_new(NULL, NULL);
    result = run_mode(&r);
    kn_xml_free(r.xml);
    g_free(r.mode);
    g_free(r.out);
    return result;
}
