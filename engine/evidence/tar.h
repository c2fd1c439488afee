/* SPDX-License-Identifier: Apache-2.0 */
/* Tar archives of plain files, one form only: ustar headers with fixed owner, mode and time, zero padding, two
 * zero blocks at the end.  So the same members are the same bytes, and every byte of an archive is checked.
 *
 * limits   KN_TAR_NAME_MAX a name, KN_TAR_MEMBERS_MAX members
 * threads  one
 * errors   KN_E_EVIDENCE, naming the byte and the member
 */
#ifndef KOUAN_EVIDENCE_TAR_H
#define KOUAN_EVIDENCE_TAR_H

#include <glib.h>
#include <stdbool.h>

#define KN_TAR_NAME_MAX 99
#define KN_TAR_MEMBERS_MAX 100000

typedef struct kn_tar_member {
    char *name;
    const char *bytes; /* in the archive it was read from */
    size_t len;
} kn_tar_member;

/* Appends a member; name is at most KN_TAR_NAME_MAX bytes, asserted. */
void kn_tar_add(GString *tar, const char *name, const void *bytes, size_t len);
void kn_tar_end(GString *tar);

/* GPtrArray of kn_tar_member *, in order; bytes are borrowed.  What is not as kn_tar_add writes it is a sentence in
 * wrong (GPtrArray of char *), and reading goes on where it can. */
GPtrArray *kn_tar_read(const char *bytes, size_t len, GPtrArray *wrong);
/* NULL: there is none. */
const kn_tar_member *kn_tar_find(const GPtrArray *members, const char *name);

#endif
