/* SPDX-License-Identifier: Apache-2.0 */
/* Door: the certificate in a signature (rules K1..K6).  The input is a certificate, or, when it begins
 * with 'P', a list of patches {where, where, byte} of a good one made at start.  Nothing but the good
 * one, byte for byte, is ever accepted. */
#include "pki/kn_pki.h"
#include "trust/certificate.h"

#include <assert.h>
#include <glib/gstdio.h>
#include <kouan/error.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_MS 1795312800000 /* fixed, so that a run repeats */

static struct {
    kn_partners *partners;
    kn_trust *trust;
    const kn_partner *partner;
    uint8_t *der;
    size_t len;
} world;

/* A portal of the test PKI, its entry, and its certificate's bytes. */
static void
set_up(void)
{
    g_autofree char *folder = g_dir_make_tmp("kouan-fuzz-XXXXXX", NULL);
    g_autofree char *entries = g_build_filename(folder, "partners", NULL);
    const kn_pki_plan plan = { .portals = 1, .enterprises = 1, .cards = 1, .now_ms = NOW_MS };
    g_autoptr(GError) err = NULL;
    const char *argv[] = { "rm", "-rf", folder, NULL };
    g_autofree char *file = g_build_filename(folder, "portals", "PORTAL01.pem", NULL);
    X509 *cert = NULL;
    int n;

    if (!kn_pki_make(folder, &plan, &err)
        || !kn_partners_load(entries, folder, &world.partners, &err)
        || !kn_pki_read_certificate(file, &cert, &err)) {
        (void)fprintf(stderr, "no test world: %s\n", err->message);
        abort();
    }
    world.trust = kn_trust_new(world.partners);
    world.partner = kn_partners_find(world.partners, "PORTAL01");
    n = i2d_X509(cert, &world.der);
    assert(world.partner && n > 0);
    world.len = (size_t)n;
    X509_free(cert);
    (void)g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                       NULL);
}

static bool
try_key(kn_role role, const uint8_t *der, size_t len)
{
    const kn_certificate *out = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = kn_trust_key(world.trust, world.partner, role, kn_pki_family_alg(KN_PKI_P256), der,
                           len, NOW_MS, &out, &err);

    assert(ok == (out != NULL) && ok == (err == NULL));
    return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree uint8_t *patched = NULL;

    if (!world.trust)
        set_up();
    if (len > 0 && data[0] == 'P') {
        patched = g_memdup2(world.der, world.len);
        for (size_t i = 1; i + 2 < len; i += 3)
            patched[(data[i] * 256U + data[i + 1]) % world.len] = data[i + 2];
        data = patched;
        len = world.len;
    }
    bool same = len == world.len && memcmp(data, world.der, len) == 0;

    assert(try_key(KN_ROLE_PARTNER, data, len) == same);
    if (!same)
        assert(!try_key(KN_ROLE_CARD, data, len));
    return 0;
}
