/* SPDX-License-Identifier: Apache-2.0 */
/* Doors that take files: a folder in memory where there is one, a file in it for each run. */
#ifndef KOUAN_FUZZ_SCRATCH_H
#define KOUAN_FUZZ_SCRATCH_H

#include <assert.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *scratch_folder;

static inline void
scratch_remove(void)
{
    const char *argv[] = { "rm", "-rf", scratch_folder, NULL };

    (void)g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                       NULL, NULL, NULL);
}

/* Made once, removed when the program ends. */
static inline const char *
scratch(void)
{
    if (!scratch_folder) {
        scratch_folder = g_strdup_printf(
            "%s/kouan-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir());
        if (!g_mkdtemp(scratch_folder))
            abort();
        (void)atexit(scratch_remove);
    }
    return scratch_folder;
}

/* The path of a file with these bytes; owned by the caller. */
static inline char *
scratch_file(const char *name, const uint8_t *data, size_t len)
{
    char *path = g_build_filename(scratch(), name, NULL);
    FILE *file = fopen(path, "we");

    if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0)
        abort();
    return path;
}

static inline void
scratch_put(const char *name, const uint8_t *data, size_t len)
{
    g_free(scratch_file(name, data, len));
}

#endif
