/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alg.h"

#include <assert.h>
#include <string.h>

#define CHINAPORT "http://www.chinaport.gov.cn/2022/04/xmldsig#"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define DSIG_MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define XENC "http://www.w3.org/2001/04/xmlenc#"

/* TO ADD ONE: 1. a value in kn_alg  2. a row here  3. a signed and a mixed-pair test in
 * tests/unit/xml/test_verify.c  4. trust's default whether it is on */
/* clang-format off */
static const kn_alg_row alg_rows[KN_ALG_COUNT] = {
    [KN_ALG_NONE] =
        { "none", "", "", KN_MD_SHA256, 0, KN_MD_SHA256, "", false },
    [KN_ALG_SM2_SM3] =
        { "sm2-sm3", CHINAPORT "sm2-sm3", CHINAPORT "sm3", KN_MD_SM3, 32, KN_MD_SM3, "SM2", true },
    [KN_ALG_SM2_SM3_FIELD] =
        { "sm2-sm3-field", DSIG "sm2-sm3", DSIG "sha1", KN_MD_SHA1, 20, KN_MD_SM3, "SM2", true },
    [KN_ALG_RSA_SHA256] =
        { "rsa-sha256", DSIG_MORE "rsa-sha256", XENC "sha256", KN_MD_SHA256, 32, KN_MD_SHA256, "RSA", false },
    [KN_ALG_ECDSA_SHA256] =
        { "ecdsa-sha256", DSIG_MORE "ecdsa-sha256", XENC "sha256", KN_MD_SHA256, 32, KN_MD_SHA256, "EC", true },
    [KN_ALG_RSA_SHA1] =
        { "rsa-sha1", DSIG "rsa-sha1", DSIG "sha1", KN_MD_SHA1, 20, KN_MD_SHA1, "RSA", false },
};
/* clang-format on */

static const struct {
    const char *name;
    size_t len;
} md_rows[KN_MD_COUNT] = {
    [KN_MD_SHA1] = { "SHA1", 20 },
    [KN_MD_SHA256] = { "SHA256", 32 },
    [KN_MD_SM3] = { "SM3", 32 },
};

const kn_alg_row *
kn_alg_row_of(kn_alg alg)
{
    assert((size_t)alg < KN_ALG_COUNT);
    return &alg_rows[alg];
}

kn_alg
kn_alg_by_name(const char *name)
{
    for (int i = KN_ALG_NONE + 1; name && i < KN_ALG_COUNT; i++)
        if (strcmp(alg_rows[i].name, name) == 0)
            return (kn_alg)i;
    return KN_ALG_NONE;
}

kn_alg
kn_alg_by_uris(const char *signature_uri, const char *digest_uri)
{
    if (!signature_uri || !digest_uri)
        return KN_ALG_NONE;
    for (int i = KN_ALG_NONE + 1; i < KN_ALG_COUNT; i++)
        if (strcmp(alg_rows[i].signature_uri, signature_uri) == 0
            && strcmp(alg_rows[i].digest_uri, digest_uri) == 0)
            return (kn_alg)i;
    return KN_ALG_NONE;
}

const char *
kn_md_name(kn_md md)
{
    assert((size_t)md < KN_MD_COUNT);
    return md_rows[md].name;
}

size_t
kn_md_len(kn_md md)
{
    assert((size_t)md < KN_MD_COUNT);
    return md_rows[md].len;
}
