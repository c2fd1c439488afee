/* SPDX-License-Identifier: Apache-2.0 */
/* Door: the E-port extensions of a card's certificate.  The first byte chooses the extension, the rest
 * is its content.  A fact is valid text of its shape, or "". */
#include "trust/card.h"

#include <assert.h>
#include <openssl/x509.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const oids[] = {
    KN_CARD_ARC ".5.1", KN_CARD_ARC ".5.3",   KN_CARD_ARC ".5.9",   KN_CARD_ARC ".5.11",
    KN_CARD_ARC ".5.8", KN_CARD_OWN_ARC ".1", KN_CARD_OWN_ARC ".2",
};

static void
add(X509 *cert, const char *oid, const uint8_t *data, size_t len)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;
    bool ok;

    assert(object && bytes && ASN1_OCTET_STRING_set(bytes, data, (int)len) == 1);
    ext = X509_EXTENSION_create_by_OBJ(NULL, object, 0, bytes);
    ok = ext && X509_add_ext(cert, ext, -1) == 1;
    assert(ok);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(bytes);
    ASN1_OBJECT_free(object);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static kn_card_rules *rules;
    kn_card_facts facts = { { NULL } };
    X509 *cert = X509_new();
    bool ready = cert && (rules || kn_card_rules_load(NULL, NULL, &rules, NULL));

    assert(ready);
    if (len > 0)
        add(cert, oids[data[0] % G_N_ELEMENTS(oids)], data + 1, len - 1);
    kn_card_read(rules, cert, &facts);
    for (int i = 0; i < KN_FACT_COUNT; i++) {
        assert(facts.values[i] && g_utf8_validate(facts.values[i], -1, NULL));
        for (const char *p = facts.values[i]; *p; p++)
            assert((unsigned char)*p >= ' ');
    }
    assert(strlen(facts.values[KN_FACT_NUMBER]) == 13 || !*facts.values[KN_FACT_NUMBER]);
    assert(strlen(facts.values[KN_FACT_ORGCODE]) == 9 || !*facts.values[KN_FACT_ORGCODE]);
    kn_card_facts_clear(&facts);
    X509_free(cert);
    return 0;
}
