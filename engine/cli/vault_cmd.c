/* SPDX-License-Identifier: Apache-2.0 */
/* kouan vault: the key file of the archive (store/vault.h). */
#include "base/hex.h"
#include "cli/cli.h"
#include "store/vault.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool
list(const char *file, bool json, GError **err)
{
    g_autoptr(GArray) keys = NULL;
    uint32_t newest = 0;
    json_t *rows = json_array();

    if (!kn_vault_read(file, &keys, err)) {
        json_decref(rows);
        return false;
    }
    for (unsigned i = 0; i < keys->len; i++)
        newest = MAX(newest, g_array_index(keys, kn_vault_key, i).id);
    for (unsigned i = 0; i < keys->len; i++) {
        uint32_t id = g_array_index(keys, kn_vault_key, i).id;

        (void)json_array_append_new(
            rows, json_pack("{sI sb}", "id", (json_int_t)id, "encrypts", id == newest));
        if (!json)
            (void)printf("%u  %s\n", id, id == newest ? "encrypts" : "opens");
    }
    if (json)
        kn_cli_print_json(rows);
    else
        json_decref(rows);
    return true;
}

/* The old text with a line more, written beside and moved into place: a key is never half a key. */
static bool
append(const char *file, const char *old, uint32_t id, GError **err)
{
    uint8_t key[KN_VAULT_KEY];
    char hex[2 * KN_VAULT_KEY + 1];
    g_autofree char *text = NULL;
    bool ok;

    if (RAND_priv_bytes(key, sizeof key) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "no random bytes");
    kn_hex_encode(key, sizeof key, hex);
    text = g_strdup_printf("%s%s%u %s\n", old, *old && !g_str_has_suffix(old, "\n") ? "\n" : "", id,
                           hex);
    ok = g_file_set_contents_full(
        file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, err);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(hex, sizeof hex);
    OPENSSL_cleanse(text, strlen(text));
    return ok;
}

static bool
add(const char *file, GError **err)
{
    g_autoptr(GArray) keys = NULL;
    g_autofree char *old = NULL;
    struct stat st;
    uint32_t id = 0;

    if (stat(file, &st) == 0) {
        if (!kn_vault_read(file, &keys, err) || !g_file_get_contents(file, &old, NULL, err))
            return false;
        for (unsigned i = 0; i < keys->len; i++)
            id = MAX(id, g_array_index(keys, kn_vault_key, i).id);
    } else if (errno != ENOENT) {
        return kn_fail(err, KN_E_IO, "%s: %s", file, g_strerror(errno));
    }
    if (id == UINT32_MAX || !append(file, old ? old : "", id + 1, err))
        return id == UINT32_MAX ? kn_fail(err, KN_E_USAGE, "%s: no number is left", file) : false;
    (void)printf("key %u added to %s: it encrypts once every kouand that has it is started again\n",
                 id + 1, file);
    return true;
}

int
kn_cli_vault(int argc, char **argv)
{
    bool json = false;
    const kn_cli_syntax syntax = {
        .words = "add|list FILE",
        .what = "Keys that encrypt the payloads in the archive ([archive] key_file).\n"
                "add   makes the file (mode 0600), or gives it a further key, which becomes the "
                "one that encrypts\n"
                "list  numbers of the keys in it",
        .json = &json,
        .least = 2,
        .most = 2,
    };
    g_autoptr(GError) err = NULL;

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (strcmp(argv[1], "add") == 0 ? add(argv[2], &err)
        : strcmp(argv[1], "list") == 0
            ? list(argv[2], json, &err)
            : kn_fail(&err, KN_E_USAGE, "add or list, not “%s”", argv[1]))
        return 0;
    return kn_cli_fail("vault", err);
}
