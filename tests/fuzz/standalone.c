/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without libFuzzer: each file of the corpus as it is, then mutations of it.  The
 * mutations come from a fixed seed, so a failure comes again; KOUAN_FUZZ_RUNS sets how many a file. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_DEFAULT 400
#define GROWTH 64 /* a mutant is at most this much longer than its parent */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint64_t seed;

/* xorshift64*: the same on every host. */
static uint32_t
next_random(uint32_t below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717ULL) >> 33) % below;
}

/* Memory of exactly len bytes, so that a read past the end is seen. */
static void
run_exact(const char *bytes, size_t len)
{
    uint8_t *copy = g_malloc(len + 1);
    uint8_t *exact = len > 0 ? g_realloc(copy, len) : copy;

    if (len > 0)
        memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    g_free(exact);
}

static void
change_once(GString *s)
{
    static const char *const bits[] = {
        "<",    ">", "&", "\"",     "]]>", "<!DOCTYPE",           "%", "\xef\xbb\xbf",
        "\xff", "=", "[", "+08:00", "-1",  "99999999999999999999"
    };
    size_t at = s->len > 0 ? next_random((uint32_t)s->len) : 0;
    uint32_t n = 1 + next_random(8);

    switch (next_random(6)) {
    case 0:
        if (s->len > 0)
            s->str[at] = (char)(s->str[at] ^ (1 << next_random(8)));
        break;
    case 1:
        if (s->len > 0)
            s->str[at] = (char)next_random(256);
        break;
    case 2: g_string_erase(s, (gssize)at, (gssize)MIN(n, s->len - at)); break;
    case 3: g_string_insert(s, (gssize)at, bits[next_random(G_N_ELEMENTS(bits))]); break;
    case 4: {
        g_autofree char *piece = g_strndup(s->str + at, MIN(n, s->len - at));

        g_string_insert(s, (gssize)at, piece);
        break;
    }
    default: g_string_truncate(s, at);
    }
}

static void
run_file(const char *path, long runs)
{
    g_autofree char *bytes = NULL;
    size_t len = 0;
    g_autoptr(GError) err = NULL;

    if (!g_file_get_contents(path, &bytes, &len, &err)) {
        (void)fprintf(stderr, "%s\n", err->message);
        exit(1);
    }
    run_exact(bytes, len);
    seed = 88172645463325252ULL + len;
    for (long i = 0; i < runs; i++) {
        g_autoptr(GString) mutant = g_string_new_len(bytes, (gssize)len);

        for (uint32_t n = 1 + next_random(4); n > 0 && mutant->len < len + GROWTH; n--)
            change_once(mutant);
        run_exact(mutant->str, mutant->len);
    }
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int
main(int argc, char **argv)
{
    const char *given = getenv("KOUAN_FUZZ_RUNS");
    long runs = given ? (long)g_ascii_strtoll(given, NULL, 10) : RUNS_DEFAULT;
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    for (int i = 1; i < argc; i++) {
        GDir *dir = g_dir_open(argv[i], 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
            g_ptr_array_add(paths, g_build_filename(argv[i], name, NULL));
        if (dir)
            g_dir_close(dir);
        else
            g_ptr_array_add(paths, g_strdup(argv[i]));
    }
    if (paths->len == 0) {
        (void)fprintf(stderr, "no corpus: name files or folders\n");
        return 1;
    }
    g_ptr_array_sort(paths, by_name);
    for (size_t i = 0; i < paths->len; i++)
        run_file(paths->pdata[i], runs);
    (void)printf("ok - %u files, %ld mutants each\n", paths->len, runs);
    return 0;
}
