/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/stamp.h"

#include <glib/gstdio.h>
#include <kouan/error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#define DIGEST_LEN 32
#define REPLY_MAX ((size_t)1 << 20)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TS_REQ, TS_REQ_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TS_RESP, TS_RESP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TS_VERIFY_CTX, TS_VERIFY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509_ALGOR, X509_ALGOR_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ASN1_INTEGER, ASN1_INTEGER_free)

/* What OpenSSL says, in one line. */
static const char *
reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text ? text : "no reason given";
}

/* --- checking -------------------------------------------------------------------------------------- */

static bool
trust_only(TS_VERIFY_CTX *ctx, const char *tsa_ca)
{
    X509_STORE *store = X509_STORE_new();
    bool ok = store && X509_STORE_load_file(store, tsa_ca) == 1;

    (void)TS_VERIFY_CTX_set_store(ctx, store); /* taken */
    return ok;
}

bool
kn_stamp_check(const char *token, size_t token_len, const char *document, size_t len,
               const char *tsa_ca, GError **err)
{
    const uint8_t *at = (const uint8_t *)token;
    g_autoptr(TS_RESP) reply = d2i_TS_RESP(NULL, &at, (long)token_len);
    g_autoptr(TS_VERIFY_CTX) ctx = TS_VERIFY_CTX_new();
    uint8_t *imprint = OPENSSL_malloc(DIGEST_LEN);
    int flags = (int)(TS_VFY_VERSION | TS_VFY_IMPRINT);

    if (!ctx || !imprint || EVP_Digest(document, len, imprint, NULL, EVP_sha256(), NULL) != 1) {
        OPENSSL_free(imprint);
        return kn_fail(err, KN_E_ENGINE_ERROR, "SHA-256 cannot be had");
    }
    (void)TS_VERIFY_CTX_set_imprint(ctx, imprint, DIGEST_LEN); /* taken */
    if (!reply || at != (const uint8_t *)token + token_len)
        return kn_fail(err, KN_E_EVIDENCE, "is no reply of a time-stamping service");
    if (tsa_ca && *tsa_ca) {
        flags |= (int)TS_VFY_SIGNATURE;
        if (!trust_only(ctx, tsa_ca))
            return kn_fail(err, KN_E_IO, "%s: %s", tsa_ca, reason());
    }
    (void)TS_VERIFY_CTX_set_flags(ctx, flags);
    return TS_RESP_verify_response(ctx, reply) == 1
           || kn_fail(err, KN_E_EVIDENCE, "time stamp: %s", reason());
}

/* --- asking ---------------------------------------------------------------------------------------- */

static bool
fill_query(TS_REQ *query, const void *document, size_t len)
{
    g_autoptr(TS_MSG_IMPRINT) imprint = TS_MSG_IMPRINT_new();
    g_autoptr(X509_ALGOR) alg = X509_ALGOR_new();
    g_autoptr(ASN1_INTEGER) nonce = ASN1_INTEGER_new();
    uint8_t digest[DIGEST_LEN];
    uint64_t number = 0;

    return imprint && alg && nonce && RAND_bytes((uint8_t *)&number, sizeof number) == 1
           && EVP_Digest(document, len, digest, NULL, EVP_sha256(), NULL) == 1
           && X509_ALGOR_set0(alg, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1
           && TS_MSG_IMPRINT_set_algo(imprint, alg) == 1
           && TS_MSG_IMPRINT_set_msg(imprint, digest, DIGEST_LEN) == 1
           && TS_REQ_set_version(query, 1) == 1 && TS_REQ_set_msg_imprint(query, imprint) == 1
           && ASN1_INTEGER_set_uint64(nonce, number >> 1) == 1
           && TS_REQ_set_nonce(query, nonce) == 1 && TS_REQ_set_cert_req(query, 1) == 1;
}

static bool
write_query(const char *file, const void *document, size_t len, GError **err)
{
    g_autoptr(TS_REQ) query = TS_REQ_new();
    uint8_t *der = NULL;
    int n = query && fill_query(query, document, len) ? i2d_TS_REQ(query, &der) : -1;
    bool ok = n > 0 && g_file_set_contents(file, (const char *)der, n, NULL);

    OPENSSL_free(der);
    return ok || kn_fail(err, KN_E_IO, "%s: the query cannot be written", file);
}

static bool
run_command(const char *command, const char *query, const char *reply, GError **err)
{
    const char *argv[] = { command, query, reply, NULL };
    g_autoptr(GError) why = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                      &status, &why)
        || !g_spawn_check_wait_status(status, &why))
        return kn_fail(err, KN_E_IO, "[evidence] tsa_command: %s", why->message);
    return true;
}

static bool
ask(const char *command, const char *folder, const kn_store_seal *seal, GBytes **out, GError **err)
{
    g_autofree char *query = g_build_filename(folder, "query.tsq", NULL);
    g_autofree char *reply = g_build_filename(folder, "reply.tsr", NULL);
    size_t len, n = 0;
    const void *document = g_bytes_get_data(seal->document, &len);
    char *bytes = NULL;
    bool ok = write_query(query, document, len, err) && run_command(command, query, reply, err);

    if (ok && (!g_file_get_contents(reply, &bytes, &n, NULL) || n > REPLY_MAX))
        ok = kn_fail(err, KN_E_IO, "[evidence] tsa_command left no reply");
    (void)g_unlink(query);
    (void)g_unlink(reply);
    if (ok)
        *out = g_bytes_new_take(g_steal_pointer(&bytes), n);
    g_free(bytes);
    return ok;
}

static bool
stamp(const kn_config *config, const char *folder, kn_store *store, const kn_store_seal *seal,
      GError **err)
{
    g_autofree char *ca = *config->tsa_ca ? kn_config_path(config, config->tsa_ca) : NULL;
    g_autoptr(GBytes) token = NULL;
    size_t len, n;
    const char *document = g_bytes_get_data(seal->document, &len), *bytes;

    if (!ask(config->tsa_command, folder, seal, &token, err))
        return false;
    bytes = g_bytes_get_data(token, &n);
    if (!kn_stamp_check(bytes, n, document, len, ca, err)) {
        g_prefix_error(err, "seal %d: ", seal->number);
        return false;
    }
    return kn_store_seal_token(store, seal->number, token, err);
}

static void
seal_free(void *seal)
{
    kn_store_seal_free(seal);
}

bool
kn_stamp_seals(const kn_config *config, kn_store *store, int *made, GError **err)
{
    g_autoptr(GPtrArray) seals = g_ptr_array_new_with_free_func(seal_free);
    g_autofree char *folder = NULL;
    bool ok;

    *made = 0;
    if (!*config->tsa_command)
        return true;
    if (!kn_store_seals(store, 1, INT32_MAX, KN_SEAL_UNSTAMPED, seals, err))
        return false;
    folder = g_dir_make_tmp("kouan-stamp-XXXXXX", NULL);
    ok = folder || kn_fail(err, KN_E_IO, "no temporary folder");
    for (unsigned i = 0; ok && i < seals->len; i++) {
        const kn_store_seal *seal = g_ptr_array_index(seals, i);

        ok = stamp(config, folder, store, seal, err);
        *made += ok;
    }
    if (folder)
        (void)g_rmdir(folder);
    return ok;
}
