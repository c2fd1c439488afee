/* SPDX-License-Identifier: Apache-2.0 */
/* Files: what a loader reads, either from folders or from a bundle of what was read before.
 *
 * Each file has an area ("partners", "codes") and a name as its reader knows it; where an area lies on
 * disk is said once.  Whatever was read is kept, so that a second read gives the same bytes and a
 * bundle holds exactly what was judged.  The bundle is the same bytes on every host.
 *
 * limits   KN_FILES_ONE_MAX a file, KN_FILES_ALL_MAX in all
 * threads  an object belongs to one thread
 * errors   KN_E_IO, one line without the area's folder where it is not on disk
 */
#ifndef KOUAN_BASE_FILES_H
#define KOUAN_BASE_FILES_H

#include <glib.h>
#include <stdbool.h>

#define KN_FILES_ONE_MAX ((size_t)16 << 20)
#define KN_FILES_ALL_MAX ((size_t)48 << 20)

typedef struct kn_files kn_files;

kn_files *kn_files_new(void);
void kn_files_free(kn_files *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_files, kn_files_free)

/* Files of area that are not there yet are read from folder.  An absolute name is taken as it is. */
void kn_files_folder(kn_files *files, const char *area, const char *folder);
/* A file made in memory. */
void kn_files_put(kn_files *files, const char *area, const char *name, const void *bytes,
                  size_t len);
/* out is borrowed; a NUL stands behind its last byte. */
bool kn_files_read(kn_files *files, const char *area, const char *name, const char **out,
                   size_t *len, GError **err);
/* Names of an area that end in suffix, sorted; g_strfreev.  Without a folder: those that are there. */
bool kn_files_list(kn_files *files, const char *area, const char *suffix, char ***out,
                   GError **err);
/* Names on disk that somebody may think are read: they hold suffix, or hold it in other letters, but do not
 * end in it ("a.ini.bak", "A.INI"); samples ("a.ini.sample") are meant so.  g_strfreev. */
char **kn_files_overlooked(const kn_files *files, const char *area, const char *suffix);
/* The name with its folder, for messages; g_free. */
char *kn_files_path(const kn_files *files, const char *area, const char *name);

/* Everything read so far, in an order of its own; a new reference. */
GBytes *kn_files_pack(const kn_files *files);
/* false: KN_E_IO, not a bundle of ours, or cut. */
bool kn_files_unpack(GBytes *bundle, kn_files **out, GError **err);
/* Calls visit for each file in the order of the bundle. */
typedef void (*kn_files_visit)(void *arg, const char *area, const char *name, const char *bytes,
                               size_t len);
void kn_files_each(const kn_files *files, kn_files_visit visit, void *arg);

#endif
