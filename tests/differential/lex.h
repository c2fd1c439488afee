/* SPDX-License-Identifier: Apache-2.0 */
/* Where tags, attributes and texts of an XML text stand.  Forgiving: what it does not understand is text. */
#ifndef KOUAN_TEST_LEX_H
#define KOUAN_TEST_LEX_H

#include "rng.h"

#include <glib.h>
#include <stdbool.h>

typedef enum kn_token_kind { KN_TEXT, KN_START, KN_END, KN_EMPTY, KN_OTHER } kn_token_kind;

typedef struct kn_token {
    kn_token_kind kind;
    size_t at, len;
    size_t match; /* of a start tag: index of its end tag; of others: its own index */
} kn_token;

typedef struct kn_attribute {
    size_t at, len; /* with the blank before it and the quotes */
    size_t value, value_len;
} kn_attribute;

/* kn_token; free with g_array_unref. */
GArray *kn_lex(const char *text, size_t len);
/* A token of one of the kinds (bits 1 << kind), by chance; NULL when there is none. */
const kn_token *kn_lex_pick(const GArray *tokens, unsigned kinds, kn_rng *rng);
/* kn_attribute of a start or empty tag. */
GArray *kn_lex_attributes(const char *text, const kn_token *tag);

#endif
