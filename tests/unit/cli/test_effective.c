/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/effective.h"

#include "lane/config.h"

#include <setjmp.h> /* allow: cmocka wants it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static void
effective_masks(void **unused)
{
    static const struct {
        const char *text, *expect, *why;
    } vectors[] = {
        { "dbname=kouan", "dbname=kouan", "nothing to hide" },
        { "host=a password=geheim dbname=b", "host=a password=*** dbname=b", "in the middle" },
        { "password=geheim", "password=***", "at the end" },
        { "PassWord=x y", "PassWord=*** y", "any case" },
        { "password='a b' c=d", "password=*** c=d", "quoted with a blank" },
        { "password='a\\' b' c", "password=*** c", "quoted quote" },
        { "password='open", "password=***", "never closed" },
        { "sasl.password=a, ssl.key.password=b", "sasl.password=***, ssl.key.password=***",
          "a list" },
        { "password=", "password=***", "empty" },
        { "", "", "empty text" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autofree char *out = kn_effective_mask(vectors[i].text);

        if (strcmp(out, vectors[i].expect) != 0)
            fail_msg("%s: “%s”", vectors[i].why, out);
    }
}

static json_t *
values_of(const char *text)
{
    g_autofree char *name = NULL;
    json_t *values = NULL;
    int fd = g_file_open_tmp("kouan-ini-XXXXXX", &name, NULL);

    assert_true(fd >= 0);
    (void)close(fd);
    assert_true(g_file_set_contents(name, text, -1, NULL));
    (void)kn_effective_read(name, &values, NULL);
    (void)unlink(name);
    return values;
}

/* The sample sets nothing: read back, it is what an empty file gives. */
static void
effective_sample(void **unused)
{
    g_autofree char *sample = kn_effective_sample(), *file = NULL;
    json_t *of_sample = values_of(sample), *of_nothing = values_of("");

    (void)unused;
    assert_non_null(of_sample);
    assert_true(json_equal(of_sample, of_nothing));
    assert_true(g_file_get_contents("config/kouan.ini", &file, NULL, NULL));
    if (strcmp(file, sample) != 0)
        fail_msg("config/kouan.ini is old: kouan config sample > config/kouan.ini");
    json_decref(of_sample);
    json_decref(of_nothing);
}

static void
effective_mistakes(void **unused)
{
    static const char *const bad[] = {
        "[kafka]\npartitions = x\n", "[kafka]\nfoo = 1\n", "[nix]\na = 1\n",
        "[handler.nix]\na = 1\n",    "no group\n",         "[engine]\nlanes = 0\n",
        "[engine]\nlanes = 65\n",
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *values = values_of(bad[i]);

        if (values)
            fail_msg("taken: %s", bad[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effective_masks),
        cmocka_unit_test(effective_sample),
        cmocka_unit_test(effective_mistakes),
    };

    return cmocka_run_group_tests_name("effective", tests, NULL, NULL);
}
