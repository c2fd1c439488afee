/* SPDX-License-Identifier: Apache-2.0 */
/* What the profiles of shape.c and shape_w3c.c share, and where they differ.  Not for anybody outside. */
#ifndef KOUAN_XML_SHAPE_RULES_H
#define KOUAN_XML_SHAPE_RULES_H

#include "xml/shape.h"

/* TO ADD A PROFILE: 1. a value of kn_profile  2. rows here in a file of its own  3. a choice of
 * [keys] profile  4. a table of hostile forms in tests/unit/xml */
typedef struct kn_shape_rules {
    kn_profile profile;
    unsigned rows; /* bit 1 << kn_alg: what may be asked of trust at all */
    /* S2, besides what every profile asks; NULL = nothing */
    bool (*tree)(const xmlNode *root, GError **err);
    /* S5: the form of CanonicalizationMethod */
    bool (*method)(const xmlNode *method);
    /* S6: which canonicalization; fills info_form */
    bool (*c14n)(const xmlNode *method, kn_shape *out, GError **err);
    /* S7: what is referred to (fills id), and how it becomes bytes (fills doc_form) */
    bool (*uri)(const xmlNode *reference, kn_shape *out, GError **err);
    bool (*transforms)(const xmlNode *transforms, kn_shape *out, GError **err);
} kn_shape_rules;

/* form false: S8 is passed over and the two values stay empty (kn_xml_shape_of_form). */
bool kn_shape_by(const kn_shape_rules *rules, bool form, xmlDoc *doc, kn_shape *out, GError **err);

bool kn_shape_is_ds(const xmlNode *node, const char *local);
/* The next node in document order below top; NULL at the end. */
const xmlNode *kn_shape_next(const xmlNode *node, const xmlNode *top);
/* Element children of parent; text between them must be white space.  At most max are stored.
 * false: mixed text. */
bool kn_shape_children(const xmlNode *parent, xmlNode **out, size_t max, size_t *n_out);
/* The value of the only attribute, Algorithm in no namespace; NULL otherwise. */
const char *kn_shape_algorithm(const xmlNode *node);
/* Such an attribute and no child. */
bool kn_shape_leaf(const xmlNode *node);
/* The value of URI, when it is the only attribute; NULL otherwise. */
const char *kn_shape_uri(const xmlNode *reference);

#endif
