/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#define READ_MAX ((size_t)64 << 20)

const char kn_cli_exit_codes[] =
    "Exit codes: 0 done, 1 refused, invalid or not found, 2 a prerequisite is missing,\n"
    "64 usage, 69 database or broker not reachable, 70 internal, 78 configuration wrong.\n";

/* Who looks at the next syntax instead of having it read a command line. */
static struct {
    const kn_cli_command *command;
    kn_cli_look look;
    void *data;
} looking;

static const struct {
    kn_error code;
    int exit;
} exits[] = {
    { KN_E_CONFIG, KN_EXIT_CONFIG },
    { KN_E_TABLE, KN_EXIT_CONFIG },
    { KN_E_USAGE, KN_EXIT_USAGE },
    { KN_E_EVIDENCE, KN_EXIT_REFUSED },
    { KN_E_IO, KN_EXIT_MISSING },
    { KN_E_STORE_WRONG, KN_EXIT_MISSING },
    { KN_E_BUS_WRONG, KN_EXIT_MISSING },
    { KN_E_STORE_DOWN, KN_EXIT_UNAVAILABLE },
    { KN_E_STORE_BUSY, KN_EXIT_UNAVAILABLE },
    { KN_E_BUS_DOWN, KN_EXIT_UNAVAILABLE },
    { KN_E_ENGINE_ERROR, KN_EXIT_INTERNAL },
    { KN_E_DATA_ERROR, KN_EXIT_INTERNAL },
};

int
kn_cli_exit_of(const GError *err)
{
    kn_error code = kn_error_code(err);
    kn_outcome outcome = kn_error_row_of(code)->outcome;

    for (size_t i = 0; i < G_N_ELEMENTS(exits); i++)
        if (exits[i].code == code)
            return exits[i].exit;
    return outcome == KN_OUTCOME_REFUSE || outcome == KN_OUTCOME_QUARANTINE ? KN_EXIT_REFUSED
                                                                            : KN_EXIT_INTERNAL;
}

int
kn_cli_fail(const char *command, const GError *err)
{
    kn_error code = kn_error_code(err);
    g_auto(GStrv) lines = g_strsplit(err->message, "\n", -1);

    for (size_t i = 0; lines[i]; i++)
        if (*lines[i])
            (void)fprintf(stderr, "kouan %s: %s\n", command, lines[i]);
    if (kn_cli_exit_of(err) == KN_EXIT_REFUSED)
        (void)fprintf(stderr, "kouan %s: %s %s\n", command, kn_error_row_of(code)->name,
                      kn_error_row_of(code)->text);
    return kn_cli_exit_of(err);
}

/* config, json: where GOption puts them; only read when it parses. */
static GArray *
options_into(const kn_cli_syntax *syntax, char **config, int *json)
{
    GArray *out = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    const GOptionEntry with_config = { "config", 'c',
                                       0,        G_OPTION_ARG_FILENAME,
                                       config,   "configuration file (default config/kouan.ini)",
                                       "FILE" };
    const GOptionEntry with_json = { "json", 0, 0, G_OPTION_ARG_NONE, json, "print facts as JSON",
                                     NULL };

    for (const GOptionEntry *e = syntax->entries; e && e->long_name; e++)
        g_array_append_vals(out, e, 1);
    if (syntax->config)
        g_array_append_val(out, with_config);
    if (syntax->json)
        g_array_append_val(out, with_json);
    return out;
}

GArray *
kn_cli_options(const kn_cli_syntax *syntax)
{
    return options_into(syntax, NULL, NULL);
}

char **
kn_cli_keywords(const kn_cli_syntax *syntax, bool *files)
{
    g_auto(GStrv) kinds = g_strsplit_set(syntax->words, "|", -1);
    GPtrArray *out = g_ptr_array_new();

    for (char **kind = kinds; *kind; kind++) {
        size_t len = strcspn(*kind, " ");

        if (g_ascii_islower(**kind))
            g_ptr_array_add(out, g_strndup(*kind, len));
    }
    g_ptr_array_add(out, NULL);
    *files = strstr(syntax->words, "FILE") || strstr(syntax->words, "DIR");
    return (char **)g_ptr_array_free(out, FALSE);
}

