/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying only: we sign elsewhere.  Shares nothing with crypto.c, so that the two can be held against
 * each other. */
#include "xml/xmlsec_sm2.h"

#include "xml/internal.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>
#include <xmlsec/buffer.h>
#include <xmlsec/keys.h>

/* xmlsec's classes want xmlChar */
#define NAME(text) ((const xmlChar *)(text))

/* --- key data ----------------------------------------------------------------------------------- */

typedef struct sm2_key {
    xmlSecKeyData base; /* first */
    EVP_PKEY *key;
} sm2_key;

static void
key_finalize(xmlSecKeyDataPtr data)
{
    EVP_PKEY_free(((sm2_key *)data)->key);
}

static xmlSecKeyDataType
key_type(xmlSecKeyDataPtr data)
{
    (void)data;
    return xmlSecKeyDataTypePublic;
}

static xmlSecSize
key_size(xmlSecKeyDataPtr data)
{
    return (xmlSecSize)EVP_PKEY_get_bits(((sm2_key *)data)->key);
}

static const struct _xmlSecKeyDataKlass key_klass = {
    .klassSize = sizeof(struct _xmlSecKeyDataKlass),
    .objSize = sizeof(sm2_key),
    .name = NAME("sm2"),
    .usage = xmlSecKeyDataUsageUnknown,
    .finalize = key_finalize,
    .getType = key_type,
    .getSize = key_size,
};

xmlSecKeyDataPtr
kn_xmlsec_sm2_key(EVP_PKEY *key)
{
    xmlSecKeyDataPtr data = xmlSecKeyDataCreate((xmlSecKeyDataId)&key_klass);

    if (data && EVP_PKEY_up_ref(key) == 1)
        ((sm2_key *)data)->key = key;
    return data;
}

/* --- what digest and signature share: bytes pushed through until the last ------------------------------ */

typedef struct sm_transform {
    xmlSecTransform base; /* first */
    EVP_MD_CTX *md;
    EVP_PKEY_CTX *pkey; /* signature: lives as long as md, which does not own it */
    uint8_t digest[32];
} sm_transform;

static int
initialize(xmlSecTransformPtr transform)
{
    sm_transform *t = (sm_transform *)transform;

    t->md = EVP_MD_CTX_new();
    return t->md ? 0 : -1;
}

static void
finalize(xmlSecTransformPtr transform)
{
    sm_transform *t = (sm_transform *)transform;

    EVP_MD_CTX_free(t->md);
    EVP_PKEY_CTX_free(t->pkey);
}

typedef int (*update_fn)(EVP_MD_CTX *ctx, const void *bytes, size_t len);

/* Feeds what has arrived.  0, or -1 as xmlsec wants it. */
static int
feed(xmlSecTransformPtr transform, update_fn update)
{
    xmlSecSize size = xmlSecBufferGetSize(&transform->inBuf);

    if (size == 0)
        return 0;
    if (update(((sm_transform *)transform)->md, xmlSecBufferGetData(&transform->inBuf), size) != 1)
        return -1;
    return xmlSecBufferRemoveHead(&transform->inBuf, size);
}

/* --- SM3 ------------------------------------------------------------------------------------------ */

static int
sm3_execute(xmlSecTransformPtr transform, int last, xmlSecTransformCtxPtr ctx)
{
    sm_transform *t = (sm_transform *)transform;

    (void)ctx;
    if (transform->status == xmlSecTransformStatusNone) {
        if (EVP_DigestInit_ex2(t->md, kn_crypto_md(KN_MD_SM3), NULL) != 1)
            return -1;
        transform->status = xmlSecTransformStatusWorking;
    }
    if (transform->status == xmlSecTransformStatusFinished)
        return xmlSecBufferGetSize(&transform->inBuf) == 0 ? 0 : -1;
    if (transform->status != xmlSecTransformStatusWorking || feed(transform, EVP_DigestUpdate) < 0)
        return -1;
    if (!last)
        return 0;
    if (EVP_DigestFinal_ex(t->md, t->digest, NULL) != 1)
        return -1;
    transform->status = xmlSecTransformStatusFinished;
    return 0;
}

static int
sm3_verify(xmlSecTransformPtr transform, const xmlSecByte *value, xmlSecSize size,
           xmlSecTransformCtxPtr ctx)
{
    const sm_transform *t = (const sm_transform *)transform;
    bool same = false;

    (void)ctx;
    if (transform->status != xmlSecTransformStatusFinished)
        return -1;
    same = size == sizeof(t->digest) && CRYPTO_memcmp(value, t->digest, sizeof(t->digest)) == 0;
    transform->status = same ? xmlSecTransformStatusOk : xmlSecTransformStatusFail;
    return 0;
}

static const struct _xmlSecTransformKlass sm3_klass = {
    .klassSize = sizeof(struct _xmlSecTransformKlass),
    .objSize = sizeof(sm_transform),
    .name = NAME("sm3"),
    .href = NAME("http://www.chinaport.gov.cn/2022/04/xmldsig#sm3"),
    .usage = xmlSecTransformUsageDigestMethod,
    .initialize = initialize,
    .finalize = finalize,
    .verify = sm3_verify,
    .getDataType = xmlSecTransformDefaultGetDataType,
    .pushBin = xmlSecTransformDefaultPushBin,
    .popBin = xmlSecTransformDefaultPopBin,
    .execute = sm3_execute,
};

