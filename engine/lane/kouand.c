/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/kouand.h"

#include <string.h>
#include <sysexits.h>

void
kn_kouand_entries(kn_kouand_words *words, GOptionEntry out[KN_KOUAND_ENTRIES])
{
    static kn_kouand_words nowhere; /* never written: only its addresses are needed */
    kn_kouand_words *into = words ? words : &nowhere;
    const GOptionEntry entries[KN_KOUAND_ENTRIES] = {
        { "config", 'c', 0, G_OPTION_ARG_FILENAME, &into->config,
          "configuration file (default config/kouan.ini)", "FILE" },
        { "stats", 0, 0, G_OPTION_ARG_FILENAME, &into->stats,
          "write counters as JSON to FILE each second", "FILE" },
        { "version", 0, 0, G_OPTION_ARG_NONE, &into->version, "print the version and end", NULL },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };

    memcpy(out, entries, sizeof entries);
}

const kn_kouand_end kn_kouand_ends[] = {
    { EX_OK, "stopped in order" },
    { EX_USAGE, "wrong options" },
    { EX_SOFTWARE, "a broken invariant: a person must look; the last line of the log says what" },
    { EX_TEMPFAIL, "left on doubt: start it again, nothing is lost" },
    { EX_CONFIG, "configuration wrong" },
    { 0, NULL },
};

const kn_kouand_signal kn_kouand_signals[] = {
    { "SIGTERM", "finish the batch in hand and end" },
    { "SIGINT", "the same" },
    { "SIGHUP", "read partners, CRLs and code lists again, and switch all processes to them" },
    { NULL, NULL },
};
