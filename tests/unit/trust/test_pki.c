/* SPDX-License-Identifier: Apache-2.0 */
/* The test PKI as a whole: loads as partners, every certificate does what the index says of it, and
 * the openssl command line agrees with our chains. */
#include "rig.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <kouan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static rig *R; /* only its folder is used: the PKI is made inside */
static char *folder;

static int
set_up(void **state)
{
    GError *err = NULL;

    (void)state;
    R = rig_new();
    folder = rig_path(R, "pki");
    if (!kn_pki_make(folder, &(kn_pki_plan){ .bad = true }, &err)) {
        print_error("%s\n", err->message);
        return -1;
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    g_free(folder);
    rig_free(R);
    return 0;
}

static kn_partners *
load(void)
{
    g_autofree char *path = g_build_filename(folder, "partners", NULL);
    kn_partners *partners = NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_partners_load(path, folder, &partners, &err))
        fail_msg("%s", err->message);
    return partners;
}

static json_t *
load_index(void)
{
    g_autofree char *path = g_build_filename(folder, "pki.json", NULL);
    json_t *index = json_load_file(path, 0, NULL);

    assert_non_null(index);
    return index;
}

static const char *
text(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));

    if (!value)
        fail_msg("no %s in a row of pki.json", key);
    return value;
}

static const char *
verdict(kn_trust *trust, const kn_partner *p, kn_role role, const json_t *row,
        const kn_certificate **out)
{
    g_autofree char *path = g_build_filename(folder, text(row, "cert"), NULL);
    g_autoptr(GError) err = NULL;
    X509 *cert = NULL;
    size_t len;
    bool ok;

    assert_true(kn_pki_read_certificate(path, &cert, NULL));
    g_autofree uint8_t *der = rig_der(cert, &len);
    ok = kn_trust_key(trust, p, role, kn_alg_by_name(text(row, "algorithm")), der, len,
                      g_get_real_time() / 1000, out, &err);
    X509_free(cert);
    return rig_error(ok, err);
}

static void
pki_partners_and_cards(void **state)
{
    g_autoptr(kn_partners) partners = load();
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    json_t *index = load_index(), *row;
    size_t i;

    (void)state;
    assert_int_equal(kn_partners_count(partners),
                     json_array_size(json_object_get(index, "partners")));
    json_array_foreach (json_object_get(index, "partners"), i, row) {
        const kn_partner *p = kn_partners_find(partners, text(row, "id"));
        const kn_partner *other = kn_partners_at(partners, (i + 1) % kn_partners_count(partners));
        const kn_certificate *out = NULL;

        assert_non_null(p);
        assert_string_equal(verdict(trust, p, KN_ROLE_PARTNER, row, &out), "OK");
        if (other != p)
            assert_string_equal(verdict(trust, other, KN_ROLE_PARTNER, row, &out), "KEY_NOT_BOUND");
    }
    json_array_foreach (json_object_get(index, "cards"), i, row) {
        const kn_certificate *out = NULL;

        assert_string_equal(
            verdict(trust, kn_partners_find(partners, "PORTAL02"), KN_ROLE_CARD, row, &out), "OK");
        assert_string_equal(out->facts.number, text(row, "number"));
        assert_string_equal(out->facts.holder_class, text(row, "class"));
        assert_string_equal(out->facts.orgcode, text(row, "orgcode"));
        assert_string_equal(out->facts.uscc, text(row, "uscc"));
        assert_string_equal(out->facts.customs10[0], text(row, "customs10"));
        assert_string_equal(out->facts.enterprise, i == 1 ? "测试企业" : text(row, "enterprise"));
        assert_string_equal(out->registration_customs, "8001");
        assert_string_equal(
            verdict(trust, kn_partners_find(partners, "PORTAL02"), KN_ROLE_PARTNER, row, &out),
            "KEY_NOT_BOUND");
    }
    json_decref(index);
}

static void
pki_bad_ones(void **state)
{
    g_autoptr(kn_partners) partners = load();
    g_autoptr(kn_trust) trust = kn_trust_new(partners);
    json_t *index = load_index(), *row;
    size_t i;

    (void)state;
    assert_true(json_array_size(json_object_get(index, "bad")) >= 10);
    json_array_foreach (json_object_get(index, "bad"), i, row) {
        const kn_certificate *out = NULL;
        const char *said = verdict(trust, kn_partners_find(partners, text(row, "partner")),
                                   KN_ROLE_PARTNER, row, &out);

        if (strcmp(said, text(row, "error")) != 0)
            fail_msg("%s: %s instead of %s", text(row, "what"), said, text(row, "error"));
    }
    json_decref(index);
}

