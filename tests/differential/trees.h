/* SPDX-License-Identifier: Apache-2.0 */
/* Random trees full of namespaces, and our canonicaliser against libxml2's on them. */
#ifndef KOUAN_TEST_TREES_H
#define KOUAN_TEST_TREES_H

#include "rng.h"
#include "xml/open.h"

/* An XML text; some are beyond the limits of kn_xml_open. */
GString *kn_tree_text(kn_rng *rng);

typedef enum kn_tree_result { KN_TREE_NOT_OPENED, KN_TREE_SAME, KN_TREE_DIFFERS } kn_tree_result;

/* The document whole, and one part of it with what is in scope around it: inclusive by engine/xml/c14n.c,
 * the part exclusive by c14n_exc.c.  out (128 bytes): which of them differs.  spoil: libxml2 gets another text. */
kn_tree_result kn_tree_judge(kn_xml *xml, const char *text, size_t len, kn_rng *rng, bool spoil,
                             char out[128]);

#endif
