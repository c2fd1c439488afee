/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the traps share.  Not for anybody outside. */
#ifndef KOUAN_XML_TRAP_PRIV_H
#define KOUAN_XML_TRAP_PRIV_H

#include "xml/internal.h"
#include "xml/trap.h"

#define KN_XSI_NS "http://www.w3.org/2001/XMLSchema-instance"
#define KN_TRAP_VALUE_MAX 768 /* bytes of a decoded SignatureValue or DigestValue looked at */

struct kn_trap_work {
    const kn_trap_case *c;
    const kn_trap_budget *budget;
    const kn_alg_row *row;
    GString *info; /* canonical SignedInfo */
    GString *doc;  /* canonical document without the Signature */
    uint8_t value[KN_TRAP_VALUE_MAX];
    size_t value_len;
    const char *digest_text; /* DigestValue as it stands, borrowed from the tree; NULL = no text */
    uint8_t digest[KN_TRAP_VALUE_MAX];
    size_t digest_len;
    kn_trap_fit *fit;
};

/* --- verdicts (trap.c): each counts against the budget; true fills the fit */
bool kn_trap_try_info(kn_trap_work *w, const char *bytes, size_t len, const char *note);
bool kn_trap_try_doc(kn_trap_work *w, const char *bytes, size_t len, const char *note);
/* Fits without other bytes. */
bool kn_trap_fits(kn_trap_work *w, const char *note);
bool kn_trap_may_verify(kn_trap_work *w);
bool kn_trap_may_digest(kn_trap_work *w);
bool kn_trap_md(kn_trap_work *w, kn_md md, const void *bytes, size_t len, uint8_t *out);

/* --- hypotheses (trap_info.c, trap_value.c, trap_doc.c, trap_bytes.c) */
bool kn_trap_newline(kn_trap_work *w);
bool kn_trap_xsi_added(kn_trap_work *w);
bool kn_trap_xsi_missing(kn_trap_work *w);
bool kn_trap_exclusive(kn_trap_work *w);
bool kn_trap_info_moved(kn_trap_work *w);
bool kn_trap_info_reformatted(kn_trap_work *w);
bool kn_trap_info_text(kn_trap_work *w);
bool kn_trap_sm2_id(kn_trap_work *w);
bool kn_trap_sig_digest(kn_trap_work *w);
bool kn_trap_sig_hex(kn_trap_work *w);
bool kn_trap_other_key(kn_trap_work *w);
bool kn_trap_der(kn_trap_work *w);
bool kn_trap_padding(kn_trap_work *w);
bool kn_trap_digest_other(kn_trap_work *w);
bool kn_trap_digest_hex(kn_trap_work *w);
bool kn_trap_space(kn_trap_work *w);
bool kn_trap_reformatted(kn_trap_work *w);
bool kn_trap_text(kn_trap_work *w);
bool kn_trap_crlf(kn_trap_work *w);
bool kn_trap_with_signature(kn_trap_work *w);
bool kn_trap_comments(kn_trap_work *w);
bool kn_trap_gbk(kn_trap_work *w);
bool kn_trap_twins(kn_trap_work *w);
bool kn_trap_doc_moved(kn_trap_work *w);

/* --- canonical text as text (trap_text.c); results are the caller's */
/* Without text that is white space only, but for that of a leaf. */
GString *kn_text_stripped(const GString *in);
/* A stripped text laid out with a line an element. */
GString *kn_text_indented(const GString *stripped, const char *unit);
GString *kn_text_replaced(const char *text, size_t len, const char *from, const char *to);
/* Namespace declarations of the first start tag: " xmlns:p=\"u\"" each, in order. */
GPtrArray *kn_text_declarations(const GString *in);
/* The same document with these declarations, sorted, on its first start tag. */
GString *kn_text_with_declarations(const GString *in, const GPtrArray *declarations);
/* Prefix of such a declaration, "" = default; a copy. */
char *kn_text_prefix(const char *declaration);
bool kn_text_has(const GPtrArray *declarations, const char *prefix);
/* A copy of the list with one more, or without one. */
GPtrArray *kn_text_plus(const GPtrArray *declarations, const char *prefix, const char *uri);
GPtrArray *kn_text_minus(const GPtrArray *declarations, const char *prefix);
/* The prefix stands in some element's or attribute's name. */
bool kn_text_uses(const GString *in, const char *prefix);
/* Without declarations below the root whose prefix no name uses. */
GString *kn_text_without_unused(const GString *in);

#endif
