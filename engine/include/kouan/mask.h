/* SPDX-License-Identifier: Apache-2.0 */
/* Masks: what of a personal value may be shown in views, receipts, logs and the audit list.
 *
 * Counted in characters (UTF-8); a value too short to keep its ends is masked whole, so that a mask never shows
 * all of a value.  Bytes that are not UTF-8 give stars only.
 *
 * threads  any; pure
 * source   PI-05, AC-03; AU-02 (card numbers)
 */
#ifndef KOUAN_MASK_H
#define KOUAN_MASK_H

typedef enum kn_mask_kind {
    KN_MASK_IDENTITY, /* 身份证: first 10, ****, last 4 */
    KN_MASK_DOCUMENT, /* other documents: first 2, ****, last 2 */
    KN_MASK_PHONE,    /* first 3, ****, last 4 */
    KN_MASK_BANK,     /* bank card: first 6, ******, last 4 */
    KN_MASK_NAME,     /* first character, * */
    KN_MASK_MAIL,     /* first character, ***, domain */
    KN_MASK_CARD,     /* IC card: first 4, *****, last 4 */
} kn_mask_kind;

/* Newly allocated; NULL or "" gives "". */
char *kn_mask(kn_mask_kind kind, const char *value);

#endif
