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

typedef struct vector {
    const char *text;
    bool ok;
    const char *why;
} vector;

static void
run(const vector *vectors, size_t n, bool (*check)(const char *))
{
    for (size_t i = 0; i < n; i++)
        if (check(vectors[i].text) != vectors[i].ok)
            fail_msg("%s: %s", vectors[i].text, vectors[i].why);
}

static void
checks_orgcode(void **unused)
{
    static const vector vectors[] = {
        { "D2143569X", true, "the standard's own example" },
        { "13221131X", true, "printed in the manual" },
        { "123456788", true, "computed" },
        { "000000019", true, "computed" },
        { "A1B2C3D48", true, "computed" },
        { "MA5ABCDE5", true, "computed" },
        { "KOUAN0010", true, "computed" },
        { "ZZZZZZZZ3", true, "computed" },
        { "MA0100040", true, "check value 11 is written 0" },
        { "MA0100120", true, "check value 11 is written 0" },
        { "MA0000A00", true, "check value 11 is written 0" },
        { "MA010018X", true, "check value 10 is written X" },
        { "MA010026X", true, "check value 10 is written X" },
        { "567123456", false, "expects 8" },
        { "123456789", false, "expects 8" },
        { "d2143569x", false, "lower case is not folded here" },
        { "D2143569", false, "8 characters" },
        { "D21435690X", false, "10 characters" },
        { "D214356９X", false, "full-width digit" },
        { "D2143569-X", false, "the hyphen goes before the check" },
        { "MA0100181", false, "check value 10 is not written 1" },
        { "", false, "empty" },
    };

    (void)unused;
    run(vectors, G_N_ELEMENTS(vectors), kn_orgcode_ok);
}

static bool
uscc_both(const char *code)
{
    return kn_uscc_ok(code, true);
}

static bool
uscc_outer(const char *code)
{
    return kn_uscc_ok(code, false);
}

static void
checks_uscc(void **unused)
{
    static const vector vectors[] = {
        { "91350100M000100Y43", true, "example of the standard" },
        { "91500000MA5ABCDE5L", true, "computed" },
        { "91310000KPUAN0014U", true, "computed" },
        { "92500112MA0100083T", true, "computed" },
        { "12100000A1B2C3D48M", true, "computed" },
        { "91500112MA0100032M", true, "computed" },
        { "DYCK12345671234567", false, "expects A; letters among the digits" },
        { "91500000MA00004101", false, "expects 0" },
        { "91500000MA00040100", false, "transposition" },
        { "91500000MA0000410O", false, "letter O is not in the alphabet" },
        { "91500000MI00004100", false, "letter I is not in the alphabet" },
        { "91500000ma00004100", false, "lower case" },
        { "91500000MA0000410", false, "17 characters" },
        { "91500000MA000041000", false, "19 characters" },
        { "9150000AMA00004100", false, "letter in the division code" },
        { "", false, "empty" },
    };

    (void)unused;
    run(vectors, G_N_ELEMENTS(vectors), uscc_outer);
    assert_true(kn_uscc_ok("91500000MA00000094", false)); /* outer check good */
    assert_false(kn_uscc_ok("91500000MA00000094", true)); /* embedded code expects 7 */
}

static void
checks_uscc_every_check_character(void **unused)
{
    static const char all[] =
        "91500000MA00004100 91500000MA00000661 91500000MA00001112 91500000MA00002343 "
        "91500000MA00003574 91500000MA00001705 91500000MA000004X6 91500000MA00001037 "
        "91500000MA00002268 91500000MA00003499 91500000MA0000162A 91500000MA0000285B "
        "91500000MA0000330C 91500000MA000020XD 91500000MA0000031E 91500000MA0000154F "
        "91500000MA0000277G 91500000MA0000090H 91500000MA0000445J 91500000MA0000023K "
        "91500000MA0000146L 91500000MA0000269M 91500000MA0000082N 91500000MA0000437P "
        "91500000MA0000015Q 91500000MA000012XR 91500000MA0000496T 91500000MA0000074U "
        "91500000MA0000197W 91500000MA0000007X 91500000MA0000365Y";
    g_auto(GStrv) codes = g_strsplit(all, " ", -1);

    (void)unused;
    assert_int_equal(g_strv_length(codes), 31);
    for (size_t i = 0; codes[i]; i++) {
        if (!uscc_both(codes[i]))
            fail_msg("%s", codes[i]);
        codes[i][17] = codes[i][17] == '0' ? '1' : '0'; /* and no other check character */
        if (uscc_outer(codes[i]))
            fail_msg("%s", codes[i]);
    }
}

