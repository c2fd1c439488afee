/* SPDX-License-Identifier: Apache-2.0 */
/* kouan config check, config show: what the engine would read, every mistake at once. */
#include "base/clock.h"
#include "base/hex.h"
#include "cli/cli.h"
#include "cli/effective.h"
#include "lane/engine.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* --- check ------------------------------------------------------------------------------------------------ */

/* Every line of an error becomes a mistake. */
static void
note(GPtrArray *mistakes, GError **err)
{
    g_auto(GStrv) lines = g_strsplit((*err)->message, "\n", -1);

    for (size_t i = 0; lines[i]; i++)
        if (*lines[i])
            g_ptr_array_add(mistakes, g_strdup(lines[i]));
    g_clear_error(err);
}

static void
check_tables(const kn_config *config, GPtrArray *mistakes)
{
    g_autofree char *partners_folder = kn_config_path(config, config->partners);
    g_autoptr(GError) err = NULL;
    kn_codes *codes = NULL;
    kn_partners *partners = NULL;

    if (!kn_engine_codes(config, &codes, &err))
        note(mistakes, &err);
    else if (!kn_handlers_check(codes, &err))
        note(mistakes, &err);
    if (!kn_partners_load(partners_folder, config->folder, &partners, &err))
        note(mistakes, &err);
    kn_codes_free(codes);
    kn_partners_free(partners);
}

static void
check_keys(const kn_config *config, GPtrArray *mistakes)
{
    const struct {
        kn_alg alg;
        const char *key, *cert;
    } pairs[] = { { KN_ALG_ECDSA_SHA256, config->ecdsa_key, config->ecdsa_cert },
                  { KN_ALG_RSA_SHA256, config->rsa_key, config->rsa_cert },
                  { KN_ALG_SM2_SM3, config->sm2_key, config->sm2_cert } };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *key = kn_config_path(config, pairs[i].key),
                        *cert = kn_config_path(config, pairs[i].cert);
        g_autoptr(kn_signer) signer = NULL;
        g_autoptr(GError) err = NULL;
        struct stat st;

        if (!*pairs[i].key && !*pairs[i].cert)
            continue;
        if (!kn_signer_load(pairs[i].alg, key, cert, &signer, &err)) {
            g_prefix_error(&err, "[sign] ");
            note(mistakes, &err);
        } else if (stat(key, &st) == 0 && (st.st_mode & 077)) {
            g_ptr_array_add(mistakes,
                            g_strdup_printf("[sign] %s may be read by others (chmod 600)", key));
        }
    }
}

static void
check_secret(const kn_config *config, GPtrArray *mistakes)
{
    g_autofree char *path = kn_config_path(config, config->secret_file), *text = NULL;
    g_autoptr(GError) why = NULL;
    uint8_t secret[KN_SECRET_BYTES];
    struct stat st;

    if (!g_file_get_contents(path, &text, NULL, &why)) {
        g_ptr_array_add(mistakes, g_strdup_printf("[engine] secret_file: %s", why->message));
        return;
    }
    if (stat(path, &st) == 0 && (st.st_mode & 077))
        g_ptr_array_add(
            mistakes,
            g_strdup_printf("[engine] secret_file: %s may be read by others (chmod 600)", path));
    if (!kn_hex_decode(g_strstrip(text), secret, sizeof secret))
        g_ptr_array_add(
            mistakes,
            g_strdup_printf("[engine] secret_file: %s is not 64 hexadecimal digits", path));
}

/* Part by part first, so that one mistake does not hide another; then as a whole. */
static void
check(const char *file, GPtrArray *mistakes, GPtrArray *warnings)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(GError) err = NULL;

    kn_effective_check(file, mistakes);
    if (!kn_config_load(file, &config, NULL, &err)) {
        if (mistakes->len == 0)
            note(mistakes, &err);
        return;
    }
    check_tables(config, mistakes);
    check_keys(config, mistakes);
    check_secret(config, mistakes);
    if (mistakes->len > 0)
        return;
    if (!kn_engine_load(file, true, &engine, &err)) {
        note(mistakes, &err);
        return;
    }
    {
        g_auto(GStrv) texts = kn_partners_warnings(engine->set->partners, kn_clock_wall_ms());

        for (size_t i = 0; texts[i]; i++)
            g_ptr_array_add(warnings, g_strdup(texts[i]));
    }
}

static json_t *
texts_of(const GPtrArray *list)
{
    json_t *out = json_array();

    for (unsigned i = 0; i < list->len; i++)
        (void)json_array_append_new(out, json_string(g_ptr_array_index(list, i)));
    return out;
}

static int
run_check(const char *file, bool json)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) err = NULL;

    if (!kn_xml_setup(&err))
        return kn_cli_fail("config", err);
    check(file, mistakes, warnings);
    if (json) {
        kn_cli_print_json(json_pack("{sb so so}", "good", mistakes->len == 0, "mistakes",
                                    texts_of(mistakes), "warnings", texts_of(warnings)));
    } else {
        for (unsigned i = 0; i < mistakes->len; i++)
            (void)fprintf(stderr, "%s\n", (const char *)g_ptr_array_index(mistakes, i));
        for (unsigned i = 0; i < warnings->len; i++)
            (void)fprintf(stderr, "warning: %s\n", (const char *)g_ptr_array_index(warnings, i));
        if (mistakes->len == 0)
            (void)printf("%s is good\n", file);
    }
    return mistakes->len == 0 ? KN_EXIT_OK : KN_EXIT_CONFIG;
}

/* --- show --------------------------------------------------------------------------------------------------- */

static int
run_show(const char *file, bool json)
{
    g_autoptr(GError) err = NULL;
    json_t *values = NULL;
    const char *group, *key;
    json_t *keys, *value;

    if (!kn_effective_read(file, &values, &err))
        return kn_cli_fail("config", err);
    if (json) {
        kn_cli_print_json(values);
        return KN_EXIT_OK;
    }
    json_object_foreach (values, group, keys) {
        (void)printf("[%s]\n", group);
        json_object_foreach (keys, key, value)
            (void)printf("%s = %s\n", key, json_string_value(value));
        (void)printf("\n");
    }
    json_decref(values);
    return KN_EXIT_OK;
}

int
kn_cli_config(int argc, char **argv)
{
    const char *config;
    bool json;
    const kn_cli_syntax syntax = {
        .words = "check|show|sample",
        .what = "check: everything the engine reads at start, each mistake on a line of its own.\n"
                "show: the values in force, defaults included; secrets are masked.\n"
                "sample: a commented file with every default.",
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (strcmp(argv[1], "check") == 0)
        return run_check(config, json);
    if (strcmp(argv[1], "show") == 0)
        return run_show(config, json);
    if (strcmp(argv[1], "sample") == 0) {
        g_autofree char *text = kn_effective_sample();

        (void)fputs(text, stdout);
        return KN_EXIT_OK;
    }
    (void)fprintf(stderr, "kouan config: check, show or sample\n");
    return KN_EXIT_USAGE;
}
