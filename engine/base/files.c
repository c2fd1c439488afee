/* SPDX-License-Identifier: Apache-2.0 */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <kouan/error.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bundle: this line, then for each file "area\tname\tlength\n" and its bytes. */
static const char magic[] = "kouan files 1\n";
#define NAME_MAX_BYTES 1024

typedef struct kept_file {
    char *area, *name;
    char *bytes; /* a NUL behind them */
    size_t len;
} kept_file;

struct kn_files {
    GPtrArray *kept;     /* kept_file, sorted by area and name */
    GHashTable *folders; /* area -> folder */
    size_t total;
};

static void
kept_free(void *p)
{
    kept_file *f = p;

    g_free(f->area);
    g_free(f->name);
    g_free(f->bytes);
    g_free(f);
}

kn_files *
kn_files_new(void)
{
    kn_files *files = g_new0(kn_files, 1);

    files->kept = g_ptr_array_new_with_free_func(kept_free);
    files->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return files;
}

void
kn_files_free(kn_files *files)
{
    if (!files)
        return;
    g_ptr_array_unref(files->kept);
    g_hash_table_unref(files->folders);
    g_free(files);
}

void
kn_files_folder(kn_files *files, const char *area, const char *folder)
{
    (void)g_hash_table_insert(files->folders, g_strdup(area), g_strdup(folder));
}

char *
kn_files_path(const kn_files *files, const char *area, const char *name)
{
    const char *folder = g_hash_table_lookup(files->folders, area);

    return !folder || g_path_is_absolute(name) ? g_strdup(name)
                                               : g_build_filename(folder, name, NULL);
}

/* Place of a file, or where it would be put. */
static bool
find(const kn_files *files, const char *area, const char *name, unsigned *at)
{
    unsigned low = 0, high = files->kept->len;

    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        const kept_file *f = g_ptr_array_index(files->kept, mid);
        int order = strcmp(area, f->area);

        order = order ? order : strcmp(name, f->name);
        if (order == 0) {
            *at = mid;
            return true;
        }
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    *at = low;
    return false;
}

/* Takes bytes. */
static kept_file *
keep(kn_files *files, const char *area, const char *name, char *bytes, size_t len)
{
    kept_file *f = g_new0(kept_file, 1);
    unsigned at;

    if (find(files, area, name, &at)) {
        files->total -= ((kept_file *)g_ptr_array_index(files->kept, at))->len;
        (void)g_ptr_array_remove_index(files->kept, at);
    }
    *f = (kept_file){ g_strdup(area), g_strdup(name), bytes, len };
    g_ptr_array_insert(files->kept, (int)at, f);
    files->total += len;
    return f;
}

void
kn_files_put(kn_files *files, const char *area, const char *name, const void *bytes, size_t len)
{
    char *copy = g_malloc(len + 1);

    memcpy(copy, bytes, len);
    copy[len] = '\0';
    (void)keep(files, area, name, copy, len);
}

/* Regular files only, and the size is known before there is memory for it. */
static bool
read_disk(const char *path, size_t room, char **out, size_t *len, GError **err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    g_autofree char *bytes = NULL;
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0)
        return kn_fail(err, KN_E_IO, "cannot read %s: %s", path, g_strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return kn_fail(err, KN_E_IO, "cannot read %s: not a file", path);
    }
    if ((size_t)st.st_size > MIN(room, KN_FILES_ONE_MAX)) {
        (void)close(fd);
        return kn_fail(err, KN_E_IO, "%s: %" G_GINT64_FORMAT " bytes are too many", path,
                       (int64_t)st.st_size);
    }
    bytes = g_malloc((size_t)st.st_size + 1);
    while (got > 0 && n < (size_t)st.st_size) {
        got = read(fd, bytes + n, (size_t)st.st_size - n);
        if (got > 0)
            n += (size_t)got;
    }
    (void)close(fd);
    if (got < 0)
        return kn_fail(err, KN_E_IO, "cannot read %s: %s", path, g_strerror(errno));
    bytes[n] = '\0';
    *len = n;
    *out = g_steal_pointer(&bytes);
    return true;
}

