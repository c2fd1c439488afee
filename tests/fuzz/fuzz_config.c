/* SPDX-License-Identifier: Apache-2.0 */
/* Door: kouan.ini.  Either all members hold what their rows promise, or the reason names the file. */
#include "scratch.h"

#include "lane/config.h"

#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    g_autofree char *path = scratch_file("kouan.ini", data, len);
    g_autoptr(kn_config) config = NULL;
    g_autoptr(GKeyFile) file = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = kn_config_load(path, &config, &file, &err);

    assert(ok == (config != NULL) && ok == (file != NULL) && ok == (err == NULL));
    if (!ok) {
        assert(kn_error_code(err) == KN_E_CONFIG && strstr(err->message, "kouan.ini"));
        assert(g_utf8_validate(err->message, -1, NULL));
        return 0;
    }
    assert(config->id && config->folder && config->in_topics && config->partitions >= 1);
    assert(config->max_bytes > 0 && config->max_depth > 0 && config->max_skew_seconds > 0);
    for (size_t i = 0; config->in_topics[i]; i++)
        assert(strchr(config->in_topics[i], '.'));
    return 0;
}
