/* SPDX-License-Identifier: Apache-2.0 */
/* What GKeyFile lets pass, and words that were nearly right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "base/ini.h"

#include <cmocka.h>
#include <string.h>

static void
ini_scan(void **unused)
{
    static const struct {
        const char *text, *mistake, *hint; /* "" = none */
    } vectors[] = {
        { "[a]\nx = 1\n[b]\nx = 1\n", "", "" },
        { "", "", "" },
        { "# [a]\n#x = 1\n", "", "" },
        { "[a]\nx = 1\n\n x=2\n", "f.ini: [a] x: stands there twice (line 4)", "" },
        { "[a]\nx = 1\n[b]\ny = 1\n[a]\nz = 1\n", "f.ini: [a]: stands there twice (line 5)", "" },
        { "[a]\n#x = 1\nx = 2\n", "", "" },
        { "\xef\xbb\xbf[a]\n", "f.ini:1: a byte order mark", "" },
        { "\xff\xfe[", "f.ini:1: UTF-16", "" },
        { "[a]\nx = \xb9\xfa\n", "f.ini:1: not UTF-8", "" },
        { "[a]\r\nx = 1\r\n", "", "f.ini: lines end in CRLF" },
        { "[a]\nx = 1 # one\n", "", "f.ini: [a] x: a comment needs a line of its own" },
        { "[a]\nx = C#1\n", "", "" },
        { "[a\nno group\n", "", "" },
    };

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) hints = g_ptr_array_new_with_free_func(g_free);
        const struct {
            const GPtrArray *found;
            const char *wanted;
        } pairs[] = { { mistakes, vectors[i].mistake }, { hints, vectors[i].hint } };

        kn_ini_scan("f.ini", vectors[i].text, strlen(vectors[i].text), mistakes, hints);
        for (size_t k = 0; k < G_N_ELEMENTS(pairs); k++) {
            if (pairs[k].found->len != (*pairs[k].wanted ? 1 : 0))
                fail_msg("%zu: %u found", i, pairs[k].found->len);
            if (*pairs[k].wanted
                && !g_str_has_prefix(g_ptr_array_index(pairs[k].found, 0), pairs[k].wanted))
                fail_msg("%zu: %s", i, (char *)g_ptr_array_index(pairs[k].found, 0));
        }
    }
}

static void
ini_nearest(void **unused)
{
    static const char *const words[] = {
        "documents", "anchors", "crl", "id", "certificates", NULL
    };
    static const struct {
        const char *word, *best, *why;
    } vectors[] = {
        { "document", "documents", "a letter less" },
        { "documnets", "documents", "two changed places" },
        { "Anchors", "anchors", "capital letter" },
        { "anker", "", "too far" },
        { "crls", "crl", "a letter more" },
        { "xyz", "", "nothing like it" },
        { "ix", "", "half of a short word is no likeness" },
        { "", "", "nothing" },
        { "a-word-that-is-longer-than-any-that-we-would-ever-compare", "", "longer than we look" },
    };
    g_autofree char *meant = kn_ini_meant("anchor", words), *none = kn_ini_meant("q", words);

    (void)unused;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++)
        if (strcmp(kn_ini_nearest(vectors[i].word, words), vectors[i].best) != 0)
            fail_msg("%s: %s", vectors[i].word, vectors[i].why);
    assert_string_equal(meant, "; did you mean “anchors”?");
    assert_string_equal(none, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ini_scan),
        cmocka_unit_test(ini_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
