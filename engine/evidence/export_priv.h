/* SPDX-License-Identifier: Apache-2.0 */
/* An evidence file while it is made: export.c finds what belongs in it, parts.c writes the members. */
#ifndef KOUAN_EVIDENCE_EXPORT_PRIV_H
#define KOUAN_EVIDENCE_EXPORT_PRIV_H

#include "evidence/export.h"
#include "evidence/manifest.h"
#include "evidence/tar.h"
#include "store/entry.h"

typedef struct kn_export_file {
    const kn_export_plan *plan;
    kn_xml *xml;
    kn_sm3 *sm3;
    GString *tar;
    GArray *rows;       /* kn_manifest_row: members so far */
    GHashTable *names;  /* of them */
    GHashTable *trusts; /* versions the messages were judged by */
    GHashTable *seals;  /* numbers that were named */
    GString *messages;  /* messages.txt */
    GString *history;   /* history.txt */
    GString *entry;     /* scratch */
    unsigned n;         /* messages so far */
} kn_export_file;

void kn_export_file_init(kn_export_file *f, const kn_export_plan *plan, GString *tar);
void kn_export_file_clear(kn_export_file *f);
/* Adds a member; a name that is there already is left alone. */
void kn_export_member(kn_export_file *f, const char *name, const void *bytes, size_t len);
/* A message with its rows: payloads, documents inside shells, certificates, entry. */
bool kn_export_message(kn_export_file *f, const kn_entry *entry, GError **err);
bool kn_export_trust(kn_export_file *f, int version, GError **err);
bool kn_export_seal(kn_export_file *f, int number, GError **err);
/* README.txt, messages.txt, history.txt, manifest.sm3, manifest.xml and the end. */
bool kn_export_close(kn_export_file *f, const char *kind, const char *key, GError **err);

/* What history.txt says of an entry, for verify too. */
void kn_export_history(GString *to, const kn_store_history *row);
/* Name below trust/<version>/ of a file of a set. */
char *kn_export_trust_name(int version, unsigned number, const char *area, const char *name);
/* Every document with a signature of its own in a payload: the payload, and what its shell carries.
 * visit returns false to stop. */
typedef bool (*kn_export_visit)(void *arg, bool inner, const char *bytes, size_t len);
bool kn_export_documents(kn_xml *xml, const char *bytes, size_t len, kn_export_visit visit,
                         void *arg);

extern const char kn_export_readme[];

#endif
