/* SPDX-License-Identifier: Apache-2.0 */
/* A signer of its own for test_trap.c: OpenSSL and fixed text, no function of engine/xml.  Each plan says
 * what it does wrong. */
#ifndef KOUAN_TEST_TRAP_SIGNER_H
#define KOUAN_TEST_TRAP_SIGNER_H

#include "kit.h"

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define DXP "http://www.chinaport.gov.cn/dxp"
#define K " xmlns:k=\"urn:kouan:test:1\""
#define XSI " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define DSIG " xmlns:ds=\"" DS "\""
#define ATTRS " guid=\"4CDE1CFD-EDED-46B1-946C-B8022E42FC94\" version=\"1.0\""
#define BODY \
    "<k:Head><k:sender>TEST01</k:sender></k:Head><k:amount " \
    "unit=\"CNY\">100</k:amount><k:empty></k:empty>" \
    "<k:name>渝州 &amp; Co</k:name>"
#define END "</k:Test>"
#define FLAT "<k:Test" K XSI ATTRS ">" BODY END
#define WITH(more) "<k:Test" K XSI ATTRS ">" BODY more END
#define BARE "<k:Test" K ATTRS ">" BODY END /* no xsi */
#define LINES \
    "<k:Test" K XSI ATTRS \
    ">\n  <k:Head>\n    <k:sender>TEST01</k:sender>\n  </k:Head>\n  <k:amount unit=\"CNY\">" \
    "100</k:amount>\n  <k:empty></k:empty>\n  <k:name>渝州 &amp; Co</k:name>\n" END
#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define GAP "\n  "

/* How DigestValue is written; how the value is. */
enum { PLAIN, HEX_TEXT, BASE64_OF_HEX, DIGEST_OF_HEX };
enum { FORM_USUAL, FORM_DER, FORM_SHORT, FORM_LONG, FORM_NO_Z };
enum { SIGN_BYTES, SIGN_HEX, SIGN_DIGEST };

typedef struct plan {
    const char *trap; /* NULL: nothing may fit */
    const char *what;
    unsigned algs;
    kn_error error;
    const char *sent;      /* without Signature; NULL = FLAT */
    const char *digested;  /* NULL = sent */
    const char *charset;   /* digested is turned into this one first */
    const char *declared;  /* on SignedInfo as signed; NULL = ds, k, xsi */
    const char *info_end;  /* signed behind SignedInfo */
    const char *gap;       /* sent before the Signature */
    const char *info_gap;  /* sent inside SignedInfo */
    const char *digest_md; /* NULL = the row's */
    const char *sign_md;
    int digest_form, form, sign;
    const char *id; /* ON_SM2; NULL = the usual one */
    bool other_key;
    const char *from, *to; /* edit of the finished message */
} plan;

/* The message; free with g_free. */
char *trap_make(const plan *p, kn_alg alg);

#endif