/* --- SM2 with SM3 ------------------------------------------------------------------------------------ */

static int
sm2_key_request(xmlSecTransformPtr transform, xmlSecKeyReqPtr request)
{
    (void)transform;
    request->keyId = (xmlSecKeyDataId)&key_klass;
    request->keyType = xmlSecKeyDataTypePublic;
    request->keyUsage = xmlSecKeyUsageVerify;
    return 0;
}

static int
sm2_set_key(xmlSecTransformPtr transform, xmlSecKeyPtr key)
{
    sm_transform *t = (sm_transform *)transform;
    xmlSecKeyDataPtr value = xmlSecKeyGetValue(key);
    EVP_PKEY *sm2 = xmlSecKeyDataCheckId(value, (xmlSecKeyDataId)&key_klass)
                        ? ((sm2_key *)value)->key
                        : NULL;

    if (!sm2 || t->pkey || transform->operation != xmlSecTransformOperationVerify)
        return -1;
    t->pkey = EVP_PKEY_CTX_new_from_pkey(NULL, sm2, NULL);
    if (!t->pkey || EVP_PKEY_CTX_set1_id(t->pkey, KN_SM2_ID, (int)strlen(KN_SM2_ID)) != 1)
        return -1;
    EVP_MD_CTX_set_pkey_ctx(t->md, t->pkey);
    return EVP_DigestVerifyInit(t->md, NULL, kn_crypto_md(KN_MD_SM3), NULL, sm2) == 1 ? 0 : -1;
}

static int
sm2_execute(xmlSecTransformPtr transform, int last, xmlSecTransformCtxPtr ctx)
{
    (void)ctx;
    if (!((sm_transform *)transform)->pkey)
        return -1;
    if (transform->status == xmlSecTransformStatusNone)
        transform->status = xmlSecTransformStatusWorking;
    if (transform->status == xmlSecTransformStatusFinished)
        return xmlSecBufferGetSize(&transform->inBuf) == 0 ? 0 : -1;
    if (transform->status != xmlSecTransformStatusWorking
        || feed(transform, EVP_DigestVerifyUpdate) < 0)
        return -1;
    if (last)
        transform->status = xmlSecTransformStatusFinished;
    return 0;
}

/* r||s, 64 bytes, as OpenSSL wants it; NULL when it cannot be. */
static uint8_t *
der_of(const xmlSecByte *value, xmlSecSize size, int *len_out)
{
    BIGNUM *r = NULL, *s = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t *der = NULL;

    if (size == 64) {
        r = BN_bin2bn(value, 32, NULL);
        s = BN_bin2bn(value + 32, 32, NULL);
    }
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* taken */
        *len_out = i2d_ECDSA_SIG(sig, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return der;
}

static int
sm2_verify(xmlSecTransformPtr transform, const xmlSecByte *value, xmlSecSize size,
           xmlSecTransformCtxPtr ctx)
{
    int len = 0;
    uint8_t *der = NULL;
    bool good = false;

    (void)ctx;
    if (transform->status != xmlSecTransformStatusFinished)
        return -1;
    der = der_of(value, size, &len);
    good = der && len > 0
           && EVP_DigestVerifyFinal(((sm_transform *)transform)->md, der, (size_t)len) == 1;
    OPENSSL_free(der);
    transform->status = good ? xmlSecTransformStatusOk : xmlSecTransformStatusFail;
    return 0;
}

#define SM2_SM3(text, uri) \
    { \
        .klassSize = sizeof(struct _xmlSecTransformKlass), .objSize = sizeof(sm_transform), \
        .name = NAME(text), .href = NAME(uri), .usage = xmlSecTransformUsageSignatureMethod, \
        .initialize = initialize, .finalize = finalize, .setKeyReq = sm2_key_request, \
        .setKey = sm2_set_key, .verify = sm2_verify, \
        .getDataType = xmlSecTransformDefaultGetDataType, \
        .pushBin = xmlSecTransformDefaultPushBin, .popBin = xmlSecTransformDefaultPopBin, \
        .execute = sm2_execute, \
    }

static const struct _xmlSecTransformKlass sm2_klass = SM2_SM3(
    "sm2-sm3", "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3");
static const struct _xmlSecTransformKlass sm2_field_klass = SM2_SM3(
    "sm2-sm3-field", "http://www.w3.org/2000/09/xmldsig#sm2-sm3");

xmlSecTransformId
kn_xmlsec_sm3(void)
{
    return (xmlSecTransformId)&sm3_klass;
}

xmlSecTransformId
kn_xmlsec_sm2_sm3(void)
{
    return (xmlSecTransformId)&sm2_klass;
}

xmlSecTransformId
kn_xmlsec_sm2_sm3_field(void)
{
    return (xmlSecTransformId)&sm2_field_klass;
}

bool
kn_xmlsec_sm2_register(void)
{
    return xmlSecTransformIdsRegister(kn_xmlsec_sm3()) >= 0
           && xmlSecTransformIdsRegister(kn_xmlsec_sm2_sm3()) >= 0
           && xmlSecTransformIdsRegister(kn_xmlsec_sm2_sm3_field()) >= 0;
}
