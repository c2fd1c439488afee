/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "base/hex.h"

#include <glib.h>
#include <string.h>

static void
hex_there_and_back(void **unused)
{
    uint8_t bytes[256], back[256];
    char text[513];

    (void)unused;
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    kn_hex_encode(bytes, sizeof bytes, text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405", 12);
    assert_string_equal(text + 506, "fdfeff");
    assert_true(kn_hex_decode(text, back, sizeof back));
    assert_memory_equal(bytes, back, sizeof bytes);
}

static void
hex_nothing(void **unused)
{
    char text[1] = { 'x' };
    uint8_t untouched = 7;

    (void)unused;
    kn_hex_encode(&untouched, 0, text);
    assert_int_equal(text[0], '\0');
    assert_true(kn_hex_decode("", &untouched, 0));
    assert_int_equal(untouched, 7);
}

static void
hex_decode_vectors(void **unused)
{
    static const struct {
        const char *text;
        bool ok;
        const char *why;
    } vectors[] = {
        { "00ff10", true, "lower case" },
        { "00FF10", true, "upper case" },
        { "00fF10", true, "mixed" },
        { "", false, "too short by all" },
        { "00ff1", false, "half a byte is missing" },
        { "00ff", false, "a byte is missing" },
        { "00ff100", false, "half a byte too many" },
        { "00ff1011", false, "a byte too many" },
        { "00ff1g", false, "g is no digit" },
        { "0xff10", false, "no prefix" },
        { "00 f10", false, "no space" },
        { "-0ff10", false, "no sign" },
        { "00ff1\n", false, "no line end" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        uint8_t out[3] = { 9, 9, 9 };
        bool ok = kn_hex_decode(vectors[i].text, out, 3);

        if (ok != vectors[i].ok)
            fail_msg("“%s”: %s", vectors[i].text, vectors[i].why);
        if (ok && memcmp(out, "\x00\xff\x10", 3) != 0)
            fail_msg("“%s”: wrong bytes", vectors[i].text);
        if (!ok && memcmp(out, "\x09\x09\x09", 3) != 0)
            fail_msg("“%s”: touched the output", vectors[i].text);
    }
}

/* RFC 9562: version 8 in the seventh byte, variant 10 in the ninth, whatever the bytes are (GN-05). */
static void
hex_uuid_has_version_and_variant(void **unused)
{
    static const struct {
        uint8_t fill;
        const char *text;
    } vectors[] = {
        { 0x00, "00000000-0000-8000-8000-000000000000" },
        { 0xff, "FFFFFFFF-FFFF-8FFF-BFFF-FFFFFFFFFFFF" },
        { 0x5a, "5A5A5A5A-5A5A-8A5A-9A5A-5A5A5A5A5A5A" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        uint8_t bytes[16];
        char out[37];

        memset(bytes, vectors[i].fill, sizeof bytes);
        kn_hex_uuid(bytes, out);
        assert_string_equal(out, vectors[i].text);
        assert_true(kn_hex_is_uuid(out));
        assert_int_equal(bytes[6], vectors[i].fill); /* the input stays */
    }
}

static void
hex_is_uuid_vectors(void **unused)
{
    static const struct {
        const char *text;
        bool ok;
        const char *why;
    } vectors[] = {
        { "4CDE1CFD-EDED-46B1-946C-B8022E42FC94", true, "any version is taken" },
        { "00000000-0000-0000-0000-000000000000", true, "the form is looked at, not the meaning" },
        { NULL, false, "absent" },
        { "", false, "empty" },
        { "4cde1cfd-eded-46b1-946c-b8022e42fc94", false, "lower case" },
        { "4CDE1CFD-EDED-46B1-946C-B8022E42FC9", false, "one short" },
        { "4CDE1CFD-EDED-46B1-946C-B8022E42FC944", false, "one long" },
        { "4CDE1CFDEDED46B1946CB8022E42FC94", false, "no hyphens" },
        { "4CDE1CFDE-DED-46B1-946C-B8022E42FC94", false, "hyphen in a wrong place" },
        { "4CDE1CFD-EDED-46B1-946C-B8022E42FG94", false, "G is no digit" },
        { "{CDE1CFD-EDED-46B1-946C-B8022E42FC9}", false, "no braces" },
        { "4CDE1CFD-EDED-46B1-946C-B8022E42FC9 ", false, "no space" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
        if (kn_hex_is_uuid(vectors[i].text) != vectors[i].ok)
            fail_msg("“%s”: %s", vectors[i].text ? vectors[i].text : "NULL", vectors[i].why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_there_and_back),  cmocka_unit_test(hex_nothing),
        cmocka_unit_test(hex_decode_vectors),  cmocka_unit_test(hex_uuid_has_version_and_variant),
        cmocka_unit_test(hex_is_uuid_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
