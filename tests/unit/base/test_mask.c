/* SPDX-License-Identifier: Apache-2.0 */
/* PI-05, AC-03: what of a personal value is shown.  All values are made up. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <glib.h>
#include <kouan/mask.h>
#include <string.h>

static const struct {
    kn_mask_kind kind;
    const char *value, *want;
} vectors[] = {
    { KN_MASK_IDENTITY, "11010519680000775X", "1101051968****775X" },
    { KN_MASK_IDENTITY, "110105680000775", "1101056800****0775" }, /* fifteen: one is hidden */
    { KN_MASK_IDENTITY, "11010519680000", "****" },                /* ends that would meet */
    { KN_MASK_IDENTITY, "1", "****" },
    { KN_MASK_DOCUMENT, "G00000000", "G0****00" },
    { KN_MASK_DOCUMENT, "G000", "****" },
    { KN_MASK_PHONE, "13000000001", "130****0001" },
    { KN_MASK_PHONE, "1300001", "****" },
    { KN_MASK_BANK, "6200000000000000001", "620000******0001" },
    { KN_MASK_BANK, "6200000001", "******" },
    { KN_MASK_NAME, "张三", "张*" },
    { KN_MASK_NAME, "欧阳某某", "欧*" },
    { KN_MASK_NAME, "张", "*" },
    { KN_MASK_MAIL, "someone@example.com", "s***@example.com" },
    { KN_MASK_MAIL, "s@example.com", "***@example.com" },
    { KN_MASK_MAIL, "@example.com", "***@example.com" },
    { KN_MASK_MAIL, "no mail", "n***" },
    { KN_MASK_CARD, "8600000000001", "8600*****0001" },
    { KN_MASK_CARD, "86000001", "*****" },
    { KN_MASK_CARD, "", "" },
    { KN_MASK_CARD, NULL, "" },
    { KN_MASK_CARD,
      "8600\xff\xfe\xfd\xfc\xfb"
      "0001",
      "*****" },
};

static void
mask_vectors(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        g_autofree char *got = kn_mask(vectors[i].kind, vectors[i].value);

        assert_string_equal(got, vectors[i].want);
    }
}

/* Whatever the length, the whole value never stands in the mask. */
static void
mask_never_all(void **unused)
{
    char value[41] = "";

    (void)unused;
    for (size_t n = 1; n < sizeof value; n++) {
        value[n - 1] = (char)('a' + n % 26);
        for (kn_mask_kind kind = KN_MASK_IDENTITY; kind <= KN_MASK_CARD; kind++) {
            g_autofree char *got = kn_mask(kind, value);

            assert_null(strstr(got, value));
            assert_non_null(strchr(got, '*'));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mask_vectors),
        cmocka_unit_test(mask_never_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
