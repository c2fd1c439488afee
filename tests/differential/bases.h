/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents that the mutations start from: every row, bare and as shell, as we write them and as other
 * tools do; for profile w3c the forms of §6. */
#ifndef KOUAN_TEST_BASES_H
#define KOUAN_TEST_BASES_H

#include "kit.h"

typedef struct kn_base {
    char *name, *text;
    kn_alg alg;
    char *content; /* kn_content_of the signed document */
} kn_base;

/* kn_base; free with g_array_unref. */
GArray *kn_bases_new(kn_xml *xml, kn_profile profile);

/* Names, attributes and texts of a tree without its Signature, by a walk of its own: what a reader of the
 * document sees.  White space counts.  Free with g_free. */
char *kn_content_of(const xmlNode *root, const xmlNode *signature);
/* The last element child of the root, if it is a Signature. */
xmlNode *kn_signature_of(const xmlDoc *doc);
/* libxml2 alone, as any other program would parse: no gate, comments and CDATA stay. */
xmlDoc *kn_plain_parse(const char *text, size_t len);

#endif