static void
checks_container(void **unused)
{
    static const vector vectors[] = {
        { "CSQU3054383", true, "example of the standard" },
        { "CBHU3202732", true, "computed" },
        { "HLXU2008419", true, "computed" },
        { "KOAU1000000", true, "check 0" },
        { "KOAU1000090", true, "10 is written 0" },
        { "KOAU1000021", true, "check 1" },
        { "KOAU1000042", true, "check 2" },
        { "KOAU1000063", true, "check 3" },
        { "KOAU1000084", true, "check 4" },
        { "KOAU1000145", true, "check 5" },
        { "KOAU1000016", true, "check 6" },
        { "KOAU1000037", true, "check 7" },
        { "KOAU1000058", true, "check 8" },
        { "KOAU1000079", true, "check 9" },
        { "CSQU3054384", false, "expects 3" },
        { "CSQU305438", false, "no check digit" },
        { "csqu3054383", false, "lower case" },
        { "CSQX3054383", false, "category letter" },
        { "CSQU 305438 3", false, "blanks inside" },
        { "CSQU30543A3", false, "letter in the serial" },
        { "1SQU3054383", false, "digit in the owner" },
        { "CSQ", false, "too short to have a category" },
        { "", false, "empty" },
    };

    (void)unused;
    run(vectors, G_N_ELEMENTS(vectors), kn_container_ok);
}

static void
checks_plate(void **unused)
{
    static const vector vectors[] = {
        { "渝A12345", true, "ordinary" },
        { "渝A1B2C3", true, "letters between" },
        { "渝A1234挂", true, "trailer" },
        { "渝A1234学", true, "driving school" },
        { "渝O1234警", true, "region letter O" },
        { "粤Z1234港", true, "Hong Kong" },
        { "粤ZAB12澳", true, "Macao" },
        { "渝AD12345", true, "new energy, small" },
        { "渝AF12345", true, "new energy, small" },
        { "渝A12345D", true, "new energy, large" },
        { "渝A12345F", true, "new energy, large" },
        { "使123456", true, "embassy" },
        { "沪A0023领", true, "consulate" },
        { "渝A1I345", false, "letter I" },
        { "渝A1O345", false, "letter O in the number" },
        { "渝I12345", false, "region letter I" },
        { "A12345", false, "no province" },
        { "渝a12345", false, "lower case" },
        { "渝A1234", false, "too short" },
        { "渝A123456", false, "too long" },
        { "渝A12345X", false, "X is no new-energy letter" },
        { "渝AL12345", false, "L is no new-energy letter" },
        { "渝A12345挂", false, "trailer too long" },
        { "粤Z1234台", false, "neither Hong Kong nor Macao" },
        { "临渝A12345", false, "temporary" },
        { "渝A·12345", false, "dot inside" },
        { " 渝A12345", false, "not trimmed" },
        { "港A12345", false, "no province of the list" },
        { "渝A1234\xff", false, "not UTF-8" },
        { "", false, "empty" },
    };

    (void)unused;
    run(vectors, G_N_ELEMENTS(vectors), kn_plate_ok);
    assert_int_equal(g_utf8_strlen("渝A1234挂", -1), 7);
    assert_int_equal(strlen("渝A1234挂"), 11);
}

static void
checks_customs10(void **unused)
{
    static const vector vectors[] = {
        { "5000960001", true, "digits" },
        { "3122480002", true, "digits" },
        { "440416000A", true, "letter in the serial" },
        { "500096001", false, "9 characters" },
        { "50009600011", false, "11 characters" },
        { "0000000000", false, "province 00" },
        { "50a0960001", false, "lower case letter" },
        { "五000960001", false, "not ASCII" },
        { "5000900001", false, "enterprise kind 0" },
        { "", false, "empty" },
    };

    (void)unused;
    run(vectors, G_N_ELEMENTS(vectors), kn_customs10_ok);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_orgcode),
        cmocka_unit_test(checks_uscc),
        cmocka_unit_test(checks_uscc_every_check_character),
        cmocka_unit_test(checks_container),
        cmocka_unit_test(checks_plate),
        cmocka_unit_test(checks_customs10),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