static void
pki_keys_are_private_and_fit(void **state)
{
    json_t *index = load_index(), *row;
    static const char *const lists[] = { "partners", "cards", "bad", "engine" };
    size_t i;

    (void)state;
    for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
        json_array_foreach (json_object_get(index, lists[l]), i, row) {
            g_autofree char *key_path = g_build_filename(folder, text(row, "key"), NULL);
            g_autofree char *cert_path = g_build_filename(folder, text(row, "cert"), NULL);
            EVP_PKEY *key = NULL;
            X509 *cert = NULL;
            GStatBuf st;

            assert_int_equal(g_stat(key_path, &st), 0);
            assert_int_equal(st.st_mode & 0777, 0600);
            assert_true(kn_pki_read_key(key_path, &key, NULL)
                        && kn_pki_read_certificate(cert_path, &cert, NULL));
            assert_int_equal(X509_check_private_key(cert, key), 1);
            EVP_PKEY_free(key);
            X509_free(cert);
        }
    json_decref(index);
}

/* Does the openssl program, with this anchor alone, accept the file?  -1: there is no such program. */
static int
judge(const char *anchor, const char *file)
{
    g_autofree char *trusted = g_build_filename(folder, anchor, NULL),
                    *cert = g_build_filename(folder, file, NULL);
    g_autofree char *program = g_find_program_in_path("openssl");
    /* It gives the SM2 id to the certificate in question only, so chains are asked link by link. */
    const char *argv[] = {
        program, "verify", "-vfyopt", "distid:1234567812345678", "-partial_chain", "-trusted",
        trusted, cert,     NULL
    };
    const char *plain[] = { program, "verify", "-partial_chain", "-trusted", trusted, cert, NULL };
    int status = -1;

    if (!program)
        return -1;
    if (!g_spawn_sync(NULL, (char **)(strstr(anchor, "sm2") ? argv : plain), NULL,
                      G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                      NULL, &status, NULL))
        return -1;
    return status == 0;
}

static void
pki_judged_by_openssl(void **state)
{
    static const struct {
        const char *anchor, *file;
        int good;
    } vectors[] = {
        { "ca/sm2-root.pem", "ca/sm2-ca.pem", 1 },
        { "ca/rsa-root.pem", "ca/rsa-ca.pem", 1 },
        { "ca/p256-root.pem", "ca/p256-ca.pem", 1 },
        { "ca/p256-ca.pem", "portals/PORTAL01.pem", 1 },
        { "ca/rsa-ca.pem", "portals/PORTAL02.pem", 1 },
        { "ca/sm2-ca.pem", "portals/PORTAL03.pem", 1 },
        { "ca/sm2-ca.pem", "cards/9900000000001-legal.pem", 1 },
        { "ca/sm2-ca.pem", "engine/sm2.pem", 1 },
        { "ca/sm2-ca.pem", "bad/sm2-wrong-id.pem", 0 },
        { "ca/p256-ca.pem", "bad/foreign.pem", 0 },
        { "ca/p256-ca.pem", "bad/expired.pem", 0 },
        { "ca/p256-ca.pem", "bad/not-yet.pem", 0 },
        { "ca/p256-ca.pem", "bad/self-signed.pem", 0 },
        { "ca/p256-ca.pem", "portals/PORTAL02.pem", 0 },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        int said = judge(vectors[i].anchor, vectors[i].file);

        if (said < 0) {
            print_message("skipped: no openssl program\n");
            return;
        }
        if (said != vectors[i].good)
            fail_msg("openssl says %d of %s", said, vectors[i].file);
    }
}

static void
pki_wrong_use(void **state)
{
    static const kn_pki_plan plans[] = {
        { .portals = -1 },
        { .portals = 100 },
        { .enterprises = 100 },
        { .cards = 100001 },
    };
    g_autofree char *path = rig_path(R, "none");

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(plans); i++) {
        g_autoptr(GError) err = NULL;

        assert_false(kn_pki_make(path, &plans[i], &err));
        assert_int_equal(kn_error_code(err), KN_E_USAGE);
    }
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    EVP_PKEY *key = NULL;
    assert_false(kn_pki_key("dsa", &key, NULL));
}

/* Codes of the synthetic enterprises agree with each other (CODES §2.4). */
static void
pki_enterprises(void **state)
{
    (void)state;
    for (int i = 0; i < 31; i++) {
        const kn_pki_enterprise *e = kn_pki_enterprise_at(i);

        assert_int_equal(strlen(e->uscc), 18);
        assert_memory_equal(e->uscc + 8, e->orgcode, 9);
        assert_int_equal(strlen(e->customs10), 10);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(e->orgcode, kn_pki_enterprise_at(j)->orgcode);
    }
    assert_ptr_equal(kn_pki_enterprise_at(31), kn_pki_enterprise_at(0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pki_partners_and_cards),
        cmocka_unit_test(pki_bad_ones),
        cmocka_unit_test(pki_keys_are_private_and_fit),
        cmocka_unit_test(pki_judged_by_openssl),
        cmocka_unit_test(pki_wrong_use),
        cmocka_unit_test(pki_enterprises),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
