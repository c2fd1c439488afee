/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_check.h"

#include "base/clock.h"
#include "base/hex.h"
#include "cli/effective.h"
#include "lane/trust_check.h"

#include <kouan/error.h>
#include <string.h>
#include <sys/stat.h>

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

/* What the keys of kn_trust_world are filled from. */
static void
check_signer(const kn_config *config, const char *file, kn_alg alg, const char *name,
             const char *const paths[2], kn_trust_world *world, GPtrArray *mistakes)
{
    g_autofree char *key = kn_config_path(config, paths[0]),
                    *cert = kn_config_path(config, paths[1]);
    g_autoptr(kn_signer) signer = NULL;
    g_autoptr(GError) err = NULL;
    struct stat st;

    if (!*paths[0] && !*paths[1])
        return;
    world->keys[alg] = true; /* meant to be there: what is wrong with it is said here alone */
    if (!kn_signer_load(alg, key, cert, &signer, &err)) {
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: [sign] %s_key: %s", file, name, err->message));
        return;
    }
    if (stat(key, &st) == 0 && (st.st_mode & 077))
        g_ptr_array_add(mistakes, g_strdup_printf("%s: [sign] %s_key: %s may be read by others "
                                                  "(chmod 600)",
                                                  file, name, key));
}

static void
check_keys(const kn_config *config, const char *file, kn_trust_world *world, GPtrArray *mistakes)
{
    const struct {
        kn_alg alg;
        const char *name, *paths[2];
    } pairs[] = { { KN_ALG_ECDSA_SHA256, "ecdsa", { config->ecdsa_key, config->ecdsa_cert } },
                  { KN_ALG_RSA_SHA256, "rsa", { config->rsa_key, config->rsa_cert } },
                  { KN_ALG_SM2_SM3, "sm2", { config->sm2_key, config->sm2_cert } } };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        check_signer(config, file, pairs[i].alg, pairs[i].name, pairs[i].paths, world, mistakes);
    world->keys[KN_ALG_RSA_SHA1] = world->keys[KN_ALG_RSA_SHA256];
    world->keys[KN_ALG_SM2_SM3_FIELD] = world->keys[KN_ALG_SM2_SM3];
    world->with_keys = true;
}

static void
check_trust(const kn_config *config, GKeyFile *key_file, const char *file, kn_trust_world *world,
            GPtrArray *mistakes, GPtrArray *warnings)
{
    g_autoptr(kn_trust_set) set = kn_trust_set_collect(config, key_file, file, mistakes);
    g_autoptr(GError) err = NULL;
    g_auto(GStrv) texts = kn_partners_warnings(set->partners, kn_clock_wall_ms());

    if (!kn_handlers_check(set->codes, &err))
        note(mistakes, &err);
    kn_trust_check(world, set, mistakes, warnings);
    for (size_t i = 0; texts[i]; i++)
        g_ptr_array_add(warnings, g_strdup(texts[i]));
    for (unsigned i = 0; i < set->hints->len; i++)
        g_ptr_array_add(warnings, g_strdup(g_ptr_array_index(set->hints, i)));
}

/* Passwords belong in a passfile, and this file is read by whoever looks after partners. */
static void
hint_password(const kn_config *config, const char *file, GPtrArray *warnings)
{
    if (strstr(config->conninfo, "password="))
        g_ptr_array_add(warnings, g_strdup_printf("%s: [postgres] conninfo: a password; use a "
                                                  "passfile (PGPASSFILE)",
                                                  file));
}

static void
check_secret(const kn_config *config, const char *file, GPtrArray *mistakes)
{
    g_autofree char *path = kn_config_path(config, config->secret_file), *text = NULL;
    g_autoptr(GError) why = NULL;
    uint8_t secret[KN_SECRET_BYTES];
    struct stat st;

    if (!g_file_get_contents(path, &text, NULL, &why)) {
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: [engine] secret_file: %s", file, why->message));
        return;
    }
    if (stat(path, &st) == 0 && (st.st_mode & 077))
        g_ptr_array_add(
            mistakes,
            g_strdup_printf("%s: [engine] secret_file: %s may be read by others (chmod 600)", file,
                            path));
    if (!kn_hex_decode(g_strstrip(text), secret, sizeof secret))
        g_ptr_array_add(mistakes,
                        g_strdup_printf("%s: [engine] secret_file: %s is not 64 hexadecimal digits",
                                        file, path));
}

/* Each once: two who look at one thing say the same. */
static void
unique(GPtrArray *list)
{
    for (unsigned i = list->len; i-- > 1;)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(g_ptr_array_index(list, i), g_ptr_array_index(list, k)) == 0) {
                (void)g_ptr_array_remove_index(list, i);
                break;
            }
}

/* Part by part first, so that one mistake does not hide another; then as a whole. */
void
kn_config_check(const char *file, GPtrArray *mistakes, GPtrArray *warnings)
{
    g_autoptr(kn_config) config = NULL;
    g_autoptr(GKeyFile) key_file = NULL;
    g_autoptr(kn_engine) engine = NULL;
    g_autoptr(GError) err = NULL;
    kn_trust_world world = { .file = file };

    if (!kn_config_collect(file, &config, &key_file, mistakes, warnings))
        return;
    kn_effective_check(file, mistakes);
    world.config = config;
    world.doctypes = kn_trust_doctypes();
    hint_password(config, file, warnings);
    check_keys(config, file, &world, mistakes);
    check_secret(config, file, mistakes);
    check_trust(config, key_file, file, &world, mistakes, warnings);
    g_free((void *)(uintptr_t)world.doctypes);
    unique(mistakes);
    unique(warnings);
    if (mistakes->len == 0 && !kn_engine_load(file, true, &engine, &err))
        note(mistakes, &err);
}
