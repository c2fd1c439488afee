/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pki.h"

#include "cli/cli.h"
#include "pki/kn_pki.h"

#include <stdio.h>

static void
say(const char *what, void *data)
{
    (void)data;
    (void)fprintf(stderr, "pki: %s\n", what);
}

int
kn_cli_pki(int argc, char **argv)
{
    g_autofree char *folder = NULL;
    int portals = 0, enterprises = 0, cards = 0, no_bad = 0, quiet = 0;
    /* clang-format off */
    const GOptionEntry entries[] = {
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &folder, "folder to fill (made, mode 0700)", "DIR" },
        { "portals", 0, 0, G_OPTION_ARG_INT, &portals, "portals (4)", "N" },
        { "enterprises", 0, 0, G_OPTION_ARG_INT, &enterprises, "enterprises with a key of their own (3)", "N" },
        { "cards", 0, 0, G_OPTION_ARG_INT, &cards, "cards, legal and operator in turn (6)", "N" },
        { "no-bad", 0, 0, G_OPTION_ARG_NONE, &no_bad, "leave out certificates that must be refused", NULL },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "no phases on stderr", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    /* clang-format on */
    const kn_cli_syntax syntax = {
        .words = "",
        .what = "Makes keys, certificates, CRLs and partner files for tests; never for production.",
        .entries = entries,
    };
    g_autoptr(GError) err = NULL;
    kn_pki_plan plan;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (!folder) {
        (void)fprintf(stderr, "kouan pki: --out DIR must be given\n");
        return KN_EXIT_USAGE;
    }
    plan = (kn_pki_plan){ .portals = portals,
                          .enterprises = enterprises,
                          .cards = cards,
                          .bad = !no_bad,
                          .phase = quiet ? NULL : say };
    return kn_pki_make(folder, &plan, &err) ? KN_EXIT_OK : kn_cli_fail("pki", err);
}