bool
kn_files_read(kn_files *files, const char *area, const char *name, const char **out, size_t *len,
              GError **err)
{
    unsigned at;
    const kept_file *f;

    if (strpbrk(name, "\t\n") || strlen(name) > NAME_MAX_BYTES)
        return kn_fail(err, KN_E_IO, "no name of a file: “%.64s”", name);
    if (find(files, area, name, &at)) {
        f = g_ptr_array_index(files->kept, at);
    } else {
        g_autofree char *path = kn_files_path(files, area, name);
        char *bytes = NULL;
        size_t n = 0;

        if (!g_hash_table_contains(files->folders, area))
            return kn_fail(err, KN_E_IO, "%s/%s is not in the bundle", area, name);
        if (!read_disk(path, KN_FILES_ALL_MAX - files->total, &bytes, &n, err))
            return false;
        f = keep(files, area, name, bytes, n);
    }
    *out = f->bytes;
    *len = f->len;
    return true;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
kn_files_list(kn_files *files, const char *area, const char *suffix, char ***out, GError **err)
{
    const char *folder = g_hash_table_lookup(files->folders, area), *name;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = folder ? g_dir_open(folder, 0, &why) : NULL;

    if (folder && !dir)
        return kn_fail(err, KN_E_IO, "%s", why->message);
    while (dir && (name = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(name, suffix))
            g_ptr_array_add(names, g_strdup(name));
    for (unsigned i = 0; !folder && i < files->kept->len; i++) {
        const kept_file *f = g_ptr_array_index(files->kept, i);

        if (strcmp(f->area, area) == 0 && g_str_has_suffix(f->name, suffix))
            g_ptr_array_add(names, g_strdup(f->name));
    }
    if (names->len > 0)
        qsort(names->pdata, names->len, sizeof(void *), by_text);
    g_ptr_array_add(names, NULL);
    *out = (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
    return true;
}

char **
kn_files_overlooked(const kn_files *files, const char *area, const char *suffix)
{
    const char *folder = g_hash_table_lookup(files->folders, area), *name;
    GPtrArray *names = g_ptr_array_new();
    g_autoptr(GDir) dir = folder ? g_dir_open(folder, 0, NULL) : NULL;

    while (dir && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *lower = g_ascii_strdown(name, -1);

        if (strstr(lower, suffix) && !g_str_has_suffix(name, suffix)
            && !g_str_has_suffix(lower, ".sample"))
            g_ptr_array_add(names, g_strdup(name));
    }
    if (names->len > 0)
        qsort(names->pdata, names->len, sizeof(void *), by_text);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

GBytes *
kn_files_pack(const kn_files *files)
{
    GByteArray *out = g_byte_array_sized_new((unsigned)(files->total + 4096));

    (void)g_byte_array_append(out, (const uint8_t *)magic, sizeof magic - 1);
    for (unsigned i = 0; i < files->kept->len; i++) {
        const kept_file *f = g_ptr_array_index(files->kept, i);
        g_autofree char *head = g_strdup_printf("%s\t%s\t%zu\n", f->area, f->name, f->len);

        (void)g_byte_array_append(out, (const uint8_t *)head, (unsigned)strlen(head));
        (void)g_byte_array_append(out, (const uint8_t *)f->bytes, (unsigned)f->len);
    }
    return g_byte_array_free_to_bytes(out);
}

/* One file of a bundle; *at moves behind it. */
static bool
unpack_one(kn_files *files, const char **at, const char *end)
{
    const char *line = memchr(*at, '\n', (size_t)(end - *at));
    g_autofree char *head = line ? g_strndup(*at, (size_t)(line - *at)) : NULL;
    g_auto(GStrv) parts = head ? g_strsplit(head, "\t", 4) : NULL;
    uint64_t len;

    if (!parts || g_strv_length(parts) != 3 || strlen(head) != (size_t)(line - *at)
        || !g_ascii_string_to_unsigned(parts[2], 10, 0, KN_FILES_ONE_MAX, &len, NULL)
        || len > (uint64_t)(end - line - 1))
        return false;
    kn_files_put(files, parts[0], parts[1], line + 1, len);
    *at = line + 1 + len;
    return true;
}

bool
kn_files_unpack(GBytes *bundle, kn_files **out, GError **err)
{
    g_autoptr(kn_files) files = kn_files_new();
    size_t len;
    const char *at = g_bytes_get_data(bundle, &len), *end = at + len;

    if (len < sizeof magic - 1 || memcmp(at, magic, sizeof magic - 1) != 0)
        return kn_fail(err, KN_E_IO, "no bundle of files");
    for (at += sizeof magic - 1; at < end;)
        if (!unpack_one(files, &at, end))
            return kn_fail(err, KN_E_IO, "bundle of files is damaged");
    *out = g_steal_pointer(&files);
    return true;
}

void
kn_files_each(const kn_files *files, kn_files_visit visit, void *arg)
{
    for (unsigned i = 0; i < files->kept->len; i++) {
        const kept_file *f = g_ptr_array_index(files->kept, i);

        visit(arg, f->area, f->name, f->bytes, f->len);
    }
}
