/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/facts.h"

#include "trust/crl.h"

#include <kouan/error.h>
#include <kouan/handler.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

/* leaf, two CAs, root: depth 3 counted from the leaf (K2) */
#define CAS_BETWEEN 2

static void
refuse(kn_facts *facts, kn_error code, const char *why)
{
    facts->refused = code;
    facts->refused_why = g_strdup(why);
}

/* K1: exactly one certificate in DER, nothing after it and no other coding of it. */
static X509 *
read_der(const uint8_t *der, size_t len)
{
    const unsigned char *p = der;
    X509 *cert = len > 0 && len <= KN_CERTIFICATE_MAX ? d2i_X509(NULL, &p, (long)len) : NULL;
    unsigned char *again = NULL;
    int again_len = cert && p == der + len ? i2d_X509(cert, &again) : -1;
    bool same = again_len > 0 && (size_t)again_len == len && memcmp(again, der, len) == 0;

    OPENSSL_free(again);
    if (same && kn_anchors_set_id(cert))
        return cert;
    X509_free(cert);
    return NULL;
}

/* The window of a chain is where the windows of all its certificates meet (K3). */
static bool
window_of(kn_facts *facts, STACK_OF(X509) * chain)
{
    facts->cert.not_before_ms = INT64_MIN;
    facts->cert.not_after_ms = INT64_MAX;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t from, to;

        if (!kn_anchors_time(X509_get0_notBefore(sk_X509_value(chain, i)), &from)
            || !kn_anchors_time(X509_get0_notAfter(sk_X509_value(chain, i)), &to))
            return false;
        facts->cert.not_before_ms = MAX(facts->cert.not_before_ms, from);
        facts->cert.not_after_ms = MIN(facts->cert.not_after_ms,
                                       to + 999); /* through that second */
    }
    return true;
}

/* K4: every certificate but the root is looked up in the CRL of its issuer.  Done here and not by
 * OpenSSL, whose store would refuse SM2 CRLs; signatures were checked when the CRLs were loaded. */
static void
revocation_of(kn_facts *facts, const kn_anchors *anchors, STACK_OF(X509) * chain)
{
    facts->crl_until_ms = INT64_MAX;
    for (int i = 0; anchors->crls->len > 0 && i + 1 < sk_X509_num(chain); i++) {
        const kn_anchor_crl *row = kn_crl_of(anchors, sk_X509_value(chain, i + 1));
        X509_REVOKED *entry = NULL;

        if (row && X509_CRL_get0_by_cert(row->crl, &entry, sk_X509_value(chain, i)) == 1)
            facts->revoked = true;
        facts->crl_until_ms = MIN(facts->crl_until_ms, row ? row->next_ms : INT64_MIN);
    }
}

/* K2.  The time is judged later by us (NO_CHECK_TIME), so that K2 and K3 stay two rules and the
 * chain can be kept. */
static bool
chain_of(kn_facts *facts, X509_STORE *store, const kn_anchors *anchors, X509 *leaf)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool ok = false;

    if (!ctx || X509_STORE_CTX_init(ctx, store, leaf, anchors->intermediates) != 1) {
        refuse(facts, KN_E_ENGINE_ERROR, "no memory for a chain");
    } else {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

        X509_VERIFY_PARAM_set_depth(param, CAS_BETWEEN);
        X509_VERIFY_PARAM_set_auth_level(param, anchors->level);
        if (X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME) != 1)
            refuse(facts, KN_E_ENGINE_ERROR, "verify parameters");
        else if (X509_verify_cert(ctx) != 1)
            refuse(facts,
                   X509_STORE_CTX_get_error(ctx) == X509_V_ERR_OUT_OF_MEM ? KN_E_ENGINE_ERROR
                                                                          : KN_E_KEY_UNTRUSTED,
                   X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
        else if (!window_of(facts, X509_STORE_CTX_get0_chain(ctx)))
            refuse(facts, KN_E_KEY_UNTRUSTED, "a time in the chain cannot be read");
        else {
            revocation_of(facts, anchors, X509_STORE_CTX_get0_chain(ctx));
            ok = true;
        }
    }
    X509_STORE_CTX_free(ctx);
    return ok;
}

/* true when there is an extended usage and all it names is TLS. */
static bool
only_tls(const X509 *cert, bool *bad)
{
    int critical = 0;
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
    bool tls = uses != NULL;

    *bad = !uses && critical != -1; /* there, but doubled or not readable */
    for (int i = 0; uses && i < sk_ASN1_OBJECT_num(uses); i++) {
        int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(uses, i));

        if (nid != NID_server_auth && nid != NID_client_auth && nid != NID_ns_sgc
            && nid != NID_ms_sgc)
            tls = false;
    }
    EXTENDED_KEY_USAGE_free(uses);
    return tls;
}

