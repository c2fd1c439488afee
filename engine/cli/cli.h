/* SPDX-License-Identifier: Apache-2.0 */
/* The kouan tool: one function a subcommand, argv[0] is the subcommand's name.
 *
 * returns  an exit code of the list below, the same everywhere
 * output   facts on stdout, complaints on stderr as "kouan <command>: text"
 *
 * TO ADD ONE: 1. a file with the function  2. a line below  3. a row in table.c
 */
#ifndef KOUAN_CLI_CLI_H
#define KOUAN_CLI_CLI_H

#include <glib.h>
#include <jansson.h>
#include <kouan/error.h>
#include <stdbool.h>

enum {
    KN_EXIT_OK = 0,
    KN_EXIT_REFUSED = 1, /* refused, invalid, not found */
    KN_EXIT_MISSING = 2, /* a prerequisite is missing: a file, a migration, a topic */
    KN_EXIT_USAGE = 64,
    KN_EXIT_UNAVAILABLE = 69, /* database or broker not reachable */
    KN_EXIT_INTERNAL = 70,
    KN_EXIT_CONFIG = 78,
};

typedef struct kn_cli_command {
    const char *name; /* NULL ends the table */
    const char *help; /* one line */
    int (*run)(int argc, char **argv);
} kn_cli_command;

extern const kn_cli_command kn_cli_commands[];
/* NULL when there is none. */
const kn_cli_command *kn_cli_find(const char *name);
/* List of all commands on stdout. */
void kn_cli_list(void);

/* What a subcommand takes, and says of itself. */
typedef struct kn_cli_syntax {
    const char *words;           /* what stands after the options: "FILE…", or "" */
    const char *what;            /* one sentence */
    const char *more;            /* further text of --help, may be NULL */
    const GOptionEntry *entries; /* its own options, or NULL */
    const char **config;         /* takes --config: set to the file; NULL = no such option */
    bool *json;                  /* takes --json; NULL = no such option */
    int least, most;             /* words; most -1 = any number */
} kn_cli_syntax;

/* Reads the command line; *argc counts the words that are left, argv[1] is the first.
 * --help prints and leaves with 0.  false: said why on stderr, return KN_EXIT_USAGE. */
bool kn_cli_parse(const kn_cli_syntax *syntax, int *argc, char ***argv);

/* What a command takes, without running it: look is called with its syntax, which ends with the call.  For
 * what is printed from the tables.  false: the command does not begin with kn_cli_parse. */
typedef void (*kn_cli_look)(const kn_cli_command *command, const kn_cli_syntax *syntax, void *data);
bool kn_cli_describe(const kn_cli_command *command, kn_cli_look look, void *data);
/* Rows of its own and those for --config and --json: GOptionEntry, ended by an empty one, free with
 * g_array_unref. */
GArray *kn_cli_options(const kn_cli_syntax *syntax);
/* The words a command takes besides options: those to be typed as they stand ("check"), and whether one may be a
 * file.  free with g_strfreev. */
char **kn_cli_keywords(const kn_cli_syntax *syntax, bool *files);
extern const char kn_cli_exit_codes[]; /* a sentence or two, for --help and the manual */

/* Exit code of an error. */
int kn_cli_exit_of(const GError *err);
/* Says the error on stderr and gives its exit code. */
int kn_cli_fail(const char *command, const GError *err);
/* One JSON document and a newline on stdout; steals object. */
void kn_cli_print_json(json_t *object);
/* A file, or standard input for "-".  false: KN_E_IO. */
bool kn_cli_read(const char *path, char **out, size_t *len, GError **err);

int kn_cli_migrate(int argc, char **argv);
int kn_cli_provision(int argc, char **argv);
int kn_cli_topics(int argc, char **argv);
int kn_cli_sign(int argc, char **argv);
int kn_cli_verify(int argc, char **argv);
int kn_cli_explain(int argc, char **argv);
int kn_cli_validate(int argc, char **argv);
int kn_cli_make(int argc, char **argv);
int kn_cli_submit(int argc, char **argv);
int kn_cli_trace(int argc, char **argv);
int kn_cli_audit(int argc, char **argv);
int kn_cli_dead(int argc, char **argv);
int kn_cli_replay(int argc, char **argv);
int kn_cli_archive(int argc, char **argv);
int kn_cli_evidence(int argc, char **argv);
int kn_cli_machine(int argc, char **argv);
int kn_cli_config(int argc, char **argv);
int kn_cli_dictionary(int argc, char **argv);
int kn_cli_trust(int argc, char **argv);
int kn_cli_vault(int argc, char **argv);
int kn_cli_errors(int argc, char **argv);
int kn_cli_alarms(int argc, char **argv);
int kn_cli_handler(int argc, char **argv);
int kn_cli_customs(int argc, char **argv);
int kn_cli_completion(int argc, char **argv);

#endif
