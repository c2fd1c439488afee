/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xmlsec.h"

#include "xml/internal.h"
#include "xml/xmlsec_sm2.h"

#include <openssl/err.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>

/* --- its error output: the first of a verification, bounded ---------------------------------------------- */

static _Thread_local char first_error[120];

/* Function and reason only: the other texts may quote the message. */
static void
keep_first(const char *file, int line, const char *func, const char *object, const char *subject,
           int reason, const char *text)
{
    (void)file, (void)line, (void)object, (void)subject, (void)text;
    if (!*first_error)
        (void)g_snprintf(first_error, sizeof(first_error), "%s, reason %d", func ? func : "?",
                         reason);
}

/* --- start -------------------------------------------------------------------------------------------------- */

bool
kn_xmlsec_setup(GError **err)
{
    static bool done;

    if (done)
        return true;
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || !kn_xmlsec_sm2_register()
        || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0)
        return kn_fail(err, KN_E_ENGINE_ERROR, "xmlsec1 cannot be initialised");
    xmlSecErrorsSetCallback(keep_first);
    kn_schema_close_loader();
    done = true;
    return true;
}

/* --- one verification --------------------------------------------------------------------------------------- */

/* Methods of each row; functions, because xmlsec's ids are. */
static const struct {
    xmlSecTransformId (*signature)(void), (*digest)(void);
} methods[KN_ALG_COUNT] = {
    [KN_ALG_SM2_SM3] = { kn_xmlsec_sm2_sm3, kn_xmlsec_sm3 },
    [KN_ALG_SM2_SM3_FIELD] = { kn_xmlsec_sm2_sm3_field, xmlSecOpenSSLTransformSha1GetKlass },
    [KN_ALG_RSA_SHA256] = { xmlSecOpenSSLTransformRsaSha256GetKlass,
                            xmlSecOpenSSLTransformSha256GetKlass },
    [KN_ALG_ECDSA_SHA256] = { xmlSecOpenSSLTransformEcdsaSha256GetKlass,
                              xmlSecOpenSSLTransformSha256GetKlass },
    [KN_ALG_RSA_SHA1] = { xmlSecOpenSSLTransformRsaSha1GetKlass,
                          xmlSecOpenSSLTransformSha1GetKlass },
};

static xmlSecTransformId
c14n_id(const kn_c14n_form *form)
{
    return form->exclusive ? xmlSecTransformExclC14NId : xmlSecTransformInclC14NId;
}

/* A key of xmlsec that holds a reference to pinned. */
static xmlSecKeyPtr
key_of(EVP_PKEY *pinned)
{
    xmlSecKeyPtr key = xmlSecKeyCreate();
    xmlSecKeyDataPtr data = NULL;

    if (EVP_PKEY_is_a(pinned, "SM2")) {
        data = kn_xmlsec_sm2_key(pinned); /* the stock adoption refuses SM2 */
    } else if (EVP_PKEY_up_ref(pinned) == 1) {
        data = xmlSecOpenSSLEvpKeyAdopt(pinned);
        if (!data)
            EVP_PKEY_free(pinned);
    }
    if (key && data && xmlSecKeySetValue(key, data) == 0)
        return key;
    if (data)
        xmlSecKeyDataDestroy(data);
    if (key)
        xmlSecKeyDestroy(key);
    return NULL;
}

/* Everything that is not named here is refused by xmlsec itself. */
static bool
allow(xmlSecDSigCtx *ctx, const kn_shape *shape)
{
    ctx->flags = XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    ctx->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
    if (shape->id)
        ctx->enabledReferenceUris |= xmlSecTransformUriTypeSameDocument;
    return xmlSecDSigCtxEnableSignatureTransform(ctx, c14n_id(&shape->info_form)) == 0
           && xmlSecDSigCtxEnableSignatureTransform(ctx, methods[shape->alg].signature()) == 0
           && xmlSecDSigCtxEnableReferenceTransform(ctx, xmlSecTransformEnvelopedId) == 0
           && xmlSecDSigCtxEnableReferenceTransform(ctx, c14n_id(&shape->doc_form)) == 0
           && xmlSecDSigCtxEnableReferenceTransform(ctx, methods[shape->alg].digest()) == 0;
}

static bool
succeeded(xmlSecDSigCtx *ctx)
{
    const xmlSecDSigReferenceCtx *reference = NULL;

    if (ctx->status != xmlSecDSigStatusSucceeded
        || xmlSecPtrListGetSize(&ctx->signedInfoReferences) != 1
        || xmlSecPtrListGetSize(&ctx->manifestReferences) != 0)
        return false;
    reference = xmlSecPtrListGetItem(&ctx->signedInfoReferences, 0);
    return reference && reference->status == xmlSecDSigStatusSucceeded;
}

/* The root's Id alone is an identifier, and only while xmlsec looks. */
static bool
verify(xmlSecDSigCtx *ctx, xmlDoc *doc, const kn_shape *shape, bool *good)
{
    if (shape->id && !xmlAddID(NULL, doc, shape->id->children->content, shape->id))
        return false;
    *good = xmlSecDSigCtxVerify(ctx, shape->signature) == 0 && succeeded(ctx);
    if (shape->id)
        (void)xmlRemoveID(doc, shape->id);
    return true;
}

bool
kn_xmlsec_verify(xmlDoc *doc, const kn_shape *shape, EVP_PKEY *pinned, GError **err)
{
    xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
    bool ready = false, good = false;

    *first_error = '\0';
    if (ctx && shape->alg != KN_ALG_NONE && allow(ctx, shape)) {
        ctx->signKey = key_of(pinned);
        ready = ctx->signKey && verify(ctx, doc, shape, &good);
    }
    if (ctx)
        xmlSecDSigCtxDestroy(ctx);
    ERR_clear_error();
    if (!ready)
        return kn_fail(err, KN_E_ENGINE_ERROR, "xmlsec1 cannot work (%s)", first_error);
    if (!good)
        return kn_fail(err, KN_E_SIG_BAD, "%s",
                       *first_error ? first_error : "signature or digest do not match");
    return true;
}
