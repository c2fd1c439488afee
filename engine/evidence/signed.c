/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/signed.h"

#include "base/hex.h"
#include "lane/seal.h"
#include "xml/xmlsec.h"

#include <kouan/error.h>
#include <string.h>

void
kn_signed_clear(kn_signed *s)
{
    kn_shape_clear(&s->shape);
    g_clear_pointer(&s->doc, xmlFreeDoc);
    g_clear_pointer(&s->cert, X509_free);
}

bool
kn_signed_setup(GError **err)
{
    return kn_xml_setup(err) && kn_xmlsec_setup(err);
}

kn_xml *
kn_signed_xml_new(void)
{
    static const kn_xml_limits wide = { .max_bytes = (size_t)64 << 20,
                                        .max_tag_bytes = 1048576,
                                        .max_tag_values = 10000,
                                        .max_depth = KN_XML_DEPTH_CEILING,
                                        .max_attrs = 1000,
                                        .max_ns_scope = KN_XML_NS_CEILING,
                                        .max_elements = 10000000,
                                        .max_text = 1048576,
                                        .max_attr_value = 65536 };
    kn_xml *xml = kn_xml_new(&wide, NULL);

    kn_xml_set_verifier(xml, kn_xmlsec_verify, KN_OPINION_OFF, 0);
    return xml;
}

const xmlNode *
kn_signed_next(const xmlNode *from, const char *name)
{
    while (from && (from->type != XML_ELEMENT_NODE || strcmp((const char *)from->name, name) != 0))
        from = from->next;
    return from;
}

const char *
kn_signed_text(const xmlNode *parent, const char *name)
{
    const xmlNode *n = kn_signed_next(parent ? parent->children : NULL, name);

    return n && n->children && n->children->type == XML_TEXT_NODE && !n->children->next
               ? (const char *)n->children->content
               : "";
}

void
kn_signed_fingerprint(X509 *cert, char out[65])
{
    uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
    unsigned len = 0;

    if (X509_digest(cert, EVP_sha256(), digest, &len) != 1 || len != 32)
        memset(digest, 0, 32);
    kn_hex_encode(digest, 32, out);
}

static bool
is_root(const xmlDoc *doc, const char *name)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    return !name
           || (root && root->ns && strcmp((const char *)root->ns->href, KN_ENGINE_NS) == 0
               && strcmp((const char *)root->name, name) == 0);
}

static bool
open_it(kn_xml *xml, const char *root, const char *bytes, size_t len, kn_signed *s, GError **err)
{
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(GError) why = NULL;
    const uint8_t *der;

    /* A message of a partner may be of either charset and profile; ours is of the first of both. */
    if (!kn_xml_open(xml, bytes, len, false, &s->doc, &why)
        && (root || !kn_xml_open(xml, bytes, len, true, &s->doc, NULL)))
        return kn_fail(err, KN_E_EVIDENCE, "no document: %s", why->message);
    if (!is_root(s->doc, root))
        return kn_fail(err, KN_E_EVIDENCE, "is no %s", root);
    g_clear_error(&why);
    if (!kn_xml_shape(s->doc, &s->shape, &why)) {
        kn_shape_clear(&s->shape);
        if (root || !kn_xml_shape_w3c(s->doc, &s->shape, NULL))
            return kn_fail(err, KN_E_EVIDENCE, "signature: %s", why->message);
        g_clear_error(&why);
    }
    der = s->shape.cert;
    s->cert = der ? d2i_X509(NULL, &der, (long)s->shape.cert_len) : NULL;
    key = s->cert ? X509_get_pubkey(s->cert) : NULL;
    if (!key)
        return kn_fail(err, KN_E_EVIDENCE, "signature: no certificate that can be read");
    return kn_xml_verify(xml, s->doc, &s->shape, key, NULL, &why)
           || kn_fail(err, KN_E_EVIDENCE, "signature: %s", why->message);
}

bool
kn_signed_open(kn_xml *xml, const char *root, const char *bytes, size_t len, kn_signed *out,
               GError **err)
{
    kn_signed s = { 0 };

    if (!open_it(xml, root, bytes, len, &s, err)) {
        kn_signed_clear(&s);
        return false;
    }
    *out = s;
    return true;
}
