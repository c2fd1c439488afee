/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/finding.h"

#include "trust/card.h"
#include "xml/verify.h"
#include "xml/xml_auto.h"

#include <openssl/bn.h>
#include <string.h>

/* --- the certificate shown ------------------------------------------------------------------------- */

static char *
serial_of(const X509 *cert)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    char *copy = g_strdup(hex ? hex : "");

    OPENSSL_free(hex);
    BN_free(number);
    return copy;
}

/* Country, organisation and its parts; a common name may be a person's. */
static char *
subject_of(const X509 *cert)
{
    static const struct {
        int nid;
        const char *name;
    } parts[] = { { NID_countryName, "C" },
                  { NID_organizationName, "O" },
                  { NID_organizationalUnitName, "OU" } };
    X509_NAME *name = X509_get_subject_name(cert);
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; name && i < G_N_ELEMENTS(parts); i++) {
        int at = X509_NAME_get_index_by_NID(name, parts[i].nid, -1);
        unsigned char *text = NULL;
        int len = at < 0 ? -1
                         : ASN1_STRING_to_UTF8(
                             &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));

        if (len > 0)
            g_string_append_printf(out, "%s%s=%.*s", out->len ? ", " : "", parts[i].name, len,
                                   (char *)text);
        OPENSSL_free(text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *
class_of(const X509 *cert)
{
    g_autoptr(kn_card_rules) rules = NULL;
    kn_card_facts facts = { { NULL } };
    char *copy;

    if (!kn_card_rules_load(NULL, "", &rules, NULL))
        return g_strdup("");
    kn_card_read(rules, cert, &facts);
    copy = g_strdup(facts.values[KN_FACT_CLASS]);
    kn_card_facts_clear(&facts);
    return copy;
}

static void
read_certificate(kn_finding *f)
{
    const uint8_t *der = f->shape.cert;
    g_autoptr(X509) cert = der ? d2i_X509(NULL, &der, (long)f->shape.cert_len) : NULL;

    if (!cert)
        return;
    f->key = X509_get_pubkey(cert);
    f->serial = serial_of(cert);
    f->subject = subject_of(cert);
    f->holder_class = class_of(cert);
}

/* --- the document ------------------------------------------------------------------------------------ */

void
kn_finding_read(kn_xml *xml, const char *what, xmlDoc *doc, const char *raw, size_t raw_len,
                bool gb18030, kn_finding *out)
{
    *out = (kn_finding){ .what = what,
                         .doc = doc,
                         .raw = raw,
                         .raw_len = raw_len,
                         .gb18030 = gb18030,
                         .has_signature = kn_xml_has_signature(doc),
                         .canonical = g_string_new(NULL) };
    out->shaped = out->has_signature
                  && (kn_xml_shape(doc, &out->shape, NULL)
                      || kn_xml_shape_w3c(doc, &out->shape, NULL)
                      || kn_xml_shape_of_form(doc, &out->shape, NULL));
    if (out->shaped) {
        out->info = g_string_new(NULL);
        (void)kn_xml_canonical_signed_info(&out->shape, out->info, NULL);
        read_certificate(out);
        kn_xml_signature_detach(&out->shape);
    }
    (void)kn_xml_canonical(doc, out->canonical, NULL);
    if (out->shaped && !kn_xml_digest_shaped(xml, doc, &out->shape, out->found, NULL))
        out->found[0] = '\0';
}

void
kn_finding_clear(kn_finding *f)
{
    kn_trap_fit_clear(&f->fit);
    kn_shape_clear(&f->shape);
    EVP_PKEY_free(f->key);
    g_free(f->serial);
    g_free(f->subject);
    g_free(f->holder_class);
    if (f->info)
        (void)g_string_free(f->info, TRUE);
    if (f->canonical)
        (void)g_string_free(f->canonical, TRUE);
    *f = (kn_finding){ 0 };
}

bool
kn_finding_trap(kn_xml *xml, kn_finding *f, kn_error error, EVP_PKEY *const *others, size_t n)
{
    kn_trap_case c = { .xml = xml,
                       .doc = f->doc,
                       .shape = &f->shape,
                       .error = error,
                       .key = f->key,
                       .raw = f->raw,
                       .raw_len = f->raw_len,
                       .gb18030 = f->gb18030,
                       .others = others,
                       .n_others = n };

    /* The mistakes that are known are those of eport's tools. */
    return f->shaped && f->shape.profile == KN_PROFILE_EPORT && kn_trap_find(&c, &f->fit);
}

/* --- JSON ------------------------------------------------------------------------------------------------ */

static void
put(json_t *object, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(object, name, json_string(value));
}

static void
put_bytes(json_t *object, const char *name, const GString *bytes)
{
    g_autofree char *sha256 = NULL;

    if (!bytes || bytes->len == 0)
        return;
    sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const uint8_t *)bytes->str,
                                         bytes->len);
    (void)json_object_set_new(
        object, name, json_pack("{sI ss}", "bytes", (json_int_t)bytes->len, "sha256", sha256));
}

static json_t *
trap_json(const kn_trap_fit *fit)
{
    json_t *trap = json_pack("{ss ss ss}", "name", fit->trap->name, "text", fit->trap->text,
                             "english", fit->trap->english);

    put(trap, "variant", fit->note);
    if (fit->offset != KN_TRAP_NOWHERE) {
        put(trap, "in", fit->signed_info ? "SignedInfo" : "document");
        (void)json_object_set_new(trap, "offset", json_integer((json_int_t)fit->offset));
        put(trap, "path", fit->path);
    }
    put_bytes(trap, "signed", fit->bytes);
    return trap;
}

json_t *
kn_finding_json(const kn_finding *f)
{
    xmlNode *root = xmlDocGetRootElement(f->doc);
    xmlChar *guid = xmlGetNoNsProp(root, BAD_CAST "guid");
    json_t *out = json_pack("{ss ss sb}", "document", f->what, "root", (const char *)root->name,
                            "signed", f->has_signature);
    g_autofree char *expected = g_base64_encode(f->shape.digest, f->shape.digest_len);
    g_autofree char *odd = kn_trap_private_use(f->canonical->str, f->canonical->len);

    put(out, "guid", (const char *)guid);
    xmlFree(guid);
    if (f->shaped) {
        put(out, "algorithm", kn_alg_row_of(f->shape.alg)->name);
        put(out, "expected", expected);
        put(out, "found", f->found);
    }
    put(out, "certificate", f->serial);
    put(out, "subject", f->subject);
    put(out, "class", f->holder_class);
    put(out, "keyName", f->shape.key_name);
    put_bytes(out, "signedInfo", f->info);
    put_bytes(out, "canonical", f->canonical);
    put(out, "unusualCharacters", odd);
    if (f->shape.key_name && f->serial && kn_trap_key_name_differs(f->shape.key_name, f->serial))
        put(out, "warning", "KeyName is not the certificate's serial number");
    if (f->fit.trap)
        (void)json_object_set_new(out, "trap", trap_json(&f->fit));
    return out;
}
