/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "lane/config.h"

#include <cmocka.h>
#include <glib/gstdio.h>
#include <kouan/error.h>
#include <string.h>

static char *
write_ini(const char *text)
{
    g_autofree char *folder = g_dir_make_tmp("kouan-config-XXXXXX", NULL);
    char *file = g_build_filename(folder, "kouan.ini", NULL);

    assert_true(g_file_set_contents(file, text, -1, NULL));
    return file;
}

static void
drop(char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);

    (void)g_unlink(file);
    (void)g_rmdir(folder);
    g_free(file);
}

static void
config_mistakes_are_named(void **unused)
{
    static const struct {
        const char *text, *says;
    } vectors[] = {
        { "[engine]\nlanes = 0\n", "[engine] lanes: " },
        { "[engine]\nlanes = two\n", "[engine] lanes: " },
        { "[engine]\nline = 2\n", "[engine] line: unknown key" },
        { "[engines]\nlanes = 2\n", "[engines]: unknown group" },
        { "[engine]\nid = KOUAN000000000012\n", "[engine] id: " },
        { "[engine]\nlog_json = yes\n", "[engine] log_json: " },
        { "[engine]\nlog_level = loud\n", "[engine] log_level: " },
        { "[msg]\nmsg.max_bytes = 9999999999\n", "[msg] msg.max_bytes: " },
        { "[xml]\nxml.max_depth = -1\n", "[xml] xml.max_depth: " },
        { "[batch]\nmessages = 0\n", "[batch] messages: " },
        { "[kafka]\nin_topics = checkpoint,,customs\n", "[kafka] in_topics: " },
        { "lanes = 1\n", "kouan.ini: " },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        char *file = write_ini(vectors[i].text);
        kn_config *config = NULL;
        g_autoptr(GError) err = NULL;

        if (kn_config_load(file, &config, NULL, &err) || config)
            fail_msg("accepted: %s", vectors[i].text);
        if (kn_error_code(err) != KN_E_CONFIG || !strstr(err->message, vectors[i].says)
            || !strstr(err->message, file))
            fail_msg("“%s” does not name %s and %s", err->message, file, vectors[i].says);
        drop(file);
    }
}

static void
config_names_topics_by_prefix(void **unused)
{
    char *file = write_ini("[kafka]\nprefix = test\nin_topics = checkpoint,other.in.customs\n"
                           "dead_topic = graveyard\n");
    g_autoptr(kn_config) c = NULL;
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(kn_config_load(file, &c, NULL, &err));
    assert_string_equal(c->in_topics[0], "test.in.checkpoint");
    assert_string_equal(c->in_topics[1], "other.in.customs");
    assert_string_equal(c->customs_topic, "test.customs.out");
    assert_string_equal(c->journal_topic, "test.journal");
    assert_string_equal(c->dead_topic, "graveyard");
    drop(file);
}

static void
config_paths_start_at_the_file(void **unused)
{
    char *file = write_ini("[engine]\nsecret_file = keys/secret.hex\n");
    g_autofree char *folder = g_path_get_dirname(file), *want = NULL, *relative = NULL,
                    *absolute = NULL;
    g_autoptr(kn_config) c = NULL;
    g_autoptr(GError) err = NULL;

    (void)unused;
    assert_true(kn_config_load(file, &c, NULL, &err));
    want = g_build_filename(folder, "keys/secret.hex", NULL);
    relative = kn_config_path(c, c->secret_file);
    absolute = kn_config_path(c, "/etc/kouan/secret.hex");
    assert_string_equal(relative, want);
    assert_string_equal(absolute, "/etc/kouan/secret.hex");
    drop(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_mistakes_are_named),
        cmocka_unit_test(config_names_topics_by_prefix),
        cmocka_unit_test(config_paths_start_at_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
