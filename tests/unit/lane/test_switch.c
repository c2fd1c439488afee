/* SPDX-License-Identifier: Apache-2.0 */
/* Trust sets and the message that switches to one, on a real installation without Kafka or PostgreSQL: a set
 * made of its bundle is the same set, and only the engine's own, newer switch moves a partition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "base/clock.h"
#include "base/hex.h"
#include "lane/lane.h"
#include "lane/lane_priv.h"
#include "lane/reload.h"
#include "lane/switch.h"
#include "pki/kn_pki.h"

#include <cmocka.h>
#include <string.h>

static char *folder;
static kn_engine *engine;
static kn_lane *lane;
static atomic_bool stop;
static kn_trust_set *first, *second; /* versions 1 and 2 */

static char *
path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void
write_file(const char *name, const char *text)
{
    g_autofree char *path = path_of(name);

    assert_true(
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static kn_trust_set *
read_set(int version)
{
    g_autoptr(GError) err = NULL;
    kn_trust_set *set = NULL;

    if (!kn_reload_read(engine, &set, &err))
        fail_msg("%s", err->message);
    set->version = version;
    kn_trust_book_put(engine->book, set);
    return set;
}

static void
append(const char *name, const char *more)
{
    g_autofree char *path = path_of(name), *text = NULL, *both = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    both = g_strconcat(text, more, NULL);
    write_file(name, both);
}

static int
install(void **unused)
{
    static const char ini[] =
        "[engine]\ncodes = " KOUAN_SOURCE_DIR "/config/codes\nschemas = " KOUAN_SOURCE_DIR
        "/schemas/xsd\n[kafka]\npartitions = 6\n[sign]\necdsa_key = engine/p256.key\n"
        "ecdsa_cert = engine/p256.pem\nrsa_key = engine/rsa.key\nrsa_cert = engine/rsa.pem\n"
        "sm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n";
    kn_pki_plan plan = { 0 };
    g_autoptr(GError) err = NULL;
    g_autofree char *file = NULL;

    (void)unused;
    folder = g_dir_make_tmp("kouan-switch-XXXXXX", NULL);
    file = path_of("kouan.ini");
    if (!kn_pki_make(folder, &plan, &err))
        fail_msg("%s", err->message);
    write_file("kouan.ini", ini);
    write_file("secret.hex", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
    if (!kn_engine_load(file, true, &engine, &err))
        fail_msg("%s", err->message);
    lane = kn_lane_new(engine, 0, &stop);
    lane->xml = kn_xml_new(NULL, engine->schemas);
    first = read_set(1);
    append("partners/PORTAL01.ini", "# a line more\n");
    second = read_set(2);
    return 0;
}

static int
uninstall(void **unused)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    (void)unused;
    kn_trust_set_unref(first);
    kn_trust_set_unref(second);
    kn_lane_free(lane);
    kn_engine_free(engine);
    (void)g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
    g_free(folder);
    return 0;
}

static void
set_is_its_bundle(void **unused)
{
    g_autoptr(kn_trust_set) again = NULL, same = NULL;
    g_autoptr(GBytes) junk = g_bytes_new_static("kouan files 1\nx\ty\t5\n12", 23);
    g_autoptr(GError) err = NULL;
    size_t len;
    const char *bytes = g_bytes_get_data(second->bundle, &len);

    (void)unused;
    assert_memory_not_equal(first->digest, second->digest, KN_SM3_BYTES);
    assert_true(kn_trust_set_unpack(engine->config, second->bundle, &again, NULL));
    assert_memory_equal(again->digest, second->digest, KN_SM3_BYTES);
    assert_int_equal(kn_partners_count(again->partners), kn_partners_count(second->partners));
    assert_string_equal(kn_trust_set_topic(again, kn_partners_find(again->partners, "PORTAL01")),
                        "kouan.out.PORTAL01");
    same = read_set(3); /* read once more from disk: the same digest */
    assert_memory_equal(same->digest, second->digest, KN_SM3_BYTES);
    /* never a key, never the secret */
    assert_null(g_strstr_len(bytes, (gssize)len, "PRIVATE KEY"));
    assert_null(g_strstr_len(bytes, (gssize)len, "00112233445566778899aabbccddeeff"));
    assert_non_null(g_strstr_len(bytes, (gssize)len, "-----BEGIN X509 CRL-----"));
    assert_false(kn_trust_set_unpack(engine->config, junk, &again, &err));
    assert_int_equal(kn_error_code(err), KN_E_IO);
}

static void
set_with_mistakes_is_refused(void **unused)
{
    g_autoptr(GError) err = NULL;
    kn_trust_set *none = NULL;
    g_autofree char *path = path_of("partners/ENTE01.ini"), *text = NULL;

    (void)unused;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    append("partners/ENTE01.ini", "colour = red\n[extra]\nx = y\n");
    assert_false(kn_reload_read(engine, &none, &err));
    assert_null(none);
    assert_non_null(strstr(err->message, "ENTE01.ini: [enterprise] colour: unknown key"));
    assert_non_null(strstr(err->message, "ENTE01.ini: [extra]: unknown group"));
    write_file("partners/ENTE01.ini", text);
}

static void
set_book(void **unused)
{
    g_autoptr(kn_trust_set) got = NULL, newest = kn_trust_book_newest(engine->book);
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(newest->version >= 2);
    assert_true(kn_trust_book_get(engine->book, NULL, 2, second->digest, &got, NULL));
    assert_ptr_equal(got, second);
    assert_false(kn_trust_book_get(engine->book, NULL, 99, NULL, &got, &err));
    assert_int_equal(kn_error_code(err), KN_E_STORE_WRONG);
}

/* --- switches --------------------------------------------------------------------------------------- */

typedef struct vector {
    const char *name;
    int at, to;           /* version in force, version named */
    const char *from, *b; /* replaced in the finished bytes */
    const char *cut;      /* a whole other document: signed by this partner's key */
    bool wrong_digest;
    kn_error error; /* of the message */
    kn_error stop;  /* of the lane */
    int after;      /* version in force behind it */
} vector;

static const vector vectors[] = {
    { .name = "to the next", .at = 1, .to = 2, .after = 2 },
    { .name = "the same again", .at = 2, .to = 2, .after = 2 },
    { .name = "an old one", .at = 2, .to = 1, .after = 2 },
    { .name = "another version in the bytes",
      .at = 1,
      .to = 2,
      .from = ">2<",
      .b = ">3<",
      .error = KN_E_DIGEST_MISMATCH,
      .after = 1 },
    { .name = "another sender in the bytes",
      .at = 1,
      .to = 2,
      .from = "KOUAN00000000001",
      .b = "KOUAN00000000002",
      .error = KN_E_DIGEST_MISMATCH,
      .after = 1 },
    { .name = "signature removed",
      .at = 1,
      .to = 2,
      .from = "2000/09/xmldsig#\"",
      .b = "2000/09/xmldsih#\"",
      .error = KN_E_SIG_MISSING,
      .after = 1 },
    { .name = "a partner's signature",
      .at = 1,
      .to = 2,
      .cut = "enterprises/ENTE02",
      .error = KN_E_KEY_NOT_BOUND,
      .after = 1 },
    { .name = "a set nobody knows", .at = 1, .to = 77, .stop = KN_E_STORE_WRONG, .after = 1 },
    { .name = "its number, other files",
      .at = 1,
      .to = 2,
      .wrong_digest = true,
      .stop = KN_E_STORE_WRONG,
      .after = 1 },
};

static void
write_switch(const vector *v, GString *out)
{
    uint8_t digest[KN_SM3_BYTES];
    char guid[37];
    kn_signer *own = engine->signers[KN_ALG_ECDSA_SHA256];
    g_autoptr(GError) err = NULL;

    memcpy(digest, (v->to == 1 ? first : second)->digest, sizeof digest);
    digest[0] ^= v->wrong_digest;
    if (v->cut) {
        g_autofree char *key_name = g_strconcat(v->cut, ".key", NULL),
                        *cert_name = g_strconcat(v->cut, ".pem", NULL);
        g_autofree char *key = path_of(key_name), *cert = path_of(cert_name);
        kn_signer *theirs = NULL;

        assert_true(kn_signer_load(KN_ALG_ECDSA_SHA256, key, cert, &theirs, NULL));
        engine->signers[KN_ALG_ECDSA_SHA256] = theirs;
    }
    if (!kn_switch_write(engine, v->to, digest, kn_clock_wall_ms(), guid, out, &err))
        fail_msg("%s", err->message);
    if (v->cut)
        kn_signer_free(engine->signers[KN_ALG_ECDSA_SHA256]);
    engine->signers[KN_ALG_ECDSA_SHA256] = own;
    if (v->from && g_string_replace(out, v->from, v->b, 1) != 1)
        fail_msg("%s: nothing to change", v->name);
}

static void
run(const vector *v)
{
    kn_part part = { .topic = (char *)(uintptr_t) "kouan.in.internal",
                     .set = v->at == 1 ? first : second };
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    kn_item *item = g_new0(kn_item, 1);
    kn_error found;
    bool ok;

    write_switch(v, bytes);
    item->part = &part;
    item->record.bytes = bytes->str;
    item->record.len = bytes->len;
    item->time_ms = kn_clock_wall_ms();
    ok = kn_admit(lane, item, &err);
    found = item->why ? kn_error_code(item->why) : KN_E_OK;
    if (ok != (v->stop == KN_E_OK) || (err && kn_error_code(err) != v->stop))
        fail_msg("%s: %s", v->name, err ? err->message : "the lane goes on");
    if (ok && found != v->error)
        fail_msg("%s: %s (%s)", v->name, kn_error_row_of(found)->name,
                 item->why ? item->why->message : "");
    if (ok && (item->own != NULL) != (v->error == KN_E_OK))
        fail_msg("%s: counts as a switch", v->name);
    if ((item->to ? item->to : item->set)->version != v->after)
        fail_msg("%s: %d is in force behind it", v->name,
                 (item->to ? item->to : item->set)->version);
    assert_false(item->proven); /* no inbox row: it may come again */
    assert_null(item->partner); /* nobody is answered */
    item->record = (kn_bus_record){ 0 };
    kn_item_free(item);
}

static void
switch_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
        run(&vectors[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_is_its_bundle),
        cmocka_unit_test(set_with_mistakes_is_refused),
        cmocka_unit_test(set_book),
        cmocka_unit_test(switch_vectors),
    };

    return cmocka_run_group_tests(tests, install, uninstall);
}
