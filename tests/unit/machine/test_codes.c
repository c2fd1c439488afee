/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <glib/gstdio.h>
#include <kouan/codes.h>
#include <kouan/error.h>
#include <string.h>

/* A folder with one list "x"; removed by drop(). */
static char *
folder_with(const char *text)
{
    char *folder = g_dir_make_tmp("kn-codes-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "x.csv", NULL);
    g_autofree char *other = g_build_filename(folder, "README.md", NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_true(g_file_set_contents(other, "not a list", -1, NULL));
    return folder;
}

static void
drop(char *folder)
{
    g_autofree char *path = g_build_filename(folder, "x.csv", NULL);
    g_autofree char *other = g_build_filename(folder, "README.md", NULL);

    (void)g_remove(path);
    (void)g_remove(other);
    (void)g_rmdir(folder);
    g_free(folder);
}

static void
codes_resolve(void **unused)
{
    static const struct {
        const char *value, *code;
        bool ambiguous;
        const char *why;
    } vectors[] = {
        { "1", "1", false, "by code" },
        { "海运", "1", false, "by name" },
        { "水路运输", "1", false, "by the second name of a code" },
        { "空,车", "2", false, "quoted, with a comma" },
        { "a\"b", "2", false, "quoted, with a quote" },
        { "共名", NULL, true, "a name of two codes (CM-33)" },
        { "4", "4", false, "its code still works" },
        { "海", NULL, false, "part of a name" },
        { "01", NULL, false, "not the code" },
        { "", NULL, false, "empty" },
        { "remark", NULL, false, "a remark is no name" },
    };
    char *folder = folder_with("code,name,remark\r\n1,海运,remark\n1,水路运输,\n2,\"空,车\",\n"
                               "2,\"a\"\"b\"\n3,共名,\n4,共名,\n\n");
    g_autoptr(GError) err = NULL;
    kn_codes *codes = NULL;

    (void)unused;
    assert_true(kn_codes_load(folder, &codes, &err));
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        bool ambiguous = !vectors[i].ambiguous;
        const char *code = kn_codes_resolve(codes, "x", vectors[i].value, &ambiguous);

        if (g_strcmp0(code, vectors[i].code) != 0 || ambiguous != vectors[i].ambiguous)
            fail_msg("%s: %s", vectors[i].value, vectors[i].why);
    }
    assert_string_equal(kn_codes_name(codes, "x", "1"), "海运");
    assert_null(kn_codes_name(codes, "x", "9"));
    assert_null(kn_codes_name(codes, "y", "1"));
    assert_null(kn_codes_resolve(codes, "y", "1", NULL));
    assert_true(kn_codes_has_list(codes, "x"));
    assert_false(kn_codes_has_list(codes, "README"));
    kn_codes_free(codes);
    drop(folder);
}

static void
codes_bad_files(void **unused)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        { "", ":1:" },
        { "1,海运\n", ":1:" },
        { "code,name,remark\n", "no codes" },
        { "code,name,remark\n1,a\n,b\n", ":3: code or name is empty" },
        { "code,name,remark\n1,\n", ":2:" },
        { "code,name,remark\n1\n", ":2:" },
        { "code,name,remark\n1,\"a\n", ":2: broken quoting" },
        { "code,name,remark\n1,\"a\"b\n", ":2: broken quoting" },
        { "code,name,remark\n1,a\n1,a\n", ":3: code 1 twice" },
        { "code,name,remark\n1,\xff\n", "UTF-8" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *folder = folder_with(bad[i].text);
        g_autoptr(GError) err = NULL;
        kn_codes *codes = NULL;

        assert_false(kn_codes_load(folder, &codes, &err));
        assert_null(codes);
        assert_int_equal(kn_error_code(err), KN_E_CONFIG);
        if (!strstr(err->message, bad[i].part))
            fail_msg("expected “%s” in: %s", bad[i].part, err->message);
        drop(folder);
    }
}

static void
codes_no_folder(void **unused)
{
    g_autoptr(GError) err = NULL;
    kn_codes *codes = NULL;

    (void)unused;
    assert_false(kn_codes_load("/nonexistent/codes", &codes, &err));
    assert_int_equal(kn_error_code(err), KN_E_CONFIG);
    kn_codes_free(NULL);
}

static void
codes_of_the_house(void **unused)
{
    g_autoptr(GError) err = NULL;
    kn_codes *codes = NULL;

    (void)unused;
    if (!kn_codes_load("config/codes", &codes, &err))
        fail_msg("%s", err->message);
    assert_string_equal(kn_codes_resolve(codes, "ck_biz", "多式联运+报关", NULL), "1000001000");
    assert_string_equal(kn_codes_resolve(codes, "ck_medium", "VN", NULL), "VN");
    assert_string_equal(kn_codes_resolve(codes, "customs", "重庆海关", NULL), "8001");
    assert_null(kn_codes_resolve(codes, "ck_biz", "100000000", NULL)); /* nine places */
    kn_codes_free(codes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_resolve),
        cmocka_unit_test(codes_bad_files),
        cmocka_unit_test(codes_no_folder),
        cmocka_unit_test(codes_of_the_house),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
