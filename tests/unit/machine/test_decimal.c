/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <kouan/field.h>
#include <string.h>

static void
decimal_read_vectors(void **unused)
{
    static const struct {
        const char *text;
        int scale;
        bool ok;
        int64_t value;
        const char *why;
    } vectors[] = {
        { "0", 3, true, 0, "nothing" },
        { "2200.5", 3, true, 2200500, "fewer decimals than the scale" },
        { "0.001", 3, true, 1, "the smallest" },
        { "007", 0, true, 7, "leading zeros" },
        { "9223372036854775807", 0, true, INT64_MAX, "the largest" },
        { "9223372036854775808", 0, false, 0, "one more" },
        { "9223372036854775807", 1, false, 0, "too large when scaled" },
        { "1.2345", 3, false, 0, "more decimals than the scale" },
        { "1.0", 0, false, 0, "a decimal where none may be" },
        { "1.", 3, false, 0, "no digit behind the point" },
        { ".5", 3, false, 0, "none before it" },
        { "1.2.3", 3, false, 0, "two points" },
        { "-1", 3, false, 0, "a sign" },
        { "+1", 3, false, 0, "a sign" },
        { "1e3", 3, false, 0, "an exponent" },
        { " 1", 3, false, 0, "white space" },
        { "", 3, false, 0, "empty" },
        { NULL, 3, false, 0, "absent" },
        { "1", 10, false, 0, "a scale that is none" },
        { "1", -1, false, 0, "a scale that is none" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        int64_t value = 0;
        bool ok = kn_decimal_read(vectors[i].text, vectors[i].scale, &value);

        if (ok != vectors[i].ok || value != vectors[i].value)
            fail_msg("“%s” scale %d: %s", vectors[i].text ? vectors[i].text : "(null)",
                     vectors[i].scale, vectors[i].why);
    }
}

static void
decimal_text_vectors(void **unused)
{
    static const struct {
        int64_t value;
        int scale;
        const char *text;
    } vectors[] = {
        { 0, 3, "0" },
        { 2200500, 3, "2200.5" },
        { 1, 3, "0.001" },
        { -1500, 3, "-1.5" },
        { 33000000, 3, "33000" },
        { 7, 0, "7" },
        { INT64_MAX, 9, "9223372036.854775807" },
        { INT64_MIN, 0, "-9223372036854775808" },
    };
    char text[32];

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        kn_decimal_text(vectors[i].value, vectors[i].scale, text);
        assert_string_equal(text, vectors[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_read_vectors),
        cmocka_unit_test(decimal_text_vectors),
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
