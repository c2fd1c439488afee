/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pki.h"

#include "pki/kn_pki.h"

#include <kouan/error.h>
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
    const GOptionEntry entries[] = {
        { "out", 'o', 0, G_OPTION_ARG_FILENAME, &folder, "folder to fill (made, mode 0700)", "DIR" },
        { "portals", 0, 0, G_OPTION_ARG_INT, &portals, "portals (4)", "N" },
        { "enterprises", 0, 0, G_OPTION_ARG_INT, &enterprises, "enterprises with a key of their own (3)", "N" },
        { "cards", 0, 0, G_OPTION_ARG_INT, &cards, "cards, legal and operator in turn (6)", "N" },
        { "no-bad", 0, 0, G_OPTION_ARG_NONE, &no_bad, "leave out certificates that must be refused", NULL },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "no phases on stderr", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- keys, certificates and partner files for tests");
    g_autoptr(GError) err = NULL;
    kn_pki_plan plan;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        (void)fprintf(stderr, "kouan pki: %s\n", err->message);
        return 2;
    }
    if (!folder || argc > 1) {
        (void)fprintf(stderr, "kouan pki: %s\n", folder ? "too many arguments" : "--out DIR must be given");
        return 2;
    }
    plan = (kn_pki_plan){ .portals = portals, .enterprises = enterprises, .cards = cards, .bad = !no_bad,
                          .phase = quiet ? NULL : say };
    if (!kn_pki_make(folder, &plan, &err)) {
        (void)fprintf(stderr, "kouan pki: %s\n", err->message);
        return kn_error_code(err) == KN_E_USAGE ? 2 : 1;
    }
    return 0;
}
