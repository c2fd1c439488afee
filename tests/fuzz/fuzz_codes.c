/* SPDX-License-Identifier: Apache-2.0 */
/* Door: code lists.  Either every code of the list resolves to itself and has a name, or the reason
 * names the file. */
#include "scratch.h"

#include <kouan/codes.h>
#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The first field of each line, read in the simplest way; quoted ones are left to the loader. */
static void
ask(const kn_codes *codes, const uint8_t *data, size_t len)
{
    g_autofree char *text = g_strndup((const char *)data, len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (unsigned i = 1; lines[0] && lines[i]; i++) {
        g_auto(GStrv) cells = g_strsplit(g_strstrip(lines[i]), ",", 3);
        bool ambiguous = true;
        const char *code;

        if (!cells[0] || strchr(lines[i], '"'))
            continue;
        g_strstrip(cells[0]);
        assert(strcmp(kn_codes_resolve(codes, "list", cells[0], &ambiguous), cells[0]) == 0);
        assert(!ambiguous && *kn_codes_name(codes, "list", cells[0]));
        code = kn_codes_resolve(codes, "list", g_strstrip(cells[1]), &ambiguous);
        assert(code || ambiguous);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    kn_codes *codes = NULL;
    g_autoptr(GError) err = NULL;
    bool ok;

    scratch_put("list.csv", data, len);
    ok = kn_codes_load(scratch(), &codes, &err);
    assert(ok == (codes != NULL) && ok == (err == NULL));
    if (ok) {
        assert(kn_codes_has_list(codes, "list") && !kn_codes_has_list(codes, "other"));
        assert(!kn_codes_resolve(codes, "other", "1", NULL));
        ask(codes, data, len);
    } else {
        assert(kn_error_code(err) == KN_E_CONFIG && strstr(err->message, "list.csv"));
        assert(g_utf8_validate(err->message, -1, NULL));
    }
    kn_codes_free(codes);
    return 0;
}
