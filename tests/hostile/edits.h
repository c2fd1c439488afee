/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of more than one row; n of the row says how many. */
#ifndef KOUAN_TESTS_HOSTILE_EDITS_H
#define KOUAN_TESTS_HOSTILE_EDITS_H

#include "hostile.h"

/* On body and signature. */
void edit_depth(hostile_draft *d);      /* n levels below remark */
void edit_ns_levels(hostile_draft *d);  /* 60 levels with n declarations each */
void edit_elements(hostile_draft *d);   /* n more */
void edit_text(hostile_draft *d);       /* remark of n characters */
void edit_references(hostile_draft *d); /* n more of them */
void edit_transforms(hostile_draft *d); /* n C14N transforms more */
void edit_certificates(hostile_draft *d);
void edit_prefix(hostile_draft *d);     /* dsig: instead of ds: */
void edit_default_ns(hostile_draft *d); /* Signature in a default namespace */
void edit_spaces(hostile_draft *d);     /* white space in every place that allows it */
void edit_part(hostile_draft *d);       /* the Reference points at Id="part" */
void edit_second_part(hostile_draft *d);

/* The Signature's template taken apart; each does what its name says. */
void edit_no_ns(hostile_draft *d); /* the root without prefix */
void edit_lower_end(hostile_draft *d);
void edit_key_info_first(hostile_draft *d);
void edit_no_key_info(hostile_draft *d);
void edit_key_info_empty(hostile_draft *d);
void edit_no_reference(hostile_draft *d);
void edit_methods_swapped(hostile_draft *d);
void edit_hmac_length(hostile_draft *d);
void edit_c14n_child(hostile_draft *d);
void edit_xpath(hostile_draft *d);
void edit_xpath_evil(hostile_draft *d);
void edit_filter2(hostile_draft *d);
void edit_xslt(hostile_draft *d);
void edit_any_value(hostile_draft *d); /* a SignatureValue of the right form */
void edit_claim_sm2(hostile_draft *d); /* the URIs of another row */
void edit_claim_ec(hostile_draft *d);
void edit_claim_rsa(hostile_draft *d);
void edit_certs_ab(hostile_draft *d);
void edit_certs_ba(hostile_draft *d);
void edit_key_name(hostile_draft *d); /* padded with blanks to n characters, as the next three */
void edit_value_text(hostile_draft *d);
void edit_cert_text(hostile_draft *d);
void edit_digest_text(hostile_draft *d);

void edit_ns_ten(hostile_draft *d);
void edit_sender_a(hostile_draft *d); /* signed by B, the certificate is B's */
void edit_sender_b(hostile_draft *d);
void edit_long_code(hostile_draft *d);
void edit_customs_answer(hostile_draft *d);
void edit_declare(hostile_draft *d);

/* On the finished bytes. */
void edit_digest_swap(hostile_draft *d);
void edit_attr_order(hostile_draft *d); /* version before guid */
void edit_long_empty(hostile_draft *d);
void edit_late_prefix(hostile_draft *d);
void edit_guid_length(hostile_draft *d);  /* takes the guid's last character away */
void edit_shell_inside(hostile_draft *d); /* the message in a shell of its own */
void edit_empty(hostile_draft *d);
void edit_deep_bytes(hostile_draft *d); /* n levels before the last end tag */
void edit_attr_value(hostile_draft *d); /* one attribute of n characters on the root */
void edit_utf16(hostile_draft *d);
void edit_pad(hostile_draft *d);        /* blanks behind the root, up to n bytes */
void edit_pad_hanzi(hostile_draft *d);  /* a comment of GB18030 bytes behind it */
void edit_cut(hostile_draft *d);        /* the last n bytes */
void edit_attributes(hostile_draft *d); /* n attributes on the root; ATTR_GT: with '>' in them */
void edit_attributes_gt(hostile_draft *d);
void edit_flip_value(hostile_draft *d); /* one bit of SignatureValue */
void edit_value_zero(hostile_draft *d); /* r = 0, s = 0, r = n, s = n for n = 0..3 */
void edit_value_der(hostile_draft *d);
void edit_value_short(hostile_draft *d); /* the last n bytes of it left out */
void edit_sig_first(hostile_draft *d);
void edit_sig_in_body(hostile_draft *d);
void edit_sig_twice(hostile_draft *d);
void edit_wrap_root(hostile_draft *d);
void edit_nul(hostile_draft *d);
void edit_cert_bytes(
    hostile_draft
        *d); /* n: 0 a byte behind, 1 one less, 2 twice, 3 a bit of the key, 4 PEM, 5 BER */

#endif
