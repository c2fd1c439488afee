/* SPDX-License-Identifier: Apache-2.0 */
/* kouan verify: the rules of XML_SECURITY §3 over one message, as the engine asks them, and what an
 * integrator needs to see when one fails. */
#include "xml/verify.h"

#include "base/clock.h"
#include "base/rule.h"
#include "cli/cli.h"
#include "cli/paper.h"
#include "lane/engine.h"
#include "trust/certificate.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

typedef struct check {
    kn_engine *engine; /* NULL: with the certificate in the message only */
    kn_trust *trust;
    kn_xml *xml;
    const kn_partner *partner;
    int64_t at_ms;
    json_t *findings; /* one object a document */
} check;

static void
check_clear(check *c)
{
    kn_trust_free(c->trust);
    kn_xml_free(c->xml);
    kn_engine_free(c->engine);
    json_decref(c->findings);
}

/* --- one signature ---------------------------------------------------------------------------------------- */

static void
put(json_t *object, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(object, name, json_string(value));
}

static void
put_why(json_t *finding, const kn_why *why)
{
    put(finding, "expected", why->expected);
    put(finding, "found", why->found);
    put(finding, "keyName", why->key_name);
    if (why->signed_info_len > 0)
        (void)json_object_set_new(finding, "signedInfo",
                                  json_pack("{sI ss}", "bytes", (json_int_t)why->signed_info_len,
                                            "sha256", why->signed_info_sha256));
    if (why->document_len > 0)
        (void)json_object_set_new(finding, "canonical",
                                  json_pack("{sI ss}", "bytes", (json_int_t)why->document_len,
                                            "sha256", why->document_sha256));
}

static bool
key_in_message(const kn_shape *shape, EVP_PKEY **out, GError **err)
{
    const uint8_t *der = shape->cert;
    g_autoptr(X509) cert = der ? d2i_X509(NULL, &der, (long)shape->cert_len) : NULL;

    *out = cert ? X509_get_pubkey(cert) : NULL;
    return *out
           || kn_fail(err, KN_E_KEY_CERT_BAD, "no certificate in the message that can be read");
}

/* The key that the engine would take, with what it knows of its holder. */
static bool
key_proven(const check *c, kn_role role, const kn_shape *shape, json_t *finding, EVP_PKEY **out,
           GError **err)
{
    const kn_certificate *cert = NULL;

    if (!kn_partner_algorithm(c->partner, shape->alg, c->at_ms, err)
        || !kn_trust_key(c->trust, c->partner, role, shape->alg, shape->cert, shape->cert_len,
                         c->at_ms, &cert, err))
        return false;
    put(finding, "certificate", cert->serial_hex);
    put(finding, "subject", cert->subject);
    put(finding, "card", cert->facts.number);
    put(finding, "class", cert->facts.holder_class);
    put(finding, "orgCode", cert->facts.orgcode);
    *out = cert->key;
    (void)EVP_PKEY_up_ref(*out);
    return true;
}

static bool
check_signature(const check *c, kn_role role, xmlDoc *doc, json_t *finding, GError **err)
{
    g_auto(kn_shape) shape = { 0 };
    g_autoptr(EVP_PKEY) key = NULL;
    kn_why why = { 0 };
    bool ok;

    if (!kn_xml_shape(doc, &shape, err))
        return false;
    put(finding, "algorithm", kn_alg_row_of(shape.alg)->name);
    if (!(c->engine ? key_proven(c, role, &shape, finding, &key, err)
                    : key_in_message(&shape, &key, err)))
        return false;
    ok = kn_xml_verify(c->xml, doc, &shape, key, &why, err);
    if (ok)
        put(finding, "digest", why.expected);
    else
        put_why(finding, &why);
    return ok;
}

static bool
check_schema(const check *c, xmlDoc *doc, GError **err)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    const char *ns = root->ns ? (const char *)root->ns->href : "";
    const kn_route *route;

    if (!c->engine)
        return true;
    if (kn_dxp_is(doc))
        return kn_xml_validate(c->xml, doc, c->engine->shell_schema, err);
    route = kn_engine_route(c->engine, ns, (const char *)root->name);
    if (!route)
        return kn_fail(err, KN_E_MSG_UNKNOWN_ROOT, "root “%.64s”", (const char *)root->name);
    return kn_xml_validate(c->xml, doc, route->schema, err);
}

/* One document; its finding is kept in any case. */
static bool
check_document(check *c, const char *what, kn_role role, xmlDoc *doc, bool may_be_unsigned,
               GError **err)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    json_t *finding = json_pack("{ss ss}", "document", what, "root", (const char *)root->name);
    g_autoptr(GError) why = NULL;
    bool signed_ = kn_xml_has_signature(doc) || !may_be_unsigned;
    bool ok = (!signed_ || check_signature(c, role, doc, finding, &why))
              && check_schema(c, doc, &why);
    kn_error code = ok ? KN_E_OK : kn_error_code(why);

    put(finding, "result", ok ? signed_ ? "good" : "not signed" : kn_error_row_of(code)->name);
    if (!ok) {
        put(finding, "rule", kn_rule_of(code));
        put(finding, "code", kn_error_row_of(code)->receipt);
        put(finding, "why", why->message);
        g_propagate_error(err, g_steal_pointer(&why));
    }
    (void)json_array_append_new(c->findings, finding);
    return ok;
}

