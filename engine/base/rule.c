/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rule.h"

static const struct {
    const char *rule;
    kn_error codes[5]; /* ended by KN_E_OK */
} rules[] = {
    { "R1", { KN_E_SENDER_UNKNOWN } },
    { "X1", { KN_E_XML_TOO_BIG } },
    { "X2", { KN_E_XML_CHARSET } },
    { "X3", { KN_E_XML_ENCODING } },
    { "X4", { KN_E_XML_DOCTYPE, KN_E_XML_PI, KN_E_XML_TAG_LIMIT } },
    { "X5", { KN_E_XML_MALFORMED, KN_E_XML_NS_RELATIVE } },
    { "X6", { KN_E_XML_LIMIT } },
    { "S1", { KN_E_MSG_UNKNOWN_ROOT } },
    { "S2", { KN_E_ROOT_XML_ATTR, KN_E_XSI_TYPE_REFUSED } },
    { "S3", { KN_E_SIG_MISSING, KN_E_SIG_COUNT } },
    { "S4", { KN_E_SIG_PLACE } },
    { "S5", { KN_E_SIG_CHILD } },
    { "S6", { KN_E_SIG_C14N_REFUSED, KN_E_SIG_ALG_REFUSED, KN_E_SIG_ALG_EXPIRED } },
    { "S7", { KN_E_SIG_REF_COUNT, KN_E_SIG_REF_URI, KN_E_ID_AMBIGUOUS, KN_E_SIG_TRANSFORM } },
    { "S8", { KN_E_SIG_VALUE_FORM } },
    { "S9", { KN_E_KEY_MISSING, KN_E_KEY_INFO } },
    { "K1", { KN_E_KEY_CERT_BAD } },
    { "K2", { KN_E_KEY_UNTRUSTED } },
    { "K3", { KN_E_KEY_EXPIRED, KN_E_KEY_NOT_YET } },
    { "K4", { KN_E_KEY_REVOKED, KN_E_KEY_CRL_STALE } },
    { "K5", { KN_E_KEY_USAGE, KN_E_KEY_WEAK, KN_E_KEY_TYPE } },
    { "K6", { KN_E_KEY_NOT_BOUND } },
    { "G1", { KN_E_SIG_BAD, KN_E_C14N_FAILED } },
    { "D1", { KN_E_DIGEST_MISMATCH, KN_E_SECOND_OPINION } },
    { "V1", { KN_E_XSD_INVALID, KN_E_XSD_ABORTED } },
    { "B1", { KN_E_SENDER_MISMATCH } },
    { "B2", { KN_E_RECEIVER_UNKNOWN } },
    { "SC-05", { KN_E_CARD_REQUIRED } },
    { "MS-03", { KN_E_KEY_PARTITION } },
    { "SC-04", { KN_E_MSG_NOT_ALLOWED } },
    { "MS-01", { KN_E_SHELL_BAD } },
    { "CM-13", { KN_E_ENTERPRISE_UNKNOWN } },
};

const char *
kn_rule_of(kn_error code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(rules[i].codes) && rules[i].codes[k] != KN_E_OK; k++)
            if (rules[i].codes[k] == code)
                return rules[i].rule;
    return "";
}
