/* SPDX-License-Identifier: Apache-2.0 */
/* Door: configuration files.  Either every row's member holds a value in range, or there is an error
 * of KN_E_CONFIG that names the file and the group. */
#include <assert.h>
#include <kouan/error.h>
#include <kouan/option.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef struct conf {
    int64_t number;
    bool flag;
    char *text;
    int choice;
    char **list;
} conf;

/* clang-format off */
static const kn_option rows[] = {
    { .key = "number", .type = KN_OPT_INT, .def = "3", .min = -5, .max = 999, .offset = offsetof(conf, number) },
    { .key = "flag", .type = KN_OPT_BOOL, .def = "false", .offset = offsetof(conf, flag) },
    { .key = "text", .type = KN_OPT_TEXT, .def = "x", .max = 12, .offset = offsetof(conf, text) },
    { .key = "choice", .type = KN_OPT_ENUM, .def = "b", .choices = "a|b|c", .offset = offsetof(conf, choice) },
    { .key = "list", .type = KN_OPT_LIST, .def = "", .offset = offsetof(conf, list) },
    { .key = NULL },
};
/* clang-format on */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) err = NULL;
    conf c = { 0 };

    if (len > 0
        && !g_key_file_load_from_data(file, (const char *)data, len, G_KEY_FILE_KEEP_TRANSLATIONS,
                                      NULL))
        return 0;
    bool ok = kn_options_load(rows, file, "fuzz.ini", "group", &c, &err);

    assert(ok == (err == NULL));
    if (ok) {
        assert(c.number >= -5 && c.number <= 999);
        assert(c.text && strlen(c.text) <= 12 && g_utf8_validate(c.text, -1, NULL));
        assert(c.choice >= 0 && c.choice <= 2);
        assert(c.list);
    } else {
        assert(kn_error_code(err) == KN_E_CONFIG);
        assert(g_str_has_prefix(err->message, "fuzz.ini: [group] "));
    }
    kn_options_clear(rows, &c);
    assert(!c.text && !c.list);
    return 0;
}
