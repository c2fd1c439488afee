/* SPDX-License-Identifier: Apache-2.0 */
/* kouan: finds the subcommand; everything else is its own. */
#include "base/fault.h"
#include "cli/cli.h"

#include <kouan/log.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    const kn_cli_command *command;

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* --help holds "…" */
    kn_log_init(KN_WARN, false);
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        kn_cli_list();
        return argc > 1 ? KN_EXIT_OK : KN_EXIT_USAGE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        (void)printf("kouan %s\n", KOUAN_VERSION);
        return KN_EXIT_OK;
    }
    if (!kn_fault_init()) /* test builds: the clock may stand ahead */
        return KN_EXIT_USAGE;
    command = kn_cli_find(name);
    if (!command) {
        (void)fprintf(stderr, "kouan: no command “%s”; kouan help lists them\n", name);
        return KN_EXIT_USAGE;
    }
    return command->run(argc - 1, argv + 1);
}
