/* SPDX-License-Identifier: Apache-2.0 */
#include "store/vault.h"

#include "base/hex.h"

#include <errno.h>
#include <kouan/error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/stat.h>

#define NONCE 12
#define NONCE_AT 8

static const uint8_t magic[4] = { 'K', 'V', '1', 0 };

static GArray *ring; /* kn_vault_key, the newest last; NULL = none */
static char *broken; /* why there is no ring although there should be one */

/* --- the file ------------------------------------------------------------------------------------------- */

static void
key_clear(void *key)
{
    OPENSSL_cleanse(key, sizeof(kn_vault_key));
}

static bool
add_line(GArray *keys, const char *line, GError **err)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
    kn_vault_key key = { 0 };
    uint64_t id = 0;

    if (g_strv_length(words) != 2
        || !g_ascii_string_to_unsigned(words[0], 10, 1, UINT32_MAX, &id, NULL)
        || strlen(words[1]) != 2 * (size_t)KN_VAULT_KEY
        || !kn_hex_decode(words[1], key.bytes, KN_VAULT_KEY))
        return kn_fail(err, KN_E_CONFIG, "not a number and 64 hexadecimal digits");
    for (unsigned i = 0; i < keys->len; i++)
        if (g_array_index(keys, kn_vault_key, i).id == id)
            return kn_fail(err, KN_E_CONFIG, "key %u is there twice", (unsigned)id);
    key.id = (uint32_t)id;
    g_array_append_val(keys, key);
    key_clear(&key);
    return true;
}

static bool
add_lines(GArray *keys, const char *text, GError **err)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (int i = 0; lines[i]; i++) {
        g_autoptr(GError) why = NULL;
        const char *line = g_strstrip(lines[i]);

        if (*line != '\0' && *line != '#' && !add_line(keys, line, &why)) /* the line is not told */
            return kn_fail(err, KN_E_CONFIG, "line %d: %s", i + 1, why->message);
    }
    return true;
}

bool
kn_vault_read(const char *file, GArray **out, GError **err)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, TRUE, sizeof(kn_vault_key));
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    struct stat st;

    g_array_set_clear_func(keys, key_clear);
    if (stat(file, &st) != 0)
        return kn_fail(err, KN_E_CONFIG, "%s: %s", file, g_strerror(errno));
    if (st.st_mode & 077)
        return kn_fail(err, KN_E_CONFIG, "%s may be read by others (chmod 600)", file);
    if (!g_file_get_contents(file, &text, NULL, &why))
        return kn_fail(err, KN_E_CONFIG, "%s", why->message);
    if (!add_lines(keys, text, &why))
        return kn_fail(err, KN_E_CONFIG, "%s: %s", file, why->message);
    if (keys->len == 0)
        return kn_fail(err, KN_E_CONFIG, "%s: no key in it (kouan vault add)", file);
    OPENSSL_cleanse(text, strlen(text));
    *out = g_steal_pointer(&keys);
    return true;
}

static int
by_id(const void *a, const void *b)
{
    uint32_t x = ((const kn_vault_key *)a)->id, y = ((const kn_vault_key *)b)->id;

    return x < y ? -1 : x > y;
}

bool
kn_vault_init(const char *file, GError **err)
{
    g_autoptr(GError) why = NULL;

    g_clear_pointer(&ring, g_array_unref);
    g_clear_pointer(&broken, g_free);
    if (!file || !*file)
        return true;
    if (!kn_vault_read(file, &ring, &why)) {
        broken = g_strdup(why->message);
        g_propagate_error(err, g_steal_pointer(&why));
        return false;
    }
    g_array_sort(ring, by_id);
    return true;
}

static const kn_vault_key *
newest(void)
{
    return ring ? &g_array_index(ring, kn_vault_key, ring->len - 1) : NULL;
}

uint32_t
kn_vault_writes(void)
{
    return ring ? newest()->id : 0;
}

size_t
kn_vault_room(void)
{
    return ring ? KN_VAULT_HEAD + KN_VAULT_TAG : 0;
}

/* --- lock and open --------------------------------------------------------------------------------------- */

/* In place; tag written (lock) or looked at (open).  false: it does not verify, or OpenSSL failed. */
static bool
run(const kn_vault_key *key, bool lock, const uint8_t *head, const uint8_t *in, size_t len,
    uint8_t *out, uint8_t *tag)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int used = 0;
    bool ok = ctx && len < INT32_MAX
              && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, head + NONCE_AT, lock)
                     == 1
              && EVP_CipherUpdate(ctx, NULL, &used, head, KN_VAULT_HEAD) == 1
              && EVP_CipherUpdate(ctx, out, &used, in, (int)len) == 1 && (size_t)used == len;

    if (ok && !lock)
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, KN_VAULT_TAG, tag) == 1;
    ok = ok && EVP_CipherFinal_ex(ctx, out + len, &used) == 1;
    if (ok && lock)
        ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, KN_VAULT_TAG, tag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

bool
kn_vault_lock(uint8_t *at, size_t len, GError **err)
{
    const kn_vault_key *key = newest();
    uint32_t id = key ? GUINT32_TO_BE(key->id) : 0;

    if (!key)
        return kn_fail(err, KN_E_ENGINE_ERROR, "archive: no key to encrypt with");
    memcpy(at, magic, sizeof magic);
    memcpy(at + sizeof magic, &id, sizeof id);
    if (RAND_bytes(at + NONCE_AT, NONCE) != 1
        || !run(key, true, at, at + KN_VAULT_HEAD, len, at + KN_VAULT_HEAD,
                at + KN_VAULT_HEAD + len))
        return kn_fail(err, KN_E_ENGINE_ERROR, "archive: encryption failed");
    return true;
}

bool
kn_vault_is_locked(const void *bytes, size_t len)
{
    return len >= KN_VAULT_HEAD + KN_VAULT_TAG && memcmp(bytes, magic, sizeof magic) == 0;
}

static const kn_vault_key *
key_of(const uint8_t *head, GError **err)
{
    uint32_t id;

    memcpy(&id, head + sizeof magic, sizeof id);
    id = GUINT32_FROM_BE(id);
    for (unsigned i = 0; ring && i < ring->len; i++)
        if (g_array_index(ring, kn_vault_key, i).id == id)
            return &g_array_index(ring, kn_vault_key, i);
    (void)kn_fail(err, KN_E_STORE_WRONG, "archived payload is encrypted with key %u: %s", id,
                  broken ? broken
                  : ring ? "it is not in [archive] key_file"
                         : "[archive] key_file is not set");
    return NULL;
}

bool
kn_vault_open(const void *bytes, size_t len, uint8_t **out, size_t *out_len, GError **err)
{
    const uint8_t *head = bytes;
    size_t inner = len - KN_VAULT_HEAD - KN_VAULT_TAG;
    const kn_vault_key *key;
    uint8_t tag[KN_VAULT_TAG];
    g_autofree uint8_t *plain = NULL;

    if (!kn_vault_is_locked(bytes, len))
        return kn_fail(err, KN_E_STORE_WRONG, "archived payload is not encrypted");
    key = key_of(head, err);
    if (!key)
        return false;
    memcpy(tag, head + KN_VAULT_HEAD + inner, sizeof tag);
    plain = g_malloc(inner + KN_VAULT_TAG);
    if (!run(key, false, head, head + KN_VAULT_HEAD, inner, plain, tag))
        return kn_fail(
            err, KN_E_STORE_WRONG,
            "archived payload does not open with key %u: changed, or another key of that number",
            key->id);
    *out = g_steal_pointer(&plain);
    *out_len = inner;
    return true;
}
