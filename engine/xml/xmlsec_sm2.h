/* SPDX-License-Identifier: Apache-2.0 */
/* Three classes that xmlsec1 1.2.37 lacks: SM2 key data, SM3 digest, SM2-SM3 signature under two URIs.
 * Inside of xmlsec*.c only.  source: XML_SECURITY §9 */
#ifndef KOUAN_XML_XMLSEC_SM2_H
#define KOUAN_XML_XMLSEC_SM2_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <xmlsec/xmlsec.h>
/* xmlsec's headers want the one above first */
#include <xmlsec/keysdata.h>
#include <xmlsec/transforms.h>

xmlSecTransformId kn_xmlsec_sm3(void);
xmlSecTransformId kn_xmlsec_sm2_sm3(void);
xmlSecTransformId kn_xmlsec_sm2_sm3_field(void);

/* After xmlSecInit, before xmlSecCryptoInit. */
bool kn_xmlsec_sm2_register(void);
/* Key data holding a reference to key; NULL without memory.  Its class is not registered, so no KeyValue
 * can lead to it. */
xmlSecKeyDataPtr kn_xmlsec_sm2_key(EVP_PKEY *key);

#endif
