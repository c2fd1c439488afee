/* SPDX-License-Identifier: Apache-2.0 */
/* Card facts: forms of values, prefixes, what is missing, doubled or malformed. */
#include "rig.h"
#include "trust/card.h"

#include <kouan/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EPORT "1.3.6.1.4.1.5315.100"
#define OWN "1.3.6.1.4.1.58888.1"

static rig *R;

static int
set_up(void **state)
{
    (void)state;
    R = rig_new();
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    rig_free(R);
    return 0;
}

static void
read_one(const kn_pki_extension *extensions, kn_card_facts *out)
{
    X509 *cert = rig_leaf(R, KN_PKI_P256, NULL, (kn_pki_request){ .extensions = extensions });
    g_autoptr(kn_card_rules) rules = NULL;

    assert_true(kn_card_rules_load(NULL, "defaults", &rules, NULL));
    kn_card_read(rules, cert, out);
    X509_free(cert);
}

/* clang-format off */
static const struct { kn_card_fact fact; kn_pki_extension e; const char *value, *why; } vectors[] = {
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_UTF8STRING, "03-JJ0G912345678", -1 }, "JJ0G912345678",
      "prefix taken off" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_PRINTABLESTRING, "9900000000001", -1 }, "9900000000001", "no prefix" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_IA5STRING, "04-9900000000001", -1 }, "", "another prefix" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_IA5STRING, "03-990000000001", -1 }, "", "12 characters" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_IA5STRING, "03-99000000000011", -1 }, "", "14 characters" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_IA5STRING, "03-jj0g912345678", -1 }, "", "lower case" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_IA5STRING, "03-99000000\00001x", 16 }, "", "a NUL inside" },
    { KN_FACT_NUMBER, { EPORT ".5.9", V_ASN1_OCTET_STRING, "03-9900000000001", -1 }, "", "no string type" },
    { KN_FACT_NUMBER, { EPORT ".5.9", 0, "03-9900000000001", -1 }, "", "raw bytes, no DER" },
    { KN_FACT_NUMBER, { EPORT ".5.9", 0, "\x0c\x10" "03-9900000000001" "\x00", 19 }, "",
      "a byte after the string" },
    { KN_FACT_NUMBER, { EPORT ".5.8", V_ASN1_UTF8STRING, "03-9900000000001", -1 }, "",
      "the identity number is never read" },
    { KN_FACT_CLASS, { EPORT ".5.3", V_ASN1_UTF8STRING, "01", -1 }, "legal", "default table" },
    { KN_FACT_CLASS, { EPORT ".5.3", V_ASN1_VISIBLESTRING, "02", -1 }, "operator", "default table" },
    { KN_FACT_CLASS, { EPORT ".5.3", V_ASN1_UTF8STRING, "77", -1 }, "", "no such class" },
    { KN_FACT_CLASS, { EPORT ".5.12", V_ASN1_UTF8STRING, "01", -1 }, "", "holder class is not asked" },
    { KN_FACT_ORGCODE, { EPORT ".5.11", V_ASN1_UTF8STRING, "MA0000410", -1 }, "MA0000410", "plain" },
    { KN_FACT_ORGCODE, { EPORT ".5.11", V_ASN1_UTF8STRING, "D2143569-X", -1 }, "D2143569X", "written form" },
    { KN_FACT_ORGCODE, { EPORT ".5.11", V_ASN1_UTF8STRING, "MA000041", -1 }, "", "8 characters" },
    { KN_FACT_ORGCODE, { EPORT ".5.11", V_ASN1_UTF8STRING, "ma0000410", -1 }, "", "lower case" },
    { KN_FACT_ORGCODE, { OWN ".1", V_ASN1_UTF8STRING, "91500000MA00004100", -1 }, "MA0000410",
      "taken out of the unified code" },
    { KN_FACT_USCC, { OWN ".1", V_ASN1_PRINTABLESTRING, "91500000MA00004100", -1 }, "91500000MA00004100", "plain" },
    { KN_FACT_USCC, { OWN ".1", V_ASN1_PRINTABLESTRING, "91500000MI00004100", -1 }, "", "letter I" },
    { KN_FACT_CUSTOMS10, { OWN ".2", V_ASN1_PRINTABLESTRING, "5000960001", -1 }, "5000960001", "plain" },
    { KN_FACT_CUSTOMS10, { OWN ".2", V_ASN1_PRINTABLESTRING, "500096001", -1 }, "", "9 characters" },
    { KN_FACT_CUSTOMS10_SECOND, { OWN ".3", V_ASN1_PRINTABLESTRING, "440416000A", -1 }, "440416000A", "letter" },
    { KN_FACT_REGISTRATION_CUSTOMS, { OWN ".4", V_ASN1_PRINTABLESTRING, "8001", -1 }, "8001", "plain" },
    { KN_FACT_REGISTRATION_CUSTOMS, { OWN ".4", V_ASN1_PRINTABLESTRING, "80A1", -1 }, "", "a letter" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_UTF8STRING, "测试企业", -1 }, "测试企业", "UTF-8" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_IA5STRING, "\xB2\xE2\xCA\xD4\xC6\xF3\xD2\xB5", 8 },
      "测试企业", "GBK bytes in IA5String" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_VISIBLESTRING, "\xB2\xE2\xCA\xD4\xC6\xF3\xD2\xB5", 8 },
      "测试企业", "GBK bytes in VisibleString" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_IA5STRING, "Test Ltd", -1 }, "Test Ltd", "ASCII" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_UTF8STRING, "\xB2\xE2\xCA\xD4", 4 }, "",
      "GBK bytes are no UTF8String" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_IA5STRING, "\xB2\xE2\xCA", 3 }, "",
      "cut in the middle of a character" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_UTF8STRING, "a\nb", -1 }, "", "a control character" },
    { KN_FACT_ENTERPRISE, { EPORT ".5.1", V_ASN1_UTF8STRING, "", 0 }, "", "empty" },
};
/* clang-format on */