/* K5, first part.  No keyUsage means "anything" to RFC 5280; here it means nothing was said. */
static bool
may_sign(X509 *cert)
{
    uint32_t usage = X509_get_key_usage(cert);
    bool bad;

    if (usage == UINT32_MAX || (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
        return false;
    if (only_tls(cert, &bad) || bad)
        return false;
    return X509_check_ca(cert) == 0; /* a CA signs certificates, not messages */
}

static void
key_of(kn_facts *facts, X509 *cert)
{
    EVP_PKEY *key = X509_get_pubkey(cert);
    char curve[64] = "";
    int explicit_curve = 0;

    facts->cert.key = key;
    if (!key)
        return;
    facts->bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "RSA")) {
        facts->kind = KN_KEY_RSA;
        return;
    }
    if (!EVP_PKEY_is_a(key, "EC") && !EVP_PKEY_is_a(key, "SM2"))
        return;
    facts->kind = KN_KEY_OTHER_EC;
    (void)EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                 &explicit_curve);
    if (explicit_curve || EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1)
        return;
    if (EVP_PKEY_is_a(key, "SM2"))
        facts->kind = KN_KEY_SM2;
    else if (strcmp(curve, SN_X9_62_prime256v1) == 0)
        facts->kind = KN_KEY_P256;
}

/* The one common name of the subject, UTF-8; NULL when there is none or more than one. */
static char *
common_name(const X509_NAME *name)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *text = NULL;
    char *copy = NULL;
    int len;

    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
        return NULL;
    len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len > 0 && !memchr(text, '\0', (size_t)len))
        copy = g_strndup((const char *)text, (gsize)len);
    OPENSSL_free(text);
    return copy;
}

static bool
has_extension(const X509 *cert, const char *rule)
{
    const char *eq = strchr(rule, '=');
    g_autofree char *oid_text = g_strndup(rule, (gsize)(eq - rule));
    ASN1_OBJECT *oid = OBJ_txt2obj(oid_text, 1);
    g_autofree char *text = oid ? kn_card_extension_text(cert, oid) : NULL;

    ASN1_OBJECT_free(oid);
    return text && strcmp(text, eq + 1) == 0;
}

/* K6 */
static bool
is_bound(const kn_facts *facts, const kn_anchors *anchors, const kn_partner *partner, kn_role role,
         const X509 *cert, const uint8_t *fingerprint)
{
    if (role == KN_ROLE_CARD) /* its facts are compared with the signed document by the caller */
        return *facts->cert.facts.number != '\0' || partner->may_state_card_facts;
    if (kn_anchors_is_pinned(anchors, fingerprint))
        return true;
    if (*partner->bind_subject_cn != '\0') {
        g_autofree char *cn = common_name(X509_get_subject_name(cert));

        if (cn && strcmp(cn, partner->bind_subject_cn) == 0)
            return true;
    }
    for (size_t i = 0; partner->bind_extensions[i]; i++)
        if (has_extension(cert, partner->bind_extensions[i]))
            return true;
    return false;
}

/* For logs: country, organisation and unit; the common name of a card is a person's. */
static char *
subject_text(const X509_NAME *name)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        unsigned char *value = NULL;

        if (nid != NID_countryName && nid != NID_organizationName
            && nid != NID_organizationalUnitName)
            continue;
        if (ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry)) > 0 && text->len < 200)
            g_string_append_printf(text, "%s%s=%s", text->len > 0 ? ", " : "", OBJ_nid2sn(nid),
                                   (char *)value);
        OPENSSL_free(value);
    }
    for (char *p = text->str; *p; p++)
        if (g_ascii_iscntrl(*p))
            *p = '?';
    return g_string_free(text, FALSE);
}

static void
texts_of(kn_facts *facts, const X509 *cert)
{
    BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = serial ? BN_bn2hex(serial) : NULL;
    char **v = facts->card.values;

    facts->serial = g_strdup(hex ? hex : "");
    facts->subject = subject_text(X509_get_subject_name(cert));
    OPENSSL_free(hex);
    BN_free(serial);
    facts->cert.serial_hex = facts->serial;
    facts->cert.subject = facts->subject;
    facts->cert.facts = (kn_card){
        .number = v[KN_FACT_NUMBER],
        .holder_class = v[KN_FACT_CLASS],
        .uscc = v[KN_FACT_USCC],
        .orgcode = v[KN_FACT_ORGCODE],
        .customs10 = { v[KN_FACT_CUSTOMS10], v[KN_FACT_CUSTOMS10_SECOND] },
        .enterprise = v[KN_FACT_ENTERPRISE],
        .serial = facts->serial,
    };
    facts->cert.registration_customs = v[KN_FACT_REGISTRATION_CUSTOMS];
}

