/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, signers and messages made at run time for the tests of this folder. */
#ifndef KOUAN_TEST_XML_KIT_H
#define KOUAN_TEST_XML_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <kouan/error.h>

#include "xml/sign.h"
#include "xml/verify.h"

/* A business message without Signature. */
#define KIT_DOC \
    "<k:Test xmlns:k=\"urn:kouan:test:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" \
    " guid=\"4CDE1CFD-EDED-46B1-946C-B8022E42FC94\" version=\"1.0\">\n" \
    "  <k:Head><k:sender>TEST01</k:sender></k:Head>\n" \
    "  <k:amount unit=\"CNY\">100</k:amount><k:name>渝州 &amp; Co</k:name>\n" \
    "</k:Test>"

EVP_PKEY *kit_key(kn_alg alg);       /* one per key type and run; borrowed */
EVP_PKEY *kit_other_key(kn_alg alg); /* another one */
const kn_signer *kit_signer(kn_alg alg);
X509 *kit_cert(EVP_PKEY *key, const char *name); /* self-signed; caller frees */
/* PEM files of the signer of alg: folder/<name>.key, .pub, .crt */
void kit_write_pem(kn_alg alg, const char *folder);

/* KIT_DOC (or doc) signed by kit_signer(alg). */
char *kit_signed(kn_xml *xml, kn_alg alg, const char *doc);
/* First occurrence of from replaced; fails the test when there is none. */
char *kit_replace(const char *text, const char *from, const char *to);
/* Text between the first from and the next to, both included. */
char *kit_between(const char *text, const char *from, const char *to);
/* open, shape, verify under key: KN_E_OK or the error.  why may be NULL. */
kn_error kit_judge(kn_xml *xml, const char *bytes, size_t len, EVP_PKEY *key, kn_why *why);
const char *kit_error_name(kn_error code);
/* The only seed of randomness in these tests, so that a failure repeats. */
uint32_t kit_random(void);

#endif
