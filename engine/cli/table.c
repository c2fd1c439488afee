/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/pki.h"

/* clang-format off */
const kn_cli_command kn_cli_commands[] = {
    { "migrate",   "bring the database to this version",                                   kn_cli_migrate },
    { "provision", "make topics and the positions of their partitions",                    kn_cli_provision },
    { "topics",    "check that the broker has every topic as it must be",                  kn_cli_topics },
    { "make",      "make signed messages: tests, demonstration, bench",                            kn_cli_make },
    { "submit",    "publish messages, wait for their receipts",                                    kn_cli_submit },
    { "validate",  "check the content of documents before they are signed",                        kn_cli_validate },
    { "sign",      "sign a document, or put it into a signed shell",                               kn_cli_sign },
    { "verify",    "check signatures, certificates and schema of a message",                       kn_cli_verify },
    { "explain",   "why a message is refused, and what to do about it",                            kn_cli_explain },
    { "customs",   "play the customs intranet: take, acknowledge, answer",                         kn_cli_customs },
    { "trace",     "the life of a message or document, from the database",                         kn_cli_trace },
    { "evidence",  "seal the hash chain, check it; evidence of a document: export, verify",         kn_cli_evidence },
    { "audit",     "who did what when, and what came of it",                                       kn_cli_audit },
    { "archive",   "days of the archive: list, drop old ones",                                     kn_cli_archive },
    { "replay",    "execute the archive once more and compare; a new handler or schema on trial",    kn_cli_replay },
    { "dead",      "parked messages: list, show, release, discard",                                kn_cli_dead },
    { "config",    "check the configuration, show the values in force",                            kn_cli_config },
    { "trust",     "versions of partners, CRLs and code lists: list, show, switch",                kn_cli_trust },
    { "dictionary", "dictionaries of the archive: train, list, drop",                              kn_cli_dictionary },
    { "vault",     "keys that encrypt the archive: add, list",                                     kn_cli_vault },
    { "machine",   "print a state machine: tables, picture, JSON",                                 kn_cli_machine },
    { "errors",    "print the error table",                                                        kn_cli_errors },
    { "alarms",    "what an alarm means, and what to do about it",                                 kn_cli_alarms },
    { "handler",   "may a handler from outside be loaded; which handlers there are",               kn_cli_handler },
    { "pki",       "keys, certificates and partner files for tests and demonstrations",       kn_cli_pki },
    { "completion", "print what makes a shell complete commands and options",                      kn_cli_completion },
    { NULL, NULL, NULL },
};
/* clang-format on */