kn_facts *
kn_facts_find(X509_STORE *store, const kn_anchors *anchors, const kn_card_rules *rules,
              const kn_partner *partner, kn_role role, const uint8_t *der, size_t len,
              const uint8_t fingerprint[KN_FINGERPRINT])
{
    kn_facts *facts = g_new0(kn_facts, 1);
    X509 *cert = read_der(der, len);

    if (!cert) {
        refuse(facts, KN_E_KEY_CERT_BAD, "not exactly one certificate in DER");
    } else if (chain_of(facts, store, anchors, cert)) {
        kn_card_read(rules, cert, &facts->card);
        texts_of(facts, cert);
        key_of(facts, cert);
        facts->may_sign = may_sign(cert);
        facts->bound = is_bound(facts, anchors, partner, role, cert, fingerprint);
    }
    X509_free(cert);
    ERR_clear_error();
    return facts;
}

void
kn_facts_free(kn_facts *facts)
{
    if (!facts)
        return;
    EVP_PKEY_free(facts->cert.key);
    kn_card_facts_clear(&facts->card);
    g_free(facts->serial);
    g_free(facts->subject);
    g_free(facts->refused_why);
    g_free(facts);
}

bool
kn_facts_good(const kn_facts *facts)
{
    return facts->refused == KN_E_OK && !facts->revoked && facts->may_sign && facts->bound
           && facts->kind != KN_KEY_OTHER && facts->kind != KN_KEY_OTHER_EC;
}

static bool
judge_time(const kn_facts *facts, int64_t at_ms, GError **err)
{
    char day[32];

    if (at_ms > facts->cert.not_after_ms) {
        kn_time_text(facts->cert.not_after_ms, KN_TIME_WIRE, day);
        return kn_fail(err, KN_E_KEY_EXPIRED, "certificate %s or its chain ended at %s",
                       facts->serial, day);
    }
    if (at_ms < facts->cert.not_before_ms) {
        kn_time_text(facts->cert.not_before_ms, KN_TIME_WIRE, day);
        return kn_fail(err, KN_E_KEY_NOT_YET, "certificate %s or its chain begins at %s",
                       facts->serial, day);
    }
    if (facts->revoked)
        return kn_fail(err, KN_E_KEY_REVOKED, "certificate %s or its CA is on a CRL",
                       facts->serial);
    if (at_ms > facts->crl_until_ms)
        return kn_fail(err, KN_E_KEY_CRL_STALE, "no current CRL for the chain of certificate %s",
                       facts->serial);
    return true;
}

/* K5: what a key is too weak for is asked before what it does not fit. */
static bool
judge_key(const kn_facts *facts, const kn_partner *partner, kn_alg alg, GError **err)
{
    int least = alg == KN_ALG_RSA_SHA1 && partner->rsa1024 ? 1024 : 2048;
    const char *wanted = kn_alg_row_of(alg)->key_type;
    bool fits;

    if (!facts->may_sign)
        return kn_fail(err, KN_E_KEY_USAGE, "certificate %s is not for signing", facts->serial);
    if (facts->kind == KN_KEY_RSA && (facts->bits < least || facts->bits > 4096))
        return kn_fail(err, KN_E_KEY_WEAK, "RSA key of %d bits", facts->bits);
    if (facts->kind == KN_KEY_OTHER_EC)
        return kn_fail(err, KN_E_KEY_WEAK, "curve of the key is not accepted");
    fits = (facts->kind == KN_KEY_RSA && strcmp(wanted, "RSA") == 0)
           || (facts->kind == KN_KEY_P256 && strcmp(wanted, "EC") == 0)
           || (facts->kind == KN_KEY_SM2 && strcmp(wanted, "SM2") == 0);
    return fits
           || kn_fail(err, KN_E_KEY_TYPE, "%s needs a key of type %s", kn_alg_row_of(alg)->name,
                      wanted);
}

bool
kn_facts_fit(const kn_facts *facts, const kn_partner *partner, kn_alg alg)
{
    return judge_key(facts, partner, alg, NULL);
}

bool
kn_facts_judge(const kn_facts *facts, const kn_partner *partner, kn_alg alg, int64_t at_ms,
               GError **err)
{
    if (facts->refused != KN_E_OK)
        return kn_fail(err, facts->refused, "%s", facts->refused_why);
    if (!judge_time(facts, at_ms, err) || !judge_key(facts, partner, alg, err))
        return false;
    return facts->bound
           || kn_fail(err, KN_E_KEY_NOT_BOUND, "certificate %s is not one of %s", facts->serial,
                      partner->id);
}
