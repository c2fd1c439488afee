/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-man FOLDER: writes the manual pages there; run by the build. */
#include "cli/man.h"

#include <locale.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (argc != 2) {
        (void)fprintf(stderr, "kouan-man FOLDER\n");
        return 64;
    }
    for (const kn_man_page *page = kn_man_pages; page->file; page++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *path = g_build_filename(argv[1], page->file, NULL);
        g_autoptr(GError) err = NULL;

        page->write(text);
        if (!g_file_set_contents(path, text->str, (ssize_t)text->len, &err)) {
            (void)fprintf(stderr, "kouan-man: %s\n", err->message);
            return 2;
        }
    }
    return 0;
}
