/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from a file, payloads locked and opened, rows of every age side by side. */
#include "kit.h"
#include "store/vault.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define K1 "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define K2 "2 ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n"
#define K1_OTHER "1 aa0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static char *
key_file(const char *text, mode_t mode)
{
    char *name = NULL;
    int fd = g_file_open_tmp("kouan-keys-XXXXXX", &name, NULL);

    assert_true(fd >= 0);
    (void)close(fd);
    assert_true(g_file_set_contents(name, text, -1, NULL));
    assert_int_equal(chmod(name, mode), 0);
    return name;
}

static void
use(const char *text)
{
    g_autofree char *file = text ? key_file(text, 0600) : NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_vault_init(file, &err))
        fail_msg("%s", err->message);
    if (file)
        (void)g_unlink(file);
}

static uint8_t *
locked(const char *text, size_t *len)
{
    size_t n = strnlen(text, 100);
    uint8_t *at = g_malloc(n + kn_vault_room());

    memcpy(at + KN_VAULT_HEAD, text, n);
    assert_true(kn_vault_lock(at, n, NULL));
    *len = n + kn_vault_room();
    return at;
}

static void
expect_refused(const void *bytes, size_t len, const char *words)
{
    g_autofree uint8_t *plain = NULL;
    g_autoptr(GError) err = NULL;

    assert_false(kn_vault_open(bytes, len, &plain, &len, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_null(plain);
    if (!strstr(err->message, words))
        fail_msg("“%s” does not say “%s”", err->message, words);
}

static void
expect_opens(const void *bytes, size_t len, const char *text)
{
    g_autofree uint8_t *plain = NULL;
    g_autoptr(GError) err = NULL;

    if (!kn_vault_open(bytes, len, &plain, &len, &err))
        fail_msg("%s", err->message);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(plain, text, len);
}

/* --- the file ------------------------------------------------------------------------------------------- */

static void
vault_file(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *why;
    } wrong[] = {
        { "", 0600, "no key in it" },
        { "# only a comment\n\n", 0600, "no key in it" },
        { K1, 0640, "may be read by others" },
        { K1, 0604, "may be read by others" },
        { "1\n", 0600, "line 1: not a number and 64" },
        { K1 "0 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600,
          "line 2: not a number" },
        { "4294967296 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600,
          "line 1: not a number" },
        { "-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600,
          "line 1: not a number" },
        { "1 00010203\n", 0600, "64 hexadecimal" },
        { "1 zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600,
          "64 hexadecimal" },
        { K1 "# again\n" K1_OTHER, 0600, "line 3: key 1 is there twice" },
        { K1 " 2 two words more\n", 0600, "line 2" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *file = key_file(wrong[i].text, wrong[i].mode);
        g_autoptr(GError) err = NULL;

        if (kn_vault_init(file, &err))
            fail_msg("%zu: taken", i);
        assert_code(err, KN_E_CONFIG);
        if (!strstr(err->message, wrong[i].why) || strstr(err->message, "0102030405"))
            fail_msg("%zu: “%s”", i, err->message);
        assert_int_equal(kn_vault_writes(), 0);
        (void)g_unlink(file);
    }
    use(K2 "# older\n" K1);
    assert_int_equal(kn_vault_writes(), 2); /* the highest number, wherever it stands */
    use(NULL);
    assert_int_equal(kn_vault_writes(), 0);
    assert_int_equal(kn_vault_room(), 0);
}

static void
vault_no_file(void **state)
{
    g_autoptr(GError) err = NULL;

    (void)state;
    assert_false(kn_vault_init("/nonexistent/keys", &err));
    assert_code(err, KN_E_CONFIG);
    assert_non_null(strstr(err->message, "/nonexistent/keys"));
    use(NULL);
}

/* --- bytes ---------------------------------------------------------------------------------------------- */

static void
vault_round(void **state)
{
    size_t one_len, two_len, none_len;
    g_autofree uint8_t *one = NULL, *two = NULL, *none = NULL;

    (void)state;
    use(K1);
    one = locked("payload", &one_len);
    none = locked("", &none_len);
    two = locked("payload", &two_len);
    assert_true(kn_vault_is_locked(one, one_len) && kn_vault_is_locked(none, none_len));
    assert_memory_not_equal(one, two, one_len); /* a nonce of its own */
    assert_null(memmem(one, one_len, "payload", 7));
    expect_opens(one, one_len, "payload");
    expect_opens(none, none_len, "");
    use(K1 K2);
    expect_opens(one, one_len, "payload");
    g_free(two);
    two = locked("later", &two_len);
    expect_opens(two, two_len, "later");
    use(K1);
    expect_refused(two, two_len, "key 2: it is not in [archive] key_file");
    use(NULL);
    expect_refused(one, one_len, "key 1: [archive] key_file is not set");
    use(K1_OTHER);
    expect_refused(one, one_len, "does not open with key 1");
    use(NULL);
}

/* Any byte changed, any byte cut. */
static void
vault_tampered(void **state)
{
    size_t len;
    g_autofree uint8_t *bytes = NULL;

    (void)state;
    use(K1 K2);
    bytes = locked("a payload of some length", &len);
    for (size_t i = 0; i < len; i++) {
        g_autofree uint8_t *copy = g_memdup2(bytes, len);

        copy[i] ^= 1;
        expect_refused(copy, len, "archived payload");
    }
    for (size_t n = 0; n < len; n++)
        expect_refused(bytes, n, "archived payload");
    expect_opens(bytes, len, "a payload of some length");
    use(NULL);
}

static void
vault_plain(void **state)
{
    static const uint8_t zstd[40] = { 0x28, 0xb5, 0x2f, 0xfd };

    (void)state;
    assert_false(kn_vault_is_locked(zstd, sizeof zstd));
    assert_false(kn_vault_is_locked("KV1", 4));
    use(NULL);
    assert_false(kn_vault_lock((uint8_t[64]){ 0 }, 1, NULL));
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static void
settle_one(kit *k, kn_position *p, const char *id)
{
    g_autoptr(kit_batch) b = kit_batch_new(p);
    g_autoptr(GError) err = NULL;

    kit_batch_add(b, k, id, id, 0, 1);
    if (!kit_settle(k, p, b, NULL, &err))
        fail_msg("%s", err->message);
    p->next_off++;
}

static void
vault_rows(void **state)
{
    kit *k = *state;
    kn_position p = { 0 };
    g_autoptr(GPtrArray) page = kn_store_message_array(), none = kn_store_message_array();
    g_autoptr(GError) err = NULL;
    bool more;

    kit_take(k, 0, &p);
    use(NULL);
    settle_one(k, &p, "plain");
    use(K1);
    settle_one(k, &p, "first");
    use(K1 K2);
    settle_one(k, &p, "second");
    kit_expect(k,
               "SELECT string_agg(encode(substr(payload, 1, 8), 'hex'), ' ' ORDER BY off) FROM "
               "message WHERE idx = 1"
               " AND payload >= '\\x4b5631' AND payload < '\\x4b5632'",
               "4b56310000000001 4b56310000000002");
    assert_true(kn_store_pending(k->store, &p, 100, 103, 50, page, &more, &err));
    assert_int_equal(page->len, 3);
    for (unsigned i = 0; i < page->len; i++)
        assert_true(g_bytes_get_size(((kn_store_message *)page->pdata[i])->payload) > 0);
    use(K1);
    assert_false(kn_store_pending(k->store, &p, 100, 103, 50, none, &more, &err));
    assert_code(err, KN_E_STORE_WRONG);
    assert_int_equal(none->len, 0);
    use(NULL);
    kn_position_clear(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vault_file),  cmocka_unit_test(vault_no_file),
        cmocka_unit_test(vault_round), cmocka_unit_test(vault_tampered),
        cmocka_unit_test(vault_plain), kit_test(vault_rows),
    };

    return kit_main(tests);
}
