/* SPDX-License-Identifier: Apache-2.0 */
/* kouan pki: makes a test PKI (pki/kn_pki.h). */
#ifndef KOUAN_CLI_PKI_H
#define KOUAN_CLI_PKI_H

/* argv[0] is "pki".  Exit status: as in cli/cli.h. */
int kn_cli_pki(int argc, char **argv);

#endif
