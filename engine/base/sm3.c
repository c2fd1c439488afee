/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sm3.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

#define BLOCK 64

struct kn_sm3 {
    EVP_MD *md;
    EVP_MD_CTX *work;
    EVP_MD_CTX *inner, *outer; /* HMAC after its key block: copied for each use */
};

static void
must(int ok)
{
    if (ok != 1)
        abort(); /* out of memory: nothing is lost, nothing was acknowledged */
}

/* A context that has digested the key, each byte changed by pad. */
static EVP_MD_CTX *
keyed(const EVP_MD *md, const uint8_t *key, size_t len, uint8_t pad)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t block[BLOCK];

    for (size_t i = 0; i < BLOCK; i++)
        block[i] = (uint8_t)((i < len ? key[i] : 0) ^ pad);
    must(ctx != NULL && EVP_DigestInit_ex2(ctx, md, NULL) == 1
         && EVP_DigestUpdate(ctx, block, BLOCK) == 1);
    return ctx;
}

kn_sm3 *
kn_sm3_new(const uint8_t *key, size_t key_len)
{
    EVP_MD *md = EVP_MD_fetch(NULL, "SM3", NULL);
    kn_sm3 *sm3;

    assert(key_len <= BLOCK);
    if (!md)
        return NULL;
    sm3 = g_new0(kn_sm3, 1);
    sm3->md = md;
    sm3->work = EVP_MD_CTX_new();
    must(sm3->work != NULL);
    sm3->inner = keyed(md, key, key_len, 0x36);
    sm3->outer = keyed(md, key, key_len, 0x5c);
    return sm3;
}

void
kn_sm3_free(kn_sm3 *sm3)
{
    if (!sm3)
        return;
    EVP_MD_CTX_free(sm3->work);
    EVP_MD_CTX_free(sm3->inner);
    EVP_MD_CTX_free(sm3->outer);
    EVP_MD_free(sm3->md);
    g_free(sm3);
}

void
kn_sm3_of_two(kn_sm3 *sm3, const void *first, size_t first_len, const void *second,
              size_t second_len, uint8_t out[KN_SM3_BYTES])
{
    must(EVP_DigestInit_ex2(sm3->work, sm3->md, NULL));
    must(EVP_DigestUpdate(sm3->work, first, first_len));
    must(EVP_DigestUpdate(sm3->work, second, second_len));
    must(EVP_DigestFinal_ex(sm3->work, out, NULL));
}

void
kn_sm3_of(kn_sm3 *sm3, const void *bytes, size_t len, uint8_t out[KN_SM3_BYTES])
{
    kn_sm3_of_two(sm3, bytes, len, "", 0, out);
}

void
kn_sm3_keyed(kn_sm3 *sm3, const void *bytes, size_t len, uint8_t out[KN_SM3_BYTES])
{
    uint8_t digest[KN_SM3_BYTES];

    must(EVP_MD_CTX_copy_ex(sm3->work, sm3->inner));
    must(EVP_DigestUpdate(sm3->work, bytes, len));
    must(EVP_DigestFinal_ex(sm3->work, digest, NULL));
    must(EVP_MD_CTX_copy_ex(sm3->work, sm3->outer));
    must(EVP_DigestUpdate(sm3->work, digest, sizeof digest));
    must(EVP_DigestFinal_ex(sm3->work, out, NULL));
}