static void
card_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        kn_card_facts facts = { 0 };
        const kn_pki_extension list[] = { vectors[i].e, { NULL, 0, NULL, 0 } };

        read_one(list, &facts);
        if (strcmp(facts.values[vectors[i].fact], vectors[i].value) != 0)
            fail_msg("%s: “%s” instead of “%s”", vectors[i].why, facts.values[vectors[i].fact],
                     vectors[i].value);
        kn_card_facts_clear(&facts);
    }
}

static void
card_missing_and_doubled(void **state)
{
    static const kn_pki_extension none[] = { { NULL, 0, NULL, 0 } };
    static const kn_pki_extension twice[] = {
        { EPORT ".5.9", V_ASN1_UTF8STRING, "03-9900000000001", -1 },
        { EPORT ".5.9", V_ASN1_UTF8STRING, "03-9900000000002", -1 },
        { EPORT ".5.11", V_ASN1_UTF8STRING, "MA0000066", -1 },
        { OWN ".1", V_ASN1_UTF8STRING, "91500000MA00004100", -1 },
        { NULL, 0, NULL, 0 },
    };
    kn_card_facts facts = { 0 };

    (void)state;
    read_one(none, &facts);
    for (size_t i = 0; i < KN_FACT_COUNT; i++)
        assert_string_equal(facts.values[i], "");
    kn_card_facts_clear(&facts);
    read_one(twice, &facts);
    assert_string_equal(facts.values[KN_FACT_NUMBER], ""); /* nobody says which one counts */
    assert_string_equal(facts.values[KN_FACT_ORGCODE],
                        "MA0000066"); /* its own value, not the derived one */
    kn_card_facts_clear(&facts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(card_values),
                                        cmocka_unit_test(card_missing_and_doubled) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