bool
kn_cli_describe(const kn_cli_command *command, kn_cli_look look, void *data)
{
    char *name = g_strdup(command->name);
    char *argv[] = { name, NULL };
    bool seen;

    looking.command = command;
    looking.look = look;
    looking.data = data;
    (void)command->run(1, argv);
    seen = looking.look == NULL;
    looking.look = NULL;
    g_free(name);
    return seen;
}

static bool
usage(const char *command, const char *text)
{
    (void)fprintf(stderr, "kouan %s: %s; see kouan %s --help\n", command, text, command);
    return false;
}

bool
kn_cli_parse(const kn_cli_syntax *syntax, int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(syntax->words);
    g_autoptr(GError) err = NULL;
    g_autofree char *prgname = g_strconcat("kouan ", (*argv)[0], NULL);
    const char *command = (*argv)[0];
    g_autofree char *config = NULL;
    g_autoptr(GArray) options = NULL;
    int json = 0, from = 1, words;

    if (looking.look) {
        looking.look(looking.command, syntax, looking.data);
        looking.look = NULL;
        return false;
    }
    g_set_prgname(prgname);
    g_option_context_set_summary(context, syntax->what);
    {
        g_autofree char *text = g_strconcat(syntax->more ? syntax->more : "",
                                            syntax->more ? "\n" : "", kn_cli_exit_codes, NULL);

        g_option_context_set_description(context, text);
    }
    options = options_into(syntax, &config, &json);
    g_option_context_add_main_entries(context, (const GOptionEntry *)(void *)options->data, NULL);
    if (!g_option_context_parse(context, argc, argv, &err))
        return usage(command, err->message);
    if (*argc > 1 && strcmp((*argv)[1], "--") == 0)
        from = 2;
    words = *argc - from;
    if (from == 2) {
        (*argv)[1] = (*argv)[0];
        (*argv)++;
        (*argc)--;
    }
    if (words < syntax->least)
        return usage(command, "something is missing");
    if (syntax->most >= 0 && words > syntax->most)
        return usage(command, "too many words");
    if (syntax->config)
        *syntax->config = config ? g_intern_string(config) : "config/kouan.ini";
    if (syntax->json)
        *syntax->json = json != 0;
    return true;
}

void
kn_cli_print_json(json_t *object)
{
    (void)json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    (void)fputc('\n', stdout);
    json_decref(object);
}

static bool
read_stdin(char **out, size_t *len, GError **err)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char block[16384];
    size_t n;

    while ((n = fread(block, 1, sizeof block, stdin)) > 0) {
        (void)g_string_append_len(text, block, (gssize)n);
        if (text->len > READ_MAX)
            return kn_fail(err, KN_E_IO, "standard input is longer than %zu bytes", READ_MAX);
    }
    if (ferror(stdin))
        return kn_fail(err, KN_E_IO, "standard input cannot be read");
    *len = text->len;
    *out = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}

bool
kn_cli_read(const char *path, char **out, size_t *len, GError **err)
{
    g_autoptr(GError) why = NULL;
    size_t n = 0;

    if (strcmp(path, "-") == 0)
        return read_stdin(out, len, err);
    if (!g_file_get_contents(path, out, &n, &why))
        return kn_fail(err, KN_E_IO, "%s", why->message);
    *len = n;
    return true;
}

const kn_cli_command *
kn_cli_find(const char *name)
{
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

void
kn_cli_list(void)
{
    (void)printf("Usage: kouan COMMAND [OPTION…] [WORD…]\n\n");
    for (const kn_cli_command *c = kn_cli_commands; c->name; c++)
        (void)printf("  %-10s %s\n", c->name, c->help);
    (void)printf("\nkouan COMMAND --help says more. %s", kn_cli_exit_codes);
}
