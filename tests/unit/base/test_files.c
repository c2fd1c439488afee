/* SPDX-License-Identifier: Apache-2.0 */
/* Files from folders and from bundles: what was read is what comes out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "base/files.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <kouan/error.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void
put(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int
set_up(void **unused)
{
    g_autofree char *sub = NULL;

    (void)unused;
    folder = g_dir_make_tmp("kouan-files-XXXXXX", NULL);
    put("b.ini", "two\n");
    put("a.ini", "one\n");
    put("a.ini.bak", "old\n");
    put("empty.pem", "");
    sub = g_build_filename(folder, "folder.ini", NULL);
    return mkdir(sub, 0700);
}

static int
tear_down(void **unused)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    (void)unused;
    (void)g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
    g_free(folder);
    return 0;
}

static kn_files *
opened(void)
{
    kn_files *files = kn_files_new();

    kn_files_folder(files, "x", folder);
    return files;
}

static void
expect(kn_files *files, const char *area, const char *name, const char *text)
{
    g_autoptr(GError) err = NULL;
    const char *bytes = NULL;
    size_t len = 0;

    if (!kn_files_read(files, area, name, &bytes, &len, &err))
        fail_msg("%s: %s", name, err->message);
    assert_int_equal(len, strlen(text));
    assert_string_equal(bytes, text);
}

static void
files_read_once(void **unused)
{
    g_autoptr(kn_files) files = opened();
    g_auto(GStrv) names = NULL;

    (void)unused;
    expect(files, "x", "a.ini", "one\n");
    put("a.ini", "changed\n");
    expect(files, "x", "a.ini", "one\n"); /* what was judged stays what it was */
    put("a.ini", "one\n");
    assert_true(kn_files_list(files, "x", ".ini", &names, NULL));
    assert_int_equal(g_strv_length(names), 3);
    assert_string_equal(names[0], "a.ini");
    assert_string_equal(names[1], "b.ini");
}

static void
files_refused(void **unused)
{
    static const struct {
        const char *area, *name, *said;
    } bad[] = {
        { "x", "none.ini", "No such file" },
        { "x", "folder.ini", "not a file" },
        { "x", "a\tb", "no name of a file" },
        { "x", "a\nb", "no name of a file" },
        { "y", "a.ini", "y/a.ini is not in the bundle" },
    };
    g_autoptr(kn_files) files = opened();

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;
        const char *bytes = NULL;
        size_t len = 0;

        assert_false(kn_files_read(files, bad[i].area, bad[i].name, &bytes, &len, &err));
        assert_int_equal(kn_error_code(err), KN_E_IO);
        if (!strstr(err->message, bad[i].said) || bytes)
            fail_msg("“%s” is not in: %s", bad[i].said, err->message);
    }
}

static void
files_too_long(void **unused)
{
    g_autoptr(kn_files) files = opened();
    g_autofree char *path = g_build_filename(folder, "long.pem", NULL);
    g_autoptr(GError) err = NULL;
    const char *bytes;
    size_t len;

    (void)unused;
    put("long.pem", "");
    assert_int_equal(truncate(path, (off_t)KN_FILES_ONE_MAX + 1), 0);
    assert_false(kn_files_read(files, "x", "long.pem", &bytes, &len, &err));
    assert_non_null(strstr(err->message, "are too many"));
    (void)g_unlink(path);
}

static void
files_bundle_is_the_same_everywhere(void **unused)
{
    g_autoptr(kn_files) one = opened(), two = opened(), again = NULL;
    g_autoptr(GBytes) first = NULL, second = NULL, third = NULL;
    g_auto(GStrv) names = NULL;

    (void)unused;
    expect(one, "x", "b.ini", "two\n");
    expect(one, "x", "a.ini", "one\n");
    kn_files_put(one, "y", "made", "a\0b", 3);
    expect(one, "x", "empty.pem", "");
    kn_files_put(two, "y", "made", "old", 3);
    kn_files_put(two, "y", "made", "a\0b", 3); /* the last one counts */
    expect(two, "x", "empty.pem", "");
    expect(two, "x", "a.ini", "one\n");
    expect(two, "x", "b.ini", "two\n");
    first = kn_files_pack(one);
    second = kn_files_pack(two);
    assert_true(g_bytes_equal(first, second));
    assert_true(kn_files_unpack(first, &again, NULL));
    third = kn_files_pack(again);
    assert_true(g_bytes_equal(first, third));
    expect(again, "x", "a.ini", "one\n");
    assert_true(kn_files_list(again, "x", ".ini", &names, NULL));
    assert_int_equal(g_strv_length(names), 2);
}

/* Every cut and every changed byte of the frame is noticed, or changes nothing but a file's content. */
static void
files_damaged_bundles(void **unused)
{
    g_autoptr(kn_files) files = opened();
    g_autoptr(GBytes) whole = NULL;
    const char *bytes;
    size_t len;

    (void)unused;
    expect(files, "x", "a.ini", "one\n");
    expect(files, "x", "b.ini", "two\n");
    whole = kn_files_pack(files);
    bytes = g_bytes_get_data(whole, &len);
    for (size_t cut = 0; cut < len; cut++) {
        g_autoptr(GBytes) part = g_bytes_new(bytes, cut);
        g_autoptr(kn_files) got = NULL;
        g_autoptr(GError) err = NULL;
        bool ok = kn_files_unpack(part, &got, &err);

        assert_true(ok == (got != NULL) && ok == (err == NULL));
        if (ok && cut != strlen("kouan files 1\n") && bytes[cut - 1] != '\n')
            fail_msg("cut at %zu is taken", cut);
    }
    for (size_t at = 0; at < len; at++) {
        g_autofree char *copy = g_memdup2(bytes, len);
        g_autoptr(GBytes) changed = NULL;
        g_autoptr(kn_files) got = NULL;
        g_autoptr(GError) err = NULL;
        bool ok;

        copy[at] ^= 0x11;
        changed = g_bytes_new(copy, len);
        ok = kn_files_unpack(changed, &got, &err);
        assert_true(ok == (got != NULL) && ok == (err == NULL));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_read_once),
        cmocka_unit_test(files_refused),
        cmocka_unit_test(files_too_long),
        cmocka_unit_test(files_bundle_is_the_same_everywhere),
        cmocka_unit_test(files_damaged_bundles),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