/* --- the message --------------------------------------------------------------------------------------------- */

static bool
find_partner(check *c, const char *named, const char *claimed, GError **err)
{
    const char *id = named ? named : claimed;

    if (!c->engine)
        return true;
    c->partner = kn_partners_find(c->engine->set->partners, id);
    if (!c->partner || !c->partner->active)
        return kn_fail(err, KN_E_SENDER_UNKNOWN, "“%.16s” is %s", id,
                       c->partner ? "not active" : "not a partner");
    return true;
}

static bool
check_message(check *c, const char *path, const char *named, GError **err)
{
    const kn_partner *route = named && c->engine ? kn_partners_find(c->engine->set->partners, named)
                                                 : NULL;
    g_autofree char *text = NULL;
    g_auto(kn_paper) paper = { 0 };
    size_t len = 0;

    if (!kn_cli_read(path, &text, &len, err)
        || !kn_paper_read(c->xml, text, len, route && route->gb18030, &paper, err)
        || !find_partner(c, named, paper.sender, err))
        return false;
    if (!paper.in_shell)
        return check_document(c, "message", KN_ROLE_PARTNER, paper.outer, false, err);
    return check_document(c, "shell", KN_ROLE_PARTNER, paper.outer, false, err)
           && check_document(c, "message", KN_ROLE_CARD, paper.inner, true, err);
}

static void
print_findings(const json_t *findings)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        json_t *f = json_array_get(findings, i);
        const char *name;
        json_t *value;

        (void)printf("%s %s: %s\n", json_string_value(json_object_get(f, "document")),
                     json_string_value(json_object_get(f, "root")),
                     json_string_value(json_object_get(f, "result")));
        json_object_foreach (f, name, value) {
            if (strcmp(name, "document") == 0 || strcmp(name, "root") == 0
                || strcmp(name, "result") == 0)
                continue;
            if (json_is_string(value))
                (void)printf("    %-12s %s\n", name, json_string_value(value));
            else /* what was digested */
                (void)printf("    %-12s %" JSON_INTEGER_FORMAT " bytes, sha256 %s\n", name,
                             json_integer_value(json_object_get(value, "bytes")),
                             json_string_value(json_object_get(value, "sha256")));
        }
    }
}

static bool
prepare(check *c, const char *config, bool self, GError **err)
{
    kn_xml_limits limits = kn_xml_limits_default;

    c->findings = json_array();
    c->at_ms = kn_clock_wall_ms();
    if (!kn_xml_setup(err) || (!self && !kn_engine_load(config, false, &c->engine, err)))
        return false;
    if (c->engine) {
        limits.max_bytes = (size_t)c->engine->config->max_bytes;
        c->trust = kn_trust_new(c->engine->set->partners);
    }
    c->xml = kn_xml_new(&limits, c->engine ? c->engine->schemas : NULL);
    return true;
}

static int
report(const check *c, bool json, const GError *err)
{
    kn_error code = err ? kn_error_code(err) : KN_E_OK;

    if (json)
        kn_cli_print_json(json_pack("{sb ss ss ss sO}", "good", err == NULL, "error",
                                    kn_error_row_of(code)->name, "rule", kn_rule_of(code), "why",
                                    err ? err->message : "", "documents",
                                    c->findings ? c->findings : json_null()));
    else if (c->findings)
        print_findings(c->findings);
    if (!err)
        return KN_EXIT_OK;
    if (*kn_rule_of(code))
        (void)fprintf(stderr, "kouan verify: rule %s failed\n", kn_rule_of(code));
    return kn_cli_fail("verify", err);
}

int
kn_cli_verify(int argc, char **argv)
{
    g_autofree char *partner = NULL;
    const char *config;
    int self = 0, code;
    bool json;
    const GOptionEntry entries[] = {
        { "partner", 0, 0, G_OPTION_ARG_STRING, &partner, "who sent it (the sender it names)",
          "ID" },
        { "self", 0, 0, G_OPTION_ARG_NONE, &self,
          "with the certificate in the message only: says nothing about who signed", NULL },
        { 0 },
    };
    const kn_cli_syntax syntax = {
        .words = "FILE|-",
        .what = "Checks form, signatures, certificates and schema of a message, the shell and what "
                "is in it, and\n"
                "names the rule that failed. Rights, binding and business rules are the engine's.",
        .entries = entries,
        .config = &config,
        .json = &json,
        .least = 1,
        .most = 1,
    };
    g_autoptr(GError) err = NULL;
    check c = { 0 };

    if (!kn_cli_parse(&syntax, &argc, &argv))
        return KN_EXIT_USAGE;
    if (prepare(&c, config, self != 0, &err))
        (void)check_message(&c, argv[1], partner, &err);
    code = report(&c, json, err);
    check_clear(&c);
    return code;
}
