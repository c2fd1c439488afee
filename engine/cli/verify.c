/* SPDX-License-Identifier: Apache-2.0 */
/* kouan verify: the verdict of the engine's own gate over one message, a line a document; what stands behind
 * it is kouan explain's. */
#include "base/clock.h"
#include "base/rule.h"
#include "cli/cli.h"
#include "cli/explain.h"

#include <stdio.h>

static const char *
result_of(const kn_explained *e, size_t i)
{
    if (e->verdict.why && i == (e->verdict.inner ? 1U : 0U))
        return kn_error_row_of(kn_error_code(e->verdict.why))->name;
    if (e->verdict.why && !e->verdict.inner && i == 1)
        return "not looked at";
    return e->findings[i].has_signature ? "good" : "not signed";
}

static void
print_text(const kn_explained *e)
{
    for (size_t i = 0; i < e->n; i++) {
        const kn_finding *f = &e->findings[i];

        (void)printf("%s %s: %s\n", f->what, (const char *)xmlDocGetRootElement(f->doc)->name,
                     result_of(e, i));
        if (f->shaped)
            (void)printf("    %s, certificate %s, digest %s\n", kn_alg_row_of(f->shape.alg)->name,
                         f->serial ? f->serial : "not readable", f->found);
    }
}

static bool
run(const kn_judge_plan *plan, const char *partner, const char *path, kn_explained *out,
    GError **err)
{
    g_autoptr(kn_judge) judge = NULL;
    g_autofree char *text = NULL;
    kn_letter letter = { .partner = partner, .at_ms = kn_clock_wall_ms() };

    if (!kn_judge_open(plan, &judge, err) || !kn_cli_read(path, &text, &letter.len, err))
        return false;
    letter.bytes = text;
    kn_explain(judge, &letter, NULL, 0, out);
    return true;
}

static int
report(const kn_explained *e, bool json)
{
    const GError *why = e->verdict.why;

    if (json)
        kn_cli_print_json(kn_explained_json(e));
    else
        print_text(e);
    if (!why)
        return KN_EXIT_OK;
    if (*kn_rule_of(kn_error_code(why)))
        (void)fprintf(stderr, "kouan verify: rule %s failed\n", kn_rule_of(kn_error_code(why)));
    (void)kn_cli_fail("verify", why);
    (void)fprintf(stderr, "kouan verify: kouan explain says more\n");
    return kn_cli_exit_of(why);
}

int
kn_cli_verify(int argc, char **argv)
{
    g_autofree char *partner = NULL;
    const char *config;
    int self = 0, w3c = 0;
    bool json;
    const GOptionEntry entries[] = {
        { "partner", 0, 0, G_OPTION_ARG_STRING, &partner, "who sent it (the sender it names)",
          "ID" },
        { "self", 0, 0, G_OPTION_ARG_NONE, &self,
          "with the certificate in the message only: says nothing about who signed", NULL },
        { "w3c", 0, 0, G_OPTION_ARG_NONE, &w3c, "with --self: in a form of profile w3c", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    const kn_cli_syntax syntax = {
        .words = "FILE|-",
        .what =
            "Checks a message as the engine does, the shell and what is in it: form, signatures,\n"
            "certificates, schema, binding.",
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    g_auto(kn_explained) e = { 0 };
    kn_judge_plan plan = { 0 };

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    plan.config = self ? NULL : config;
    plan.profile = w3c ? KN_PROFILE_W3C : KN_PROFILE_EPORT;
    return run(&plan, partner, argv[1], &e, &err) ? report(&e, json) : kn_cli_fail("verify", err);
}
